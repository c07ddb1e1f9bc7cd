"""What a request may ask for by a card, and the words for it."""

from decimal import Decimal
from typing import Any

import pytest

from mobility.asking.rules import Asked, asked_problem, confirmation, most_travel_days
from tests.support.cards import card_of


def days(**settings: Any) -> Any:
    return card_of(daily={"amounts": {"A": "180.00"}, "other_group": "A", **settings})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"travel_days": 2}, "At most 2."),
        ({"travel_days": 2, "travel_days_green": 6}, "At most 2; at most 6 by train, bus or shared car."),
        ({"travel_days": 2, "travel_days_green": 1}, "At most 2."),
        ({"travel_days_green": 4}, "None, but at most 4 by train, bus or shared car."),
        ({}, "At most 0."),
    ],
)
def test_how_many_days_of_travel_there_are(settings: dict[str, int], words: str) -> None:
    assert most_travel_days(days(**settings)) == words


@pytest.mark.parametrize(
    ("green", "asked", "fits"), [(False, 2, True), (False, 3, False), (True, 6, True), (True, 7, False), (False, -1, False)]
)
def test_no_more_can_be_asked_for(green: bool, asked: int, fits: bool) -> None:
    problem = asked_problem(Asked(green=green, travel_days=asked), days(travel_days=2, travel_days_green=6))
    assert (problem is None) == fits
    assert fits or (problem and problem.field) == "travel_days"


@pytest.mark.parametrize("costs", [{}, {"fee": Decimal(1)}])
def test_each_real_cost_is_stated(costs: dict[str, Decimal]) -> None:
    card = card_of(real_costs=[{"key": "visa", "label": "Visa", "share": "0.8"}, {"key": "fee", "label": "Fee", "share": "1"}])
    problem = asked_problem(Asked(costs=costs), card)
    assert problem
    assert (problem.field, problem.message) == ("costs", "Visa: enter what you expect to pay, or 0.")
    assert asked_problem(Asked(costs={"visa": Decimal(0), "fee": Decimal(1)}), card) is None


@pytest.mark.parametrize(
    ("left_out", "words"),
    [
        (0, "All that was declared is confirmed."),
        (1, "1 declared condition is not confirmed: €500.00 instead of €650.00."),
        (2, "2 declared conditions are not confirmed: €500.00 instead of €650.00."),
    ],
)
def test_what_the_history_says_of_it(left_out: int, words: str) -> None:
    assert confirmation(Decimal(650), Decimal(500), left_out) == words
