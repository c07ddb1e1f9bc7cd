"""The forms about the account a programme pays from; the account itself is typed into banking's."""

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from mobility.core.fields import text
from mobility.core.forms import Form


class ConfirmForm(Form):
    """The number once more, as somebody else has it."""

    iban = StringField(
        "IBAN",
        description="Type it from the bank’s own letter or statement, not from a mail: both must be the same.",
        validators=[
            InputRequired("Enter the IBAN as the bank’s letter or statement has it."),
            Length(max=100, message="An IBAN has at most 34 characters."),
        ],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class CloseForm(Form):
    """Why it is declined or withdrawn."""

    reason = text("Reason", most=500, help="The other finance officers and owners read it.")
