"""The mails about payments: one function and one folder of templates/mail for each."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from mobility.core.links import path_of
from mobility.notifications.operations import post
from mobility.payments import queries
from mobility.payments.models import Payment, PaymentBatch
from mobility.people.models import User
from mobility.people.queries import people_in, people_in_programme
from mobility.people.roles import Role
from mobility.vouchers.messages import claimants
from mobility.vouchers.models import Voucher


def batch_to_approve(batch: PaymentBatch) -> None:
    """To those who may approve it. The first of its claims' promises says until when."""
    due = min((each.voucher.due_on for each in batch.rows if each.voucher.due_on), default=None)
    post("batch_to_approve", queries.approvers(batch), about=batch, path=path_of("payments.show", id=batch.id), due=due)


def voucher_paid(payment: Payment) -> None:
    """To whoever claimed, and to whoever the account belongs to: the money is on its way."""
    _about_voucher("voucher_paid", _paid(payment), payment.voucher, payment=payment)


def payment_bounced(payment: Payment) -> None:
    """The bank sent it back: the account has to be looked at before it can be paid again."""
    post(
        "payment_bounced",
        _paid(payment),
        about=payment.voucher,
        path=path_of("banking.index"),
        payment=payment,
    )


def voucher_recovered(voucher: Voucher, amount: Decimal, reason: str) -> None:
    """To whoever claimed, and the programme's owners: what comes back, and why."""
    owners = people_in_programme(voucher.programme_id, Role.OWNER)
    _about_voucher("voucher_recovered", [*claimants(voucher), *owners], voucher, amount=amount, reason=reason)


def _about_voucher(kind: str, to: Iterable[User], voucher: Voucher, **context: Any) -> None:
    post(kind, to, about=voucher, path=path_of("vouchers.show", id=voucher.id), **context)


def _paid(payment: Payment) -> list[User]:
    """Each once: `post` sees to that."""
    organisation_id = payment.account.organisation_id
    coordinators = people_in(organisation_id, Role.COORDINATOR) if organisation_id else []
    return [*claimants(payment.voucher), *coordinators]
