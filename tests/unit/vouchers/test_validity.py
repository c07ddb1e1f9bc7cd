"""How long a voucher is valid, by the calendar."""

from datetime import date

import pytest

from mobility.vouchers.rules import latest_extension, validity


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        (date(2027, 3, 1), 12, date(2028, 3, 1)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2027, 12, 15), 1, date(2028, 1, 15)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_a_shorter_month(day: date, months: int, last: date) -> None:
    assert validity(day, months) == (day, last)
    assert latest_extension(day, months) == last
