"""The fields that forms are made of. Errors say what would be right."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import get_decimal_symbol
from flask import g, has_app_context
from wtforms import (
    DateField,
    EmailField,
    Field,
    IntegerField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from mobility.core.addresses import ADDRESS_LENGTH, deliverable
from mobility.core.money import EURO, MOST, NOTHING, currency_mark, currency_name, example, parse, written
from mobility.core.names import is_seen, name_problem, one_line, person_name_problem
from mobility.core.numbers import whole_number
from mobility.core.web import reader_locale


def _is_address(form: Any, field: EmailField) -> None:
    """And from now on as it is stored."""
    try:
        field.data = deliverable(field.data or "")
    except ValueError as problem:
        raise ValidationError(str(problem)) from None


def address(label: str = "E-mail address", *, required: bool = True, help: str = "", **render: Any) -> EmailField:
    """An address that mail can reach."""
    return EmailField(
        label,
        description=help,
        filters=[_line],
        validators=[
            DataRequired("Enter an e-mail address.") if required else Optional(),
            Length(max=ADDRESS_LENGTH, message="This is too long."),
            _is_address,
        ],
        render_kw={"maxlength": ADDRESS_LENGTH, "autocomplete": "email", **render},
    )


NAME_LENGTH = 200
MOST_ENTRIES = 100  # rows that a request may send to a form that has as many as there are known things
TEXT_LENGTH = 5000
YEARS = range(2000, 2101)
NOT_IN_THE_LIST = "Choose one from the list."


def text(
    label: str,
    *,
    required: bool = True,
    most: int = NAME_LENGTH,
    help: str = "",
    checks: Sequence[Callable[[Any, Any], None]] = (),
    **render: Any,
) -> StringField:
    """One line of text."""
    return StringField(
        label,
        description=help,
        filters=[_line],
        validators=[_text_presence(required), Length(max=most, message=f"Keep this to {most} characters."), *checks],
        render_kw={"maxlength": most, **render},
    )


def name_field(label: str = "Name", *, required: bool = True, help: str = "", **render: Any) -> StringField:
    """What something is called."""
    return text(label, required=required, help=help, checks=[_is_name], **render)


def person_name(label: str = "Name", *, required: bool = True, help: str = "", **render: Any) -> StringField:
    """What somebody is called."""
    return text(label, required=required, help=help, checks=[_is_persons_name], **render)


def _is_persons_name(form: Any, field: StringField) -> None:
    if problem := person_name_problem(field.data or ""):
        raise ValidationError(problem)


def _is_name(form: Any, field: StringField) -> None:
    if problem := name_problem(field.data or ""):
        raise ValidationError(problem)


def long_text(label: str, *, required: bool = True, most: int = TEXT_LENGTH, help: str = "", rows: int = 5) -> TextAreaField:
    """Some paragraphs."""
    return TextAreaField(
        label,
        description=help,
        filters=[stripped],
        validators=[_text_presence(required), Length(max=most, message=f"Keep this to {most} characters.")],
        render_kw={"rows": rows},
    )


class Wanted:
    """Marks what must be there before one can send a draft; the draft itself may leave it out."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Field) -> None:
        """Nothing to check: a draft is kept at any stage."""


def essay(label: str, help: str, *, rows: int = 5, wanted: bool = True) -> TextAreaField:
    """Some paragraphs of a draft."""
    return TextAreaField(
        label,
        description=help,
        filters=[lambda value: value.strip() if value else ""],
        validators=[*[Wanted()] * wanted, Length(max=TEXT_LENGTH, message=f"Keep this to {TEXT_LENGTH} characters.")],
        render_kw={"rows": rows},
    )


class Day(DateField):
    """A calendar day; the error says how to write one."""

    data: date | None

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Choose a day, or enter it as year-month-day, such as 2027-03-03.") from None
        if self.data is not None and self.data.year not in YEARS:  # so that adding days never leaves the calendar
            self.data = None
            raise ValueError(f"Choose a day between {YEARS[0]} and {YEARS[-1]}.")


def day(label: str, *, required: bool = True, help: str = "") -> Day:
    return Day(label, description=help, validators=[_presence(required)])


def choices(labels: Mapping[Any, str], first: str = "") -> list[SelectChoice]:
    """The choices of a select field; `first` are the words of the empty one."""
    return [SelectChoice("", first)] * bool(first) + [SelectChoice(str(key), label) for key, label in labels.items()]


class Several(SelectMultipleField):
    """Several of a few: a list of checkboxes."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


def at_least_one(message: str) -> Callable[[Any, Any], None]:
    def check(form: Any, field: Field) -> None:
        if not field.data:
            raise ValidationError(message)

    check.field_flags = {"required": True}  # type: ignore[attr-defined]
    return check


def _presence(required: bool) -> Any:
    return InputRequired("Please fill this in.") if required else Optional()


def _text_presence(required: bool) -> Any:
    """Spaces alone are nothing."""
    return DataRequired("Please fill this in.") if required else Optional()


def stripped(value: Any) -> Any:
    """Without the spaces around it; what nobody would see is nothing."""
    return value.strip() * is_seen(value) if isinstance(value, str) else value


def _line(value: Any) -> Any:
    return one_line(value) * is_seen(value) if isinstance(value, str) else value


def decimal_mark(locale: str | None = None) -> str:
    """As a locale (the reader's, if none is named) writes decimals: "." or ","."""
    return "," if get_decimal_symbol(locale or reader_locale()) == "," else "."


def in_currency(code: str) -> None:
    """The forms of this request that are made from now on are about a programme with this currency."""
    g.currency = code


class Money(StringField):
    """An amount as a `Decimal`, in the notation of the reader's locale; wrong ones stay as they were typed.

    It is in the currency that `in_currency` has named before the form is made.
    """

    def __init__(self, *arguments: Any, most: Decimal = MOST, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.most = most
        self.currency: str = g.get("currency", EURO) if has_app_context() else EURO

    @property
    def mark(self) -> tuple[str, bool]:
        """How the reader marks the currency, and whether before the figures."""
        locale = reader_locale()
        return currency_mark(self.currency, locale), not written(NOTHING, self.currency, locale)[0].isdigit()

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = (valuelist[0] if valuelist else "").strip()
        self.data = None
        self.data = parse(typed, decimal_mark(), self.most, self.currency, reader_locale()) if typed else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:.2f}".replace(".", decimal_mark()) if self.data is not None else ""


class AmountRequired(InputRequired):
    """Says of what, and in which currency."""

    def __init__(self, what: str = "an amount") -> None:
        super().__init__()
        self.what = what

    def __call__(self, form: Any, field: Any) -> None:
        self.message = f"Enter {self.what} in {currency_name(field.currency)}."
        super().__call__(form, field)


def money(label: str, *, required: bool = True, help: str = "", most: Decimal = MOST) -> Money:
    presence = AmountRequired() if required else Optional()
    return Money(label, description=help, validators=[presence], most=most, render_kw={"inputmode": "decimal"})


def agreed_price(description: str, most: Decimal, *validators: Any) -> Money:
    """What was agreed in all, with what else its form asks of it."""

    def within(form: Any, field: Money) -> None:
        if field.data is not None and field.data > most:
            raise ValidationError(f"A price is at most {written(most, field.currency, reader_locale())}.")

    return Money("Agreed price", description=description, validators=[*validators, within], render_kw={"inputmode": "decimal"})


def more_than_zero(form: Any, field: Money) -> None:
    if field.data is not None and field.data <= 0:
        raise ValidationError(f"Enter an amount greater than zero, such as {example(decimal_mark())}.")


def number(label: str, low: int, high: int, help: str = "", required: bool = True) -> IntegerField:
    words = f"Enter a whole number from {low} to {high}."
    return WholeNumber(
        label,
        description=help,
        validators=[InputRequired(words) if required else Optional(), NumberRange(low, high, message=words)],
        render_kw={"min": low, "max": high},
    )


class WholeNumber(IntegerField):
    """Says how to write one."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = (valuelist[0] if valuelist else "").strip()
        if not typed:
            self.data = None
            return
        number = whole_number(typed.removeprefix("-"))
        if number is None:
            self.data = None
            raise ValueError("Enter a whole number, such as 10.")
        self.data = -number if typed.startswith("-") else number
