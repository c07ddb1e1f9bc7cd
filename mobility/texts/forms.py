"""The form of a public text."""

from mobility.core.fields import long_text
from mobility.core.forms import SeenForm
from mobility.texts.rules import MOST


class TextForm(SeenForm):
    """One page, in Markdown."""

    body = long_text("Text", required=False, most=MOST, rows=18)
