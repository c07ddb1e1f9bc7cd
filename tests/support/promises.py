"""What holds of promise records at any time, and how they are written down in tests."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select

from mobility.applications.models import Application
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.vouchers.models import Voucher
from mobility.workflows.history import PromiseRecord


class Promises:
    """Looks again and again: what has ended stays as it was."""

    def __init__(self) -> None:
        self.ended: dict[int, tuple[Any, ...]] = {}

    def check(self) -> None:
        """A record is open exactly where a subject waits for a promise that is not kept yet, with the very same days."""
        records = db.session.scalars(select(PromiseRecord).order_by(PromiseRecord.id)).all()
        opened = [
            (each.subject_type, each.subject_id, each.promise, each.since, each.due_on) for each in records if not each.outcome
        ]
        assert sorted(opened) == sorted(_owed())
        ended = {each.id: _all_of(each) for each in records if each.outcome}
        assert self.ended.items() <= ended.items()
        self.ended = ended
        assert all(_ends_rightly(each) for each in records if each.outcome)


def _owed() -> Iterable[tuple[Any, ...]]:
    for model in (Application, Exchange, Voucher):
        for subject in db.session.scalars(select(model)):
            if owed := subject.workflow.owed(subject):
                yield subject.subject_type, subject.id, owed.promise.name, owed.since, owed.due_on


def _ends_rightly(record: PromiseRecord) -> bool:
    assert record.ended_on
    return (record.ended_on <= record.due_on) == (record.outcome in {"kept_on_time", "called_off"})


def _all_of(record: PromiseRecord) -> tuple[Any, ...]:
    return tuple(getattr(record, column.name) for column in PromiseRecord.__table__.columns)


def told(subject: Any) -> list[str]:
    """The records of a subject: "host_answer 1 Mar to 11 Mar: kept_on_time 11 Mar"."""
    of_it = select(PromiseRecord).where(
        PromiseRecord.subject_type == subject.subject_type, PromiseRecord.subject_id == subject.id
    )
    return [
        f"{each.promise} {_day(each.since)} to {_day(each.due_on)}: "
        + (f"{each.outcome} {_day(each.ended_on)}" if each.ended_on else "open")
        for each in db.session.scalars(of_it.order_by(PromiseRecord.id))
    ]


def _day(day: date) -> str:
    return f"{day:%-d %b}" if day.year == 2027 else f"{day:%-d %b %Y}"
