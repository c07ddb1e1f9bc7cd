"""The form of an erasure."""

from wtforms import HiddenField

from mobility.core.fields import address, long_text, person_name
from mobility.core.forms import Form


class EraseForm(Form):
    """By an administrator. `seen` says that nothing had been asked for."""

    seen = HiddenField()
    reason = long_text("Why, and who asked", most=1000, rows=3, help="The person reads it; it goes with the person.")


class StrangerForm(Form):
    """Of somebody without an account."""

    email = address("E-mail address", help="Of somebody who has no account here. It is looked for everywhere.")
    name = person_name("Name", required=False, help="If it is to go, too. Names that were given with the address go anyway.")
    reason = long_text("Why, and who asked", most=1000, rows=3, help="Kept without the name and the address.")
