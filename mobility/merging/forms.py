"""The forms of merging and closing: a reason, and what was on the page."""

from wtforms import BooleanField, HiddenField

from mobility.core.fields import long_text
from mobility.core.forms import Form


class MergeForm(Form):
    """`seen` is what the preview showed."""

    seen = HiddenField()
    reason = long_text("Why they are the same", most=1000, rows=3, help="Kept in the audit log.")


class MergePeopleForm(MergeForm):
    keep_address = BooleanField("Keep the other address: mails, invitations and signing in with it reach the one who stays")


class CloseForm(Form):
    """`seen` is the organisation as it was on the page."""

    seen = HiddenField()
    reason = long_text("Why it is closed", most=1000, rows=3, help="Kept in the audit log.")
