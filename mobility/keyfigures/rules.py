"""The menu of key figures, how a figure is judged, and where its line runs. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from mobility.core.errors import Problem
from mobility.core.wording import format_day


class Choice(NamedTuple):
    """One of the menu: what cluster organisations and public authorities measure (P15)."""

    name: str
    unit: str


MENU: Mapping[str, Choice] = {
    "members": Choice("Members", "members"),
    "members_abroad": Choice("Members active in another country", "members"),
    "members_served": Choice("Members that used a service within a year", "members"),
    "projects_won": Choice("Projects won with others", "projects"),
    "services": Choice("Services offered", "services"),
    "service_turnover": Choice("Turnover of services within a year", "EUR"),
    "own_income": Choice("Own income, of all income", "%"),
    "quality_label": Choice("Level of the quality label", "level"),
    "partner_clusters": Choice("Clusters in other regions that we work with", "clusters"),
    "policy_instruments": Choice("Policy instruments that rest on what clusters say", "instruments"),
}


def key_of(line: int) -> str:
    """The key of a figure among the lines of a questionnaire: "k12"."""
    return f"k{line}"


def id_in(key: str) -> int | None:
    """12 of "k12"."""
    digits = key.removeprefix("k")
    return int(digits) if key.startswith("k") and digits.isascii() and digits.isdigit() else None


def label(name: str, unit: str) -> str:
    """What a field for its value is called: "Members (members)"."""
    return f"{name} ({unit})" if unit and unit.casefold() != name.casefold() else name


def way_gone(baseline: Decimal, target: Decimal | None, value: Decimal | None) -> int | None:
    """Percent of the way from baseline to target, rounded half up; below 0 it has gone the other way. None: nothing to say."""
    if target is None or value is None or target == baseline:
        return None
    return int(((value - baseline) * 100 / (target - baseline)).quantize(Decimal(1), ROUND_HALF_UP))


# The line


class Dot(NamedTuple):
    """A point of the drawing, in its units: x to the right, y down."""

    x: float
    y: float
    on: date
    value: Decimal


class Line(NamedTuple):
    """`wanted` leads from the baseline to the target, if there is one; `measured` from the baseline through the values."""

    wanted: Sequence[Dot]
    measured: Sequence[Dot]

    @staticmethod
    def path(dots: Sequence[Dot]) -> str:
        return " ".join(f"{dot.x:.1f},{dot.y:.1f}" for dot in dots)


WIDTH, HEIGHT, MARGIN = 640, 200, 16


def line_of(figure: Any) -> Line:
    """Of a `KeyFigure`, in a drawing of WIDTH by HEIGHT units."""
    start = (figure.baseline_on, figure.baseline)
    wanted = [start] + ([(figure.target_on, figure.target)] if figure.target is not None else [])
    measured = sorted([start, *((each.on, each.value) for each in figure.measured)])
    days = [day.toordinal() for day, _ in [*wanted, *measured]]
    values = [value for _, value in [*wanted, *measured]]

    def dot(point: tuple[date, Decimal]) -> Dot:
        x = _between(point[0].toordinal(), min(days), max(days), WIDTH)
        y = HEIGHT - _between(point[1], min(values), max(values), HEIGHT)
        return Dot(x, y, *point)

    return Line([dot(each) for each in wanted], [dot(each) for each in measured])


def _between(value: Any, low: Any, high: Any, room: int) -> float:
    """Where it lies between two edges, with a margin; in the middle if both are the same."""
    if low == high:
        return room / 2
    return MARGIN + float((value - low) / (high - low)) * (room - 2 * MARGIN)


def target_problems(target: Decimal | None, target_on: date | None, baseline_on: date) -> Iterator[Problem]:
    """A target is a figure and a day, both or neither; the day comes after that of the baseline."""
    if target is None and target_on is not None:
        yield Problem("target", "Enter the target for that day, or leave out both.")
    if target is not None and target_on is None:
        yield Problem("target_on", "Choose the day by which you want to be there.")
    if target_on is not None and target_on <= baseline_on:
        yield Problem("target_on", f"Choose a day after that of the baseline, {format_day(baseline_on)}.")
