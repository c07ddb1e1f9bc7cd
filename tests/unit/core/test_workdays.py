"""Working days, counted by hand from a calendar."""

from datetime import date

import pytest

from mobility.core.workdays import add_working_days, holidays_between, regions_of, working_days


@pytest.mark.parametrize(
    ("first", "last", "country", "count"),
    [
        (date(2027, 3, 1), date(2027, 3, 5), "PT", 5),  # Monday to Friday
        (date(2027, 3, 1), date(2027, 3, 7), "PT", 5),
        (date(2027, 3, 6), date(2027, 3, 7), "PT", 0),  # a weekend
        (date(2027, 3, 22), date(2027, 3, 29), "PT", 5),  # Good Friday 26 March is free, Easter Monday is not
        (date(2027, 3, 22), date(2027, 3, 29), "AT", 5),  # Easter Monday is free, Good Friday is not
        (date(2027, 12, 6), date(2027, 12, 10), "ES", 3),  # 6 and 8 December
        (date(2027, 12, 6), date(2027, 12, 10), None, 5),
        (date(2027, 3, 1), date(2027, 3, 1), "XX", 1),  # a country nobody keeps holidays of
        (date(2026, 8, 17), date(2026, 8, 23), "HU", 3),  # 20 August, and the 21st
        (date(2026, 8, 3), date(2026, 8, 9), "HU", 5),  # for which Saturday 8 August is worked there: not here
        (date(2027, 3, 1), date(2027, 3, 7), "EG", 5),  # nor is their weekend, Friday and Saturday
        (date(2100, 12, 31), date(2101, 1, 3), "PT", 2),  # the last day that one can write, and after
        (date(2027, 3, 5), date(2027, 3, 1), "PT", 0),
    ],
)
def test_first_and_last_day_count(first: date, last: date, country: str | None, count: int) -> None:
    assert working_days(first, last, country) == count


@pytest.mark.parametrize(
    ("day", "count", "country", "result"),
    [
        (date(2027, 3, 1), 10, None, date(2027, 3, 15)),
        (date(2027, 3, 5), 1, None, date(2027, 3, 8)),  # Friday to Monday
        (date(2027, 3, 24), 2, "PT", date(2027, 3, 29)),  # over Good Friday
        (date(2027, 3, 15), -10, None, date(2027, 3, 1)),
        (date(2027, 3, 6), 0, None, date(2027, 3, 6)),
    ],
)
def test_days_are_added(day: date, count: int, country: str | None, result: date) -> None:
    assert add_working_days(day, count, country) == result


@pytest.mark.parametrize(
    ("first", "last", "country", "region", "count"),
    [
        (date(2027, 11, 1), date(2027, 11, 5), "DE", "DE-BY", 4),  # All Saints' Day
        (date(2027, 11, 1), date(2027, 11, 5), "DE", "DE-BE", 5),
        (date(2027, 11, 1), date(2027, 11, 5), "DE", "", 5),
        (date(2027, 3, 22), date(2027, 3, 26), "CH", "CH-ZH", 4),  # Good Friday
        (date(2027, 3, 22), date(2027, 3, 26), "CH", "CH-VS", 5),
        (date(2027, 3, 22), date(2027, 3, 26), "CH", "DE-BY", 5),  # of another country
        (date(2027, 3, 22), date(2027, 3, 26), "CH", "nonsense", 5),
        (date(2027, 3, 22), date(2027, 3, 26), None, "CH-ZH", 5),
    ],
)
def test_a_region_has_holidays_of_its_own(first: date, last: date, country: str | None, region: str, count: int) -> None:
    assert working_days(first, last, country, region) == count


def test_holidays_are_named_in_english() -> None:
    assert holidays_between(date(2027, 11, 30), date(2027, 12, 8), "PT") == [
        (date(2027, 12, 1), "Restoration of Independence Day", False),
        (date(2027, 12, 8), "Immaculate Conception", False),
    ]
    assert holidays_between(date(2027, 10, 1), date(2027, 11, 1), "DE", "DE-BY") == [
        (date(2027, 10, 3), "German Unity Day", False),  # a Sunday
        (date(2027, 11, 1), "All Saints' Day", True),
    ]
    assert holidays_between(date(2027, 12, 24), date(2027, 12, 26), "XX") == []


def test_regions_are_named_in_the_order_of_their_names() -> None:
    assert regions_of("DE")["DE-BY"] == "Bayern"
    assert regions_of("CH")["CH-ZH"] == "Zürich"
    assert [*regions_of("GB")][:2] == ["GB-ENG", "GB-NIR"]
    assert (regions_of("LU"), regions_of("XX"), regions_of(None)) == ({}, {}, {})
