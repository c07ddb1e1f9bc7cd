"""How a promise ends, and how often promises are kept: as docs/design/data/review_example.toml works it out by hand."""

import tomllib
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from mobility.workflows.promises import Tally, outcome

EXAMPLE = tomllib.loads((Path(__file__).parents[3] / "docs/design/data/review_example.toml").read_text())
DUE = date(2027, 3, 11)


@pytest.mark.parametrize(
    ("ended_on", "kept", "expected"),
    [
        (date(2027, 3, 1), True, "kept_on_time"),
        (DUE, True, "kept_on_time"),
        (date(2027, 3, 12), True, "kept_late"),
        (DUE, False, "called_off"),
        (date(2027, 3, 12), False, "missed"),
    ],
)
def test_how_a_promise_ends(ended_on: date, kept: bool, expected: str) -> None:
    assert outcome(DUE, ended_on, kept=kept) == expected


@pytest.mark.parametrize(
    "row", [row for row in EXAMPLE["record"] if "ended_on" in row], ids=lambda row: f"{row['promise']}-{row['of']}"
)
def test_each_promise_of_the_example_ends_as_it_says(row: dict[str, Any]) -> None:
    assert outcome(row["due"], row["ended_on"], kept=row["outcome"].startswith("kept")) == row["outcome"]


@pytest.mark.parametrize(
    ("tally", "rate", "percent"),
    [
        (Tally(), None, None),
        (Tally(late=1), Fraction(0), 0),
        (Tally(on_time=10, late=5), Fraction(2, 3), 67),
        (Tally(on_time=4, late=3, missed=1, overdue=1), Fraction(4, 9), 44),
        (Tally(on_time=11, late=5), Fraction(11, 16), 69),
        (Tally(on_time=1, late=7), Fraction(1, 8), 13),  # 12.5: half up, not half to even
        (Tally(on_time=48, late=3), Fraction(48, 51), 94),
        (Tally(on_time=999, overdue=1), Fraction(999, 1000), 100),
    ],
)
def test_the_kept_rate(tally: Tally, rate: Fraction | None, percent: int | None) -> None:
    assert (tally.rate, tally.percent) == (rate, percent)


def test_tallies_add_up() -> None:
    assert sum((Tally(1, 2, 3, 4), Tally(10, 20, 30, 40)), Tally()) == Tally(11, 22, 33, 44)
