"""The rules of themes and hosting windows; pure. Each refusal is in words the person can act on (P3, workflows.md)."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from mobility.core.errors import Problem
from mobility.people.topics import too_many

MOST_PLACES = 50
LONGEST_STAY = 90


class Window(NamedTuple):
    """Days within which a host can receive, both included; one applies until `apply_by`."""

    first_day: date
    last_day: date
    apply_by: date


def days_of_stay(first_day: date, last_day: date) -> int:
    """The number of days, both the first and the last counted (money.md)."""
    return (last_day - first_day).days + 1


def days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def window_problem(window: Window, minimum_days: int, today: date, *, known: bool = False) -> Problem | None:
    """Days in order, in the future, long enough, and applications end before the first day.

    `known`: the window stood there before, so its days may have passed since.
    """
    if window.last_day < window.first_day:
        return Problem("last_day", "The last day is before the first day.")
    if window.apply_by >= window.first_day:
        return Problem("apply_by", "Applications must end before the first day, so that there is time to prepare.")
    if days_of_stay(window.first_day, window.last_day) < minimum_days:
        return Problem("last_day", f"The window is shorter than a stay: guests stay at least {days(minimum_days)}.")
    if known:
        return None
    if window.first_day <= today:
        return Problem("first_day", "The first day has passed; choose one in the future.")
    if window.apply_by < today:
        return Problem("apply_by", "This deadline has passed; choose today or a later day.")
    return None


def days_problem(minimum: int, maximum: int, programme: Any) -> Problem | None:
    """The length of a stay lies within the programme's limits (P3: a couple of days to two weeks)."""
    if minimum > maximum:
        return Problem("maximum_days", "The longest stay is shorter than the shortest.")
    limits = f"{programme.name} pays for {programme.minimum_days} to {programme.maximum_days} days."
    if minimum < programme.minimum_days:
        return Problem("minimum_days", limits)
    if maximum > programme.maximum_days:
        return Problem("maximum_days", limits)
    return None


def topics_problem(topics: Sequence[str]) -> Problem | None:
    """A theme that is about everything is found by nobody (matching.md: at most five)."""
    return Problem("topics", why) if (why := too_many(topics)) else None


def window_of(windows: Iterable[Any], first_day: date, last_day: date) -> Any | None:
    """The window into which a stay fits, if there is one."""
    return next((each for each in windows if each.first_day <= first_day and last_day <= each.last_day), None)


def stay_problem(theme: Any, first_day: date, last_day: date, today: date | None = None) -> Problem | None:
    """Whether a preferred or offered stay fits: days in order, minimum and maximum, inside a window.

    With `today`, the window's application deadline must not have passed either (for those who apply).
    """
    if last_day < first_day:
        return Problem("last_day", "The last day is before the first day.")
    length = days_of_stay(first_day, last_day)
    if length < theme.minimum_days:
        return Problem("last_day", f"You chose {days(length)}; a stay here has at least {days(theme.minimum_days)}.")
    if length > theme.maximum_days:
        return Problem("last_day", f"You chose {days(length)}; a stay here has at most {days(theme.maximum_days)}.")
    windows = [each for each in theme.windows if today is None or each.apply_by >= today]
    if window_of(windows, first_day, last_day):
        return None
    if window_of(theme.windows, first_day, last_day):
        return Problem("first_day", "The application deadline for these days has passed; choose another window.")
    return Problem("first_day", "These days are outside the hosting windows; choose days inside one of them.")


def unsupported_stays(windows: Sequence[Any], stays: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """The agreed stays (first and last day) that would no longer lie inside any window."""
    return [stay for stay in stays if window_of(windows, *stay) is None]


def facet(kind: str, value: str) -> str:
    """One facet with the spaces around it, so that a search for it finds nothing longer."""
    return f" {kind}:{value} "


def facets_of(levels: Iterable[str], sectors: Iterable[str], topics: Iterable[str], languages: Iterable[str]) -> str:
    """All facets of a theme in one text, each between spaces."""
    named = (("level", levels), ("sector", sectors), ("topic", topics), ("language", languages))
    found = [f"{kind}:{value}" for kind, values in named for value in values]
    return f" {' '.join(found)} " if found else ""
