"""The fields that forms are made of. Errors say what would be right."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import get_decimal_symbol
from email_validator import EmailNotValidError, validate_email
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

from mobility.core.money import MOST, example, parse
from mobility.core.numbers import whole_number
from mobility.core.web import reader_locale

ADDRESS_LENGTH = 254


def _is_address(form: Any, field: EmailField) -> None:
    try:
        validate_email(field.data, check_deliverability=False)
    except (EmailNotValidError, ValueError):
        raise ValidationError("Enter an e-mail address such as ana.kovac@example.org.") from None


def address(label: str = "E-mail address", **render: Any) -> EmailField:
    return EmailField(
        label,
        filters=[lambda value: value.strip() if value else value],
        validators=[
            InputRequired("Enter an e-mail address."),
            Length(max=ADDRESS_LENGTH, message="This is too long."),
            _is_address,
        ],
        render_kw={"maxlength": ADDRESS_LENGTH, "autocomplete": "email", **render},
    )


NAME_LENGTH = 200
TEXT_LENGTH = 5000
YEARS = range(2000, 2101)
NOT_IN_THE_LIST = "Choose one from the list."


def text(label: str, *, required: bool = True, most: int = NAME_LENGTH, help: str = "", **render: Any) -> StringField:
    """One line of text."""
    return StringField(
        label,
        description=help,
        filters=[single_spaced],
        validators=[_text_presence(required), Length(max=most, message=f"Keep this to {most} characters.")],
        render_kw={"maxlength": most, **render},
    )


def long_text(label: str, *, required: bool = True, most: int = TEXT_LENGTH, help: str = "", rows: int = 5) -> TextAreaField:
    """Some paragraphs."""
    return TextAreaField(
        label,
        description=help,
        filters=[_stripped],
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


def single_spaced(value: Any) -> Any:
    """What was pasted from a table or from several lines: in a mail a tab would begin a column, an end of line a paragraph."""
    return " ".join(value.split()) if isinstance(value, str) else value


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def decimal_mark() -> str:
    """As the reader's locale writes decimals: "." or ","."""
    return "," if get_decimal_symbol(reader_locale()) == "," else "."


class Money(StringField):
    """An amount of euro, as a `Decimal`, in the notation of the reader's locale; wrong ones stay as they were typed."""

    def __init__(self, *arguments: Any, most: Decimal = MOST, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.most = most

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = (valuelist[0] if valuelist else "").strip()
        self.data = None
        self.data = parse(typed, decimal_mark(), self.most) if typed else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:.2f}".replace(".", decimal_mark()) if self.data is not None else ""


def money(label: str, *, required: bool = True, help: str = "") -> Money:
    presence = InputRequired("Enter an amount in euro.") if required else Optional()
    return Money(label, description=help, validators=[presence], render_kw={"inputmode": "decimal"})


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
