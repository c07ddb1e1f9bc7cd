"""When something is asked, of whom, and about which lines. Pure."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from mobility.questionnaires.items import PER_KEY_FIGURE, SEEN, WHY, Item
from mobility.questionnaires.standard import STATES_ITEM as STATES
from mobility.takeovers.rules import Move


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


def moves(answers: Mapping[str, Any]) -> list[Move]:
    """What the guest says of the take-overs, by the answers after 3, 6 or 12 months."""
    said = answers.get(STATES) or {}
    keys = [key for key in said if not key.endswith((WHY, SEEN))]
    return [Move(key, said[key], said.get(f"{key}{WHY}", ""), said.get(f"{key}{SEEN}", "")) for key in keys]


def as_on_the_board(answers: Mapping[str, Any], states: Mapping[str, str]) -> dict[str, Any]:
    """The answers to show: each take-over in its present state, unless somebody has chosen another than they were shown."""
    said = dict(answers.get(STATES) or {})
    for key, now in states.items():
        if key not in said or said[key] == said.get(f"{key}{SEEN}", said[key]):
            said[key] = now
        said[f"{key}{SEEN}"] = now
    return {**answers, STATES: said} if states else dict(answers)


def key_figures(items: Sequence[Item], answers: Mapping[str, Any]) -> dict[str, str] | None:
    """The values that were answered, by the keys of the key figures; None if none were asked."""
    asked = [each.key for each in items if each.kind == PER_KEY_FIGURE]
    return {key: value for item in asked for key, value in answers.get(item, {}).items()} if asked else None


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
