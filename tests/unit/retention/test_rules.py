"""Periods in words, and what of the database ends when."""

from datetime import date

import pytest

from mobility.core.database import db
from mobility.privacy.rules import PAID_YEARS, last_day_kept
from mobility.retention.acts import ACTS
from mobility.retention.queries import DUE
from mobility.retention.rules import BY_KEY, CLASSES, ENDS, STAYS, Class, cutoff, in_words, is_stricter, reasons


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, "for ever"),
        (1, "1 day"),
        (90, "90 days"),
        (365, "1 year"),
        (366, "366 days"),
        (730, "2 years"),
        (3653, "10 years"),
        (3700, "3,700 days"),
        (36_500, "100 years"),
    ],
)
def test_a_period_in_words(days: int | None, words: str) -> None:
    assert in_words(days) == words


@pytest.mark.parametrize(
    ("before", "after", "stricter"), [(90, 30, True), (30, 90, False), (None, 90, True), (90, None, False), (90, 90, False)]
)
def test_what_is_reported_first(before: int | None, after: int | None, stricter: bool) -> None:
    assert is_stricter(before, after) is stricter


def test_the_day_before_which_something_is_over() -> None:
    assert cutoff(date(2028, 3, 1), 1) == date(2028, 2, 29)
    assert cutoff(date(2027, 3, 1), 365) == date(2026, 3, 1)


def test_every_table_is_decided_on() -> None:
    """Whoever adds one says in retention/rules.py how long what it holds is kept, or why for ever."""
    tables = set(db.metadata.tables)
    assert set(ENDS) | set(STAYS) == tables
    assert not set(ENDS) & set(STAYS)
    listed = [name for some in reasons().values() for name in some]
    assert len(listed) == len(set(listed)) == len(STAYS)


def test_every_class_is_found_and_acted_on() -> None:
    assert set(DUE) == set(ACTS) == set(BY_KEY)
    assert {key for keys in ENDS.values() for key in keys} == set(BY_KEY)
    assert len(BY_KEY) == len(CLASSES)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda each: each.key)
def test_no_period_begins_below_its_least(kind: Class) -> None:
    assert 0 < kind.least <= kind.days


def test_evidence_is_kept_as_long_as_records_of_money() -> None:
    """Of what was paid on 3 May 2027 nothing goes before 2038."""
    assert last_day_kept(date(2027, 5, 3)) == date(2027 + PAID_YEARS, 12, 31)
    least = BY_KEY["evidence"].least
    assert cutoff(date(2037, 12, 31), least) == date(2027, 12, 31)  # what was paid before 2027 is over, and nothing of that year
    assert cutoff(date(2038, 1, 1), least) == date(2028, 1, 1)
