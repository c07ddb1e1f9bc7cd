"""How days and instants are written."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from mobility.core.wording import counted, format_in_days, format_instant, format_weekday, machine_instant
from mobility.programmes.rules import PROMISES, TIMEZONES

NOON = datetime(2027, 3, 3, 13, 0, 9, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("timezone", "words"),
    [
        ("Europe/Brussels", "3 March 2027, 14:00, Brussels time"),
        ("Europe/Lisbon", "3 March 2027, 13:00, Lisbon time"),
        ("Atlantic/Azores", "3 March 2027, 12:00, Azores time"),
        ("Indian/Reunion", "3 March 2027, 17:00, Réunion time"),
        ("Pacific/Tahiti", "3 March 2027, 03:00, Tahiti time"),
        ("UTC", "3 March 2027, 13:00, UTC"),
        (None, "3 March 2027, 14:00, Brussels time"),
    ],
)
def test_an_instant_names_its_zone(timezone: str | None, words: str) -> None:
    assert format_instant(NOON, timezone) == words


def test_no_instant_is_nothing() -> None:
    assert format_instant(None, "UTC") == ""


def test_a_machine_reads_seconds() -> None:
    assert machine_instant(NOON) == "2027-03-03T13:00:09+00:00"


@pytest.mark.parametrize(
    ("day", "words"), [(3, "today"), (4, "tomorrow"), (8, "in 5 days"), (2, "1 day late"), (1, "2 days late")]
)
def test_days_are_counted_from_the_day_given(day: int, words: str) -> None:
    assert format_in_days(date(2027, 3, day), date(2027, 3, 3)) == words


@pytest.mark.parametrize(
    "zone",
    "Atlantic/Azores Atlantic/Madeira Atlantic/Canary America/Guadeloupe America/Martinique America/Cayenne America/Marigot "
    "Indian/Reunion Indian/Mayotte Europe/Lisbon Asia/Nicosia".split(),
)
def test_the_union_s_zones_can_be_chosen(zone: str) -> None:
    assert zone in TIMEZONES


def test_each_zone_is_known_and_has_a_name() -> None:
    assert len(set(TIMEZONES)) == len(TIMEZONES)
    for zone in TIMEZONES:
        assert ZoneInfo(zone)
        assert format_instant(NOON, zone).endswith(("time", "UTC"))


def test_a_day_of_a_stay_names_the_day_of_the_week() -> None:
    assert [format_weekday(date(2027, 3, 1)), format_weekday(date(2027, 10, 31))] == ["Mon 1 March", "Sun 31 October"]
    assert format_weekday(None) == ""


def test_one_of_a_thing_is_no_plural() -> None:
    assert [counted(number, "working day") for number in (1, 5)] == ["1 working day", "5 working days"]
    for promise in PROMISES.values():
        assert [" 1 day" in words or " 1 working day" in words for words in (promise.says(1), promise.says(2))] == [True, False]
        assert "days" not in promise.says(1)
