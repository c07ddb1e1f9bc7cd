"""Those of the demonstration who agree to be asked, and their mentorings: one that runs, one to be answered."""

from typing import Any

from mobility.demo.cast import Cast, read
from mobility.demo.stories import Story
from mobility.experts import operations, queries
from mobility.experts.models import Mentoring
from mobility.people.models import User

AGREEING_DAY, ASKING_DAY, NEWEST_DAY = -90, -60, -2
POINTS = (
    "A price list for our three services, shown to the board",
    "Two member firms that pay for one of them",
    "Fees by number of employees, worked out for all members",
)


def experts(cast: Cast) -> Story:
    """They agree; Ana Zupan is mentored by Marta Nogueira, and Helena Prata has just asked Theresa Moser."""
    yield AGREEING_DAY
    for entry in read("expert"):
        _agree(cast, entry)
    yield ASKING_DAY
    mentee, mentor = _somebody(cast, "Ana Zupan"), _somebody(cast, "Marta Nogueira")
    words = (
        "Our grant ends next year. I want to turn three services into something members pay for, and do not know where to begin."
    )
    mentoring = _ask(mentee, mentor, words)
    yield ASKING_DAY + 3
    operations.accept(mentoring, by=mentor, note="Gladly. Send me your list of services before we talk.")
    yield ASKING_DAY + 8
    operations.record_talk(mentoring, by=mentee, held_on=cast.day(ASKING_DAY + 7))
    yield ASKING_DAY + 10
    operations.agree_points(mentoring, by=mentor, points=POINTS, look_back_on=cast.day(6))
    yield NEWEST_DAY
    words = "We write the rules for shared test sites in our region, and would like to learn from contracts that work."
    _ask(_somebody(cast, "Helena Prata"), _somebody(cast, "Theresa Moser"), words)


def _agree(cast: Cast, entry: dict[str, Any]) -> None:
    pause = cast.day(entry["pauses"]) if "pauses" in entry else None
    operations.agree(
        _somebody(cast, entry["name"]),
        seen="",
        organisation=cast.organisations[entry["organisation"]],
        as_mentor="mentor" in entry["as"],
        as_reviewer="reviewer" in entry["as"],
        not_before=pause,
        **{name: entry[name] for name in ("topics", "sectors", "languages", "about")},
    )


def _ask(mentee: User, mentor: User, words: str) -> Mentoring:
    expert = queries.of_person(mentor.id)
    assert expert  # noqa: S101 (for the type)
    [home, *_] = queries.organisations_of(mentee)
    programme = queries.programmes_for([home])[0]
    return operations.ask(expert, by=mentee, organisation=home, programme=programme, what_for=words)


def _somebody(cast: Cast, name: str) -> User:
    return next(person for people in cast.offices.values() for person in people if person.name == name)
