"""What a cell of a running exchange can mean, and what does not go together; worked out by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mobility.movingin.rules import amount_of, others_of, problems, voucher_state
from mobility.spreadsheets.cells import Wrong

TODAY = date(2027, 3, 1)


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("780", "780"),
        ("780.5", "780.50"),
        ("780,50", "780.50"),
        ("1,200.00", "1200"),
        ("1.200,00", "1200"),
        ("1 200,00", "1200"),
        ("€ 780", "780"),
        ("780 EUR", "780"),
    ],
)
def test_amounts_that_can_only_be_one(words: str, amount: str) -> None:
    assert amount_of(words, "EUR") == Decimal(amount)


@pytest.mark.parametrize(
    "words", ["1.200", "1,200", "12.345 EUR", "0", "-1", "780.001", "12,34,56", "PLN 780", "much", "1e3", "٧٨٠"]
)
def test_amounts_that_are_none_or_two(words: str) -> None:
    with pytest.raises(Wrong):
        amount_of(words, "EUR")


def test_who_travels_with_the_guest() -> None:
    assert others_of("Jan Novak <JAN@example.org>; Bo Li") == [("Jan Novak", "jan@example.org"), ("Bo Li", "")]
    assert others_of("") == others_of(" ; ") == []


@pytest.mark.parametrize(
    "words", ["A B; C D; E F", "jan@example.org", "<jan@example.org>", "Jan <jan>", "Jan Novak <jan@example.org"]
)
def test_who_cannot_be_told(words: str) -> None:
    with pytest.raises(Wrong):
        others_of(words)


@pytest.mark.parametrize(
    ("state", "voucher", "arrives"),
    [
        ("agreed", "issued", "issued"),
        ("completed", "issued", "delivered"),
        ("completed", "none", ""),
        ("completed", "paid", "paid"),
    ],
)
def test_in_which_state_a_voucher_arrives(state: str, voucher: str, arrives: str) -> None:
    assert voucher_state(state, voucher) == arrives


GRANTED = {"voucher": "issued", "granted_on": date(2027, 2, 1)}


@pytest.mark.parametrize(
    ("facts", "cells"),
    [
        ({"state": "agreed", "first_day": date(2027, 3, 2), "last_day": date(2027, 3, 2), **GRANTED}, []),
        ({"state": "agreed", "first_day": TODAY, "last_day": TODAY, **GRANTED}, ["state"]),
        ({"state": "in_progress", "first_day": TODAY, "last_day": TODAY, **GRANTED}, []),
        ({"state": "completed", "first_day": TODAY, "last_day": TODAY, **GRANTED}, []),
        ({"state": "completed", "first_day": TODAY, "last_day": date(2027, 3, 2), **GRANTED}, ["state"]),
        ({"state": "in_progress", "voucher": "approved", "granted_on": TODAY}, ["voucher"]),
        ({"state": "completed", "voucher": "paid", "granted_on": TODAY}, ["paid_on", "payment"]),
        ({"state": "agreed", "voucher": "issued"}, ["granted_on"]),
        ({}, []),
    ],
)
def test_what_does_not_go_together(facts: dict[str, Any], cells: list[str]) -> None:
    assert [key for key, _ in problems(facts, TODAY)] == cells
