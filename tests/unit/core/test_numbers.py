"""Numbers as they come from a browser, where anything can come from."""

import pytest

from mobility.core.numbers import whole_number, whole_numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("0", 0),
        ("007", 7),
        ("999999999", 999_999_999),
        ("1000000000", None),  # the database's integers end at two thousand million
        ("9" * 5000, None),
        ("-1", None),
        ("1.5", None),
        (" 1", None),
        ("²", None),
        ("١٢", None),  # digits, of another script
        ("twelve", None),
        ("", None),
        (None, None),
    ],
)
def test_small_whole_numbers_are_read_and_nonsense_is_none(text: str | None, number: int | None) -> None:
    assert whole_number(text) == number


def test_of_what_was_ticked_nonsense_is_left_out() -> None:
    assert whole_numbers(["3", "x", "0", ""]) == [3, 0]
