"""The forms of conversations."""

from typing import Any

from wtforms import BooleanField, HiddenField, MultipleFileField, RadioField, SelectField, TextAreaField
from wtforms.validators import Length, Optional

from mobility.core.errors import Refusal
from mobility.core.fields import Wanted, address, choices, long_text, stripped, text
from mobility.core.forms import CreateForm, Form, SeenForm
from mobility.core.numbers import whole_number
from mobility.documents.filetypes import LIMITS
from mobility.talking.models import Reader
from mobility.talking.operations import NOTHING
from mobility.talking.rules import LONGEST

TOO_MUCH = f"A message has up to {LONGEST:,} characters. Send it in parts, or add a file."
SHOWS = "Show my address with this message, so that answers to its mail reach me"


def _text(label: str, help: str = "") -> TextAreaField:
    length = Length(max=LONGEST, message=TOO_MUCH)
    return TextAreaField(
        label, description=help, filters=[stripped], validators=[Wanted(), length], render_kw={"rows": 5, "dir": "auto"}
    )


class MessageForm(CreateForm):
    """What somebody is writing: kept as a draft until it is sent."""

    version = HiddenField()
    text = _text("Your message")
    shows_address = BooleanField(SHOWS)
    files = MultipleFileField(
        "Add files",
        description=LIMITS,
        render_kw={"accept": ".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"},
    )

    @classmethod
    def of(cls, reader: Reader | None) -> "MessageForm":
        """As it is stored."""
        if reader is None:
            return cls(formdata=None)
        form = cls(formdata=None, data={"text": reader.draft, "shows_address": reader.shows_address})
        form.open_at(str(reader.version))
        return form

    def given(self) -> dict[str, Any]:
        return {"text": self.text.data or "", "shows_address": bool(self.shows_address.data)}


class AskForm(CreateForm):
    """A question to a host; of several organisations, for which one."""

    guest_organisation = SelectField("For which organisation", coerce=int)
    text = _text("Your question", "Such as: what you would like to learn, and whether you would come at the right moment.")
    shows_address = BooleanField(SHOWS)

    def offer(self, organisations: Any) -> "AskForm":
        self.guest_organisation.choices = choices({each.id: each.name for each in organisations})
        if len(organisations) == 1:
            del self.guest_organisation
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        if not self.text.data:
            self.refuse(Refusal(NOTHING.replace(", or add a file", ""), "text"))
            return False
        return fine


class ReportForm(Form):
    """What is wrong with a message."""

    reason = long_text(
        "What is wrong with it", most=2000, rows=4, help="Only the administrators read this, and the message itself."
    )


class JudgeForm(Form):
    """What an administrator says to whoever reported a message; if it is hidden, also to its author."""

    answer = long_text("Your answer", most=2000, rows=4, help="Whoever reported it reads this; if you hide it, its author, too.")


class ContactForm(SeenForm):
    """Whom to turn to: a person of the team, a role with its address, or whoever coordinates."""

    kind = RadioField("Who", default="team")
    person = SelectField("Person", coerce=whole_number, validators=[Optional()])
    shown = BooleanField("Show this person's address to people who are signed in")
    role = text("What it is called", required=False, help="Such as: International office.")
    address = address("Its address", required=False, autocomplete="off")
    public = BooleanField("Show it to everybody, also to people who are not signed in")

    def offer(self, of: Any, team: Any, everybody: str) -> "ContactForm":
        """With what there is, unless something was sent."""
        self.kind.choices = [("team", everybody), ("person", "One person of the team"), ("address", "A role with its address")]
        self.person.choices = choices({each.id: each.name for each in team}, first="Choose")
        if not self.is_submitted():
            self.kind.data = "person" if of.contact_id else "address" if of.contact_address else "team"
            self.person.data, self.shown.data, self.public.data = of.contact_id, of.contact_shown, of.contact_public
            self.role.data, self.address.data = of.contact_role, of.contact_address
        return self

    def given(self) -> dict[str, Any]:
        given = super().given()
        return given | {"role": self.role.data or "", "address": self.address.data or ""}
