"""Reads of claims."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mobility.banking import queries as banking
from mobility.banking.models import BankAccount
from mobility.claims.models import HOLDER, ORGANISATION, Claim, Evidence, payee
from mobility.claims.rules import (
    invoice_key,
    may_see,
)
from mobility.core.database import db
from mobility.core.web import or_404
from mobility.followup.models import QuestionnaireRequest
from mobility.vouchers import queries as vouchers
from mobility.vouchers.models import Voucher
from mobility.workflows.history import HistoryEntry


def claim_of(voucher: Voucher) -> Claim | None:
    """The voucher's claim as it is now. Whoever changes it has locked the voucher."""
    return db.session.scalar(select(Claim).where(Claim.voucher_id == voucher.id).execution_options(populate_existing=True))


def version_of(claim: Claim | None, report: QuestionnaireRequest | None) -> int | None:
    """Of what the page holds: it grows with each saving of the claim's draft or the report's; None before the first."""
    return (claim.version if claim else 0) + (report.draft_version or 0 if report else 0) or None


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


@dataclass(frozen=True)
class Twin:
    """Another claim with the same invoice: by the provider's number, or by the names of files that are the same to the byte."""

    claim: Claim
    same_number: bool
    files: tuple[str, ...]

    @property
    def words(self) -> str:
        """What is the same, in a sentence."""
        what = "This number of an invoice" if self.same_number else f"The file “{self.files[0]}”" if self.files else ""
        return f"{what} is already on voucher {self.claim.voucher.reference}."


def twins_of(voucher: Voucher, number: str | None = None) -> list[Twin]:
    """Claims of other vouchers with the same invoice, the oldest first; `number` is one that is only typed yet."""
    claim = claim_of(voucher)
    number = number if number is not None else claim.invoice_number if claim else ""
    files = {each.sha256: each.name for each in claim.evidence} if claim else {}
    numbered, filed = _with_number(voucher, invoice_key(number)), _with_files(voucher, files)
    others = select(Claim).where(Claim.id.in_({*numbered, *filed})).options(joinedload(Claim.voucher)).order_by(Claim.id)
    found = db.session.scalars(others).all() if numbered or filed else ()
    return [Twin(each, each.id in numbered, tuple(filed.get(each.id, ()))) for each in found]


def _with_number(voucher: Voucher, key: str) -> set[int]:
    """The ids of the provider's other claims with this number."""
    if not key or voucher.provider_id is None:
        return set()
    of_provider = select(Claim.id, Claim.invoice_number).join(Claim.voucher).where(Voucher.provider_id == voucher.provider_id)
    rows = db.session.execute(of_provider.where(Claim.voucher_id != voucher.id, Claim.invoice_number != ""))
    return {id for id, number in rows if invoice_key(number) == key}


def _with_files(voucher: Voucher, names: Mapping[str, str]) -> dict[int, list[str]]:
    """The ids of other claims with files of these hashes, and which."""
    if not names:
        return {}
    same = select(Evidence.claim_id, Evidence.sha256).join(Evidence.claim).where(Evidence.sha256.in_(names))
    found: dict[int, list[str]] = {}
    for id, digest in db.session.execute(same.where(Claim.voucher_id != voucher.id)):
        found.setdefault(id, []).append(names[digest])
    return found


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
