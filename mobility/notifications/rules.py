"""What of a message others than its addressee may read: all but its links, as whoever has one may be taken for them. Pure."""

import re

NO_LINK = "[link, only for whoever the message is to]"
_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>]+", re.IGNORECASE)
_TOKEN = re.compile(r"[^\s\"'<>]*[\w-]+\.[\w-]{43}(?![\w-])[^\s\"'<>]*")  # what core/links.py signs, wherever it stands
_ATTRIBUTE = re.compile(r"""\s(?:href|src|action)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)


def without_links(text: str) -> str:
    return _TOKEN.sub(NO_LINK, _URL.sub(NO_LINK, text))


def without_targets(html: str) -> str:
    """Of the HTML part: buttons stay, and lead nowhere."""
    return without_links(_ATTRIBUTE.sub("", html))
