"""Working days: Monday to Friday less the public holidays of a country or region (money.md; the `holidays` package).

Banks move euro on TARGET days: Monday to Friday less six holidays, the same everywhere.
"""

from datetime import date, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

import holidays

YEARS = range(1999, 2103)  # one more on either side than the days people can write (core/fields.py)
ENGLISH = "en_US"


class Holiday(NamedTuple):
    """A public holiday with its English name; `regional` if it is one of the region only."""

    day: date
    name: str
    regional: bool


@lru_cache(maxsize=8192)
def working_days(first_day: date, last_day: date, country: str | None, region: str = "") -> int:
    """The working days from `first_day` to `last_day`, both counted; none if the last comes before the first.

    `region` is one of `regions_of(country)`; of any other one the country's holidays count.
    """
    calendar = _calendar(country, _subdivision(country, region))
    return calendar.get_working_days_count(first_day, last_day) if first_day <= last_day else 0


@lru_cache(maxsize=8192)  # the night asks a hundred thousand times for a few days
def add_working_days(day: date, count: int, country: str | None) -> date:
    """The day that comes `count` working days after `day`; a negative count goes back, and zero is `day` itself."""
    return _calendar(country).get_nth_working_day(day, count) if count else day


def holidays_between(first_day: date, last_day: date, country: str | None, region: str = "") -> list[Holiday]:
    """The public holidays from `first_day` to `last_day`, also those on a weekend, in their order."""
    return list(_holidays_between(first_day, last_day, country, region))


@lru_cache(maxsize=8192)
def _holidays_between(first_day: date, last_day: date, country: str | None, region: str) -> tuple[Holiday, ...]:
    nationwide = _calendar(country)
    calendar = _calendar(country, _subdivision(country, region))
    days = (first_day + timedelta(days=number) for number in range((last_day - first_day).days + 1))
    return tuple(Holiday(day, calendar[day], day not in nationwide) for day in days if day in calendar)


def bank_holiday(day: date) -> str:
    """Why banks move no euro on this day: "a Saturday", "Good Friday"; nothing on a TARGET day."""
    found = _target().get(day)
    return found or (f"a {day:%A}" if day.weekday() > 4 else "")


def banking_day(day: date) -> date:
    """The day itself if it is a TARGET day, else the next one."""
    while bank_holiday(day):
        day += timedelta(days=1)
    return day


@cache
def _target() -> holidays.HolidayBase:
    return holidays.financial_holidays("ECB", years=YEARS, expand=False, language=ENGLISH)


@cache
def regions_of(country: str | None) -> dict[str, str]:
    """The regions of a country whose holidays are known: code -> name, such as DE-BY -> Bayern, in the order of their names."""
    if country not in _supported():
        return {}
    names = holidays.country_holidays(country).get_subdivision_aliases()
    found = {f"{country}-{each}": names[each][0] if names[each] else each for each in _supported()[country] if each in names}
    return dict(sorted(found.items(), key=lambda region: region[1]))


@cache
def _supported() -> dict[str, list[str]]:
    return holidays.list_supported_countries(include_aliases=False)


def _subdivision(country: str | None, region: str) -> str | None:
    """The package's own name for a region: BY for DE-BY; none of another country or that nobody knows."""
    of, _, name = region.partition("-")
    return name if of == country and name in _supported().get(of, []) else None


@cache
def _calendar(country: str | None, subdivision: str | None = None) -> holidays.HolidayBase:
    """The holidays of a country; of one that the package does not know, none.

    Copied into a plain calendar, whose weekend is Saturday and Sunday: some countries have another, and some work on a Saturday
    for a day off. All years at once, as the package adds a year in steps that other threads could see half done.
    """
    calendar = holidays.HolidayBase(expand=False)
    if country in _supported():
        known = holidays.country_holidays(country, subdiv=subdivision, years=YEARS, language=ENGLISH)
        for day, name in known.items():
            calendar[day] = name
    return calendar
