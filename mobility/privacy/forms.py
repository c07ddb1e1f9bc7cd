"""The form of an erasure."""

from wtforms import HiddenField

from mobility.core.fields import long_text
from mobility.core.forms import Form


class EraseForm(Form):
    """By an administrator. `seen` says that nothing had been asked for."""

    seen = HiddenField()
    reason = long_text("Why, and who asked", most=1000, rows=3, help="The person reads it; it goes with the person.")
