"""Codes of apps and of paper."""

from datetime import UTC, datetime, timedelta

import pytest

from mobility.factors.rules import as_typed, code_hash, in_groups, new_recovery_codes, step_shown

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B: "12345678901234567890"
AT_59 = datetime(1970, 1, 1, 0, 0, 59, tzinfo=UTC)
IN_2005 = datetime(2005, 3, 18, 1, 58, 29, tzinfo=UTC)  # 1111111109, step 37037036


def test_the_codes_of_the_standard() -> None:
    """Its last six of eight digits."""
    assert step_shown(SECRET, "287082", AT_59) == 1
    assert step_shown(SECRET, "081804", IN_2005) == 37037036


@pytest.mark.parametrize(
    ("seconds", "fits"), [(-60, False), (-59, True), (-30, True), (-29, True), (0, True), (1, True), (30, True), (31, False)]
)
def test_a_clock_may_be_half_a_minute_wrong(seconds: int, fits: bool) -> None:
    """The code of a half minute that ends with this second: in those before and after, too, and no longer."""
    assert step_shown(SECRET, "081804", IN_2005 + timedelta(seconds=seconds)) == (37037036 if fits else None)


@pytest.mark.parametrize("digits", ["", "28708", "2870820", "287083", "٢٨٧٠٨٢", "abcdef"])
def test_other_digits_are_none(digits: str) -> None:
    assert step_shown(SECRET, as_typed(digits), AT_59) is None


def test_ten_recovery_codes_that_nobody_misreads() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(len(code) == 19 and [len(group) for group in code.split("-")] == [4, 4, 4, 4] for code in codes)
    assert not set("".join(codes)) & set("ILOU01")


def test_a_code_may_be_typed_with_or_without_dashes() -> None:
    assert code_hash(1, "abcd-efgh 2345-6789") == code_hash(1, "ABCDEFGH23456789")
    assert code_hash(1, "ABCDEFGH23456789") != code_hash(2, "ABCDEFGH23456789")


def test_a_key_is_typed_in_groups() -> None:
    assert in_groups(SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
