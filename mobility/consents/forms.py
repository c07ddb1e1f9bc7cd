"""The form of a side's word on publishing."""

from wtforms import HiddenField, RadioField
from wtforms.validators import InputRequired

from mobility.consents.rules import LABELS
from mobility.core.fields import choices
from mobility.core.forms import Form
from mobility.questionnaires.standard import PUBLISHED

SERVICE = "May the programme tell others what came of this service?"


class ConsentForm(Form):
    """What one side says about publishing its exchange, or a service. `seen` is what it had said when the form was opened."""

    seen = HiddenField()
    publish = RadioField(
        PUBLISHED.text,
        description="It takes effect at once, on published pages too. The other side has to agree as well.",
        choices=choices(LABELS),
        validators=[InputRequired("Choose one of the answers.")],
    )
