"""The form of which mails somebody gets when."""

from zoneinfo import available_timezones

from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired

from mobility.core.fields import choices
from mobility.core.forms import Form
from mobility.notifications.kinds import CHOICES, EXAMPLES, GROUPS

CONTINENTS = frozenset("Africa America Asia Atlantic Australia Europe Indian Pacific".split())
ZONES = {each: each.replace("_", " ") for each in sorted(available_timezones()) if each.partition("/")[0] in CONTINENTS}


def _choice(group: str) -> RadioField:
    label, offered = GROUPS[group]
    return RadioField(
        label,
        description=EXAMPLES[group],
        choices=choices({each: CHOICES[each] for each in offered}),
        validators=[InputRequired("Choose when you want these mails.")],
    )


class MailsForm(Form):
    """`seen` tells whether it was changed meanwhile, in another tab."""

    seen = HiddenField()
    decisions = _choice("decisions")
    deadlines = _choice("deadlines")
    news = _choice("news")
    timezone = SelectField(
        "Your timezone",
        description="The daily mail comes at seven in the morning there.",
        choices=choices(ZONES),
        validators=[InputRequired("Choose your timezone.")],
    )
