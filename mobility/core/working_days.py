"""Working days: Monday to Friday less the public holidays of a country (money.md; the `holidays` package)."""

from datetime import date, timedelta
from functools import lru_cache

import holidays


def is_working_day(day: date, country: str | None) -> bool:
    return day.weekday() < 5 and day not in _holidays(country, day.year)


def working_days(first_day: date, last_day: date, country: str | None) -> int:
    """The working days from `first_day` to `last_day`, both counted."""
    span = (last_day - first_day).days + 1
    return sum(is_working_day(first_day + timedelta(days=offset), country) for offset in range(span))


def add_working_days(day: date, count: int, country: str | None) -> date:
    """The day that comes `count` working days after `day`; a negative count goes back."""
    step = timedelta(days=1 if count >= 0 else -1)
    remaining = abs(count)
    while remaining:
        day += step
        remaining -= is_working_day(day, country)
    return day


@lru_cache(maxsize=256)
def _holidays(country: str | None, year: int) -> frozenset[date]:
    """The holidays of a year; of a country the package does not know, none."""
    if country is None or country not in holidays.list_supported_countries(include_aliases=False):
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or that month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(day)
