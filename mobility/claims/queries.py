"""Reads of claims."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from mobility.banking import queries as banking
from mobility.banking.models import BankAccount
from mobility.claims.models import HOLDER, ORGANISATION, Claim, Evidence, payee
from mobility.claims.rules import may_see
from mobility.core.database import db
from mobility.core.web import or_404
from mobility.vouchers import queries as vouchers
from mobility.vouchers.models import Voucher
from mobility.workflows.history import HistoryEntry


def claim_of(voucher: Voucher) -> Claim | None:
    """The voucher's claim as it is now. Whoever changes it has locked the voucher."""
    return db.session.scalar(select(Claim).where(Claim.voucher_id == voucher.id).execution_options(populate_existing=True))


def find_evidence(voucher_id: int, id: int, user: Any) -> Evidence:
    """A file of a claim that this person may read, or 404."""
    voucher = vouchers.find(voucher_id, user)
    found = db.session.scalar(select(Evidence).join(Evidence.claim).where(Evidence.id == id, Claim.voucher_id == voucher.id))
    return or_404(found if found is not None and may_see(user, voucher) else None)


def last_return(voucher: Voucher) -> HistoryEntry | None:
    """Who returned the claim, when and why; nothing if it never was."""
    returned = select(HistoryEntry).where(
        HistoryEntry.subject_type == voucher.subject_type,
        HistoryEntry.subject_id == voucher.id,
        HistoryEntry.action == "return_claim",
    )
    return db.session.scalar(returned.order_by(HistoryEntry.id.desc()).limit(1))


def known_keys(keys: Collection[str]) -> set[str]:
    """Those of the store's files that some evidence names."""
    return set(db.session.scalars(select(Evidence.key).where(Evidence.key.in_(keys))))


def account_of(claim: Claim) -> BankAccount | None:
    """The account that is paid, as it is in force now."""
    return banking.current(**claim.payee)


def accounts_of(voucher: Voucher) -> dict[str, BankAccount | None]:
    """The accounts between which the claimant may choose, by what a claim calls them."""
    chosen = (HOLDER, ORGANISATION) if voucher.traits.pays_holder else (HOLDER,)
    return {each: banking.current(**payee(voucher, each)) for each in chosen}
