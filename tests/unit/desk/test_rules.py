"""What deciding on several vouchers would do to the budget, from figures written by hand; and how the queue is grouped."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from mobility.desk.rules import NO_LINE, effect, grouped, waits

TODAY = date(2027, 3, 1)


def line(id: int, available: str) -> Any:
    return SimpleNamespace(id=id, name=f"Line {id}", available=Decimal(available))


def vouchers(*wanted: tuple[str, Any]) -> list[Any]:
    return [
        SimpleNamespace(id=number, amount=Decimal(amount), budget_line=budget)
        for number, (amount, budget) in enumerate(wanted, 1)
    ]


@pytest.mark.parametrize(
    ("available", "amounts", "fits", "first_short", "left"),
    [
        ("300.00", ["100.00", "100.00", "100.00"], [True, True, True], None, "0.00"),
        ("299.99", ["100.00", "100.00", "100.00"], [True, True, False], 2, "-0.01"),
        ("250.00", ["100.00", "200.00", "100.00", "60.00"], [True, False, True, False], 1, "-210.00"),
        ("0.00", ["1.00"], [False], 0, "-1.00"),
        ("1000.00", ["0.01"], [True], None, "999.99"),
    ],
)
def test_each_takes_what_its_line_still_has(
    available: str, amounts: list[str], fits: list[bool], first_short: int | None, left: str
) -> None:
    budget = line(1, available)
    found = effect(vouchers(*((amount, budget) for amount in amounts)), {})
    assert [row.fits for row in found.rows] == fits
    assert [index for index, row in enumerate(found.rows) if row.first_short] == ([] if first_short is None else [first_short])
    (only,) = found.lines
    assert (only.left, only.asked, only.covered) == (Decimal(left), len(amounts), sum(fits))
    assert only.needed == sum(map(Decimal, amounts))


def test_lines_are_apart_and_what_cannot_be_approved_takes_nothing() -> None:
    one, two = line(1, "100.00"), line(2, "50.00")
    found = effect(vouchers(("100.00", one), ("60.00", two), ("100.00", one), ("40.00", two), ("5.00", None)), {1: "Rejected."})
    assert [(row.hindrance, row.fits) for row in found.rows] == [
        ("Rejected.", False),
        (None, False),
        (None, True),
        (None, True),
        (NO_LINE, False),
    ]
    assert [(each.line.id, each.needed, each.granted) for each in found.lines] == [
        (1, Decimal("100.00"), Decimal("100.00")),
        (2, Decimal("100.00"), Decimal("40.00")),
    ]
    assert [row.first_short for row in found.rows] == [False, True, False, False, False]
    assert found.total == Decimal("200.00")


def test_nothing_chosen() -> None:
    found = effect([], {})
    assert (found.rows, found.lines, found.total) == ([], [], Decimal(0))


@pytest.mark.parametrize(
    ("due", "heading"),
    [
        (date(2027, 2, 28), "Late"),
        (date(2027, 3, 1), "Promised for today"),
        (date(2027, 3, 2), "Promised within a week"),
        (date(2027, 3, 8), "Promised within a week"),
        (date(2027, 3, 9), "Promised for later"),
        (None, "Without a deadline"),
    ],
)
def test_the_queue_is_grouped_by_the_promise(due: date | None, heading: str) -> None:
    assert waits(due, TODAY) == heading


def test_groups_keep_the_order() -> None:
    rows = [SimpleNamespace(id=id, due_on=due) for id, due in enumerate((date(2027, 2, 1), date(2027, 2, 28), TODAY, None))]
    assert [(heading, [row.id for row in group]) for heading, group in grouped(rows, TODAY)] == [
        ("Late", [0, 1]),
        ("Promised for today", [2]),
        ("Without a deadline", [3]),
    ]
