"""What leaves a batch: the instruction for the bank's file, and its payments as a table."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from mobility.core.errors import GuardRefused
from mobility.payments.bankfile import Instruction, Order, Party
from mobility.payments.models import OUTCOMES, Payment, PaymentBatch
from mobility.payments.rules import day_asked_for, no_file_for
from mobility.payments.workflow import APPROVED, SENT, all_payable

HEADER = (
    "Batch",
    "Voucher",
    "End-to-end reference",
    "Holder",
    "Account holder",
    "Account",
    "Amount",
    "Currency",
    "Claimed on",
    "Pay by",
    "Outcome",
    "On",
    "Reason",
)

NO_ACCOUNT = (
    "This batch was approved without an account to pay from, so there is no file for the bank. "
    "Choose its day again: that approves it from the account in use."
)


def instruction(batch: PaymentBatch, today: date) -> Instruction:
    """What the bank is asked to do. Only for a batch that is approved, or sent and to be read again.

    Raises GuardRefused if an account has changed since, or the programme's money is no euro.
    """
    if problem := no_file_for(batch.programme.currency):
        raise GuardRefused(problem)
    if batch.state not in {APPROVED, SENT} or batch.approved_at is None or batch.execution_on is None:
        raise GuardRefused("The file for the bank is available once the batch is approved, until it is settled.")
    if batch.state == APPROVED and (problem := all_payable(batch, None)):
        raise GuardRefused(problem)
    payer = batch.paying_account
    if payer is None:
        raise GuardRefused(NO_ACCOUNT)
    return Instruction(
        message_id=batch.message_id,
        made_at=batch.approved_at,
        execution_on=day_asked_for(batch.execution_on, today),
        payer=Party(payer.holder_name, payer.iban, payer.bic),
        currency=batch.programme.currency,
        orders=[_order(each) for each in batch.rows],
    )


def _order(payment: Payment) -> Order:
    account, voucher = payment.account, payment.voucher
    invoice = f", invoice {voucher.claim.invoice_number}" if voucher.claim and voucher.claim.invoice_number else ""
    return Order(
        to=Party(account.holder_name, account.iban, account.bic),
        amount=payment.amount,
        end_to_end_id=payment.end_to_end_id,
        remittance=f"{voucher.traits.label} {voucher.reference}{invoice}, {voucher.programme.name}",
    )


def table(batch: PaymentBatch, whole: bool = False) -> Iterator[list[Any]]:
    """A row for each payment, under HEADER. The account is masked, unless the bank is told by this table (decision 7)."""
    for each in batch.rows:
        voucher = each.voucher
        yield [
            batch.reference,
            voucher.reference,
            each.end_to_end_id,
            voucher.holder.name,
            each.account.holder_name,
            each.account.iban if whole else each.account.masked,
            each.amount,
            batch.programme.currency,
            voucher.claimed_on,
            voucher.due_on or voucher.claimed_on,
            OUTCOMES.get(each.outcome or "", "Open"),
            each.settled_on,
            each.reason,
        ]
