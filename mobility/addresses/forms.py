"""The form of another address."""

from wtforms import HiddenField

from mobility.core.fields import address
from mobility.core.forms import Form


class AddressForm(Form):
    """`seen` is the address that was there, to notice two tabs."""

    seen = HiddenField()
    email = address("New e-mail address")
