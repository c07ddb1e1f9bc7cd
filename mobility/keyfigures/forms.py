"""The forms of key figures, of their values, and of what serves them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from flask import request
from wtforms import HiddenField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Optional

from mobility.core.clock import today
from mobility.core.errors import Problem
from mobility.core.fields import Several, choices, day, decimal_mark, long_text, text
from mobility.core.forms import ActionForm, CreateForm, Form
from mobility.core.numbers import decimal_number, plain_number, whole_number, whole_numbers
from mobility.core.web import format_number
from mobility.core.wording import HOME_ZONE, format_day
from mobility.keyfigures.rules import MENU, label, target_problems

FIELDS = ("kind", "name", "unit", "baseline", "baseline_on", "target", "target_on", "strategy")


class Number(StringField):
    """A number with up to two decimals, in the notation of the reader's locale; a wrong one stays as it was typed."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = (valuelist[0] if valuelist else "").strip()
        self.data = None
        self.data = decimal_number(typed, decimal_mark()) if typed else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return plain_number(self.data, decimal_mark()) if isinstance(self.data, Decimal) else ""


def measured(label: str, *, required: bool = True, help: str = "") -> Number:
    presence = InputRequired("Enter a number.") if required else Optional()
    return Number(label, description=help, validators=[presence])


class FigureFields(Form):
    """What a key figure is: the forms that make and change one are made of it."""

    kind = SelectField("From the menu", description="Or in your own words: then say what you measure.")
    name = text("What you measure", required=False, help="Empty: as the menu calls it.")
    unit = text("Unit", required=False, most=30, help="Such as members, projects, EUR, %. Empty: as in the menu.")
    baseline = measured("Where you start")
    baseline_on = day("On which day")
    target = measured("Where you want to be", required=False)
    target_on = day("By which day", required=False)
    strategy = long_text("Which strategy it serves", required=False, most=500, rows=2)

    def offer(self) -> None:
        self.kind.choices = choices({key: each.name for key, each in MENU.items()}, "In our own words")

    def problems(self) -> Iterator[Problem]:
        if not self.name.data and not self.kind.data:
            yield Problem("name", "Choose one from the menu, or say in your own words what you measure.")
        if (baseline_on := self.right("baseline_on")) and not self.target.errors and not self.target_on.errors:
            yield from target_problems(self.target.data, self.target_on.data, baseline_on)

    def figure(self) -> dict[str, Any]:
        """The fields of a `KeyFigure`; what the menu says where nothing was typed."""
        given = {name: self[name].data for name in FIELDS}
        chosen = MENU.get(given["kind"] or "")
        given["name"] = given["name"] or (chosen.name if chosen else "")
        given["unit"] = given["unit"] or (chosen.unit if chosen else "")
        return given | {"kind": given["kind"] or "", "strategy": given["strategy"] or ""}


class AddForm(CreateForm, FigureFields):
    """A new key figure."""

    @classmethod
    def offered(cls) -> "AddForm":
        form = cls(baseline_on=today(HOME_ZONE))
        form.offer()
        return form


class ReviseForm(ActionForm, FigureFields):
    """The same for one that is there."""

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {name: getattr(subject, name) for name in FIELDS}

    def prepare(self, subject: Any) -> None:
        self.offer()

    def given(self) -> dict[str, Any]:
        return self.figure()


class RecordForm(ActionForm):
    """What was measured, and when."""

    value = measured("Value")
    on = day("On which day")
    note = text("Note", required=False, help="Such as where it comes from.")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {"on": today(subject.timezone)}

    def prepare(self, subject: Any) -> None:
        self.value.label.text = label("Value", subject.unit)

    def given(self) -> dict[str, Any]:
        return super().given() | {"note": self.note.data or ""}


class CorrectForm(ActionForm):
    """Which value was wrong, and what is right; without a number it is taken out."""

    chosen = RadioField("Which value", coerce=int)
    value = measured("What is right", required=False, help="Empty: there was no such value, and it is taken out.")
    on = day("On which day", required=False, help="Empty: the day was right.")
    note = text("Note", required=False)

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {"chosen": whole_number(request.args.get("value"))}

    def prepare(self, subject: Any) -> None:
        said = {each.id: f"{format_number(each.value)} on {format_day(each.on)}" for each in subject.measured}
        self.chosen.choices = choices(said)

    def given(self) -> dict[str, Any]:
        return super().given() | {"note": self.note.data or ""}


class RetireForm(ActionForm):
    """Why it is measured no more."""

    reason = long_text("Reason", required=False, rows=2, help="It is kept in the history.")


class ServeForm(Form):
    """What something serves; `seen` are those that it served when the page was opened."""

    seen = HiddenField()
    chosen = Several("Own key figures", validate_choice=False)

    def ids(self) -> list[int]:
        return whole_numbers(self.chosen.data or [])
