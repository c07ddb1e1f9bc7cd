"""Browsers: what they are called in plain words, and which of them somebody has signed in with before.

A browser that has is known by a signed cookie. Its tries are counted by themselves, so that nobody is locked out by strangers.
"""

from hashlib import sha256
from secrets import token_urlsafe
from typing import NamedTuple

from flask import Flask, Response, current_app, g, request
from itsdangerous import BadSignature

from mobility.core.links import signer

COOKIE = "mobility_known"  # with __Host- before it on https: no other host of the domain can set it
MOST_PEOPLE = 5  # of one browser
LASTS = 400 * 24 * 60 * 60  # seconds; browsers keep nothing longer
BROWSERS = (  # in this order, as most claim to be others, too
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
    ("Chromium", "Chromium"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "an iPhone"), ("iPad", "an iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "a Chromebook"),
    ("Macintosh", "a Mac"), ("Linux", "Linux"),
)  # fmt: skip


class Known(NamedTuple):
    """A browser's own random name, and those who have signed in with it, each as a hash made with that name."""

    name: str
    people: list[str]

    def knows(self, email: str) -> bool:
        return self._hashed(email) in self.people

    def and_now(self, email: str) -> "Known":
        """With this person as the newest."""
        hashed = self._hashed(email)
        return Known(self.name, [*(each for each in self.people if each != hashed), hashed][-MOST_PEOPLE:])

    def _hashed(self, email: str) -> str:
        return sha256(f"{self.name} {email}".encode("utf-8", "surrogatepass")).hexdigest()[:24]


def init_app(app: Flask) -> None:
    app.after_request(_remember)


def in_words(user_agent: str) -> str:
    """Firefox on Windows. Browsers say what they like, so no more than that."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "A browser")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser


def key_of(email: str) -> str | None:
    """Under which the tries of this browser as this person are counted; nothing if they have not signed in with it before."""
    known = _known()
    return f"{known.name} {email}" if known.knows(email) else None


def remember(email: str) -> None:
    """From this answer on the browser is known as one of this person's."""
    g.known_browser = (g.get("known_browser") or _known()).and_now(email)


def _known() -> Known:
    try:
        name, people = signer("known browser").loads(request.cookies.get(_cookie(), ""))
    except (BadSignature, TypeError, ValueError):
        return Known(token_urlsafe(12), [])
    return Known(str(name), [str(each) for each in people])


def _remember(response: Response) -> Response:
    if known := g.pop("known_browser", None):
        secure = _is_secure()
        value = signer("known browser").dumps(known)
        response.set_cookie(_cookie(), value, max_age=LASTS, secure=secure, httponly=True, samesite="Lax")
    return response


def _is_secure() -> bool:
    """As the session's cookie: by the settings, whatever a proxy says of this request."""
    return bool(current_app.config.get("SESSION_COOKIE_SECURE"))


def _cookie() -> str:
    return f"__Host-{COOKIE}" if _is_secure() else COOKIE
