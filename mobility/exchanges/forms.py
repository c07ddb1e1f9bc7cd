"""The forms of the agreement."""

from datetime import timedelta
from typing import Any

from wtforms import BooleanField, FieldList, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, ValidationError

from mobility.core.fields import TEXT_LENGTH, address, choices, day, long_text, text
from mobility.core.forms import ActionForm, ReasonForm
from mobility.core.numbers import whole_number
from mobility.core.wording import format_weekday
from mobility.exchanges.models import Exchange
from mobility.exchanges.rules import agenda_of
from mobility.people.roles import LEVEL_LABELS
from mobility.themes.rules import LONGEST_STAY

NAMES = ("objectives", "guest_benefit", "host_benefit", "first_day", "last_day", "host_contact", "guest_contact")


class AmendForm(ActionForm):
    """The next version. The agenda's rows count from the first day, so plans move along with the dates."""

    objectives = long_text("Objectives", help="What should be better afterwards, and how you will see it.")
    guest_benefit = long_text("What the guest gains")
    host_benefit = long_text("What the host gains")
    first_day = day("First day")
    last_day = day("Last day")
    agenda = FieldList(long_text("Day", required=False, rows=2, most=TEXT_LENGTH // 2), "Agenda", max_entries=LONGEST_STAY)
    host_contact = long_text("Contact of the host", rows=2, most=500, help="Who can be reached, and how.")
    guest_contact = long_text("Contact of the guest", rows=2, most=500)

    @classmethod
    def first_values(cls, subject: Exchange) -> dict[str, Any]:
        version = subject.newest_version
        values = {name: getattr(version, name) for name in NAMES}
        plans = dict(agenda_of(version.agenda)) if version else {}
        return values | {"agenda": [plans.get(each, "") for each in _days_of(version)]}

    def prepare(self, subject: Exchange) -> None:
        """A row for each day that a stay may have, the planned ones with their date."""
        planned = _days_of(subject.newest_version)
        while len(self.agenda) < max(len(planned), subject.theme.maximum_days):
            self.agenda.append_entry()
        self.shown_days = max(len(planned), self._filled_rows())
        for number, row in enumerate(self.agenda, 1):
            row.label.text = f"Day {number}" + (f", {format_weekday(planned[number - 1])}" if number <= len(planned) else "")

    def given(self) -> dict[str, Any]:
        first, last = self.first_day.data, self.last_day.data
        assert first and last  # noqa: S101, PT018 (the form is valid)
        days = (last - first).days + 1
        plans = [(place, row.data or "") for place, row in enumerate(self.agenda)]
        agenda = [(first + timedelta(days=place), plan) for place, plan in plans if plan or place < days]
        return {name: self[name].data for name in NAMES} | {"agenda": agenda}

    def _filled_rows(self) -> int:
        return max((number for number, row in enumerate(self.agenda, 1) if row.data), default=0)


class ReplaceForm(ReasonForm):
    """Who does not travel, and who does instead."""

    delegate = RadioField("Who does not travel", validators=[InputRequired("Choose who does not travel.")])
    name = text("Who travels instead")
    email = address("Their e-mail address", autocomplete="off")
    level = SelectField("Their level", choices=choices(LEVEL_LABELS, "Choose"), validators=[InputRequired("Choose their level.")])

    def prepare(self, subject: Exchange) -> None:
        self.email.description = "They get what is agreed by mail."
        self.delegate.choices = choices({str(each.position): each.name for each in subject.delegates})


class ReadVersion(BooleanField):
    """A tick that says which version was read: its value is the number, and it is never ticked for anybody."""

    checked = False
    number: int | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = whole_number(valuelist[0]) if valuelist else None

    def _value(self) -> str:
        return str(self.number or "")


def link_field(act: str = "signature") -> StringField:
    """The declaration of a link between both sides, in the same words wherever it is made; `act` is what says it."""
    return text(
        "A link between your organisations, such as an owner, a board member or a relative",
        required=False,
        most=500,
        help=f"Leave it empty if there is none: your {act} then says so. Only the programme's people can read it.",
    )


def _ticked(form: Any, field: ReadVersion) -> None:
    if field.data is None:
        raise ValidationError("Tick this once you have read the agreement: your signature is for this version.")


class SignForm(ActionForm):
    """Signing carries the number of the version that the person saw, and what links both sides."""

    link = link_field()
    number = ReadVersion("I have read it", validators=[_ticked])

    def prepare(self, subject: Exchange) -> None:
        version = subject.newest_version
        self.number.number = version.number if version else None
        self.number.flags.required = True
        self.number.label.text = f"I have read version {self.number.number} and sign it for my side"


def _days_of(version: Any) -> list[Any]:
    if version is None:
        return []
    days = (version.last_day - version.first_day).days + 1
    return [version.first_day + timedelta(days=place) for place in range(days)]
