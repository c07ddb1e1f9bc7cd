"""What was sent in answer to a questionnaire (questionnaires/items.py) as the figures take it (facts.Sending). Pure."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from sys import intern
from typing import Any

MOST_KEPT = 8_192
"""Of 200,000 answers most are the same few: each is kept once, and never changed."""
MANAGERS = "confirmed"
"""The item in which a manager answers by take-over."""


def _word(given: Any) -> str:
    return intern(str(given))


def _whole_or_not(given: Any) -> int | Decimal:
    number = Decimal(str(given))
    return int(number) if number == number.to_integral_value() else number


def _by_line(given: Mapping[str, Any]) -> Mapping[str, str]:
    return _words_of(tuple(given.items()))


@lru_cache(MOST_KEPT)
def _words_of(given: tuple[tuple[str, Any], ...]) -> Mapping[str, str]:
    return {intern(key): _word(answer) for key, answer in given}


def _numbers(given: Mapping[str, Any]) -> Mapping[str, int | Decimal]:
    return _numbers_of(tuple(given.items()))


@lru_cache(MOST_KEPT)
def _numbers_of(given: tuple[tuple[str, Any], ...]) -> Mapping[str, int | Decimal]:
    return {intern(key): _whole_or_not(number) for key, number in given}


def _kinds(rows: list[Mapping[str, Any]]) -> list[str]:
    return _kinds_of(tuple(str(row["kind"]) for row in rows if row.get("kind")))


@lru_cache(MOST_KEPT)
def _kinds_of(kinds: tuple[str, ...]) -> list[str]:
    return [*kinds]


READERS: Mapping[str, Callable[[Any], Any]] = {
    "met": _by_line,
    "practice": _numbers,
    "benefit": _word,
    "anyway": _word,
    "hours": _whole_or_not,
    "members_served": _whole_or_not,
    "leveraged": _whole_or_not,
    "changes": _kinds,
    "joint": _numbers,
    MANAGERS: _by_line,
}
"""Item -> what its figures take of an answer. Other items carry no figure."""


def given(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that figures rest on, of all that was sent."""
    return {item: read(answers[item]) for item, read in READERS.items() if item in answers}
