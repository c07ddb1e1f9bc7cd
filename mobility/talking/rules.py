"""How much one may write, and how a text is shown. Pure."""

import re
from collections.abc import Iterator
from itertools import islice

from markupsafe import Markup, escape

LONGEST = 10_000  # characters of a message
MOST_AN_HOUR = 60  # messages of one person
MOST_QUESTIONS_A_DAY = 10  # to hosts, before applying
MOST_LINKS = 100  # in one message; further ones stay text

# A link begins with http:// or https:// and ends before what closes a sentence or a bracket. Nothing else becomes one.
_LINK = re.compile(r"\bhttps?://[^\s<>\"'`\u2028\u2029\u202a-\u202e\u2066-\u2069]{1,2000}", re.IGNORECASE)
_NAMES_SOMEBODY = re.compile(r"[^/]+//[^/?#\\]*@")  # https://europa.eu@evil.example leads to the latter
_AFTER = ".,;:!?)]}…»”’*_"


def linked(text: str) -> Markup:
    """A message's text as HTML: all escaped, and the addresses of pages made links that give away nothing."""
    return Markup("").join(_pieces(text))


def _pieces(text: str) -> Iterator[Markup]:
    at = 0
    for found in islice(_LINK.finditer(text), MOST_LINKS):
        address = found[0].rstrip(_AFTER)
        if not address.partition("://")[2] or _NAMES_SOMEBODY.match(address):
            continue
        yield escape(text[at : found.start()])
        yield Markup('<a href="{0}" rel="nofollow noopener noreferrer ugc">{0}</a>').format(address)
        at = found.start() + len(address)
    yield escape(text[at:])
