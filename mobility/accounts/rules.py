"""What is a good password, and how long things last. Pure."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any
from unicodedata import normalize

from text_unidecode import unidecode
from zxcvbn import zxcvbn

from mobility.people.roles import Role

SHORTEST, LONGEST = 12, 200
INVITATION_LASTS = timedelta(days=14)
RESET_LASTS = timedelta(hours=2)
SIGN_IN_LASTS = timedelta(days=7)
IDLE, IDLE_WITH_MONEY = timedelta(hours=12), timedelta(minutes=60)
HALF_WAY = timedelta(minutes=15)  # between the password and the second factor
SEEN_EVERY = timedelta(minutes=5)
PROOF_LASTS = timedelta(minutes=10)
FACTOR_GRACE = timedelta(days=14)  # to find a telephone, and somebody who explains

WITH_MONEY = (Role.OWNER, Role.FINANCE_OFFICER)

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
    words = [*OF_THIS_PRODUCT, *(word for place in places for word in _ways_to_type(place))]
    judged = zxcvbn(normalize("NFKC", password)[:JUDGED], user_inputs=[*personal, *words])
    if judged["score"] < GOOD_SCORE or len(set(plain)) < FEWEST_CHARACTERS or _only_of(words, plain):
        why = judged["feedback"]["warning"] or "This would soon be guessed."
        return f"{why} Think of three or four unrelated words."
    return None


def hidden_address(email: str) -> str:
    """a…@example.org: enough for its owner to recognise it."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}…@{domain}"


def idle_limit(user: Any) -> timedelta:
    """How long a browser stays signed in that nobody uses: an hour where money is decided, or accounts are administered."""
    return IDLE_WITH_MONEY if user.is_administrator or user.programme_ids(*WITH_MONEY) else IDLE


def asks_for_factor(setting: str, role: str) -> bool:
    """Whether a programme asks whoever has this role in it for a second factor (`SecondFactor` in programmes/models.py)."""
    return setting == "team" or (setting == "money" and role in WITH_MONEY)


def network_of(address: str) -> str:
    """Whose tries are counted together. Of IPv6 one subscriber has at least 2^64 addresses, so their network stands for them."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


def _only_of(words: Iterable[str], plain: str) -> bool:
    """Whether, without these words, hardly a letter is left: Mobility-2027-Voucher."""
    rest = plain
    for word in sorted({each.casefold() for each in words if len(each) > 3}, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != plain and sum(map(str.isalpha, rest)) < FEWEST_CHARACTERS


def _ways_to_type(place: str) -> Iterator[str]:
    """A name whole, without its spaces, and word by word; also without its accents."""
    for name in {place, unidecode(place)}:
        yield from (name, "".join(name.split()), *name.split())


def _personal(email: str, name: str) -> set[str]:
    local = email.casefold().partition("@")[0]
    parts = {email.casefold(), local, *local.replace("-", ".").replace("_", ".").split("."), *name.casefold().split()}
    return {part for part in parts if len(part) > 3}
