"""Who is proposed to whom, and what a mentoring needs to be written down. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from mobility.core.names import searchable
from mobility.core.wording import format_day
from mobility.followup.rules import add_months
from mobility.themes.rules import facet

REST_MONTHS = 3  # so long nobody is asked again
MOST_UNANSWERED = 3  # questions of one person that wait for an answer
POINTS = 3
MOST_DAYS_AHEAD = 366
OUTCOMES = {"done": "Done", "partly": "Partly", "not": "Not done"}


# Proposals for a review


class Region(NamedTuple):
    """Where an organisation is: country, and the code of its region as far as it is known ("")."""

    country: str
    code: str


@dataclass(frozen=True)
class Candidate:
    """A reviewer with a topic of the case, and no part in it: `asked_on` is when they were last asked for anything."""

    id: int
    name: str
    region: Region
    not_before: date | None
    asked_on: date | None


def another_region(one: Region, other: Region) -> bool:
    """In another country, or in another known region of the same one: of an unknown one nobody can say that it is another."""
    if one.country != other.country:
        return True
    return bool(one.code and other.code and one.code != other.code)


def look_back_problem(look_back_on: date, today: date) -> str | None:
    latest = today + timedelta(days=MOST_DAYS_AHEAD)
    return None if today < look_back_on <= latest else f"Choose a day after today, until {format_day(latest)} at the latest."


def has_rested(asked_on: date | None, today: date) -> bool:
    """Not asked in the last three months: they are counted from the day of asking, and end with a shorter month."""
    return asked_on is None or add_months(asked_on, REST_MONTHS) <= today


def may_be_asked(not_before: date | None, asked_on: date | None, today: date) -> bool:
    """Neither pausing nor asked lately: of anybody, in the list of experts or not."""
    return (not_before is None or not_before <= today) and has_rested(asked_on, today)


def proposed(candidates: Iterable[Candidate], regions: Collection[Region], today: date, limit: int) -> list[Candidate]:
    """Whom to ask, the fairest first: who was never asked, then who was asked longest ago, then by name."""
    suitable = (
        each
        for each in candidates
        if may_be_asked(each.not_before, each.asked_on, today) and _comes_from_elsewhere(each, regions)
    )
    return sorted(suitable, key=_fairness)[:limit]


def _comes_from_elsewhere(candidate: Candidate, regions: Collection[Region]) -> bool:
    return all(another_region(candidate.region, each) for each in regions)


def _fairness(candidate: Candidate) -> tuple[Any, ...]:
    return candidate.asked_on or date.min, searchable(candidate.name), candidate.id


# Searching


def facets_of(topics: Iterable[str], sectors: Iterable[str], languages: Iterable[str]) -> str:
    """All that an expert can be found by, in one text, each between spaces of its own."""
    named = (("topic", topics), ("sector", sectors), ("language", languages))
    return "".join(facet(kind, value) for kind, values in named for value in values)


# The steps of a mentoring

STEPS = ("asked", "accepted", "talked", "agreed", "looked_back", "ended")
LABELS = ("Question", "Answer", "First talk", "Three points", "Looking back", "End")


@dataclass(frozen=True)
class Step:
    """One step as the line of steps shows it (templates/macros/journey.html)."""

    label: str
    status: str
    when: date | None = None
    who: str = ""
    until: date | None = None
    today: date | None = None
    url: None = None


def days_of(mentoring: Any) -> Mapping[str, date | None]:
    """The days on which its steps were done."""
    names = ("asked", "accepted", "talked", "looked_back")
    return {name: getattr(mentoring, f"{name}_on") for name in names}


def steps_of(mentoring: Any, *, mine: bool, today: date) -> Sequence[Step]:
    """What is done and when, who must act next and by when; where it stopped."""
    days = days_of(mentoring)
    over = mentoring.workflow.state(mentoring.state).kind == "stopped"
    reached = _reached(mentoring) if over else STEPS.index(mentoring.state)
    steps = []
    for number, (name, label) in enumerate(zip(STEPS, LABELS, strict=True)):
        if number <= reached:
            steps.append(Step(label, "done", days.get(name)))
        elif number == reached + 1:
            steps.append(_next(mentoring, label, over=over, mine=mine, today=today))
        else:
            steps.append(Step(label, "ahead"))
    return steps


def _reached(mentoring: Any) -> int:
    """The last step that was done before it stopped."""
    if mentoring.looked_back_on:
        return STEPS.index("looked_back")
    if mentoring.points:
        return STEPS.index("agreed")
    return max(STEPS.index(name) for name, day in days_of(mentoring).items() if day)


def _next(mentoring: Any, label: str, *, over: bool, mine: bool, today: date) -> Step:
    if over:
        return Step(label, "stopped")
    who = mentoring.mentor.name if mentoring.state == "asked" else "the two of them"
    return Step(label, "mine" if mine else "theirs", who=who, until=mentoring.due_on or mentoring.ends_on, today=today)
