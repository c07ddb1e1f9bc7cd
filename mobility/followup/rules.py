"""When something is asked, of whom, and about which lines. Pure."""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

MOST_LINES = 5
_BULLET = re.compile(r"^\s*(?:[-–—*•·]|\d{1,2}[.)])\s+")


def add_months(day: date, months: int) -> date:
    """So many months later; on the month's last day at the latest: 31 August and 6 months is 29 February 2028."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def ask_on(event: date, days: int, months: int) -> date:
    """The day on which a round is asked."""
    return add_months(event, months) + timedelta(days=days)


def answer_by(today: date, days: int) -> date:
    """The last day to answer what is asked today: whoever is asked late has all the time, too."""
    return today + timedelta(days=days)


def lines_of(text: str) -> list[str]:
    """The objectives in a text: its lines, without bullets and numbers. What is beyond the fifth stays with the fifth."""
    found = [line for each in text.splitlines() if (line := _BULLET.sub("", each).strip())]
    rest = found[MOST_LINES - 1 :]
    return [*found[: MOST_LINES - 1], " ".join(rest)] if rest else found


def objectives(text: str) -> dict[str, str]:
    """The same by their keys: "o1", "o2"."""
    return {f"o{number}": line for number, line in enumerate(lines_of(text), 1)}


def take_overs(answers: Mapping[str, Any]) -> dict[str, str]:
    """What was taken home, by the end questionnaire's answers: "t1", "t2"."""
    rows = answers.get("take_overs") or []
    return {f"t{number}": row["what"] for number, row in enumerate(rows, 1) if row.get("what")}


def how_ends_came(ends: Iterable[tuple[str, str]]) -> str:
    """What the history says of a closed exchange: (title, state) of each end questionnaire."""
    return " ".join(f"“{title}”: {state.lower()}." for title, state in ends) or "Nobody was asked how it was."


class Asked(NamedTuple):
    """Somebody to ask: with an account (`person`), or known by name and address. `place`: models.QuestionnaireRequest."""

    organisation_id: int
    name: str
    email: str
    person: Any = None
    place: int = 0


@dataclass(frozen=True)
class Correspondent:
    """Who answers by a personal link and has no account: plays the part of whoever was asked, and no other."""

    name: str
    id: None = None

    def roles_in(self, organisation_id: int | None) -> set[str]:
        return set()

    def roles_in_programme(self, programme_id: int | None) -> set[str]:
        return set()


def delegates_to_ask(delegates: Iterable[Any], places: Sequence[int], guest_email: str) -> list[Any]:
    """Those at these places who have an address, but for the applicant, who is asked more; each address once."""
    known = {guest_email.strip().lower(), ""}
    found = []
    for each in delegates:
        address = (each.email or "").strip().lower()
        if each.position in places and address not in known:
            known.add(address)
            found.append(each)
    return found


def longest(months: int, days: int) -> timedelta:
    """At most so long from the event to the day of asking."""
    return timedelta(days=31 * months + days)


def shortest(months: int, days: int) -> timedelta:
    """At least so long."""
    return timedelta(days=max(30 * months - 2, 0) + days)
