"""How days, countries and languages are written. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone, get_timezone_location

WORDS = Locale("en", "GB")
HOME_ZONE = "Europe/Brussels"  # where what belongs to no programme is told


def format_day(day: date | None) -> str:
    """3 March 2027"""
    return _written(day, "d MMMM y") if day else ""


def format_weekday(day: date | None) -> str:
    """Mon 1 March: within a stay, whose year is known"""
    return _written(day, "E d MMMM") if day else ""


def format_days(span: tuple[date | None, date | None]) -> str:
    """3 to 7 March 2027; 30 March to 2 April 2027"""
    first, last = span
    if not first or not last:
        return format_day(first or last)
    if first == last:
        return format_day(first)
    pattern = "d" if (first.year, first.month) == (last.year, last.month) else "d MMMM"
    pattern = "d MMMM y" if first.year != last.year else pattern
    return f"{_written(first, pattern)} to {format_day(last)}"


@lru_cache(maxsize=8192)
def _written(day: date, pattern: str) -> str:
    """Kept: a list page writes a hundred days, and Babel takes its time over each."""
    return format_date(day, pattern, locale=WORDS)


@lru_cache(maxsize=8192)
def format_instant(instant: datetime | None, timezone: str | None = None) -> str:
    """3 March 2027, 14:05, Brussels time: readers live in several zones, so the one that is meant is named."""
    zone = timezone or HOME_ZONE
    return f"{format_datetime(instant, 'd MMMM y, HH:mm', get_timezone(zone), WORDS)}, {zone_name(zone)}" if instant else ""


@lru_cache(maxsize=512)
def zone_name(timezone: str) -> str:
    """Brussels time; UTC"""
    return timezone if "/" not in timezone else f"{get_timezone_location(timezone, WORDS, return_city=True)} time"


def machine_instant(instant: datetime) -> str:
    """2027-03-03T14:05:09+00:00, for the attribute of a <time>: it takes no more than milliseconds."""
    return instant.isoformat(timespec="seconds")


def format_in_days(day: date | None, today: date) -> str:
    """today, tomorrow, in 5 days, 2 days late: counted from the day it is in the programme"""
    if day is None:
        return ""
    distance = (day - today).days
    if distance in (0, 1):
        return ("today", "tomorrow")[distance]
    if distance > 0:
        return f"in {distance} days"
    return f"{-distance} day{'s' if distance < -1 else ''} late"


@lru_cache(maxsize=512)
def country_name(code: str | None) -> str:
    return WORDS.territories.get(code or "", code or "")


@lru_cache(maxsize=512)
def language_name(code: str | None) -> str:
    return WORDS.languages.get(code or "", code or "")


def by_name(countries: Iterable[str]) -> dict[str, str]:
    """code -> name of countries, in the order of the names."""
    return {code: name for name, code in sorted((country_name(code), code) for code in countries)}


def joined(words: Iterable[str]) -> str:
    """a, b and c"""
    *first, last = sorted(words)
    return f"{', '.join(first)} and {last}" if first else last


def counted(number: int, thing: str) -> str:
    """1 working day, 5 working days"""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def capitalised(words: str) -> str:
    """As a line of its own begins; the rest stays as it was typed."""
    return words[:1].upper() + words[1:]


def either(words: Sequence[str]) -> str:
    """a, b or c, in this order"""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
