"""Setting a period; and what a night does: find, report, and, once enough nights have reported, act, some rows at a time."""

from datetime import date

from sqlalchemy.dialects import postgresql, sqlite

from mobility.audit.operations import record
from mobility.core import clock
from mobility.core.database import db, table_of
from mobility.core.errors import EditConflict, Refusal
from mobility.people.models import User
from mobility.retention import queries
from mobility.retention.acts import ACTS
from mobility.retention.models import RetentionNight, RetentionPeriod
from mobility.retention.rules import MOST_DAYS, NIGHTS, Class, in_words, is_stricter

AT_ONCE = 100  # rows in one transaction


def set_period(kind: Class, *, by: User, days: int | None, reason: str, seen: int) -> RetentionPeriod:
    """`days` None: for ever. `seen` is the version that was on the page (1 where nobody has set one), else EditConflict."""
    if days is not None and not kind.least <= days <= MOST_DAYS:
        raise Refusal(f"Enter between {kind.least:,} and {MOST_DAYS:,} days, or nothing.", "days")
    period = _there(kind)
    if period.version != seen:
        raise EditConflict(period)
    before = period.days
    if before == days:
        raise Refusal("It is this already.", "days")
    if is_stricter(before, days) or days is None:
        period.nights = 0
    period.days, period.set_by_id, period.set_at, period.version = days, by.id, clock.utc_now(), period.version + 1
    told = {"before": {"kept": in_words(before)}, "after": {"kept": in_words(days), "reason": reason}}
    record("retention_changed", by=by, about=kind.label, **told)  # type: ignore[arg-type]
    return period


def _there(kind: Class) -> RetentionPeriod:
    """The class's row, locked; with its own period where nobody has set one."""
    row = {"key": kind.key, "days": kind.days, "nights": 0, "version": 1, "set_at": clock.utc_now()}
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    db.session.execute(insert(table_of(RetentionPeriod)).values(row).on_conflict_do_nothing(index_elements=["key"]))
    period = queries.period(kind.key, for_update=True)
    assert period is not None  # noqa: S101 (for the type)
    return period


# A night


def begin(kind: Class, day: date) -> bool:
    """Whether something is to go tonight. The first to come finds and reports; all others see that it was done."""
    period = _there(kind)
    if period.days is None:
        return False
    night = queries.night(kind.key, day)
    if night is None:
        night = _report(kind, period, day)
    return night.acts and night.ended_at is None


def _report(kind: Class, period: RetentionPeriod, day: date) -> RetentionNight:
    assert period.days is not None  # noqa: S101 (for the type)
    count, oldest = queries.found(kind.key, day, period.days)
    acts = period.nights >= NIGHTS
    facts = {"key": kind.key, "on_day": day, "version": period.version, "days": period.days, "acts": acts}
    night = RetentionNight(**facts, found=count, oldest=oldest, ended_at=None if acts else clock.utc_now())
    if not acts:
        period.nights += 1
    db.session.add(night)
    db.session.flush()
    return night


def step(kind: Class, day: date, after: int) -> list[int]:
    """The next few go, in this transaction. Returns their ids: none where the night is over, or somebody else is at it."""
    period, night = queries.period(kind.key), queries.night(kind.key, day, for_update=True)
    if night is None or night.ended_at is not None or period is None:
        return []
    ids: list[int] = []
    if (period.version, period.days) == (night.version, night.days):  # else somebody has set another meanwhile
        ids = queries.some(kind.key, day, night.days, after=after, most=AT_ONCE)
    if not ids:
        _end(kind, night)
        return []
    night.working = True
    db.session.flush()
    night.files += ACTS[kind.key](ids)
    night.gone += len(ids)
    night.working = False
    db.session.flush()
    return ids


def end_earlier(kind: Class, day: date) -> None:
    """A night that was broken off, and whose day is over: what it did is told."""
    night = queries.night(kind.key, day, for_update=True)
    if night is not None and night.ended_at is None:
        _end(kind, night)


def _end(kind: Class, night: RetentionNight) -> None:
    night.ended_at = clock.utc_now()
    if night.gone:
        after = {"rows": night.gone, "files": night.files, "kept": in_words(night.days)}
        record("retention_done", by=None, about=f"{kind.label}: {night.gone}", after=after)
