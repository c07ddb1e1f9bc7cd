"""What is a good password, and how long things last. Pure."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from unicodedata import normalize

from text_unidecode import unidecode
from zxcvbn import zxcvbn

SHORTEST, LONGEST = 12, 200
INVITATION_LASTS = timedelta(days=14)
RESET_LASTS = timedelta(hours=2)

JUDGED = 48  # characters; with more of them, and many that could stand for letters, zxcvbn would take seconds
GOOD_SCORE = 3  # of 4: more than a hundred million guesses, by the reckoning of zxcvbn
FEWEST_CHARACTERS = 5  # different ones
OF_THIS_PRODUCT = ("mobility", "voucher", "vouchers", "exchange", "exchanges", "staff", "cluster", "programme")


def password_problem(password: str, *, email: str, name: str, places: Iterable[str] = ()) -> str | None:
    """Why a password cannot be used, in words that say what would be right; nothing if it can.

    `places`: the organisations and programmes of whoever it is for, whose names are guessed early.
    """
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. Three or four words in a row are easy to remember."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    personal, plain = _personal(email, name), password.casefold()
    if any(part in plain for part in personal):
        return "Leave your name and your address out of it: they are the first thing somebody would try."
    words = [word for place in places for word in _ways_to_type(place)]
    judged = zxcvbn(normalize("NFKC", password)[:JUDGED], user_inputs=[*personal, *words, *OF_THIS_PRODUCT])
    if judged["score"] < GOOD_SCORE or len(set(plain)) < FEWEST_CHARACTERS:
        why = judged["feedback"]["warning"] or "This would soon be guessed."
        return f"{why} Think of three or four unrelated words."
    return None


def hidden_address(email: str) -> str:
    """a…@example.org: enough for its owner to recognise it."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}…@{domain}"


def _ways_to_type(place: str) -> Iterator[str]:
    """A name whole, without its spaces, and word by word; also without its accents."""
    for name in {place, unidecode(place)}:
        yield from (name, "".join(name.split()), *name.split())


def _personal(email: str, name: str) -> set[str]:
    local = email.casefold().partition("@")[0]
    parts = {email.casefold(), local, *local.replace("-", ".").replace("_", ".").split("."), *name.casefold().split()}
    return {part for part in parts if len(part) > 3}
