"""From validated claims to the bank and back (workflows.md, pay and recover; money.md). `by` is a finance officer.

Locks, always in this order: the vouchers by their ids, the batch, the budget line (queries.find and lock_vouchers).
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from secrets import token_hex
from zoneinfo import ZoneInfo

from mobility.audit.operations import record as record_act
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import GuardRefused, Refusal, need_reason
from mobility.core.money import NOTHING
from mobility.core.web import format_money
from mobility.core.wording import format_day, format_instant
from mobility.paying import queries as paying
from mobility.paying.models import PayingAccount
from mobility.payments import exports, messages, queries
from mobility.payments.bankfile import Instruction, pain_001
from mobility.payments.models import BOUNCED, OUTCOMES, PAID, RETURNED, TAKEN_OUT, BankFile, Payment, PaymentBatch
from mobility.payments.queries import Waiting
from mobility.payments.rules import NOTHING_LEFT, day_problem, execution_problem, no_file_for, not_payable, recovery_problem
from mobility.payments.workflow import APPROVED, FINANCE, WORKFLOW, in_words, no_interest
from mobility.people.interest import interest_in_payment, somebody_else
from mobility.people.models import User
from mobility.programmes import operations as programmes
from mobility.programmes import queries as programmes_queries
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
    _refuse_uncollectable(programme, rows, len(set(chosen)), by)
    batch = PaymentBatch(programme=programme, collected_by_id=by.id, message_id=_new_message_id())
    numbers = queries.attempts(chosen)
    for row in rows:
        batch.payments.append(_payment(row, numbers.get(row.voucher.id, 0) + 1))
    db.session.add(batch)
    db.session.flush()
    note = f"{len(rows)} payment{'s' if len(rows) > 1 else ''}, {format_money(batch.total, programme.currency, 'en_GB')}."
    WORKFLOW.enter(batch, by=by, acted_as=Actor.FINANCE_OFFICER, note=note)
    messages.batch_to_approve(batch)
    return batch


def _new_message_id() -> str:
    return f"MOB-{token_hex(8)}"


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


def _refuse_uncollectable(programme: Programme, rows: Collection[Waiting], wanted: int, by: By) -> None:
    taken = queries.standing([row.voucher.id for row in rows])
    reasons = []
    for row in rows:
        voucher = row.voucher
        if voucher.programme_id != programme.id or voucher.state != VALIDATED:
            reasons.append(f"{voucher.reference} is not waiting for payment here.")
        elif batch := taken.get(voucher.id):
            reasons.append(f"{voucher.reference} is already in {batch.reference}.")
        elif reason := why_not_collected(row, by):
            reasons.append(f"{voucher.reference}: {reason}")
    if len(rows) < wanted:
        reasons.append("There is no such voucher.")
    if reasons:
        raise Refusal(" ".join(reasons), field="chosen")


def why_not_collected(row: Waiting, by: By) -> str | None:
    """It cannot be paid yet; or somebody else must collect it, as `by` has a part in it."""
    programme = row.voucher.programme
    if reason := not_payable(row.account, lambda instant: format_instant(instant, programme.timezone)):
        return reason
    reason = interest_in_payment(row, by)
    return reason and f"{reason} {somebody_else(programme, FINANCE, partial(interest_in_payment, row), 'collect it')}"


def approve(batch: PaymentBatch, *, by: By, execution_on: date) -> None:
    """The second pair of eyes (money.md). `execution_on` is the day on which the bank is asked to pay."""
    WORKFLOW.check("approve", batch, by)
    _check_execution(batch, execution_on)
    _sign("approve", batch, by, execution_on, _account_to_pay_from(batch))


def _sign(action: str, batch: PaymentBatch, by: By, execution_on: date, account: PayingAccount | None, void: str = "") -> None:
    """Approved with a day and an account, which stays the batch's; a file that was made before is `void`, for a reason."""

    def sign() -> None:
        if void:
            _void_file(batch, void)
        batch.execution_on, batch.approved_at, batch.approved_by_id = execution_on, clock.utc_now(), by.id
        batch.paying_account = account

    source = f", from {account.masked}" if account else ""
    WORKFLOW.apply(action, batch, by=by, note=f"To be paid on {format_day(execution_on)}{source}.", change=sign)


def _account_to_pay_from(batch: PaymentBatch) -> PayingAccount | None:
    """The one in use now. Nobody withdraws or confirms another until the batch is approved: the programme is locked."""
    programmes_queries.lock(batch.programme_id)
    account = paying.in_use(batch.programme_id)
    if account is None and not no_file_for(batch.programme.currency):
        raise GuardRefused(
            "This programme has no account to pay from yet. A finance officer or owner proposes one, another confirms it; "
            "then the batch can be approved."
        )
    return account


def _check_execution(batch: PaymentBatch, day: date) -> None:
    if problem := execution_problem(day, batch.programme.today, format_day):
        raise Refusal(problem, field="execution_on")


def change_day(batch: PaymentBatch, *, by: By, execution_on: date) -> None:
    """Approved anew, for another day or from the account that is in use now: the file that was made before is void."""
    WORKFLOW.check("change_day", batch, by)
    _check_execution(batch, execution_on)
    account = _account_to_pay_from(batch)
    if execution_on == batch.execution_on and account == batch.paying_account:
        raise Refusal(f"The bank is asked for {format_day(execution_on)} already. Choose another day.", field="execution_on")
    reason = f"The bank is to pay on {format_day(execution_on)} instead."
    if account != batch.paying_account:
        reason = "It was approved again, with another account to pay from."
    _sign("change_day", batch, by, execution_on, account, void=reason)


# The file for the bank


def take_file(batch: PaymentBatch, *, by: User) -> BankFile:
    """The batch's file as it was made, or a first one. What the bank has stays; before that, one that no longer asks for what the
    batch is to ask for is void, and another one is made under a new name. The batch is locked.

    Raises GuardRefused if there can be none, or if `by` has an interest in a payment that the bank does not know yet.
    """
    if batch.state == APPROVED and (reason := no_interest(batch, by)):
        raise GuardRefused(reason)
    asked, file = exports.instruction(batch, batch.programme.today), batch.file
    if file is not None and batch.state == APPROVED and (reason := _outdated(file, asked)):
        _void_file(batch, reason)
        asked, file = replace(asked, message_id=batch.message_id), None
    if file is None:
        file = BankFile(
            batch=batch,
            message_id=asked.message_id,
            execution_on=asked.execution_on,
            payer_iban=asked.payer.iban,
            count=len(asked.orders),
            total=batch.total,
            content=pain_001(asked).decode(),
            made_by=by,
        )
        db.session.add(file)
        db.session.flush()
    record_act("bank_file_taken", by=by, about=f"{batch.reference}, {file.message_id}", programme_id=batch.programme_id)
    return file


def _outdated(file: BankFile, asked: Instruction) -> str:
    if file.execution_on != asked.execution_on:
        return f"Its day, {format_day(file.execution_on)}, has passed."
    return ""


def _void_file(batch: PaymentBatch, because: str) -> None:
    """The bank must not be given it any more; the next one has another name, so that both are told apart."""
    if batch.file is not None:
        batch.file.voided_because, batch.file.voided_at = because, clock.utc_now()
        db.session.flush()  # before the next one: only one is not void
        batch.message_id = _new_message_id()


# Out of a batch


def send(batch: PaymentBatch, *, by: By) -> None:
    """The bank has the file."""
    if batch.paying_account is None and not no_file_for(batch.programme.currency):
        raise GuardRefused(exports.NO_ACCOUNT)
    words = [f"From {batch.paying_account.masked}."] if batch.paying_account else []
    words += [f"File {batch.file.message_id}."] if batch.file else []
    WORKFLOW.apply("send", batch, by=by, note=" ".join(words))


def take_out(batch: PaymentBatch, *, by: By, chosen: Collection[str], reason: str) -> None:
    """Remove payments; the others are approved again. The claims can be collected again."""
    rows = [each for each in batch.rows if str(each.id) in chosen]
    if not rows:
        raise Refusal("Tick what to remove.", field="chosen")
    if len(rows) == len(batch.rows):
        raise Refusal(NOTHING_LEFT, field="chosen")

    taken = in_words([each.voucher.reference for each in rows])

    def remove() -> None:
        for payment in rows:
            payment.outcome, payment.reason, payment.settled_on = TAKEN_OUT, reason, batch.programme.today
        _void_file(batch, f"{taken} {'was' if len(rows) == 1 else 'were'} removed: {reason}")
        batch.approved_at = batch.approved_by_id = batch.execution_on = batch.paying_account = None

    note = f"{taken}: {reason}"
    WORKFLOW.apply("take_out", batch, by=by, note=note, change=remove)
    messages.batch_to_approve(batch)


def discard(batch: PaymentBatch, *, by: By, reason: str) -> None:
    """Give the whole batch up; its claims can be collected again."""
    rows = batch.rows
    _void_file(batch, f"The batch was discarded: {reason}")
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
    if own := interest_in_payment(payment, by):
        others = somebody_else(batch.programme, FINANCE, partial(interest_in_payment, payment), "record this")
        raise GuardRefused(f"{own} {others}")
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
    need_reason(reason)

    def take_back() -> None:
        voucher.recovered_amount = (voucher.recovered_amount or NOTHING) + amount

    VOUCHER.apply("recover", voucher, by=by, note=f"{format_money(amount, currency, 'en_GB')}. {reason}", change=take_back)
    messages.voucher_recovered(voucher, amount, reason)
    programmes.recover_budget(voucher.budget_line, amount, for_=voucher, by=by, note=reason)
