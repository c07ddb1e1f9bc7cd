"""The forms of publishing. `seen` is how many snapshots there were when the form was opened."""

from mobility.core.fields import long_text
from mobility.core.forms import SeenForm


class PublishForm(SeenForm):
    """Only what was seen: everything else is computed."""


class WithdrawForm(SeenForm):
    reason = long_text(
        "Why", help="It stays in the list of what was published, with this reason, for your programme only.", rows=3
    )
