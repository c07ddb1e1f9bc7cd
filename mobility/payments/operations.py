"""From validated claims to the bank and back (workflows.md, pay and recover; money.md). `by` is a finance officer.

Locks, always in this order: the vouchers by their ids, the batch, the budget line (queries.find and lock_vouchers).
"""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from secrets import token_hex
from zoneinfo import ZoneInfo

from mobility.banking.models import masked
from mobility.banking.operations import checked_account
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import EditConflict, GuardRefused, Refusal
from mobility.core.money import NOTHING
from mobility.core.web import format_money
from mobility.core.wording import format_day, format_instant
from mobility.payments import messages, queries
from mobility.payments.models import BOUNCED, OUTCOMES, PAID, RETURNED, TAKEN_OUT, Payment, PaymentBatch
from mobility.payments.queries import Waiting
from mobility.payments.rules import LATEST, account_mark, day_problem, not_payable, recovery_problem
from mobility.payments.workflow import WORKFLOW, in_words
from mobility.people.models import User
from mobility.programmes import operations as programmes
from mobility.programmes.models import Programme
from mobility.vouchers.models import Voucher
from mobility.vouchers.states import VALIDATED
from mobility.vouchers.workflow import WORKFLOW as VOUCHER
from mobility.workflows.table import By, Done
from mobility.workflows.workflow import Actor


def collect(programme: Programme, *, by: By, chosen: Collection[int]) -> PaymentBatch:
    """A new batch of these validated vouchers, each to the account its claim names.

    Raises Refusal at "chosen" with each that cannot be collected and why: of two who collect it, the second is refused.
    """
    if not chosen:
        raise Refusal("Tick at least one claim.", field="chosen")
    queries.lock_vouchers(chosen)
    rows = queries.with_accounts(chosen)
    _refuse_uncollectable(programme, rows, len(set(chosen)))
    batch = PaymentBatch(programme=programme, collected_by_id=by.id, message_id=f"MOB-{token_hex(8)}")
    numbers = queries.attempts(chosen)
    for row in rows:
        batch.payments.append(_payment(row, numbers.get(row.voucher.id, 0) + 1))
    db.session.add(batch)
    db.session.flush()
    note = f"{len(rows)} payment{'s' if len(rows) > 1 else ''}, {format_money(batch.total, programme.currency, 'en_GB')}."
    WORKFLOW.enter(batch, by=by, acted_as=Actor.FINANCE_OFFICER, note=note)
    messages.batch_to_approve(batch)
    return batch


def _payment(row: Waiting, number: int) -> Payment:
    voucher = row.voucher
    if row.account is None or voucher.final_amount is None:
        raise ValueError("Only what can be paid is collected")
    return Payment(
        voucher=voucher,
        account=row.account,
        amount=voucher.final_amount,
        end_to_end_id=f"{voucher.reference}-{number}",
    )


def _refuse_uncollectable(programme: Programme, rows: Collection[Waiting], wanted: int) -> None:
    taken = queries.standing([row.voucher.id for row in rows])
    reasons = []
    for row in rows:
        voucher = row.voucher
        if voucher.programme_id != programme.id or voucher.state != VALIDATED:
            reasons.append(f"{voucher.reference} is not waiting for payment here.")
        elif batch := taken.get(voucher.id):
            reasons.append(f"{voucher.reference} is already in {batch.reference}.")
        elif reason := not_payable(row.account, lambda instant: format_instant(instant, programme.timezone)):
            reasons.append(f"{voucher.reference}: {reason}")
    if len(rows) < wanted:
        reasons.append("There is no such voucher.")
    if reasons:
        raise Refusal(" ".join(reasons), field="chosen")


def approve(batch: PaymentBatch, *, by: By, execution_on: date) -> None:
    """The second pair of eyes (money.md). `execution_on` is the day on which the bank is asked to pay."""
    WORKFLOW.check("approve", batch, by)
    today = batch.programme.today
    if problem := day_problem(execution_on, today, today + LATEST, format_day):
        raise Refusal(problem, field="execution_on")

    def sign() -> None:
        batch.execution_on, batch.approved_at, batch.approved_by_id = execution_on, clock.utc_now(), by.id

    WORKFLOW.apply("approve", batch, by=by, note=f"To be paid on {format_day(execution_on)}.", change=sign)


def send(batch: PaymentBatch, *, by: By) -> None:
    """The bank has the file."""
    if not batch.programme.account_iban:
        raise GuardRefused("This programme has no account to pay from, so there is no file for the bank yet.")
    WORKFLOW.apply("send", batch, by=by, note=f"From {masked(batch.programme.account_iban)}.")


def take_out(batch: PaymentBatch, *, by: By, chosen: Collection[str], reason: str) -> None:
    """Remove payments; the others are approved again. The claims can be collected again."""
    rows = [each for each in batch.rows if str(each.id) in chosen]
    if not rows:
        raise Refusal("Tick what to remove.", field="chosen")
    if len(rows) == len(batch.rows):
        raise Refusal("Nothing would be left. Discard the batch instead.", field="chosen")

    def remove() -> None:
        for payment in rows:
            payment.outcome, payment.reason, payment.settled_on = TAKEN_OUT, reason, batch.programme.today
        batch.approved_at = batch.approved_by_id = batch.execution_on = None

    note = f"{in_words([each.voucher.reference for each in rows])}: {reason}"
    WORKFLOW.apply("take_out", batch, by=by, note=note, change=remove)
    messages.batch_to_approve(batch)


def discard(batch: PaymentBatch, *, by: By, reason: str) -> None:
    """Give the whole batch up; its claims can be collected again."""
    rows = batch.rows
    WORKFLOW.apply("discard", batch, by=by, note=reason)
    for payment in rows:
        payment.outcome, payment.reason, payment.settled_on = TAKEN_OUT, reason, batch.programme.today


# What the bank did


def record(batch: PaymentBatch, payment_id: int, *, by: By, outcome: str, on: date, reason: str = "") -> None:
    """One payment was paid, or came back; the last one settles the batch. `outcome` is "paid" or "bounced"."""
    payment = next((each for each in batch.rows if each.id == payment_id), None)
    if payment is None:
        raise Refusal("There is no such payment in this batch.")
    if payment.outcome is not None:
        raise Refusal(f"Recorded already: {OUTCOMES[payment.outcome].lower()}.")
    WORKFLOW.check("record", batch, by)
    _check_day(batch, on)
    note = f"{payment.voucher.reference}: {OUTCOMES[outcome].lower()}{f': {reason}' if reason else '.'}"
    if outcome == PAID:
        pay(payment, by=by, on=on)
    else:
        bounce(payment, by=by, on=on, reason=reason)
    done = WORKFLOW.apply("record", batch, by=by, note=note)
    if all(each.outcome for each in batch.rows):
        WORKFLOW.apply("settle", batch, by=by, through=done)


def _check_day(batch: PaymentBatch, on: date) -> None:
    approved = batch.approved_at or batch.created_at
    first = approved.astimezone(ZoneInfo(batch.timezone)).date()
    if problem := day_problem(on, first, batch.programme.today, format_day):
        raise Refusal(problem, field="on")


def pay(payment: Payment, *, by: By, on: date) -> Done:
    """The bank has paid: from now on the money is spent (money.md). Never by whoever validated the claim."""
    voucher = payment.voucher
    if voucher.final_amount != payment.amount or voucher.budget_line is None:
        raise GuardRefused(f"{voucher.reference} has since been validated with another amount.")

    def settle() -> None:
        payment.outcome, payment.settled_on, voucher.paid_on = PAID, on, on

    note = f"With {payment.batch.reference}, to {payment.account.masked}."
    done = VOUCHER.apply("pay", voucher, by=by, note=note, change=settle)
    messages.voucher_paid(payment)
    programmes.spend_budget(voucher.budget_line, payment.amount, for_=voucher, by=by, note=payment.batch.reference)
    return done


def bounce(payment: Payment, *, by: By, on: date, reason: str) -> None:
    """The bank sent it back. The claim stays validated and can be collected again; payee and holder are told."""
    if not reason.strip():
        raise Refusal("Say what the bank said; the payee will read it.", field="reason")
    voucher = payment.voucher
    payment.outcome, payment.reason, payment.settled_on = BOUNCED, reason, on
    part = next(iter(VOUCHER.actors_on(by, voucher) & {Actor.FINANCE_OFFICER}))
    voucher.record("payment_came_back", by=by, acted_as=part, from_state=voucher.state, to_state=voucher.state, note=reason)
    messages.payment_bounced(payment)


def came_back(voucher: Voucher, *, by: User, on: date, reason: str) -> None:
    """The bank has returned what it had paid. It is set aside again and can be collected again, to another account too."""
    VOUCHER.check("came_back", voucher, by)
    payment = next((each for each in voucher.payments if each.outcome == PAID), None)
    if payment is None or voucher.budget_line is None or voucher.paid_on is None:
        raise GuardRefused("No payment of this voucher was recorded as paid.")
    if problem := day_problem(on, voucher.paid_on, voucher.programme.today, format_day):
        raise Refusal(problem, field="on")
    if not reason.strip():
        raise Refusal("Say what the bank said; the payee will read it.", field="reason")

    def undo() -> None:
        payment.outcome, payment.reason, voucher.paid_on = RETURNED, reason, None

    note = f"{payment.end_to_end_id}, on {format_day(on)}: {reason}"
    VOUCHER.apply("came_back", voucher, by=by, note=note, change=undo)
    messages.payment_bounced(payment)
    programmes.return_budget(voucher.budget_line, payment.amount, for_=voucher, by=by, note=payment.end_to_end_id)


def recover(voucher: Voucher, *, by: User, amount: Decimal, reason: str) -> None:
    """Money that was paid comes back, all or another part of it, and is available again (money.md)."""
    VOUCHER.check("recover", voucher, by)
    currency = voucher.programme.currency
    if voucher.final_amount is None or voucher.budget_line is None:
        raise GuardRefused("Nothing was paid for this voucher.")
    if problem := recovery_problem(amount, voucher.unrecovered, lambda sum: format_money(sum, currency, by.locale)):
        raise Refusal(problem, field="amount")
    if not reason.strip():
        raise Refusal("Give a reason; the others involved will read it.", field="reason")

    def take_back() -> None:
        voucher.recovered_amount = (voucher.recovered_amount or NOTHING) + amount

    VOUCHER.apply("recover", voucher, by=by, note=f"{format_money(amount, currency, 'en_GB')}. {reason}", change=take_back)
    messages.voucher_recovered(voucher, amount, reason)
    programmes.recover_budget(voucher.budget_line, amount, for_=voucher, by=by, note=reason)


# The account a programme pays from


def set_paying_account(programme: Programme, *, by: By, holder_name: str, iban: str, bic: str = "", seen: int) -> None:
    """Of whoever pays for the programme; finance officers and owners set it. `iban` and `bic` are typed.

    `seen` is the mark of the account that was on the page: if it is another by now, EditConflict.
    """
    if seen != account_mark(programme):
        raise EditConflict(programme)
    number, code = checked_account(iban, bic)
    programme.account_holder, programme.account_iban, programme.account_bic = holder_name, number, code
