"""How far a key figure has come, where its line runs, and how its numbers are typed: worked out by hand."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from mobility.core.numbers import decimal_number, plain_number
from mobility.keyfigures.rules import HEIGHT, MARGIN, WIDTH, id_in, key_of, label, line_of, way_gone


@pytest.mark.parametrize(
    ("baseline", "target", "value", "percent"),
    [
        ("10", "20", "15", 50),
        ("10", "20", "10", 0),
        ("10", "20", "25", 150),
        ("10", "20", "8", -20),
        ("40", "30", "35", 50),  # less is better
        ("0", "3", "1", 33),
        ("0", "200", "1", 1),  # a half is rounded up
        ("10", "10", "12", None),  # there is no way
        ("10", None, "12", None),
        ("10", "20", None, None),
    ],
)
def test_the_way_gone(baseline: str, target: str | None, value: str | None, percent: int | None) -> None:
    target_, value_ = (Decimal(each) if each else None for each in (target, value))
    assert way_gone(Decimal(baseline), target_, value_) == percent


def figure(target: str | None = "20", *values: tuple[date, str]) -> SimpleNamespace:
    """From 10 on 1 January 2027 to the target on 1 January 2029."""
    measured = [SimpleNamespace(on=on, value=Decimal(value)) for on, value in values]
    goal = (Decimal(target), date(2029, 1, 1)) if target else (None, None)
    return SimpleNamespace(
        baseline=Decimal(10), baseline_on=date(2027, 1, 1), target=goal[0], target_on=goal[1], measured=measured
    )


def test_the_line_runs_from_corner_to_corner() -> None:
    line = line_of(figure("20", (date(2028, 1, 1), "15")))
    assert [(dot.x, dot.y) for dot in line.wanted] == [(MARGIN, HEIGHT - MARGIN), (WIDTH - MARGIN, MARGIN)]
    start, half = line.measured
    assert (start.x, start.y) == (MARGIN, HEIGHT - MARGIN)
    assert half.x == pytest.approx(MARGIN + 365 / 731 * (WIDTH - 2 * MARGIN))
    assert half.y == pytest.approx(HEIGHT / 2)


def test_a_line_with_nothing_to_compare_is_in_the_middle() -> None:
    [only] = line_of(figure(None)).measured
    assert (only.x, only.y) == (WIDTH / 2, HEIGHT / 2)


def test_a_value_from_before_the_baseline_stands_left_of_it() -> None:
    line = line_of(figure("20", (date(2026, 1, 1), "12")))
    assert [dot.on for dot in line.measured] == [date(2026, 1, 1), date(2027, 1, 1)]
    assert line.measured[0].x < line.measured[1].x


@pytest.mark.parametrize(
    ("typed", "mark", "number"),
    [
        ("12", ".", "12"),
        ("1,250.5", ".", "1250.5"),
        ("1.250,5", ",", "1250.5"),
        ("1 250,50", ",", "1250.5"),
        ("-3.25", ".", "-3.25"),
        ("−3,25", ",", "-3.25"),
        ("0", ".", "0"),
        ("999999999999.99", ".", "999999999999.99"),
    ],
)
def test_a_number_in_either_notation(typed: str, mark: str, number: str) -> None:
    assert plain_number(decimal_number(typed, mark)) == number


@pytest.mark.parametrize(
    ("typed", "mark", "words"),
    [
        ("twelve", ".", "such as 12 or 1,000.50"),
        ("12 members", ".", "without a unit"),
        ("1.250,5", ".", "such as 12 or 1,000.50"),
        ("1,250.5", ",", "such as 12 or 1.000,50"),
        ("1.2.3", ".", "such as 12"),
        ("1.", ".", "such as 12"),
        (".5", ".", "such as 12"),
        ("1.234", ".", "two digits"),
        ("1234567890123", ".", "too large"),
        ("1e5", ".", "such as 12"),
        ("٣", ".", "such as 12"),
        ("-", ".", "such as 12"),
        ("NaN", ".", "such as 12"),
    ],
)
def test_what_is_no_number(typed: str, mark: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        decimal_number(typed, mark)


def test_the_keys_of_lines() -> None:
    assert (key_of(12), id_in("k12"), id_in("t12"), id_in("k"), id_in("k1x")) == ("k12", 12, None, None, None)
    assert (label("Members", "members"), label("Turnover", "EUR"), label("Label", "")) == ("Members", "Turnover (EUR)", "Label")
