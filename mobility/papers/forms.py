"""The form of the public check."""

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired

from mobility.vouchers.forms import CODE_HELP


class CheckForm(FlaskForm):
    """Looks a code up; writes nothing, so it has no token and can be linked to."""

    class Meta:
        csrf = False

    code = StringField(
        "Code",
        description=CODE_HELP,
        validators=[InputRequired("Enter the code.")],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
