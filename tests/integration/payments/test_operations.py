"""From validated claims to the bank and back: four eyes, changed accounts, bounced payments, and the ledger after each step."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from mobility.banking import operations as banking
from mobility.budgets.checks import check_ledger
from mobility.claims import operations as claims
from mobility.core import clock
from mobility.core.errors import GuardRefused, NotAllowed, Refusal, WrongState
from mobility.notifications.models import OutboxMessage
from mobility.payments import exports, operations, queries
from mobility.payments.models import Payment
from mobility.people.roles import Role
from tests.support.cases import make_case
from tests.support.factories import make_member
from tests.support.tills import AUSTRIA, GREECE, PORTUGAL, Till, make_till


def letters(session: Any, kind: str) -> list[OutboxMessage]:
    return list(session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)))


def ledger(till: Till) -> tuple[str, str, str]:
    """Available, committed, spent."""
    line = till.line
    assert check_ledger() == []
    return f"{line.available}", f"{line.committed}", f"{line.spent}"


# The whole way


def test_the_ledger_after_each_step(till: Till) -> None:
    """Two claims of 780.00 each, from a line of 100,000.00; the figures are written by hand."""
    steps = [("validated", ledger(till))]
    batch = till.sent()
    steps.append(("sent", ledger(till)))
    till.record(batch, 0)
    steps.append(("one paid", ledger(till)))
    till.record(batch, 1, "bounced")
    steps.append(("the other came back", ledger(till)))
    again = till.sent(1)
    till.record(again, 0)
    steps.append(("paid the second time", ledger(till)))
    operations.recover(till.vouchers[0], by=till.spare, amount=Decimal("80.50"), reason="Stayed at a friend's.")
    steps.append(("a part recovered", ledger(till)))
    operations.recover(till.vouchers[1], by=till.spare, amount=Decimal("780.00"), reason="Paid twice.")
    steps.append(("all recovered", ledger(till)))
    assert steps == [
        ("validated", ("98440.00", "1560.00", "0.00")),
        ("sent", ("98440.00", "1560.00", "0.00")),
        ("one paid", ("98440.00", "780.00", "780.00")),
        ("the other came back", ("98440.00", "780.00", "780.00")),
        ("paid the second time", ("98440.00", "0.00", "1560.00")),
        ("a part recovered", ("98520.50", "0.00", "1479.50")),
        ("all recovered", ("99300.50", "0.00", "699.50")),
    ]


def test_collecting_takes_the_final_amount_to_the_account_of_that_moment(till: Till, db_session: Any) -> None:
    case = make_case("full", programme=till.programme, line=till.line)
    case.take_to("claimed")
    correction = claims.Correction(0, Decimal("700.00"), "One night less.")
    claims.validate(case.voucher, by=case.owner, corrections=[correction])
    banking.set_account(case.holder, by=case.holder, holder_name="Ana Kovač", iban=GREECE)
    batch = operations.collect(till.programme, by=till.collector, chosen=[till.vouchers[0].id, case.voucher.id])
    assert [(each.end_to_end_id, each.amount, each.account.iban) for each in batch.rows] == [
        (f"V-{till.vouchers[0].id:06d}-1", Decimal("780.00"), PORTUGAL),
        (f"V-{case.voucher.id:06d}-1", Decimal("700.00"), GREECE),
    ]
    assert (batch.state, batch.total, batch.reference) == ("draft", Decimal("1480.00"), f"P-{batch.id:06d}")
    (entry,) = batch.history()
    assert (entry.action, entry.acted_as, entry.note) == ("create", "finance officer", "2 payments, €1,480.00.")


def test_paying(till: Till, db_session: Any) -> None:
    batch = till.sent()
    clock.move(days=2)
    till.record(batch, 0, on=date(2027, 3, 2))
    voucher, payment = till.vouchers[0], batch.payments[0]
    assert (voucher.state, voucher.paid_on) == ("paid", date(2027, 3, 2))
    assert (payment.outcome, payment.settled_on) == ("paid", date(2027, 3, 2))
    assert batch.state == "sent"
    till.record(batch, 1, by=till.collector)
    assert batch.state == "settled"
    assert [entry.action for entry in batch.history()] == ["settle", "record", "record", "send", "approve", "create"]
    letter = letters(db_session, "voucher_paid")[0]
    assert letter.recipient_id == till.holder.id
    for words in ("€780.00", "2 March 2027", "PT50 •••• 0154", payment.end_to_end_id):
        assert words in letter.text
    assert voucher.history()[0].note == f"With {batch.reference}, to PT50 •••• 0154."


def test_a_bounced_payment_is_told_and_the_claim_collected_again(till: Till, db_session: Any) -> None:
    batch = till.sent()
    till.record(batch, 0, "bounced", reason="Account closed.")
    till.record(batch, 1)
    voucher = till.vouchers[0]
    assert (batch.state, voucher.state, voucher.paid_on) == ("settled", "validated", None)
    assert (batch.total_of("paid"), batch.total_of("bounced")) == (Decimal("780.00"), Decimal("780.00"))
    assert voucher.history()[0].note == "Account closed."
    (letter,) = letters(db_session, "payment_bounced")
    assert letter.recipient_id == till.holder.id
    assert "The bank said: Account closed." in letter.text
    (row,) = queries.waiting(till.programme.id, 1).items
    assert (row.voucher.id, row.bounced.reason) == (voucher.id, "Account closed.")
    second = till.collect(0)
    assert second.rows[0].end_to_end_id == f"{voucher.reference}-2"


def test_a_bounce_needs_what_the_bank_said(till: Till) -> None:
    with pytest.raises(Refusal) as refusal:
        till.record(till.sent(), 0, "bounced", reason=" ")
    assert refusal.value.field == "reason"


@pytest.mark.parametrize("day", [date(2027, 2, 28), date(2027, 3, 2)])
def test_the_bank_pays_neither_before_the_approval_nor_in_the_future(till: Till, day: date) -> None:
    with pytest.raises(Refusal, match="Choose a day from 1 March 2027 to 1 March 2027") as refusal:
        till.record(till.sent(), 0, on=day)
    assert refusal.value.field == "on"


def test_recording_twice_is_refused_in_words(till: Till) -> None:
    batch = till.sent()
    till.record(batch, 0)
    with pytest.raises(Refusal, match="Recorded already: paid"):
        till.record(batch, 0, "bounced")
    with pytest.raises(Refusal, match="no such payment in this batch"):
        operations.record(batch, 0, by=till.approver, outcome="paid", on=till.programme.today)


def test_nothing_is_recorded_before_the_bank_has_the_file(till: Till) -> None:
    with pytest.raises(WrongState):
        till.record(till.approved(), 0)


# Four eyes


def test_whoever_collected_does_not_approve(till: Till) -> None:
    with pytest.raises(GuardRefused, match="You collected this batch"):
        operations.approve(till.collect(), by=till.collector, execution_on=till.programme.today)


def test_whoever_validated_one_of_the_claims_does_not_approve(till: Till) -> None:
    mine = till.another(validated_by=till.approver)
    chosen = [*(each.id for each in till.vouchers), mine.id]
    batch = operations.collect(till.programme, by=till.collector, chosen=chosen)
    with pytest.raises(GuardRefused, match=f"You validated {mine.reference} in it"):
        operations.approve(batch, by=till.approver, execution_on=till.programme.today)
    operations.approve(batch, by=till.spare, execution_on=till.programme.today)
    assert batch.approved_by_id == till.spare.id


def test_whoever_validated_does_not_mark_as_paid(till: Till) -> None:
    till.vouchers.append(till.another(validated_by=till.spare))
    batch = till.sent()
    till.record(batch, 0, by=till.spare)  # validated by somebody else
    with pytest.raises(GuardRefused, match="Somebody else must pay it"):
        till.record(batch, 2, by=till.spare)
    assert batch.payments[2].outcome is None
    till.record(batch, 2, by=till.approver)


def test_only_finance_officers_act(till: Till) -> None:
    sent, draft, today = till.sent(0), till.collect(1), till.programme.today
    others = (till.owner, till.assessor, till.auditor, till.holder, till.stranger, till.host_coordinator)
    for person in others:
        with pytest.raises(NotAllowed):
            operations.record(sent, sent.rows[0].id, by=person, outcome="paid", on=today)
        with pytest.raises(NotAllowed):
            operations.approve(draft, by=person, execution_on=today)
    till.record(sent, 0)
    for person in others:
        with pytest.raises(NotAllowed):
            operations.recover(till.vouchers[0], by=person, amount=Decimal(1), reason="Mine.")


def test_those_who_may_approve_are_told(till: Till, db_session: Any) -> None:
    till.collect()
    told = {letter.recipient_id for letter in letters(db_session, "batch_to_approve")}
    assert told == {till.approver.id, till.spare.id}
    assert letters(db_session, "batch_to_approve")[0].subject_line == "Approve 2 payments of €1,560.00 by 11 March 2027"


@pytest.mark.parametrize("days", [-1, 61])
def test_the_day_of_the_payment_is_possible(till: Till, days: int) -> None:
    with pytest.raises(Refusal, match="Choose a day from 1 March 2027 to 30 April 2027") as refusal:
        operations.approve(till.collect(), by=till.approver, execution_on=till.programme.today + timedelta(days=days))
    assert refusal.value.field == "execution_on"


# Accounts


def test_without_an_account_there_is_nothing_to_collect(till: Till) -> None:
    case = make_case("full", programme=till.programme, line=till.line)
    voucher = case.take_to("validated")
    with pytest.raises(Refusal, match=f"{voucher.reference}: No bank account yet.") as refusal:
        operations.collect(till.programme, by=till.collector, chosen=[voucher.id, till.vouchers[0].id])
    assert refusal.value.field == "chosen"


def test_a_changed_account_cannot_be_paid_for_a_day(till: Till) -> None:
    holder = till.holder
    banking.set_account(holder, by=holder, holder_name="Ana", iban=GREECE)
    with pytest.raises(Refusal, match="The account has changed; it can be paid from 2 March 2027, 10:00"):
        till.collect(0)
    clock.move(hours=23, minutes=59)
    with pytest.raises(Refusal, match="The account has changed"):
        till.collect(0)
    clock.move(minutes=1)
    assert till.collect(0).rows[0].account.iban == GREECE


def test_an_account_that_changes_after_collecting_stops_approval_sending_and_the_file(till: Till) -> None:
    draft, approved = till.collect(0), till.approved(1)
    for voucher in till.vouchers:
        banking.set_account(voucher.holder, by=voucher.holder, holder_name="Ana", iban=GREECE)
    clock.move(days=3)  # however long ago: it is not the account that was collected
    with pytest.raises(GuardRefused, match=f"{till.vouchers[0].reference}: the payee has changed the account since"):
        operations.approve(draft, by=till.approver, execution_on=till.programme.today)
    for refused in (
        lambda: operations.send(approved, by=till.approver),
        lambda: exports.instruction(approved, till.programme.today),
    ):
        with pytest.raises(GuardRefused, match=f"{till.vouchers[1].reference}: the payee has changed"):
            refused()
    operations.discard(draft, by=till.collector, reason="Changed account.")
    assert till.collect(0).rows[0].account.iban == GREECE


def test_the_organisation_is_paid_if_the_claim_says_so(till: Till) -> None:
    case = make_case("full", programme=till.programme, line=till.line)
    case.take_to("delivered")
    claims.save(case.voucher, by=case.holder, pay_to="organisation")
    case._claimed()
    case._validated()
    banking.set_account(case.holder, by=case.holder, holder_name="Ana", iban=PORTUGAL)
    home = case.voucher.holder_organisation
    with pytest.raises(Refusal, match="No bank account yet"):
        operations.collect(till.programme, by=till.collector, chosen=[case.voucher.id])
    banking.set_account(home, by=case.guest_coordinator, holder_name=home.name, iban=AUSTRIA)
    batch = operations.collect(till.programme, by=till.collector, chosen=[case.voucher.id])
    assert batch.rows[0].account.iban == AUSTRIA


# Out of a batch, and never in two


def test_what_is_taken_out_can_be_collected_again_and_the_rest_is_approved_anew(till: Till) -> None:
    batch = till.approved()
    operations.take_out(batch, by=till.collector, chosen=[str(batch.payments[0].id)], reason="Wrong account.")
    assert (batch.state, batch.approved_by_id, batch.execution_on) == ("draft", None, None)
    assert [each.voucher_id for each in batch.rows] == [till.vouchers[1].id]
    assert batch.total == Decimal("780.00")
    again = till.collect(0)
    assert again.rows[0].end_to_end_id == f"{till.vouchers[0].reference}-2"


@pytest.mark.parametrize(("all_of_them", "words"), [(True, "Discard the batch instead"), (False, "Tick what to remove")])
def test_neither_all_nor_nothing_is_taken_out(till: Till, all_of_them: bool, words: str) -> None:
    batch = till.collect()
    chosen = [str(each.id) for each in batch.rows] if all_of_them else ["0", "x"]
    with pytest.raises(Refusal, match=words) as refusal:
        operations.take_out(batch, by=till.collector, chosen=chosen, reason="Why not.")
    assert refusal.value.field == "chosen"


def test_nothing_is_taken_out_of_what_the_bank_has(till: Till) -> None:
    batch = till.sent()
    with pytest.raises(WrongState):
        operations.take_out(batch, by=till.collector, chosen=[str(batch.payments[0].id)], reason="Too late.")
    with pytest.raises(WrongState):
        operations.discard(batch, by=till.collector, reason="Too late.")


def test_a_discarded_batch_gives_all_back_and_can_still_be_read(till: Till) -> None:
    batch = till.approved()
    operations.discard(batch, by=till.spare, reason="The bank is closed.")
    assert (batch.state, len(batch.rows)) == ("discarded", 2)
    assert till.collect().total == Decimal("1560.00")


def test_a_claim_is_in_one_batch_at_a_time(till: Till) -> None:
    first = till.collect(0)
    with pytest.raises(Refusal, match=f"{till.vouchers[0].reference} is already in {first.reference}"):
        till.collect(0, 1, by=till.spare)
    assert [row.voucher.id for row in queries.waiting(till.programme.id, 1).items] == [till.vouchers[1].id]


@pytest.mark.parametrize("outcome", [None, "paid"])
def test_the_database_itself_holds_one_payment_for_a_claim(till: Till, db_session: Any, outcome: str | None) -> None:
    batch = till.collect(0)
    batch.payments[0].outcome = outcome
    first = batch.payments[0]
    twin = Payment(batch=batch, voucher_id=first.voucher_id, account_id=first.account_id, amount=first.amount)
    twin.end_to_end_id = "another"
    db_session.add(twin)
    with pytest.raises(IntegrityError):
        db_session.flush()
    db_session.rollback()


def test_only_validated_claims_of_this_programme_are_collected(till: Till) -> None:
    elsewhere = make_till(1)
    claimed = till.another("claimed")
    for voucher in (elsewhere.vouchers[0], claimed):
        with pytest.raises(Refusal, match=f"{voucher.reference} is not waiting for payment here"):
            operations.collect(till.programme, by=till.collector, chosen=[voucher.id])
    with pytest.raises(Refusal, match="no such voucher"):
        operations.collect(till.programme, by=till.collector, chosen=[999_999])
    with pytest.raises(Refusal, match="Tick at least one"):
        operations.collect(till.programme, by=till.collector, chosen=[])


# The file


def test_the_file_is_the_same_however_often_it_is_made(till: Till) -> None:
    batch = till.sent()
    first = exports.instruction(batch, till.programme.today)
    clock.move(hours=3)
    assert exports.instruction(batch, till.programme.today) == first
    assert first.message_id == batch.message_id
    assert len(batch.message_id) <= 35
    assert sum(each.amount for each in first.orders) == batch.total
    assert first.orders[0].remittance == f"Mobility voucher {till.vouchers[0].reference}, {till.programme.name}"


def test_a_file_made_late_asks_for_today(till: Till) -> None:
    batch = till.sent()
    clock.move(days=4)
    assert exports.instruction(batch, till.programme.today).execution_on == date(2027, 3, 5)


def test_two_batches_have_two_identities(till: Till) -> None:
    assert till.collect(0).message_id != till.collect(1).message_id


def test_there_is_no_file_of_what_nobody_approved_nor_of_what_is_settled(till: Till) -> None:
    draft, settled = till.collect(0), till.sent(1)
    till.record(settled, 0)
    for batch in (draft, settled):
        with pytest.raises(GuardRefused, match="once the batch is approved, until it is settled"):
            exports.instruction(batch, till.programme.today)


# Recovering


@pytest.mark.parametrize("amount", ["780.01", "0", "-1", "999999999.99"])
def test_no_more_comes_back_than_was_paid(till: Till, amount: str) -> None:
    till.record(till.sent(0), 0)
    with pytest.raises(Refusal, match=r"€780\.00") as refusal:
        operations.recover(till.vouchers[0], by=till.spare, amount=Decimal(amount), reason="Why not.")
    assert refusal.value.field == "amount"
    assert till.vouchers[0].state == "paid"


def test_recovering_needs_a_reason_and_tells_holder_and_owners(till: Till, db_session: Any) -> None:
    till.record(till.sent(0), 0)
    voucher = till.vouchers[0]
    with pytest.raises(Refusal) as refusal:
        operations.recover(voucher, by=till.spare, amount=Decimal(10), reason=" ")
    assert refusal.value.field == "reason"
    operations.recover(voucher, by=till.spare, amount=Decimal("10.00"), reason="One night was refunded.")
    assert (voucher.state, voucher.recovered_amount, voucher.final_amount) == ("paid", Decimal("10.00"), Decimal("780.00"))
    told = {letter.recipient_id for letter in letters(db_session, "voucher_recovered")}
    assert told == {till.owner.id, till.holder.id}
    text = letters(db_session, "voucher_recovered")[0].text
    assert "One night was refunded." in text
    assert "€10.00 have been taken back in all; €770.00 remain." in text
    operations.recover(voucher, by=till.spare, amount=Decimal("770.00"), reason="All of it.")
    assert (voucher.state, voucher.recovered_amount) == ("recovered", Decimal("780.00"))
    assert "remain" not in letters(db_session, "voucher_recovered")[-1].text
    with pytest.raises(WrongState):
        operations.recover(voucher, by=till.spare, amount=Decimal(1), reason="Again.")


def test_what_was_not_paid_is_not_recovered(till: Till) -> None:
    with pytest.raises(WrongState):
        operations.recover(till.vouchers[0], by=till.spare, amount=Decimal(1), reason="Early.")


def test_light_is_paid_in_the_same_way(db_session: Any) -> None:
    till = make_till(1, "light")
    make_member(till.programme, Role.FINANCE_OFFICER)
    till.record(till.sent(), 0)
    assert till.vouchers[0].state == "paid"
