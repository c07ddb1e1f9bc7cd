"""The ledger's check (money.md)."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import func, or_, select

from mobility.core.database import db
from mobility.core.money import NOTHING, written
from mobility.programmes.models import Account, BudgetLine, LedgerEntry, LedgerEvent, Posting
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


ONCE_MORE_THAN = {  # an event can be again once another has undone it
    LedgerEvent.COMMIT: LedgerEvent.RELEASE,
    LedgerEvent.SPEND: LedgerEvent.COME_BACK,
}


def _doubled_events() -> list[str]:
    """Whatever was done twice without being undone between; money is recovered in as many parts as one likes."""
    count = func.count(LedgerEntry.id)
    found: dict[int | None, dict[str, int]] = {}
    rows = select(LedgerEntry.voucher_id, LedgerEntry.event, count).where(LedgerEntry.voucher_id.is_not(None))
    rows = rows.group_by(LedgerEntry.voucher_id, LedgerEntry.event).order_by(LedgerEntry.voucher_id)
    doubled = select(LedgerEntry.voucher_id).where(LedgerEntry.event != LedgerEvent.RECOVER.value)
    doubled = doubled.group_by(LedgerEntry.voucher_id, LedgerEntry.event).having(count > 1)
    for voucher, event, number in db.session.execute(rows.where(LedgerEntry.voucher_id.in_(doubled))):
        found.setdefault(voucher, {})[event] = number
    return [
        f"Voucher {voucher}: {events[event]} entries for {event}."
        for voucher, events in found.items()
        for event, most in _most(events).items()
        if events.get(event, 0) > most
    ]


def _most(events: Mapping[str, int]) -> dict[str, int]:
    """How often each event can have been, by how often the others were."""
    most: dict[str, int] = {}
    for event, undone_by in ONCE_MORE_THAN.items():
        most |= {event.value: events.get(undone_by, 0) + 1, undone_by.value: events.get(event, 0)}
    return most


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
