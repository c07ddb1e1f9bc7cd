"""The forms of conversations."""

from typing import Any

from wtforms import BooleanField, HiddenField, MultipleFileField, SelectField, TextAreaField
from wtforms.validators import Length

from mobility.core.errors import Refusal
from mobility.core.fields import Wanted, choices, long_text, stripped
from mobility.core.forms import CreateForm, Form
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
    text = _text("Your question", "Such as what you would like to learn, and whether it is the right moment to come.")
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
