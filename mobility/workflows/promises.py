"""Promises, measured (followup.md): how each one ended, and how often they are kept. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import floor

FEWEST_FOR_A_RATE = 5  # as everywhere in what everybody can read (followup.md); the counts themselves are nobody's secret


class Outcome(StrEnum):
    """How a promise ended. One that has not ended yet has none."""

    KEPT_ON_TIME = "kept_on_time"
    KEPT_LATE = "kept_late"
    MISSED = "missed"
    CALLED_OFF = "called_off"


def outcome(due_on: date, ended_on: date, *, kept: bool) -> Outcome:
    """The due day itself is in time. What ends by something else than was promised is called off in time, missed later."""
    if ended_on <= due_on:
        return Outcome.KEPT_ON_TIME if kept else Outcome.CALLED_OFF
    return Outcome.KEPT_LATE if kept else Outcome.MISSED


@dataclass(frozen=True)
class Tally:
    """How many promises were kept on time, kept late and missed, and how many are open and overdue."""

    on_time: int = 0
    late: int = 0
    missed: int = 0
    overdue: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.on_time + other.on_time, self.late + other.late, self.missed + other.missed, self.overdue + other.overdue
        )

    @property
    def n(self) -> int:
        """What counts: neither what was called off nor what still has time."""
        return self.on_time + self.late + self.missed + self.overdue

    @property
    def is_few(self) -> bool:
        """Whether a percentage would say more than is known: one of two is chance. The counts are shown instead."""
        return 0 < self.n < FEWEST_FOR_A_RATE

    @property
    def rate(self) -> Fraction | None:
        """The kept rate; None where nothing counts yet."""
        return Fraction(self.on_time, self.n) if self.n else None

    @property
    def percent(self) -> int | None:
        """The kept rate as it is shown: a whole number, rounded half up."""
        return None if self.rate is None else floor(self.rate * 100 + Fraction(1, 2))
