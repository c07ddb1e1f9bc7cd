"""The forms of vouchers; an operation's keyword parameters are exactly a form's fields."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from mobility.accounts.forms import choices
from mobility.core.forms import ActionForm, Form, Several, at_least_one, day, long_text, text
from mobility.vouchers.rules import DECLARATIONS, MOST_POINTS, latest_extension

CODE_HELP = "Seven groups of four letters and digits. Hyphens, spaces and capitals do not matter."


class RequestForm(ActionForm):
    """`subject.exchange` gives the amount; the guest only declares."""

    declarations = Several(
        "I declare",
        choices=choices(DECLARATIONS),
        validators=[at_least_one("Tick each declaration; without them the programme cannot pay.")],
    )


class QuestionForm(ActionForm):
    """What the programme wants to know before it decides."""

    question = long_text("Your question", help="The holder gets it by mail. The decision waits for the answer.")


class AnswerForm(ActionForm):
    """The holder's answer."""

    answer = long_text("Your answer", help="The programme reads it and decides.")


class RecommendForm(ActionForm):
    """The assessor's view."""

    score = IntegerField(
        "Score",
        description=f"From 0 to {MOST_POINTS} points.",
        validators=[
            InputRequired(f"Write a number from 0 to {MOST_POINTS}."),
            NumberRange(0, MOST_POINTS, message=f"The score is a number from 0 to {MOST_POINTS}."),
        ],
    )
    note = long_text("Why", help="The owner reads it before deciding.")


class NoteForm(ActionForm):
    """A decision that may be commented."""

    note = long_text("Note", required=False, rows=3, help="Stands in the history; everybody involved can read it.")


class RedeemForm(ActionForm):
    """The code that the holder hands over."""

    code = StringField(
        "Code of the voucher",
        description=CODE_HELP,
        validators=[InputRequired("Enter the code from the voucher."), Length(max=200)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class ExtendForm(ActionForm):
    """A later last day."""

    until = day("Valid until")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {"until": latest_extension(subject.valid_until, subject.programme.extension_months)}

    def prepare(self, subject: Any) -> None:
        latest = latest_extension(subject.valid_until, subject.programme.extension_months)
        self.until.description = f"Until {latest:%-d %B %Y} at the latest; a voucher is extended once."


class OptionalReasonForm(ActionForm):
    """An end that the holder need not explain."""

    reason = long_text("Reason", required=False, rows=3, help="The programme reads it.")


class CheckForm(FlaskForm):
    """Looks a code up; writes nothing, so it has no token and can be linked to."""

    class Meta:
        csrf = False

    code = StringField(
        "Code",
        description=CODE_HELP,
        validators=[InputRequired("Write the code.")],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


class DeskFilterForm(FlaskForm):
    """The filters of the decision desk, in the address."""

    class Meta:
        csrf = False

    state = SelectField("State", validate_choice=False)
    country = SelectField("Host's country", validate_choice=False)
    text = StringField("Holder, organisation, theme or number", validators=[Length(max=100)])


class DecideForm(Form):
    """Several decisions at once: each ticked row is "id:version"."""

    reason = text("Reason, if you reject", required=False, most=500)

