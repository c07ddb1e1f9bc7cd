"""How figures are shown: half up, away from zero, and nothing rounded before (followup.md, review_example.md 14)."""

from decimal import Decimal
from fractions import Fraction

import pytest

from mobility.outcomes.figures import Form, middle, nearest_rank, shown


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        ("5/8", Form.PERCENT, "63 %"),
        ("1/8", Form.PERCENT, "13 %"),
        ("1/1000", Form.PERCENT, "0 %"),
        ("25/4", Form.MEDIAN, "6.3"),
        ("6", Form.MEDIAN, "6"),
        ("599/100", Form.MEDIAN, "6.0"),
        ("1", Form.MEAN, "1.0"),
        ("-5/4", Form.MEAN, "-1.3"),
        ("-1/100", Form.MEAN, "0.0"),
        ("5725/8", Form.MONEY, "715.63"),
        ("1/200", Form.MONEY, "0.01"),
        ("57500.5", Form.MONEY, "57500.50"),
        ("12", Form.COUNT, "12"),
        ("12", Form.SUM, "12"),
        ("12.5", Form.SUM, "12.5"),
    ],
)
def test_values_are_rounded_half_up_where_they_are_shown(value: str, form: Form, expected: str) -> None:
    assert shown(Fraction(value), form) == expected


def test_nothing_is_no_figure() -> None:
    assert [shown(None, form) for form in Form] == ["no figure"] * len(Form)


def test_the_middle_of_an_even_number_lies_between() -> None:
    assert (middle([3, 1, 2]), middle([4, 1, Decimal("2.5"), 3]), middle([])) == (2, Fraction(11, 4), None)


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (9, 9), (10, 9), (11, 10), (15, 14), (20, 18), (21, 19)])
def test_the_ninetieth_percentile_is_of_the_nearest_rank(count: int, expected: int) -> None:
    """0.9 n, rounded up: of 10 the 9th, of 11 (9.9) the 10th, of 21 (18.9) the 19th."""
    assert nearest_rank(range(count, 0, -1)) == expected
