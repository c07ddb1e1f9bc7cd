"""What the parts of the editor of a rate card have in common: their fields, rows and traits."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from wtforms import BooleanField, Field, FieldList, FormField, SelectField, StringField
from wtforms import Form as PlainForm
from wtforms.validators import Length, Optional

from mobility.core.fields import NOT_IN_THE_LIST, choices, decimal_mark, money, number
from mobility.core.money import parse
from mobility.core.names import one_line
from mobility.rates.cards import MOST_AMOUNT, MOST_KM, Place, readable_setting

MOST_ROWS = 80
SHORT = Length(max=60, message="Keep this to 60 characters.")
A_LINE = Length(max=160, message="Keep this to 160 characters.")
LISTED = Length(max=1000, message="Keep this to 1,000 characters.")


def single_spaced(value: str | None) -> str | None:
    return one_line(value) if value else value


class Percent(StringField):
    """A percentage as a `Decimal`: 70, "70 %", "66.67" or, by the reader's locale, "66,67"."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = (valuelist[0] if valuelist else "").strip().removesuffix("%").strip()
        self.data = None
        if not typed:
            return
        try:
            found = parse(typed, decimal_mark())
        except ValueError:
            raise ValueError("Enter a percentage from 0 to 100, such as 70.") from None
        if 0 < found < 1:
            raise ValueError("Enter it in percent: 60 is 60 %.")
        self.data = found

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data.normalize():f}".replace(".", decimal_mark()) if self.data is not None else ""

    @property
    def share(self) -> str | None:
        """0.7 for 70, as a card keeps it."""
        return None if self.data is None else f"{(self.data / 100).normalize():f}"


class Condition(StringField):
    """Words for a condition; those who declare it and the lines that rest on it know it by a key made of them."""

    @property
    def condition(self) -> dict[str, str] | None:
        key = re.sub(r"\W+", "-", (self.data or "").casefold()).strip("-")
        return {"key": key or "condition", "words": self.data} if self.data else None


def percent(label: str, help: str = "") -> Percent:
    return Percent(label, description=help, validators=[Optional()], render_kw={"inputmode": "decimal"})


def rate(label: str, help: str = "") -> Any:
    return money(label, required=False, help=help, most=MOST_AMOUNT)


def kilometres(label: str) -> Any:
    return number(label, 0, MOST_KM, required=False)


def short_text(label: str, help: str = "") -> StringField:
    return StringField(label, filters=[single_spaced], validators=[SHORT], description=help)


def chosen(label: str, options: Mapping[str, str]) -> SelectField:
    """One of a few, at first the first."""
    return SelectField(label, choices=choices(options), default=next(iter(options)), invalid_choice_message=NOT_IN_THE_LIST)


def kept(field: Field) -> Any:
    """What stands in a field, as a card keeps it; None for nothing."""
    if isinstance(field, Condition):
        return field.condition
    if isinstance(field, Percent):
        return field.share
    return amount_of(field) if isinstance(field.data, Decimal) else field.data or None


def amount_of(field: Field) -> str | None:
    return None if field.data is None else f"{field.data:.2f}"


class Part(PlainForm):
    """One component. `title` is what it pays, `words` explain it to somebody who comes twice a year.

    Fields named in `plain` are settings of the same name, which a card has when something stands in them; `needed` are those
    it always has. What is rare stands in `more`.
    """

    title: ClassVar[str]
    words: ClassVar[str]
    rows: ClassVar[str] = ""  # the name of its list of rows
    add: ClassVar[str] = ""  # what the button for more rows says
    several: ClassVar[bool] = True  # a card may have more than one
    needed: ClassVar[tuple[str, ...]] = ()
    plain: ClassVar[tuple[str, ...]] = ()
    more: ClassVar[tuple[str, ...]] = ()
    by_stay: ClassVar[tuple[str, ...]] = ()  # fields that say nothing where there is no stay
    on = BooleanField()

    @classmethod
    def first(cls, settings: Mapping[str, Any], countries: Iterable[str]) -> dict[str, Any]:
        """The values of the fields for what stands in a card; `countries` are the programme's."""
        found = {name: readable_setting(name, settings[name]) for name in (*cls.needed, *cls.plain) if name in settings}
        return found | {name: each["words"] for name, each in found.items() if name == "condition"}

    def settings(self) -> dict[str, Any]:
        """What stands in the fields, as a card keeps it; None for what is missing."""
        found = {name: kept(self[name]) for name in (*self.needed, *self.plain) if name in self}
        return {name: each for name, each in found.items() if each is not None or name in self.needed}

    def places(self) -> dict[Place, Field]:
        """The field for each place of the settings that can be wrong."""
        return {(name,): self[name] for name in (*self.needed, *self.plain) if name in self}

    def wrong_rows(self) -> bool:
        """Say what cannot be put into a card at all: then its settings are not looked at. True if there is any."""
        return False

    def filled(self) -> list[Any]:
        """The rows in which something is typed."""
        return [row.form for row in self[self.rows] if any(map(is_typed, row.form))]

    def more_rows(self, count: int = 3) -> None:
        if self.rows:
            for _ in range(min(count, MOST_ROWS - len(self[self.rows]))):
                self[self.rows].append_entry()

    def forget_stay(self) -> None:
        for name in self.by_stay:
            del self[name]

    def usual(self) -> list[Field]:
        return [field for field in self if field.short_name not in ("on", self.rows, *self.more)]

    def unusual(self) -> list[Field]:
        """In the order of `more`."""
        return [self[name] for name in self.more if name in self]

    def is_unusual(self) -> bool:
        """Something stands in the rare fields, or is wrong there."""
        return any(field.errors or is_set(field) for field in self.unusual())


def is_set(field: Field) -> bool:
    """It says something else than what it says at first."""
    if isinstance(field, BooleanField | SelectField):
        return field.data not in (None, False, field.default)
    return is_typed(field)


class Traits(Part):
    """What nearly every component can have."""

    cap = rate("At most for this part")
    condition = Condition(
        "Only paid if",
        filters=[single_spaced],
        validators=[A_LINE],
        description="What the guest declares and the programme confirms, such as: a guest needs support to take part.",
    )
    plain: ClassVar[tuple[str, ...]] = ("cap", "condition")
    more: ClassVar[tuple[str, ...]] = ("cap", "condition")


class ForEachPerson(Traits):
    """What can be paid to each of a delegation."""

    by_stay: ClassVar[tuple[str, ...]] = ("per_person",)
    per_person = BooleanField("For each person who travels")
    plain: ClassVar[tuple[str, ...]] = ("per_person", *Traits.plain)
    more: ClassVar[tuple[str, ...]] = ("per_person", *Traits.more)


def rows_of(row: type[PlainForm], label: str) -> FieldList:
    return FieldList(FormField(row), label, max_entries=MOST_ROWS)


def is_typed(field: Field) -> bool:
    """Something stands in it, be it nonsense."""
    return bool(str(field.raw_data[0]).strip()) if field.raw_data else field.data not in (None, "")


def blame(field: Field, message: str) -> bool:
    if message not in field.errors:
        field.errors = [*field.errors, message]
    return True
