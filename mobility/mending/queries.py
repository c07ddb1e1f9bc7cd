"""Who may correct, and what there is to correct."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, case, cast, func, select
from sqlalchemy.orm import aliased

from mobility.core.database import Cents, db
from mobility.core.errors import Problem
from mobility.core.money import NOTHING
from mobility.core.paging import Page, paged
from mobility.core.web import or_404
from mobility.core.wording import format_day
from mobility.mending import rules
from mobility.mending.models import AppropriationCorrection
from mobility.mending.rules import Granted
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.programmes import queries as programmes
from mobility.programmes.models import BudgetLine, Call, LedgerEntry, LedgerEvent, Posting, Programme
from mobility.vouchers.models import Voucher
from mobility.vouchers.states import DRAFT


def find(id: int, user: User) -> Programme:
    """A programme that `user` owns, or any for an administrator; 404 otherwise."""
    return programmes.find(id) if user.is_administrator else programmes.find_as(id, user, Role.OWNER)


def granted(call_id: int) -> Granted:
    days = (func.min(Voucher.requested_on), func.max(Voucher.requested_on))
    committed = select(LedgerEntry.voucher_id).where(LedgerEntry.event == LedgerEvent.COMMIT.value)
    lines = select(BudgetLine.id).where(BudgetLine.call_id == call_id)
    rows = select(*days).where(Voucher.id.in_(committed.where(LedgerEntry.budget_line_id.in_(lines))))
    return Granted(*db.session.execute(rows).one())


def days_problems(call: Call, opens_on: date, closes_on: date | None) -> Iterator[Problem]:
    """Why a call cannot open and close on these days: what it has granted was requested while it was open."""
    known = granted(call.id)
    if day := rules.opens_too_late(call.opens_on, opens_on, known):
        words = f"A voucher that is granted was requested on {format_day(day)}: the call cannot open after that."
        yield Problem("opens_on", words)
    if day := rules.closes_too_early(call.closes_on, closes_on, known):
        words = f"A voucher that is granted was requested on {format_day(day)}: the call cannot end before that."
        yield Problem("closes_on", words)


def not_yet_requested(call: Call) -> list[User]:
    """Holders of drafts that may be requested while the call is open."""
    kinds = select(BudgetLine.voucher_kind).where(BudgetLine.call_id == call.id)
    of_it = (Voucher.programme_id == call.programme_id, Voucher.state == DRAFT, Voucher.kind.in_(kinds))
    return list(db.session.scalars(select(User).where(User.id.in_(select(Voucher.holder_id).where(*of_it)), User.active)))


def appropriations(programme_id: int, number: int) -> Page:
    """Money that was added to the lines of a programme, newest first; `now` is the amount with its corrections."""
    found = _appropriations().where(Call.programme_id == programme_id)
    total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    return paged(found.order_by(LedgerEntry.id.desc()), number, total=total)


def appropriation(id: int, programme_id: int) -> Any:
    """One of them as a row, or 404."""
    found = _appropriations().where(Call.programme_id == programme_id, LedgerEntry.id == id)
    return or_404(db.session.execute(found).one_or_none())


def _appropriations() -> Select[*tuple[Any, ...]]:
    """Entries that themselves correct are none."""
    correcting = select(AppropriationCorrection.entry_id)
    return (
        select(
            LedgerEntry.id,
            LedgerEntry.at,
            LedgerEntry.note,
            LedgerEntry.budget_line_id.label("line_id"),
            BudgetLine.name.label("line"),
            BudgetLine.available,
            Call.name.label("call"),
            User.name.label("person"),
            Posting.amount,
            cast(Posting.amount + _corrected(), Cents()).label("now"),
        )
        .select_from(LedgerEntry)
        .join(LedgerEntry.budget_line)
        .join(BudgetLine.call)
        .join(Posting, (Posting.entry_id == LedgerEntry.id) & (Posting.amount > NOTHING))
        .outerjoin(User, LedgerEntry.by_id == User.id)
        .where(LedgerEntry.event == LedgerEvent.APPROPRIATE.value, LedgerEntry.id.not_in(correcting))
    )


def _corrected() -> Any:
    """What the corrections of an entry add up to."""
    entry, posting = aliased(LedgerEntry), aliased(Posting)
    sign = case((entry.event == LedgerEvent.APPROPRIATE.value, posting.amount), else_=-posting.amount)
    return (
        select(func.coalesce(func.sum(sign), 0))
        .select_from(AppropriationCorrection)
        .join(entry, AppropriationCorrection.entry_id == entry.id)
        .join(posting, (posting.entry_id == entry.id) & (posting.amount > NOTHING))
        .where(AppropriationCorrection.corrects_id == LedgerEntry.id)
        .correlate(LedgerEntry)
        .scalar_subquery()
    )


def newest_entry(line_id: int) -> int:
    """Of a line that is locked: the one that was just made."""
    return db.session.scalars(select(func.max(LedgerEntry.id)).where(LedgerEntry.budget_line_id == line_id)).one()


def lock_line(row: Any) -> Decimal:
    """Nobody else moves the line's money until the transaction ends; returns what it has available."""
    locked = programmes.lock_budget_line(row.line_id)
    available: Decimal = locked.available
    return available
