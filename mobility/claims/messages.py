"""The mails about a claim: one function and one folder of templates/mail for each."""

from typing import Any

from mobility.claims import queries
from mobility.claims.models import Claim
from mobility.claims.rules import (
    is_light,
)
from mobility.core.links import path_of
from mobility.notifications.operations import post
from mobility.people.models import User
from mobility.people.queries import people_in_programme
from mobility.people.roles import Role
from mobility.rates.rules import total
from mobility.vouchers.messages import claimants


def claim_submitted(claim: Claim) -> None:
    """To whoever validates: the finance officers; in light, or where there are none, the owners."""
    voucher = claim.voucher
    officers = people_in_programme(voucher.programme_id, Role.FINANCE_OFFICER)
    owners = people_in_programme(voucher.programme_id, Role.OWNER) if is_light(voucher) or not officers else []
    _post("claim_submitted", [*officers, *owners], claim, total=total(claim.amount_lines))


def claim_returned(claim: Claim, reason: str) -> None:
    """To the claimant: what to correct, and by when."""
    path = path_of("vouchers.claim", id=claim.voucher_id)
    post("claim_returned", claimants(claim.voucher), about=claim.voucher, path=path, claim=claim, reason=reason)


def claim_validated(claim: Claim, lines: Any) -> None:
    """To the claimant: what is paid, why it differs, by when."""
    account = queries.account_of(claim)
    _post("claim_validated", claimants(claim.voucher), claim, lines=lines, account=account)


def validation_taken_back(claim: Claim, reason: str) -> None:
    """To the claimant, who was told what would be paid."""
    _post("validation_taken_back", claimants(claim.voucher), claim, reason=reason)


def _post(kind: str, to: list[User], claim: Claim, **context: Any) -> None:
    voucher = claim.voucher
    post(kind, to, about=voucher, path=path_of("vouchers.show", id=voucher.id), claim=claim, **context)
