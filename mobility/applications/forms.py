"""The forms of applying and answering."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask_login import current_user
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import InputRequired, Optional

from mobility.applications.models import Application
from mobility.applications.rules import CONTACT_KINDS, MOST_DELEGATES, NOT_TALKED_YET, OR_KNOWN, days_problem
from mobility.applications.workflow import acquainted
from mobility.core import clock
from mobility.core.errors import Problem
from mobility.core.fields import NOT_IN_THE_LIST, address, choices, day, essay, long_text, person_name
from mobility.core.forms import ActionForm, CreateForm
from mobility.people.models import Organisation
from mobility.people.roles import LEVEL_LABELS

ROWS = ("second", "third")
CHOOSE = "Choose"


def _level(label: str) -> SelectField:
    listed = choices(LEVEL_LABELS, CHOOSE)
    return SelectField(label, choices=listed, validators=[Optional()], invalid_choice_message=NOT_IN_THE_LIST)


class ApplicationForm(CreateForm):
    """The whole application on one page; every field may be empty while it is a draft."""

    version = HiddenField()
    organisation = SelectField("Your organisation", coerce=int, invalid_choice_message=NOT_IN_THE_LIST)
    level = _level("Your level")
    second_name = person_name("Name of the second guest", required=False)
    second_email = address("E-mail address of the second guest", required=False, autocomplete="off")
    second_level = _level("Level of the second guest")
    third_name = person_name("Name of the third guest", required=False)
    third_email = address("E-mail address of the third guest", required=False, autocomplete="off")
    third_level = _level("Level of the third guest")
    first_day = day("First day", required=False)
    last_day = day("Last day", required=False)
    motivation = essay("Why do you want to come?", "What you work on, and why this theme at this host.")
    objectives = essay("What do you want to learn, and what for?", "What should be better at home afterwards.")
    brings = essay("What do you bring?", "Your experience and contacts: the host wants to gain from your visit, too.")
    self_funded = BooleanField(
        "We pay for the exchange ourselves",
        description="Then there is no voucher to request. Everything else stays the same.",
    )

    def prepare(self, organisations: Iterable[Organisation]) -> None:
        self.organisations = {each.id: each for each in organisations}
        self.organisation.choices = choices({each.id: each.name for each in self.organisations.values()})
        for field in (self.level, self.first_day, self.last_day, self.organisation):
            field.flags.required = True

    @classmethod
    def of(cls, application: Application, organisations: Iterable[Organisation]) -> "ApplicationForm":
        """The form as the draft stands."""
        names = ("motivation", "objectives", "brings", "first_day", "last_day", "self_funded", "version")
        values = {name: getattr(application, name) for name in names}
        values["organisation"] = application.guest_organisation_id
        values["level"] = application.delegates[0].level if application.delegates else ""
        for row, delegate in zip(ROWS, application.delegates[1:], strict=False):
            values |= {f"{row}_name": delegate.name, f"{row}_email": delegate.email, f"{row}_level": delegate.level}
        form = cls(formdata=None, data=values)
        form.prepare(organisations)
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        self._close_the_gap()
        return super().validate(extra_validators)

    def _close_the_gap(self) -> None:
        """A third guest without a second is the second."""
        if not any(self._row("second")) and any(self._row("third")):
            for name in ("name", "email", "level"):
                third, second = self[f"third_{name}"], self[f"second_{name}"]
                second.data, second.raw_data = third.data, third.raw_data
                third.data, third.raw_data = "", [""]

    def _row(self, row: str) -> tuple[str, str, str]:
        return tuple(self[f"{row}_{name}"].data or "" for name in ("name", "email", "level"))  # type: ignore[return-value]

    @property
    def persons(self) -> int:
        """How many travel: the applicant, and each row that says something."""
        return 1 + sum(any(self._row(row)) for row in ROWS)

    def given_by(self, person: Any) -> dict[str, Any]:
        """What was typed, for `operations.save`: the applicant is the first guest."""
        others = [self._row(row) for row in ROWS if any(self._row(row))]
        names = ("motivation", "objectives", "brings", "first_day", "last_day", "self_funded")
        return {
            "guest_organisation": self.organisations.get(self.organisation.data),
            "delegates": [(person.name, person.email, self.level.data or ""), *others][:MOST_DELEGATES],
            **{name: self[name].data for name in names},
        }


class ContactForm(ActionForm):
    """When and how host and guest first talked."""

    held_on = day("When did you talk?")
    kind = SelectField(
        "How?",
        choices=choices(CONTACT_KINDS, CHOOSE),
        validators=[InputRequired("Choose how you talked.")],
        invalid_choice_message=NOT_IN_THE_LIST,
    )
    note = long_text("What did you talk about?", required=False, rows=3, help="The other side can read it, too.")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {"held_on": clock.today(subject.timezone)}

    def prepare(self, subject: Any) -> None:
        self.today = clock.today(subject.timezone)

    def problems(self) -> Iterator[Problem]:
        if (held_on := self.right("held_on")) and held_on > self.today:
            yield Problem("held_on", NOT_TALKED_YET)


class AcceptForm(ActionForm):
    """Yes, with dates."""

    first_day = day("First day you offer", help="The guest's preferred dates are filled in.")
    last_day = day("Last day you offer")
    know_each_other = BooleanField(
        "We know each other",
        description="No first contact is recorded. Every exchange starts with a conversation: say so only if it is true.",
    )
    note = long_text("A word to the guest", required=False, rows=3)

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {"first_day": subject.first_day, "last_day": subject.last_day}

    def prepare(self, subject: Any) -> None:
        self.application = subject
        if subject.first_contacts:
            del self.know_each_other

    def problems(self) -> Iterator[Problem]:
        today = clock.today(self.application.timezone)
        first, last = self.right("first_day"), self.right("last_day")
        if first and last and (problem := days_problem(self.application.theme, first, last, today)):
            yield problem
        if self.know_each_other and not self.know_each_other.data and (reason := acquainted(self.application, current_user)):
            yield Problem("know_each_other", f"{reason} {OR_KNOWN}")


class WithdrawForm(ActionForm):
    """Taking it back needs no reason, but the host is glad of one."""

    reason = long_text("Reason", required=False, rows=3, help="The host will read it.")
