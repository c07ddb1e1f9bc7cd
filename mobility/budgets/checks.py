"""The ledger's check (money.md)."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, or_, select

from mobility.core.database import db
from mobility.core.money import NOTHING, written
from mobility.programmes.models import Account, BudgetLine, LedgerEntry, Posting
from mobility.vouchers.models import Voucher


def check_ledger(uncommitted_states: Iterable[str] = ()) -> list[str]:
    """What is wrong with the ledger, one sentence for each offending row; nothing when all is well (money.md).

    A voucher in one of `uncommitted_states` (the final ones of workflows.md if none are named) must have nothing committed.
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
    amount = func.sum(Posting.amount)
    rows = db.session.execute(
        select(Voucher.id, Voucher.state, amount)
        .join(LedgerEntry, LedgerEntry.voucher_id == Voucher.id)
        .join(Posting)
        .where(Voucher.state.in_(states), Posting.account == Account.COMMITTED.value)
        .group_by(Voucher.id, Voucher.state)
        .having(amount != NOTHING)
        .order_by(Voucher.id)
    )
    return [f"Voucher {id}: is {state}, but {written(left)} are committed for it." for id, state, left in rows]
