"""What was true of a programme's things at the end of one of its days, as their history tells.

What cannot be told of an earlier day is in docs/decisions/0023-kept-figures.md.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import func, select

from mobility.core.clock import day_of, zone_of
from mobility.core.database import db
from mobility.outcomes.facts import VOUCHER
from mobility.programmes.models import Programme
from mobility.vouchers.models import Voucher
from mobility.workflows.history import HistoryEntry

AT_ONCE = 1_000
Rows = Iterator[Any]
T = TypeVar("T")


def rows_of(query: Any) -> Rows:
    """A part at a time, so that never all of the rows are there beside what is made of them. Of columns: there are no objects
    that the session would have to make or know."""
    for some in db.session.connection().execute(query, execution_options={"yield_per": AT_ONCE}).partitions():
        yield from some


class Then:
    """One programme at the end of one of its days: what had come by then, and what its things were."""

    def __init__(self, programme: Programme, as_of: date) -> None:
        self.programme_id, self.timezone, self.as_of = programme.id, programme.timezone, as_of
        self.is_past = as_of < programme.today
        self._known: dict[Any, Any] = {}  # of the days and cases that come again and again, each once
        self.end = datetime.combine(as_of + timedelta(days=1), time(), zone_of(self.timezone)).astimezone(UTC)

    def once(self, value: T) -> T:
        """The same object for all that are equal: 200,000 answers were sent on a few hundred days."""
        found: T = self._known.setdefault(value, value)
        return found

    def day(self, instant: datetime) -> date:
        return self.once(day_of(instant, self.timezone))

    def until(self, day: date | None) -> date | None:
        """The day, if it had come."""
        return self.once(day) if day is not None and day <= self.as_of else None

    @cached_property
    def _undone(self) -> Mapping[tuple[str, int], str]:
        """(kind, id) -> the state at the end of the day, of what was acted on afterwards; "" if it was not there yet."""
        if not self.is_past:
            return {}
        entry = HistoryEntry
        first = select(func.min(entry.id)).where(entry.at >= self.end).group_by(entry.subject_type, entry.subject_id)
        later = select(entry.subject_type, entry.subject_id, entry.from_state).where(entry.id.in_(first))
        return {(kind, id): state for kind, id, state in rows_of(later)}

    def state(self, kind: str, id: int, now: str) -> str:
        return self._undone.get((kind, id), now)

    def first_days(self, query: Any) -> dict[tuple[int, str], date]:
        """(id, state) -> the first day in it, if that had come."""
        days = ((id, state, self.until(self.day(at))) for id, state, at in rows_of(query))
        return {(id, state): day for id, state, day in days if day is not None}

    def voucher_days(self, action: str) -> dict[int, list[date]]:
        """Voucher -> the days on which this was done, in order."""
        return self._voucher_acts.get(action, {})

    @cached_property
    def _voucher_acts(self) -> dict[str, dict[int, list[date]]]:
        query = (
            select(HistoryEntry.action, HistoryEntry.subject_id, HistoryEntry.at)
            .join(Voucher, HistoryEntry.subject_id == Voucher.id)
            .where(HistoryEntry.subject_type == VOUCHER, Voucher.programme_id == self.programme_id)
            .where(HistoryEntry.action.in_(("resubmit", "claim", "came_back")), HistoryEntry.at < self.end)
        )
        found: dict[str, dict[int, list[date]]] = defaultdict(lambda: defaultdict(list))
        for action, id, at in rows_of(query.order_by(HistoryEntry.id)):
            found[action][id].append(self.day(at))
        return found

    def came_back_later(self, voucher: int, time: int) -> bool:
        """What came back for the first, second ... time was still paid then."""
        return self.is_past and len(self.voucher_days("came_back").get(voucher, ())) < time
