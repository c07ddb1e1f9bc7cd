"""Reads of payments: the claims that wait to be collected, batches, and one batch with all its page shows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import joinedload, load_only, selectinload

from mobility.banking.models import BankAccount
from mobility.banking.queries import current_of_many
from mobility.claims.models import Claim
from mobility.core.database import db
from mobility.core.paging import Page, paged
from mobility.core.web import or_404
from mobility.exchanges.models import Exchange
from mobility.lists.columns import Column, Kind, Listing, Reached
from mobility.payments.models import BOUNCED, PAID, RETURNED, TAKEN_OUT, BankFile, Payment, PaymentBatch
from mobility.payments.workflow import OPEN, WORKFLOW, interest_in_batch
from mobility.people.models import Membership, User
from mobility.people.roles import Role
from mobility.vouchers.models import Voucher
from mobility.vouchers.states import VALIDATED

MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Waiting:
    """A validated claim that is in no batch: whom it pays, and what came back from the bank before, if anything did."""

    voucher: Voucher
    account: BankAccount | None
    bounced: Payment | None

    @property
    def payee(self) -> str:
        """Who is paid: the account's holder as the bank knows them, until then by their own name."""
        if self.account is not None:
            return self.account.holder_name
        return str(payee_of(self.voucher).name)


def payee_of(voucher: Voucher) -> Any:
    """The person or organisation that the claim names."""
    wanted = voucher.claim.payee if voucher.claim else {"user_id": voucher.holder_id}
    if "user_id" in wanted:
        return voucher.holder
    return voucher.provider if wanted["organisation_id"] == voucher.provider_id else voucher.holder_organisation


def waiting(programme_id: int, page: int) -> Page:
    """What could be collected, the most urgent first: `Waiting` rows. Four queries."""
    chosen = _collectable(programme_id)
    ids = paged(chosen.order_by(Voucher.due_on.asc().nulls_last(), Voucher.id), page, per_page=MOST_AT_ONCE)
    return ids.made(with_accounts)


def _collectable(programme_id: int) -> Select[Any]:
    return select(Voucher.id).where(
        Voucher.programme_id == programme_id, Voucher.state == VALIDATED, ~exists().where(_open_or_paid())
    )


def _open_or_paid() -> Any:
    """A payment of the voucher that is open or paid."""
    return (Payment.voucher_id == Voucher.id) & or_(Payment.outcome.is_(None), Payment.outcome == PAID)


def amount_waiting(programme_id: int) -> Any:
    """What all of them come to."""
    ids = _collectable(programme_id)
    return db.session.scalar(select(func.sum(Voucher.final_amount)).where(Voucher.id.in_(ids)))


def with_accounts(ids: Collection[int]) -> list[Waiting]:
    """These vouchers, the most urgent first, each with the account its claim names."""
    if not ids:
        return []
    vouchers = (
        db.session.scalars(_vouchers().where(Voucher.id.in_(ids)).order_by(Voucher.due_on.asc().nulls_last(), Voucher.id))
        .unique()
        .all()
    )
    payees = {each.id: each.claim.payee if each.claim else {"user_id": each.holder_id} for each in vouchers}
    people = {wanted["user_id"] for wanted in payees.values() if "user_id" in wanted}
    organisations = {wanted["organisation_id"] for wanted in payees.values() if "organisation_id" in wanted}
    of_people, of_organisations = current_of_many(people, organisations)
    bounced = _bounced(ids)
    rows = []
    for voucher in vouchers:
        wanted = payees[voucher.id]
        found = of_people.get(wanted["user_id"]) if "user_id" in wanted else of_organisations.get(wanted["organisation_id"])
        rows.append(Waiting(voucher, found, bounced.get(voucher.id)))
    return rows


def _bounced(ids: Collection[int]) -> dict[int, Payment]:
    """The last payment of each voucher that came back, before or after it was paid."""
    found = db.session.scalars(
        select(Payment).where(Payment.voucher_id.in_(ids), Payment.outcome.in_((BOUNCED, RETURNED))).order_by(Payment.id)
    )
    return {each.voucher_id: each for each in found}


def _vouchers() -> Select[Any]:
    return select(Voucher).options(*_about_voucher()).execution_options(populate_existing=True)


@cache
def _about_voucher() -> tuple[Any, ...]:
    """What rows show of a voucher, whatever leads to it."""
    return (
        joinedload(Voucher.programme, innerjoin=True),
        joinedload(Voucher.holder, innerjoin=True).lazyload(User.memberships),
        joinedload(Voucher.holder_organisation, innerjoin=True),
        joinedload(Voucher.provider),
        joinedload(Voucher.validated_by).lazyload(User.memberships),
        joinedload(Voucher.claim).lazyload(Claim.evidence),
        joinedload(Voucher.exchange).options(joinedload(Exchange.theme), joinedload(Exchange.delegates)),
    )


def lock_vouchers(ids: Collection[int]) -> None:
    """Their rows, locked until the transaction ends, always in the same order."""
    statement = select(Voucher.id).where(Voucher.id.in_(ids)).order_by(Voucher.id)
    db.session.execute(statement.with_for_update(key_share=True)).all()


def standing(ids: Collection[int]) -> dict[int, PaymentBatch]:
    """Which of these vouchers have a payment that is open or paid, and in which batch."""
    if not ids:
        return {}
    found = db.session.execute(
        select(Payment.voucher_id, PaymentBatch)
        .join(Payment.batch)
        .where(Payment.voucher_id.in_(ids), or_(Payment.outcome.is_(None), Payment.outcome == PAID))
    )
    return dict(found.all())


def attempts(ids: Collection[int]) -> dict[int, int]:
    """How many payments of each voucher there have been."""
    counted = select(Payment.voucher_id, func.count()).where(Payment.voucher_id.in_(ids)).group_by(Payment.voucher_id)
    return dict(db.session.execute(counted).all())


# Batches


def batches(programme_id: int, page: int) -> Page:
    """(batch, payments, total) of each, those that are open first, then the newest. Two queries."""
    mine = PaymentBatch.programme_id == programme_id
    count = db.session.scalar(select(func.count()).select_from(PaymentBatch).where(mine)) or 0
    counted = or_(Payment.outcome.is_(None), Payment.outcome != TAKEN_OUT)
    rows = (
        select(PaymentBatch, func.count(Payment.id), func.sum(Payment.amount))
        .outerjoin(Payment, (Payment.batch_id == PaymentBatch.id) & counted)
        .where(mine)
        .group_by(PaymentBatch.id)
        .order_by(PaymentBatch.state.in_(OPEN).desc(), PaymentBatch.id.desc())
    )
    return paged(rows, page, selectinload(PaymentBatch.collected_by).lazyload(User.memberships), total=count)


def find(id: int, user: Any, for_update: bool = False) -> PaymentBatch:
    """The batch with all its page shows, or 404 if this person may not see it.

    `for_update` locks its vouchers and then the batch (the order of all locks), and reads everything again.
    """
    if for_update:
        lock(id)
    batch = db.session.scalar(_whole(), {"id": id})
    return or_404(batch if batch is not None and WORKFLOW.may_see(user, batch) else None)


def lock(id: int) -> None:
    lock_vouchers(db.session.scalars(select(Payment.voucher_id).where(Payment.batch_id == id)).all())
    db.session.execute(select(PaymentBatch.id).where(PaymentBatch.id == id).with_for_update(key_share=True))


@cache
def _whole() -> Select[Any]:
    payments = selectinload(PaymentBatch.payments)
    return (
        select(PaymentBatch)
        .where(PaymentBatch.id == bindparam("id"))
        .options(
            joinedload(PaymentBatch.programme, innerjoin=True),
            joinedload(PaymentBatch.collected_by, innerjoin=True).lazyload(User.memberships),
            joinedload(PaymentBatch.paying_account),
            joinedload(PaymentBatch.approved_by).lazyload(User.memberships),
            selectinload(PaymentBatch.files).joinedload(BankFile.made_by, innerjoin=True).lazyload(User.memberships),
            payments.joinedload(Payment.account, innerjoin=True),
            payments.joinedload(Payment.voucher, innerjoin=True).options(*_about_voucher()),
        )
        .execution_options(populate_existing=True)
    )


def approvers(batch: PaymentBatch) -> Sequence[User]:
    """The finance officers who may approve it: neither collected it nor validated one of its claims (money.md), nor have a part
    in one."""
    without = {batch.collected_by_id, *(each.voucher.validated_by_id for each in batch.rows)}
    officers = (each for each in _officers(batch.programme_id) if each.id not in without)
    return [each for each in officers if not interest_in_batch(batch, each)]


def _officers(programme_id: int) -> Sequence[User]:
    """With all that an interest is found by."""
    ids = select(Membership.user_id).where(
        Membership.programme_id == programme_id, Membership.current, Membership.role == Role.FINANCE_OFFICER
    )
    found_by = (selectinload(each) for each in (User.memberships, User.bank_accounts))
    query = select(User).where(User.active, User.id.in_(ids)).options(*found_by).order_by(User.name, User.id)
    return db.session.scalars(query).all()


def under_way(programme_id: int) -> list[str]:
    """The batches of a programme that are not settled: their references."""
    query = select(PaymentBatch).where(PaymentBatch.programme_id == programme_id, PaymentBatch.state.in_(OPEN))
    return [each.reference for each in db.session.scalars(query.options(load_only(PaymentBatch.id)).order_by(PaymentBatch.id))]


WAITING = Listing(
    "claims-to-pay",
    "Claims to pay",
    (
        Column("Voucher", "voucher.reference"),
        Column("Holder", "voucher.holder.name"),
        Column("Payee", "payee"),
        Column("Amount", "voucher.final_amount", Kind.MONEY, None),
        Column("Pay by", "voucher.due_on", Kind.DAY),
    ),
    reached=Reached("holders", "voucher.holder_id", key="voucher.id", page="vouchers.show"),
)
BATCHES = Listing(
    "payment-batches",
    "Payment batches",
    (
        Column("Batch", lambda row: row[0].reference),
        Column("State", lambda row: row[0].state_label()),
        Column("Collected by", lambda row: row[0].collected_by.name),
        Column("Payments", lambda row: row[1], Kind.NUMBER),
        Column("Total", lambda row: row[2], Kind.MONEY, None),
        Column("To be paid on", lambda row: row[0].execution_on, Kind.DAY),
    ),
)
