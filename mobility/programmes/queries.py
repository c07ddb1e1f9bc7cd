"""Reads of programmes, calls, budget lines and the ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from mobility.core.database import db
from mobility.core.money import written
from mobility.core.pages import PER_PAGE, or_404
from mobility.people.models import User
from mobility.programmes.forecast import MOST_HISTORY, History
from mobility.programmes.models import (
    Account,
    BudgetLine,
    Call,
    LedgerEntry,
    LedgerEvent,
    Posting,
    Programme,
    RateCard,
)

NOTHING = Decimal(0)


def find(id: int) -> Programme:
    """A programme, or 404. Programmes are public."""
    return or_404(db.session.get(Programme, id))


def lock(id: int) -> Programme:
    """A programme's row, locked and read anew: for changing its rules."""
    return db.session.scalars(
        select(Programme)
        .where(Programme.id == id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def find_as(id: int, user: User, *roles: str) -> Programme:
    """A programme in which this person holds one of `roles` (any if none is named), or 404."""
    held = user.roles_in_programme(id)
    return or_404(find(id) if held and (not roles or held.intersection(roles)) else None)


def all_programmes() -> Sequence[Programme]:
    """For the public list: with their calls."""
    return db.session.scalars(
        select(Programme).options(selectinload(Programme.calls)).order_by(Programme.name, Programme.id)
    ).all()


def programmes_of(user: User, *roles: str) -> Sequence[Programme]:
    return db.session.scalars(
        select(Programme).where(Programme.id.in_(user.programme_ids(*roles))).order_by(Programme.name)
    ).all()


def calls_with_lines(programme_id: int) -> Sequence[Call]:
    """Newest first, each with its budget lines."""
    return db.session.scalars(
        select(Call)
        .where(Call.programme_id == programme_id)
        .options(selectinload(Call.budget_lines))
        .order_by(Call.opens_on.desc(), Call.id.desc())
    ).all()


def newest_rate_card(programme_id: int, voucher_kind: str = "mobility") -> RateCard | None:
    """The rates in force for a kind of voucher."""
    return db.session.scalar(_rate_cards(programme_id, voucher_kind).limit(1))


def rate_cards(programme_id: int, voucher_kind: str) -> Sequence[RateCard]:
    """All versions, the newest first."""
    return db.session.scalars(_rate_cards(programme_id, voucher_kind)).all()


def rate_card(programme_id: int, voucher_kind: str, number: int) -> RateCard:
    """One version, or 404."""
    return or_404(db.session.scalar(_rate_cards(programme_id, voucher_kind).where(RateCard.number == number)))


def _rate_cards(programme_id: int, voucher_kind: str) -> Select[RateCard]:
    return (
        select(RateCard)
        .where(RateCard.programme_id == programme_id, RateCard.voucher_kind == voucher_kind)
        .order_by(RateCard.number.desc())
    )


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


def lock_budget_line(id: int) -> BudgetLine:
    """The line's row, locked until the transaction ends, as it is now: whoever moves money comes here first.

    SQLite has no row locks; there `transaction()` has begun with BEGIN IMMEDIATE.
    """
    return db.session.scalars(_locked_line(), {"id": id}).one()


@cache
def _locked_line() -> Select[BudgetLine]:
    line = select(BudgetLine).where(BudgetLine.id == bindparam("id"))
    return line.with_for_update(key_share=True).execution_options(populate_existing=True)


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


def open_requests(line_ids: Sequence[int]) -> dict[int, tuple[int, Decimal]]:
    """How many vouchers of each line wait for a decision, and what they ask for together.

    Vouchers are another feature's, so their table is read by its name.
    """
    voucher = db.metadata.tables["voucher"].c
    rows = db.session.execute(
        select(voucher.budget_line_id, func.count(), func.sum(voucher.amount))
        .where(voucher.budget_line_id.in_(line_ids), voucher.state.in_(OPEN_REQUESTS))
        .group_by(voucher.budget_line_id)
    )
    return {line_id: (count, amount) for line_id, count, amount in rows}


def redemption(line_id: int) -> History:
    """What became of the last vouchers of a line that were issued and have ended: at most `MOST_HISTORY` are looked at."""
    return History(*db.session.execute(_redemption(), {"line": line_id}).one())


@cache
def _redemption() -> Any:
    """Each state is read from the end of its index, so that a line with a hundred thousand vouchers takes no longer."""
    voucher = db.metadata.tables["voucher"].c
    newest = [
        select(voucher.issued_at, voucher.state, voucher.amount, voucher.final_amount)
        .where(voucher.budget_line_id == bindparam("line"), voucher.state == state, voucher.issued_at.is_not(None))
        .order_by(voucher.issued_at.desc())
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


def check_ledger(uncommitted_states: Iterable[str] = ()) -> list[str]:
    """What is wrong with the ledger, one sentence for each offending row; nothing when all is well (money.md).

    Vouchers are another feature's, so their table is read by its name. A voucher in one of `uncommitted_states` (the final
    ones of workflows.md if none are named) must have nothing committed.
    """
    return [
        *_unbalanced_entries(),
        *_wrong_balances(),
        *_negative_balances(),
        *_doubled_events(),
        *_committed_though_final(tuple(uncommitted_states) or FINAL_STATES),
    ]


FINAL_STATES = ("rejected", "expired", "lapsed", "withdrawn", "revoked", "paid", "recovered")


def _unbalanced_entries() -> list[str]:
    amount, count = func.coalesce(func.sum(Posting.amount), NOTHING), func.count(Posting.id)
    rows = db.session.execute(
        select(LedgerEntry.id, LedgerEntry.event, amount, count)
        .outerjoin(Posting)
        .group_by(LedgerEntry.id, LedgerEntry.event)
        .having(or_(amount != NOTHING, count < 2))
        .order_by(LedgerEntry.id)
    )
    return [
        f"Entry {id} ({event}): its {count} postings sum to {written(amount)} instead of zero."
        for id, event, amount, count in rows
    ]


def _wrong_balances() -> list[str]:
    wrong = []
    for account in (Account.AVAILABLE, Account.COMMITTED, Account.SPENT):
        posted = (
            select(func.coalesce(func.sum(Posting.amount), NOTHING))
            .join(LedgerEntry)
            .where(LedgerEntry.budget_line_id == BudgetLine.id, Posting.account == account.value)
            .scalar_subquery()
        )
        balance = getattr(BudgetLine, account.value)
        differing = select(BudgetLine.id, balance, posted).where(balance != posted).order_by(BudgetLine.id)
        wrong += [
            f"Budget line {id}: {account.value} shows {written(shown)}, its postings sum to {written(amount)}."
            for id, shown, amount in db.session.execute(differing)
        ]
    return wrong


def _negative_balances() -> list[str]:
    rows = db.session.execute(
        select(BudgetLine.id, BudgetLine.available).where(BudgetLine.available < NOTHING).order_by(BudgetLine.id)
    )
    return [f"Budget line {id}: available is {written(amount)}." for id, amount in rows]


def _doubled_events() -> list[str]:
    rows = db.session.execute(
        select(LedgerEntry.voucher_id, LedgerEntry.event, func.count())
        .where(LedgerEntry.voucher_id.is_not(None))
        .group_by(LedgerEntry.voucher_id, LedgerEntry.event)
        .having(func.count() > 1)
        .order_by(LedgerEntry.voucher_id, LedgerEntry.event)
    )
    return [f"Voucher {voucher}: {count} entries for {event}." for voucher, event, count in rows]


def _committed_though_final(states: Sequence[str]) -> list[str]:
    voucher = db.metadata.tables["voucher"]
    amount = func.sum(Posting.amount)
    rows = db.session.execute(
        select(voucher.c.id, voucher.c.state, amount)
        .join(LedgerEntry, LedgerEntry.voucher_id == voucher.c.id)
        .join(Posting)
        .where(voucher.c.state.in_(states), Posting.account == Account.COMMITTED.value)
        .group_by(voucher.c.id, voucher.c.state)
        .having(amount != NOTHING)
        .order_by(voucher.c.id)
    )
    return [f"Voucher {id}: is {state}, but {written(left)} are committed for it." for id, state, left in rows]


def appropriations(line_id: int) -> int:
    return (
        db.session.scalar(
            select(func.count()).where(
                LedgerEntry.budget_line_id == line_id, LedgerEntry.event == LedgerEvent.APPROPRIATE.value
            )
        )
        or 0
    )
