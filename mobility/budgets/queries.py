"""A budget line: its movements, what is asked of it, what became of its vouchers."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func, or_, select, union_all
from sqlalchemy.orm import selectinload

from mobility.applications.models import Delegate
from mobility.budgets.rules import MOST_HISTORY, History
from mobility.core.database import db
from mobility.core.money import NOTHING
from mobility.core.paging import PER_PAGE, Page, in_batches
from mobility.exchanges.models import Exchange
from mobility.lists.columns import Column, Kind, Listing
from mobility.people.models import Membership, User
from mobility.programmes.models import Call, LedgerEntry, Posting
from mobility.vouchers.kinds import KINDS
from mobility.vouchers.models import Voucher
from mobility.vouchers.states import VALIDATED


def calls_with_lines(programme_id: int) -> Sequence[Call]:
    """Newest first, each with its budget lines."""
    return db.session.scalars(
        select(Call)
        .where(Call.programme_id == programme_id)
        .options(selectinload(Call.budget_lines))
        .order_by(Call.opens_on.desc(), Call.id.desc())
    ).all()


@dataclass(frozen=True)
class Movements:
    """Some movements of a line as plain rows, newest first; the ids to go on from, if there are more."""

    items: Sequence[Any]
    older: int | None
    newer: int | None


def movements(line_id: int, before: int | None = None, after: int | None = None) -> Movements:
    """25 movements of a line, next to an entry. Nothing is counted: a line may have hundreds of thousands (index line, id)."""
    found = _movements().where(LedgerEntry.budget_line_id == line_id)
    if after is not None:
        rows = db.session.execute(found.where(LedgerEntry.id > after).order_by(LedgerEntry.id)).all()
        shown, more_newer, more_older = rows[:PER_PAGE][::-1], len(rows) > PER_PAGE, True
    else:
        if before is not None:
            found = found.where(LedgerEntry.id < before)
        rows = db.session.execute(found.order_by(LedgerEntry.id.desc())).all()
        shown, more_newer, more_older = rows[:PER_PAGE], before is not None, len(rows) > PER_PAGE
    older = shown[-1].id if shown and more_older else None
    return Movements(shown, older, shown[0].id if shown and more_newer else None)


def all_movements(line_id: int) -> Page:
    """All of them for a file: they are asked for as it is written, and not counted, as there is always one."""
    found = _movements().where(LedgerEntry.budget_line_id == line_id).order_by(LedgerEntry.id.desc()).limit(None)
    return Page((), 1, 1, batches=lambda: in_batches(found))


@cache
def _movements() -> Any:
    """An entry with its amount: that of the account which it came into."""
    return (
        select(
            LedgerEntry.id,
            LedgerEntry.at,
            LedgerEntry.event,
            LedgerEntry.voucher_id,
            LedgerEntry.note,
            User.name.label("person"),
            Posting.amount,
        )
        .join(Posting, (Posting.entry_id == LedgerEntry.id) & (Posting.amount > NOTHING))
        .outerjoin(User, LedgerEntry.by_id == User.id)
        .limit(PER_PAGE + 1)
    )


OPEN_REQUESTS = ("requested", "returned", "recommended")
ENDED_AFTER_ISSUE = ("paid", "recovered", "expired", "lapsed", "withdrawn", "revoked")
SPENT = ("paid", "recovered")


class Asked(NamedTuple):
    """How many vouchers of a line wait for a decision, what they ask for together, and what validated claims will be paid."""

    requests: int = 0
    amount: Decimal = NOTHING
    validated: Decimal = NOTHING


def asked(line_ids: Sequence[int]) -> dict[int, Asked]:
    """By line, for those of which something is asked."""
    is_open, is_validated = Voucher.state.in_(OPEN_REQUESTS), Voucher.state == VALIDATED
    sums = (func.sum(Voucher.amount).filter(is_open), func.sum(Voucher.final_amount).filter(is_validated))
    rows = db.session.execute(
        select(Voucher.budget_line_id, func.count().filter(is_open), *(func.coalesce(each, NOTHING) for each in sums))
        .where(Voucher.budget_line_id.in_(line_ids), Voucher.state.in_((*OPEN_REQUESTS, VALIDATED)))
        .group_by(Voucher.budget_line_id)
    )
    return {line_id: Asked(*found) for line_id, *found in rows if line_id is not None}


def waiting_with(line_id: int, person: User) -> Sequence[Voucher]:
    """The requests that wait for a line's money and may have to do with somebody: `interest_in` says which really have."""
    places = select(Membership.organisation_id).where(Membership.user_id == person.id, Membership.organisation_id.is_not(None))
    sides = (Voucher.holder_organisation_id, Voucher.host_id, Voucher.provider_id)
    trips = select(Exchange.id).join(Exchange.delegates).where(or_(Delegate.email == person.email, Delegate.name == person.name))
    theirs = or_(Voucher.holder_id == person.id, *(side.in_(places) for side in sides), Voucher.exchange_id.in_(trips))
    waits = (Voucher.budget_line_id == line_id, Voucher.state.in_(OPEN_REQUESTS))
    return db.session.scalars(select(Voucher).where(*waits, theirs).order_by(Voucher.id)).all()


def redemption(line_id: int) -> History:
    """What became of the last vouchers of a line that were issued and have ended: at most `MOST_HISTORY` are looked at."""
    return History(*db.session.execute(_redemption(), {"line": line_id}).one())


@cache
def _redemption() -> Any:
    """Each state is read from the end of its index, so that a line with a hundred thousand vouchers takes no longer."""
    newest = [
        select(Voucher.issued_at, Voucher.state, Voucher.amount, Voucher.final_amount)
        .where(Voucher.budget_line_id == bindparam("line"), Voucher.state == state, Voucher.issued_at.is_not(None))
        .order_by(Voucher.issued_at.desc())
        .limit(MOST_HISTORY)
        .subquery()
        .select()
        for state in ENDED_AFTER_ISSUE
    ]
    ended = union_all(*newest).subquery()
    last = select(ended).order_by(ended.c.issued_at.desc()).limit(MOST_HISTORY).subquery().c
    paid = and_(last.state.in_(SPENT), last.final_amount.is_not(None))
    sums = [func.coalesce(func.sum(amount).filter(paid), NOTHING) for amount in (last.amount, last.final_amount)]
    return select(func.count(), func.count().filter(last.state.in_(SPENT)), *sums)


LINES = Listing(
    "budget-lines",
    "Budget lines",
    (
        Column("Call", "call.name"),
        Column("Opens", "call.opens_on", Kind.DAY),
        Column("Closes", "call.closes_on", Kind.DAY),
        Column("Budget line", "name"),
        Column("Kind of voucher", lambda each: KINDS[each.voucher_kind].label),
        Column("Available", "available", Kind.MONEY, None),
        Column("Committed", "committed", Kind.MONEY, None),
        Column("Spent", "spent", Kind.MONEY, None),
    ),
)
MOVEMENTS = Listing(
    "movements",
    "Movements",
    (
        Column("Number", "id", Kind.NUMBER),
        Column("When", "at", Kind.INSTANT),
        Column("What", "event"),
        Column("Amount", "amount", Kind.MONEY, None),
        Column("Voucher", lambda each: f"V-{each.voucher_id:06d}" if each.voucher_id else None),
        Column("By", "person"),
        Column("Note", "note"),
    ),
)
