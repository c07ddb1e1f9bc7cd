"""The forms of the agreement."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from flask_login import current_user
from wtforms import BooleanField, FieldList, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.utils import unset_value
from wtforms.validators import InputRequired, ValidationError

from mobility.agreements.lines import LONGEST, MOST_LINES, STEPS, Line, read, rearranged, recognised
from mobility.applications.rules import days_problem
from mobility.core import clock
from mobility.core.errors import Problem
from mobility.core.fields import TEXT_LENGTH, address, choices, day, long_text, person_name, stripped, text
from mobility.core.forms import ActionForm, ReasonForm
from mobility.core.names import is_erased
from mobility.core.numbers import whole_number
from mobility.core.wording import format_weekday
from mobility.exchanges.models import Exchange
from mobility.exchanges.rules import LABELS, LINE_LABELS, agenda_of, same_line_ends
from mobility.exchanges.workflow import WORKFLOW
from mobility.people.roles import LEVEL_LABELS
from mobility.themes.rules import LONGEST_STAY
from mobility.workflows.workflow import Actor

NAMES = ("first_day", "last_day", "host_contact", "guest_contact")
MANAGER = ("manager_name", "manager_email")


def _line(value: Any) -> Any:
    return same_line_ends(value) if stripped(value) else ""


class LineField(TextAreaField):
    """One numbered line. Its key travels in a hidden field beside it."""

    key, known = "", frozenset[str]()

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        line = data if isinstance(data, Line) else Line("", "")
        self.key = formdata.get(self.key_name, "") if formdata else line.key
        super().process(formdata, line.text, extra_filters)

    @property
    def key_name(self) -> str:
        return f"{self.name}-key"

    def pre_validate(self, form: Any) -> None:
        """What stands in the agreement already may be longer: it was written as a text without lines."""
        if len(self.data or "") > LONGEST and self.data not in self.known:
            raise ValidationError(f"Keep this to {LONGEST} characters, or make two of it.")


def _has_one(form: Any, field: Any) -> None:
    if not any(row.data for row in field):
        raise ValidationError("Write at least one.")


class LinesField(FieldList):
    """One to five numbered lines; a row for each that there may be."""

    known: Sequence[Line] = ()
    moved: tuple[str, int] | None = None
    """What was done with a row, and where it stands now: there one goes on."""

    def __init__(self, which: str, help: str = "", **more: Any) -> None:
        row = LineField(filters=[_line], render_kw={"rows": 2})
        super().__init__(row, LABELS[which], description=help, max_entries=MOST_LINES, validators=[_has_one], **more)
        self.one, self.type = LINE_LABELS[which], "FieldList"  # as the summary of errors reads it

    def show(self, known: Sequence[Line]) -> None:
        """All its rows, with their numbers; `known` are the lines of the newest version."""
        while len(self) < MOST_LINES:
            self.append_entry()
        self.known, texts = known, frozenset(line.text for line in known)
        for number, row in enumerate(self, 1):
            row.label.text, row.known, row.flags.required = f"{self.one} {number}", texts, number == 1
        self.shown = max([1, *(number for number, row in enumerate(self, 1) if row.data)])

    def lines(self) -> tuple[Line, ...]:
        """What is typed, by the keys that it has already."""
        return recognised([Line(row.key, row.data) for row in self if row.data], self.known)

    def rearrange(self, act: str, place: int) -> None:
        self.process(None, rearranged([Line(row.key, row.data or "") for row in self], act, place))
        self.show(self.known)
        self.moved = act, place + STEPS.get(act, 0)


class AmendForm(ActionForm):
    """The next version. The agenda's rows count from the first day, so plans move along with the dates."""

    objectives = LinesField(
        "objectives", "What should be better afterwards, and how you will see it. After the visit each is asked about."
    )
    guest_benefit = LinesField("guest_benefit")
    host_benefit = LinesField("host_benefit")
    first_day = day("First day")
    last_day = day("Last day")
    agenda = FieldList(long_text("Day", required=False, rows=2, most=TEXT_LENGTH // 2), "Agenda", max_entries=LONGEST_STAY)
    host_contact = long_text("Contact of the host", rows=2, most=500, help="Who can be reached, and how.")
    guest_contact = long_text("Contact of the guest", rows=2, most=500)
    manager_name = person_name("Their name", required=False)
    manager_email = address("Their e-mail address", required=False, autocomplete="off")

    @classmethod
    def first_values(cls, subject: Exchange) -> dict[str, Any]:
        version = subject.newest_version
        values = {name: getattr(version, name) for name in (*NAMES, *MANAGER)}
        if version and is_erased(version.manager_email):
            values |= dict.fromkeys(MANAGER, "")
        values |= {name: read(getattr(version, name)) for name in LINE_LABELS}
        plans = dict(agenda_of(version.agenda)) if version else {}
        return values | {"agenda": [plans.get(each, "") for each in _days_of(version)]}

    def prepare(self, subject: Exchange) -> None:
        """A row for each line, and for each day that a stay may have, the planned ones with their date."""
        self.exchange = subject
        for name in LINE_LABELS:
            self[name].show(read(getattr(subject.newest_version, name)))
        if Actor.GUEST not in WORKFLOW.acting_on(current_user, subject):  # who can confirm it at home is theirs to say
            for name in MANAGER:
                del self[name]
        planned = _days_of(subject.newest_version)
        while len(self.agenda) < max(len(planned), subject.theme.maximum_days):
            self.agenda.append_entry()
        self.shown_days = max(len(planned), self._filled_rows())
        for number, row in enumerate(self.agenda, 1):
            row.label.text = f"Day {number}" + (f", {format_weekday(planned[number - 1])}" if number <= len(planned) else "")

    def problems(self) -> Iterator[Problem]:
        of, first, last = self.exchange, self.right("first_day"), self.right("last_day")
        if first and last and (problem := days_problem(of.theme, first, last, clock.today(of.timezone))):
            yield problem

    def given(self) -> dict[str, Any]:
        first, last = self.first_day.data, self.last_day.data
        assert first and last  # noqa: S101, PT018 (the form is valid)
        days = (last - first).days + 1
        plans = [(place, row.data or "") for place, row in enumerate(self.agenda)]
        agenda = [(first + timedelta(days=place), plan) for place, plan in plans if plan or place < days]
        given = {name: self[name].data or "" for name in (*NAMES, *MANAGER) if name in self}
        return given | {name: self[name].lines() for name in LINE_LABELS} | {"agenda": agenda}

    def rearrange(self, button: str) -> None:
        """`button` is the field, what to do, and with which row: "objectives up 1"."""
        name, act, place = [*button.split(" "), "", "", ""][:3]
        if name in LINE_LABELS and (number := whole_number(place)) is not None:
            self[name].rearrange(act, number)

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
        raise ValidationError("Tick this once you have read the agreement: what you say is for this version.")


class SignForm(ActionForm):
    """Signing carries the number of the version that the person saw, and what links both sides."""

    link = link_field()
    number = ReadVersion("I have read it", validators=[_ticked])

    def prepare(self, subject: Exchange) -> None:
        version = subject.newest_version
        self.number.number = version.number if version else None
        self.number.flags.required = True
        self.number.label.text = f"I have read version {self.number.number} and sign it for my side"


class EndorseForm(ActionForm):
    """The endorsement, too, is of the version that the person saw."""

    number = ReadVersion("I have read it", validators=[_ticked])

    def prepare(self, subject: Exchange) -> None:
        version = subject.newest_version
        self.number.number = version.number if version else None
        self.number.flags.required = True
        self.number.label.text = f"I have read version {self.number.number} and endorse it for {subject.guest_organisation.name}"


class ObjectForm(ReasonForm):
    """An objection to the version that the person saw."""

    number = HiddenField()

    @classmethod
    def first_values(cls, subject: Exchange) -> dict[str, Any]:
        return {"number": subject.newest_version.number if subject.newest_version else ""}

    def given(self) -> dict[str, Any]:
        return super().given() | {"number": whole_number(self.number.data or "") or 0}


def _days_of(version: Any) -> list[Any]:
    if version is None:
        return []
    days = (version.last_day - version.first_day).days + 1
    return [version.first_day + timedelta(days=place) for place in range(days)]
