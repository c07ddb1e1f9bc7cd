"""Reading programmes, calls and budget lines."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, bindparam, cast, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from mobility.core import clock
from mobility.core.database import db, table_of
from mobility.core.money import currency_name
from mobility.core.names import name_key
from mobility.core.web import or_404
from mobility.lists.columns import Column, Kind, Listing
from mobility.people.models import User
from mobility.programmes.models import BudgetLine, Call, LedgerEntry, LedgerEvent, Programme
from mobility.teams import queries as teams
from mobility.workflows.history import PromiseRecord
from mobility.workflows.promises import Outcome, Tally

UNDECIDED = ("decision", "answer")  # the promises of a voucher that was asked for

PROGRAMME_TAKEN = "Another programme has this name."
CALL_TAKEN = "This programme has a call with this name."


def find(id: int) -> Programme:
    """A programme, or 404. Programmes are public."""
    found: Programme = teams.programme(id)
    return found


def find_as(id: int, user: User, *roles: str) -> Programme:
    """A programme in which this person holds one of `roles` (any if none is named), or 404."""
    found: Programme = teams.programme_as(id, user, *roles)
    return found


def lock(id: int) -> Programme:
    """A programme's row, locked and read again: for changing its rules."""
    found: Programme = teams.lock_programme(id)
    return found


def keep_currency(programme: Programme) -> None:
    """Nobody changes it until the transaction ends: for what is asked for in it. Read again, as it may just have changed."""
    db.session.execute(select(Programme.id).where(Programme.id == programme.id).with_for_update(read=True))
    db.session.refresh(programme, ["currency"])


def programme_named(name: str) -> int | None:
    return db.session.scalar(select(Programme.id).where(Programme.name_key == name_key(name)))


def call_named(programme_id: int, name: str) -> int | None:
    return db.session.scalar(select(Call.id).where(Call.programme_id == programme_id, Call.name_key == name_key(name)))


def all_programmes() -> Sequence[Programme]:
    """For the public list: with their calls."""
    return db.session.scalars(
        select(Programme).options(selectinload(Programme.calls)).order_by(Programme.name, Programme.id)
    ).all()


def todays() -> tuple[date, date]:
    """The earliest and the latest day it now is in any programme."""
    todays = {clock.today(timezone) for timezone in _timezones()}
    return min(todays, default=clock.today()), max(todays, default=clock.today())


def instant_of(day: date) -> datetime:
    """An instant at which it is `day` in every programme, as near to noon in UTC as can be."""
    timezones = _timezones()
    noon = clock.noon_of(day)
    for hours in sorted(range(-26, 27), key=abs):
        with clock.at(noon + timedelta(hours=hours)):
            if all(clock.today(timezone) == day for timezone in timezones):
                return clock.utc_now()
    return noon  # there are programmes too far apart ever to have the same day


def _timezones() -> Sequence[str]:
    return db.session.scalars(select(Programme.timezone).distinct()).all()


def tallies(programme_id: int, today: date) -> dict[tuple[str, str], Tally]:
    """(promise, owed by) -> how it was kept by today. One query, of which the index knows all."""
    record = PromiseRecord
    rows = db.session.execute(
        select(
            record.promise,
            record.owed_by,
            _count(record.outcome == Outcome.KEPT_ON_TIME),
            _count(record.outcome == Outcome.KEPT_LATE),
            _count(record.outcome == Outcome.MISSED),
            _count(record.outcome.is_(None), record.due_on < today),
        )
        .where(record.programme_id == programme_id)
        .group_by(record.promise, record.owed_by)
    )
    return {(promise, owed_by): Tally(*counts) for promise, owed_by, *counts in rows}


def _count(*conditions: Any) -> Any:
    return func.count().filter(*conditions)


def why_currency_stays(programme: Programme) -> str | None:
    """Something was granted in it, or is asked for; nothing while another one can be chosen."""
    name = currency_name(programme.currency)
    granted = select(LedgerEntry.id).where(LedgerEntry.event == LedgerEvent.COMMIT.value).join(BudgetLine).join(Call)
    if db.session.scalar(granted.where(Call.programme_id == programme.id).limit(1)):
        return f"Vouchers were granted in {name}, so the currency stays. For another one, start a new programme."
    asked = (PromiseRecord.programme_id == programme.id, PromiseRecord.promise.in_(UNDECIDED), PromiseRecord.outcome.is_(None))
    if db.session.scalar(select(PromiseRecord.id).where(PromiseRecord.subject_type == "voucher", *asked).limit(1)):
        return f"Vouchers are asked for in {name}. Decide about them first; once one is approved, the currency stays."
    return None


def programmes_of(user: User, *roles: str) -> Sequence[Programme]:
    return db.session.scalars(
        select(Programme).where(Programme.id.in_(user.programme_ids(*roles))).order_by(Programme.name)
    ).all()


def some_to_set_up(programme_ids: ColumnElement[Any]) -> Select[Any]:
    """The ids of those of them that lack what nobody can begin without, for a statement that is kept."""
    no_rules = cast(Programme.eligible_levels, String) == "[]"  # the form of the rules asks for at least one
    lacks = or_(no_rules, ~Programme.rate_cards.any(), ~Programme.calls.any())
    return select(Programme.id).where(Programme.id.in_(programme_ids), lacks)


def to_set_up(programme_ids: Collection[int]) -> Sequence[Programme]:
    """The same with their rate cards and calls."""
    loaded = (selectinload(Programme.rate_cards), selectinload(Programme.calls))
    every = db.session.scalars(select(Programme).where(Programme.id.in_(programme_ids)).options(*loaded).order_by(Programme.id))
    return [each for each in every if not (each.eligible_levels and each.rate_cards and each.calls)]


def open_budget_lines(programme_id: int, voucher_kind: str, day: date) -> Sequence[BudgetLine]:
    """The lines for this kind of voucher in the calls that are open on `day`, first the one that closes first."""
    return db.session.scalars(
        _lines_of(programme_id)
        .where(
            BudgetLine.voucher_kind == voucher_kind,
            Call.opens_on <= day,
            or_(Call.closes_on.is_(None), Call.closes_on >= day),
        )
        .order_by(Call.closes_on.is_(None), Call.closes_on, BudgetLine.id)
    ).all()


def budget_lines(programme_id: int) -> Sequence[BudgetLine]:
    """All lines of a programme, with their calls, the newest call first."""
    return db.session.scalars(_lines_of(programme_id).order_by(Call.opens_on.desc(), BudgetLine.id)).all()


def _lines_of(programme_id: int) -> Select[BudgetLine]:
    return (
        select(BudgetLine)
        .join(BudgetLine.call)
        .where(Call.programme_id == programme_id)
        .options(joinedload(BudgetLine.call, innerjoin=True))
    )


def find_call(id: int, programme_id: int) -> Call:
    """A call of this programme, or 404."""
    return or_404(db.session.scalar(select(Call).where(Call.id == id, Call.programme_id == programme_id)))


def find_line(id: int, programme_id: int) -> BudgetLine:
    """A budget line of this programme, or 404."""
    return or_404(db.session.scalar(_lines_of(programme_id).where(BudgetLine.id == id)))


def line_with_enough(
    programme: Programme, kind: str, amounts: Sequence[Decimal], *, first: BudgetLine | None = None
) -> BudgetLine | None:
    """The first line with enough for the first of `amounts`, else for the next; with enough for none, the first there is.

    They are `first`, whatever has closed since, then those of open calls. None if there is none.
    """
    lines = [*filter(None, [first]), *open_budget_lines(programme.id, kind, programme.today)]
    enough = (line for amount in amounts for line in lines if line.available >= amount)
    return next(enough, next(iter(lines), None))


def lock_budget_line(id: int) -> Row[Any]:
    """The line's name and balances as they are now, its row locked until the transaction ends: whoever moves money comes here
    first.

    SQLite has no row locks; there `transaction()` has begun with BEGIN IMMEDIATE.
    """
    return db.session.execute(_locked_line(), {"id": id}).one()


@cache
def _locked_line() -> Select[Any]:
    line = table_of(BudgetLine).c
    found = select(line.name, line.available, line.committed, line.spent).where(line.id == bindparam("id"))
    return found.with_for_update(key_share=True)


def entries_of_line(line_id: int, event: LedgerEvent) -> int:
    """How many entries an event has made on a line."""
    return _entries(LedgerEntry.budget_line_id == line_id, event)


def entries_of_voucher(voucher_id: int, event: LedgerEvent) -> int:
    """How many entries an event has made for a voucher, which is locked."""
    return _entries(LedgerEntry.voucher_id == voucher_id, event)


def _entries(of: Any, event: LedgerEvent) -> int:
    return db.session.scalar(select(func.count()).where(of, LedgerEntry.event == event.value)) or 0


LIST = Listing(
    "programmes",
    "Programmes",
    (
        Column("Programme", "name"),
        Column("Level", "level"),
        Column("Currency", "currency"),
        Column("Countries", lambda each: ", ".join(sorted(each.eligible_countries))),
        Column("Decides within working days", "decision_working_days", Kind.NUMBER),
        Column("Has an open call", "open_calls", Kind.YES_NO),
    ),
)
