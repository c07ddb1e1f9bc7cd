"""What of a message others than its addressee may read: all but its links, as whoever has one may be taken for them. Pure."""

import re

NO_LINK = "[link, only for whoever the message is to]"
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{0,30}://[^\s\"'<>]+", re.IGNORECASE)
_WORD = re.compile(r"[^\s\"'<>]{45,}")
_TOKEN = re.compile(r"[\w-]\.[\w-]{43}(?![\w-])")  # what core/links.py signs, wherever in a word it stands
_ATTRIBUTE = re.compile(r"""\s(?:href|src|action)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)


def without_links(text: str) -> str:
    """In a time that grows with the text alone: people write a hundred thousand letters without a space."""
    return _WORD.sub(lambda word: NO_LINK if _TOKEN.search(word[0]) else word[0], _URL.sub(NO_LINK, text))


def without_targets(html: str) -> str:
    """Of the HTML part: buttons stay, and lead nowhere."""
    return without_links(_ATTRIBUTE.sub("", html))
