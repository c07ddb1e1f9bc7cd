"""The forms of a person's own second factors."""

from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from mobility.core.fields import name_field
from mobility.core.forms import Form


class NewAppForm(Form):
    """An app that is being set up. `sealed` holds its secret, which nothing stores before the first right code."""

    sealed = HiddenField()
    name = name_field("Call it", help="So that you recognise it later, such as “My telephone”.")
    code = StringField(
        "Code",
        description="The six digits that the app shows now.",
        validators=[InputRequired("Enter the six digits that the app shows."), Length(max=20, message="A code has six digits.")],
        render_kw={"maxlength": 20, "autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class NewPasskeyForm(Form):
    """A passkey that is being made: a script puts the browser's answer into the hidden fields."""

    name = name_field("Call it", help="So that you recognise it later, such as “My laptop” or “Blue security key”.")
    challenge = HiddenField()
    answer = HiddenField()
