"""The forms of registering, of asking to join, and of deciding about it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from itsdangerous import BadSignature
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Optional, ValidationError

from mobility.accounts.forms import PersonalPasswordForm, level_field, new_password
from mobility.core import clock
from mobility.core.errors import Refusal
from mobility.core.fields import NOT_IN_THE_LIST, address, choices, long_text, person_name, text
from mobility.core.forms import ActionForm, CreateForm, Form
from mobility.core.links import signer
from mobility.core.names import name_key
from mobility.joining import operations, queries
from mobility.joining.models import JoinRequest
from mobility.joining.rules import opened_problem
from mobility.people.domains import is_disposable
from mobility.people.models import Organisation
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from mobility.teams.forms import OrganisationForm

OPENED = "registration opened"
DISPOSABLE = "This is a provider of addresses for some minutes. Enter your address at work: what others ask of you goes there."
ROLES = {
    Role.GUEST: "Guest: I want to visit others",
    Role.HOST: "Host: I receive guests and look after them",
    Role.COORDINATOR: "Coordinator: I speak for the organisation, publish themes, sign, and invite colleagues",
    Role.PROVIDER: "Provider: I sell training or services for it",
}
ANOTHER = "another"


def role_field(label: str = "What you would be there") -> RadioField:
    return RadioField(
        label,
        choices=choices(ROLES),
        validators=[InputRequired("Choose one.")],
        description="You get this role, and no other one. It can be changed later.",
    )


class RegisterForm(Form):
    """An address. `opened` and `nickname` tell robots from people: the first is when the page was opened, signed; the second is
    hidden, and stays empty."""

    email = address("Your e-mail address at work")
    nickname = StringField("Leave this empty", render_kw={"tabindex": "-1", "autocomplete": "off"})
    opened = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_submitted():
            self.stamp()

    def stamp(self) -> None:
        """As if the page had been opened now."""
        self.opened.data, self.opened.raw_data = signer(OPENED).dumps(clock.utc_now().timestamp()), None

    def validate_email(self, field: StringField) -> None:
        if is_disposable(field.data or ""):
            raise ValidationError(DISPOSABLE)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        fine = super().validate(*args, **kwargs)
        problem = "Leave the hidden field empty, and send it once more." if self.nickname.data else self._time_problem()
        if problem:
            self.form_errors.append(problem)
        return fine and not problem

    def _time_problem(self) -> str | None:
        opened = _opened_at(self.opened.data or "")
        problem = opened_problem(opened, clock.utc_now())
        if (problem and opened is None) or (problem and (clock.utc_now() - opened).total_seconds() > 60):  # type: ignore[operator]
            self.stamp()
        return problem


def _opened_at(stamp: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(signer(OPENED).loads(stamp)), UTC)
    except (BadSignature, TypeError, ValueError, OverflowError, OSError):
        return None


class ConfirmForm(PersonalPasswordForm):
    """Whose address is theirs makes the account."""

    name = person_name("Your name", autocomplete="name")
    level = level_field()
    password = new_password("Choose a password")


class _ByProgramme:
    """Whose owners check: asked only where there are several."""

    def offer_programmes(self: Any, programmes: Sequence[Programme]) -> Any:
        self.programmes = {str(each.id): each for each in programmes}
        self.programme_id.choices = choices({each.id: each.name for each in programmes}, "Choose a programme")
        if len(programmes) < 2:
            del self.programme_id
        return self

    def programme(self: Any) -> Programme | None:
        if "programme_id" in self:
            chosen: Programme = self.programmes[self.programme_id.data]
            return chosen
        return next(iter(self.programmes.values()), None)


def programme_field() -> SelectField:
    return SelectField(
        "In which programme do you want to take part?",
        validators=[InputRequired("Choose a programme.")],
        description="Its owners look at your request. You can take part in others, too.",
    )


class JoinForm(CreateForm, _ByProgramme):
    """Asking for a role in an organisation that is here."""

    role = role_field()
    programme_id = programme_field()
    words = long_text(
        "A word to those who decide",
        required=False,
        rows=3,
        most=1000,
        help="What you do there, so that they know who asks. They also see your name and address.",
    )

    def given(self) -> dict[str, Any]:
        return {"role": self.role.data, "words": self.words.data or "", "programme": self.programme()}


class NewOrganisationForm(CreateForm, _ByProgramme):
    """A new one, as an administrator would enter it; the rest stands on its page later."""

    name = OrganisationForm.name
    country = OrganisationForm.country
    city = OrganisationForm.city
    kind = OrganisationForm.kind
    website = OrganisationForm.website
    programme_id = programme_field()
    words = long_text(
        "What you do there",
        required=False,
        rows=3,
        most=1000,
        help="So that whoever checks it knows that you may speak for it.",
    )
    none_of_these = BooleanField("It is none of these")

    validate_website = OrganisationForm.validate_website

    def given(self) -> dict[str, Any]:
        said = {name: self[name].data or "" for name in ("name", "country", "city", "kind", "website", "words")}
        return {**said, "programme": self.programme()}


# Deciding


class AcceptForm(ActionForm):
    note = long_text("A word of welcome", required=False, rows=3, most=1000)


class AdmitForm(AcceptForm):
    """`looked_at` are the organisations that resembled it when the page was opened."""

    looked_at = HiddenField()

    def prepare(self, subject: JoinRequest) -> None:
        self.resembling = queries.resembling_request(subject) if subject.is_new else []
        self.others = queries.other_requests(subject) if subject.is_new else []
        self.now = operations.resembling_ids(subject) if subject.is_new else ""
        if not self.is_submitted():
            self.looked_at.data = self.now

    def refuse(self, refusal: Refusal) -> None:
        """Whatever was newer is on the page now."""
        super().refuse(Refusal(refusal.message, None if refusal.field == "looked_at" else refusal.field))
        self.looked_at.data, self.looked_at.raw_data = self.now, None


class MergeForm(ActionForm):
    """Which organisation is meant: one of those that resemble it, or another by its name."""

    organisation = RadioField("This is", validators=[Optional()])
    name = text("Name of the other one", required=False, help="As it is written on its page.")
    note = long_text("A word with it", required=False, rows=3, most=1000, help="Whoever asks, and the coordinators, read it.")

    def prepare(self, subject: JoinRequest) -> None:
        self.resembling = queries.resembling_request(subject)
        labels = {each.known.id: f"{each.known.name}, {each.known.city}: {', '.join(each.reasons)}" for each in self.resembling}
        self.organisation.choices = choices({**labels, ANOTHER: "Another one"})
        if not labels:
            self.organisation.data = self.organisation.data or ANOTHER

    def validate(self, extra_validators: Any = None) -> bool:
        """Both fields together: neither alone says which organisation is meant."""
        self.chosen: Organisation | None = None
        fine = super().validate(extra_validators)
        if self.organisation.errors or self.name.errors:
            return False
        try:
            self.chosen = self._chosen()
        except ValidationError as error:
            field = self.name if self.name.data or self.organisation.data == ANOTHER else self.organisation
            field.errors = [*field.errors, str(error)]
        return fine and self.chosen is not None

    def _chosen(self) -> Organisation:
        """Raises ValidationError, which says what would be right."""
        picked = str(self.organisation.data or ANOTHER)
        if picked.isdigit() and (picked_one := queries.organisation(int(picked))):
            return picked_one
        typed = self.name.data or ""
        if not typed.strip():
            raise ValidationError("Choose one, or enter the name of another one.")
        if meant_one := queries.by_name_key(name_key(typed)):
            return meant_one
        near = [each.name for each in queries.found(typed)[:3]]
        meant = f" Did you mean {' or '.join(near)}?" if near else ""
        raise ValidationError(f"Enter the name of an organisation as it is written on its page.{meant}")

    def given(self) -> dict[str, Any]:
        return {"organisation": self.chosen, "note": self.note.data or ""}


class QuestionForm(ActionForm):
    question = long_text("Your question", rows=4, most=2000, help="The person reads it in a mail, and answers here.")


class AnswerForm(ActionForm):
    answer = long_text("Your answer", rows=4, most=2000)
    role = SelectField("What you would be there", validators=[InputRequired(NOT_IN_THE_LIST)])

    @classmethod
    def first_values(cls, subject: JoinRequest) -> dict[str, Any]:
        return {"role": subject.role}

    def prepare(self, subject: JoinRequest) -> None:
        self.role.choices = choices(ROLES)
        if subject.is_new:
            del self.role


class WithdrawForm(ActionForm):
    note = long_text("A word with it", required=False, rows=3, most=1000)
