"""Working days: Monday to Friday less the public holidays of a country (money.md; the `holidays` package).

Banks move euro on TARGET days: Monday to Friday less six holidays, the same everywhere.
"""

from datetime import date, timedelta
from functools import cache, lru_cache

import holidays

YEARS = range(1999, 2103)  # one more on either side than the days people can write (core/fields.py)


@lru_cache(maxsize=8192)
def working_days(first_day: date, last_day: date, country: str | None) -> int:
    """The working days from `first_day` to `last_day`, both counted; none if the last comes before the first."""
    return _calendar(country).get_working_days_count(first_day, last_day) if first_day <= last_day else 0


@lru_cache(maxsize=8192)  # the night asks a hundred thousand times for a few days
def add_working_days(day: date, count: int, country: str | None) -> date:
    """The day that comes `count` working days after `day`; a negative count goes back, and zero is `day` itself."""
    return _calendar(country).get_nth_working_day(day, count) if count else day


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
    return holidays.financial_holidays("ECB", years=YEARS, expand=False, language="en_US")


@cache
def _calendar(country: str | None) -> holidays.HolidayBase:
    """The holidays of a country; of one that the package does not know, none.

    Copied into a plain calendar, whose weekend is Saturday and Sunday: some countries have another, and some work on a Saturday
    for a day off. All years at once, as the package adds a year in steps that other threads could see half done.
    """
    calendar = holidays.HolidayBase(expand=False)
    if country in holidays.list_supported_countries(include_aliases=False):
        calendar.update([*holidays.country_holidays(country, years=YEARS)])
    return calendar
