"""Today is a matter of the timezone."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mobility.core import clock


@pytest.mark.parametrize(
    ("instant", "timezone", "day"),
    [
        (datetime(2027, 3, 1, 23, 30, tzinfo=UTC), "Europe/Brussels", date(2027, 3, 2)),
        (datetime(2027, 3, 1, 23, 30, tzinfo=UTC), "Europe/Lisbon", date(2027, 3, 1)),
        (datetime(2027, 7, 1, 22, 30, tzinfo=UTC), "Europe/Brussels", date(2027, 7, 2)),  # summer time
        (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "Europe/Brussels", date(2027, 10, 31)),  # the long night
        (datetime(2027, 3, 1, 3, 0, tzinfo=UTC), "America/Martinique", date(2027, 2, 28)),
    ],
)
def test_today_is_the_day_it_is_there(instant: datetime, timezone: str, day: date) -> None:
    with clock.at(instant):
        assert clock.today(timezone) == day


def test_a_set_clock_stands_still_and_ends_with_its_block() -> None:
    before, instant = clock.utc_now(), datetime(2031, 3, 1, 9, tzinfo=UTC)
    with clock.at(instant):
        assert (clock.utc_now(), clock.utc_now()) == (instant, instant)
    assert clock.utc_now() - before < timedelta(minutes=1)


def test_an_instant_without_a_timezone_is_refused() -> None:
    with pytest.raises(ValueError, match="timezone"), clock.at(datetime(2027, 3, 1)):  # noqa: DTZ001
        pass


def test_noon_of_a_day_is_on_that_day_everywhere_in_europe() -> None:
    for timezone in ("Europe/Lisbon", "Europe/Helsinki", "Atlantic/Azores"):
        with clock.at(clock.noon_of(date(2027, 3, 28), timezone)):
            assert clock.today(timezone) == date(2027, 3, 28)
