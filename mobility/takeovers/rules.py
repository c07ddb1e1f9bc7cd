"""Which row of an answer is which take-over, and what an answer changes. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

Row = Mapping[str, Any]  # of the end questionnaire: "what", "who", "by_when" (text), "objective"


def matched(known: Mapping[str, Row], rows: Sequence[Row]) -> dict[str, Row]:
    """The rows under the keys of the take-overs they are about; a new row under a key that is free.

    `known` are the rows as they were sent before, by key ("t1"; {} of one that was added by hand). A row that says the same
    *what* is the same; of the others, those in the same place were reworded. So taking out the first of two is not mistaken
    for rewording both.
    """
    same: dict[int, str] = {}
    for place, row in enumerate(rows):
        key = next((key for key, before in known.items() if key not in same.values() and before.get("what") == row["what"]), None)
        if key:
            same[place] = key
    free = set(known) - set(same.values())
    keys: dict[int, str] = {}
    for place in range(len(rows)):
        here = f"t{place + 1}"
        keys[place] = same.get(place) or (here if here in free and known[here] else next_key([*known, *keys.values()]))
    return {keys[place]: row for place, row in enumerate(rows)}


def next_key(keys: Sequence[str]) -> str:
    """A key after all these: "t4"."""
    return f"t{max((int(key.removeprefix('t')) for key in keys), default=0) + 1}"


class Move(NamedTuple):
    """What an answer says of one take-over: its state now, and why; `seen` is what stood there when it was answered."""

    key: str
    state: str
    why: str = ""
    seen: str = ""


def is_meant(move: Move, now: str) -> bool:
    """Whether the answer is to change something: it says another state than the present one, and than it was shown."""
    return move.state not in {now, move.seen}


def collides(move: Move, now: str) -> bool:
    """It was moved on the board since the answer was begun, to something else than the answer says."""
    return is_meant(move, now) and move.seen not in {"", now}


LIKE = "such as https://example.org/prices"


def link_problem(url: str) -> str | None:
    """What is wrong with a link that others are to follow, in words about what would be right."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        parts.port  # noqa: B018 (raises if it is none)
    except ValueError:
        return f"Enter a whole address, {LIKE}."
    if parts.scheme not in {"http", "https"}:
        return f"Enter an address that begins with https:// or http://, {LIKE}."
    if "." not in host.strip(".") or any(each.isspace() or not each.isprintable() for each in url):
        return f"Enter a whole address without spaces, {LIKE}."
    if parts.username is not None or "@" in parts.netloc:
        return "Take the user name out of the address: everybody who sees this take-over can read it."
    return None
