"""The forms of the decision desk."""

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import Length

from mobility.core.fields import long_text
from mobility.core.forms import Form
from mobility.workflows.searching import LONGEST_SEARCH


class DeskFilterForm(FlaskForm):
    """The filters of the decision desk, in the address."""

    class Meta:
        csrf = False

    state = SelectField("State", validate_choice=False)
    country = SelectField("Country of host or provider", validate_choice=False)
    text = StringField("Holder, organisation, theme or number", validators=[Length(max=LONGEST_SEARCH)])


class DecideForm(Form):
    """Several decisions at once: each ticked row is "id:version"."""

    reason = long_text("Reason, if you reject", required=False, most=500, rows=2, help="The holders read it.")
