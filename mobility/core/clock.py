"""The only source of "now". Instants are UTC and aware; a deadline is a date in its programme's timezone (architecture.md).

Tests, demo data and `run-job --on DATE` set the clock; everything else only reads it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

_set_instant: ContextVar[datetime | None] = ContextVar("set_instant", default=None)
_process_instant: datetime | None = None
zone_of = cache(ZoneInfo)  # which itself keeps eight of them, and reads the others' files again each time


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return _set_instant.get() or _process_instant or datetime.now(UTC)


def today(timezone: str = "UTC") -> date:
    """The calendar day it now is in `timezone` (an IANA name)."""
    return day_of(utc_now(), timezone)


def day_of(instant: datetime, timezone: str) -> date:
    """The calendar day on which `instant` falls in `timezone`."""
    return instant.astimezone(zone_of(timezone)).date()


def noon_of(day: date, timezone: str = "UTC") -> datetime:
    """The instant at which it is noon on `day` in `timezone`."""
    return datetime.combine(day, time(12), zone_of(timezone)).astimezone(UTC)


def set_to(instant: datetime | None) -> None:
    """Stop the clock of this process at `instant`, or let it run again with None."""
    global _process_instant
    _process_instant = _aware(instant) if instant else None


def move(**by: float) -> None:
    """Move a stopped clock on, e.g. `move(days=3)`."""
    set_to(utc_now() + timedelta(**by))


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Run a block as if it were `instant` (this context only)."""
    token = _set_instant.set(_aware(instant))
    try:
        yield
    finally:
        _set_instant.reset(token)


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("An instant needs a timezone")
    return instant.astimezone(UTC)
