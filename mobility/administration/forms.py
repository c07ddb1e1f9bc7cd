"""The administrator's forms."""

from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import Optional

from mobility.core.fields import address, choices, long_text, person_name
from mobility.core.forms import CreateForm, Form
from mobility.people.roles import LEVEL_LABELS


class AccountOfOtherForm(CreateForm):
    """The administrator makes an account."""

    name = person_name("Name", autocomplete="off")
    email = address(autocomplete="off")
    level = SelectField("Level", choices=choices(LEVEL_LABELS, "None of these"), validators=[Optional()])
    is_administrator = BooleanField("This person administers Mobility")


class MendForm(Form):
    """What stands wrong in somebody's account. `seen` is what the page was opened with."""

    seen = HiddenField()
    name = person_name("Name", autocomplete="off")
    email = address(autocomplete="off")
    level = SelectField("Level", choices=choices(LEVEL_LABELS, "None of these"), validators=[Optional()])
    reason = long_text("Why is it corrected?", rows=3, most=1000, help="They will read it, and it is kept in the audit log.")


class ActForForm(Form):
    """Why an administrator acts for somebody."""

    reason = long_text("Reason", help="The person reads it in a mail, at once.", most=500, rows=3)


class ResetFactorsForm(Form):
    """Somebody has lost every second factor."""

    reason = long_text(
        "How do you know that it is this person who asks?",
        rows=3,
        most=1000,
        help="Talk to them, or to somebody who knows them; a mail alone proves nothing. They will read what you write.",
    )
