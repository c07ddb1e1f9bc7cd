"""The ways back (workflows.md): each slip with its act, its mail, its history, and the ledger where money moves."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from mobility.banking import operations as banking
from mobility.budgets.checks import check_ledger
from mobility.claims import operations as claims
from mobility.claims.rules import Correction
from mobility.core.database import db
from mobility.core.errors import GuardRefused, Refusal
from mobility.exchanges import operations as exchanges
from mobility.notifications.models import OutboxMessage
from mobility.payments import operations as payments
from mobility.programmes import operations as programmes
from mobility.visits import operations as visits
from mobility.vouchers.guards import in_no_batch
from tests.support.cases import Case, make_case
from tests.support.promises import told
from tests.support.tills import GREECE, Till


def balances(case: Any) -> tuple[str, str, str]:
    """Available, committed, spent; and the ledger is right."""
    assert check_ledger() == []
    return f"{case.line.available}", f"{case.line.committed}", f"{case.line.spent}"


def letters(kind: str) -> list[OutboxMessage]:
    return list(db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)))


def last_act(subject: Any) -> tuple[str, str, str]:
    entry = subject.history()[0]
    return entry.action, entry.acted_as, entry.note


# Money


@pytest.fixture
def paid(till: Till) -> Till:
    """One voucher of 780.00, paid from 100,000.00; another of the same is validated."""
    till.record(till.sent(0), 0)
    return till


def test_paid_and_then_returned_by_the_bank(paid: Till) -> None:
    voucher = paid.vouchers[0]
    payments.came_back(voucher, by=paid.spare, on=paid.programme.today, reason="AC04 Account closed")
    assert (voucher.state, voucher.paid_on, voucher.waiting_for) == ("validated", None, "payment")
    (payment,) = voucher.payments
    assert (payment.outcome, payment.settled_on, payment.reason) == ("returned", paid.programme.today, "AC04 Account closed")
    assert balances(paid) == ("98440.00", "1560.00", "0.00")
    assert last_act(voucher) == ("came_back", "finance officer", f"{payment.end_to_end_id}, on 1 March 2027: AC04 Account closed")
    assert [letter.recipient_id for letter in letters("payment_bounced")] == [paid.holder.id]
    assert told(voucher)[-1] == "payment 1 Mar to 11 Mar: open"


def test_it_is_collected_again_to_another_account(paid: Till, clock: Any) -> None:
    voucher = paid.vouchers[0]
    payments.came_back(voucher, by=paid.spare, on=paid.programme.today, reason="AC04 Account closed")
    banking.set_account(paid.holder, by=paid.holder, holder_name="Ana", iban=GREECE)
    clock.move(days=2)
    batch = paid.sent(0)
    assert (batch.rows[0].account.iban, batch.rows[0].end_to_end_id) == (GREECE, f"{voucher.reference}-2")
    paid.record(batch, 0)
    assert voucher.state == "paid"
    assert balances(paid) == ("98440.00", "780.00", "780.00")
    payments.came_back(voucher, by=paid.spare, on=paid.programme.today, reason="Again.")
    assert balances(paid) == ("98440.00", "1560.00", "0.00")


@pytest.mark.parametrize(("days", "reason", "field"), [(-1, "Closed", "on"), (1, "Closed", "on"), (0, " ", "reason")])
def test_what_came_back_has_a_day_and_a_reason(paid: Till, days: int, reason: str, field: str) -> None:
    with pytest.raises(Refusal) as refusal:
        payments.came_back(paid.vouchers[0], by=paid.spare, on=paid.programme.today + timedelta(days=days), reason=reason)
    assert refusal.value.field == field


def test_recovered_in_part_until_nothing_is_left(paid: Till) -> None:
    voucher, states = paid.vouchers[0], []
    for amount in ("80.50", "0.01", "699.49"):
        payments.recover(voucher, by=paid.spare, amount=Decimal(amount), reason="A night was refunded.")
        states.append((voucher.state, f"{voucher.recovered_amount}"))
    assert states == [("paid", "80.50"), ("paid", "80.51"), ("recovered", "780.00")]
    assert balances(paid) == ("99220.00", "780.00", "0.00")
    assert [entry.action for entry in voucher.history()[:3]] == ["recover"] * 3


def test_no_more_is_recovered_than_is_left(paid: Till) -> None:
    payments.recover(paid.vouchers[0], by=paid.spare, amount=Decimal(700), reason="Nights.")
    with pytest.raises(Refusal, match=r"At most €80\.00 can come back"):
        payments.recover(paid.vouchers[0], by=paid.spare, amount=Decimal("80.01"), reason="Nights.")


def test_a_validation_is_taken_back_before_the_claim_is_in_a_batch(full: Case) -> None:
    voucher = full.take_to("claimed")
    claims.validate(voucher, by=full.owner, corrections=[Correction(0, Decimal(500), "One night less.")])
    assert balances(full) == ("9500.00", "500.00", "0.00")
    due_on = voucher.due_on
    claims.take_back_validation(voucher, by=full.finance_officer, reason="It was another voucher's night.")
    assert (voucher.state, voucher.final_amount, voucher.validated_by_id, voucher.due_on) == ("claimed", None, None, due_on)
    assert voucher.claim.corrections == []
    assert balances(full) == ("9220.00", "780.00", "0.00")
    assert last_act(voucher) == ("take_back_validation", "finance officer", "It was another voucher's night.")
    assert [letter.recipient_id for letter in letters("validation_taken_back")] == [full.holder.id]
    claims.validate(voucher, by=full.owner, corrections=[Correction(0, Decimal(700), "Breakfast.")])
    assert balances(full) == ("9300.00", "700.00", "0.00")


def test_what_it_gave_back_may_be_gone(full: Case) -> None:
    voucher = full.take_to("claimed")
    claims.validate(voucher, by=full.owner, corrections=[Correction(0, Decimal(500), "One night less.")])
    programmes.withdraw_budget(full.line, Decimal(9400), by=full.owner)
    with pytest.raises(GuardRefused, match=r"has €100\.00 left; €280\.00 is needed"):
        claims.take_back_validation(voucher, by=full.owner, reason="A mistake.")


def test_in_a_batch_it_stands(till: Till) -> None:
    batch = till.collect(0, 1)
    with pytest.raises(GuardRefused, match="is in a payment batch"):
        claims.take_back_validation(till.vouchers[0], by=till.owner, reason="A mistake.")
    payments.take_out(batch, by=till.spare, chosen=[str(batch.rows[0].id)], reason="To be looked at.")
    db.session.expire_all()
    assert not in_no_batch(till.vouchers[0], till.owner)


# The attendance


@pytest.fixture
def visited(db_session: Any, clock: Any) -> Case:
    """After a stay of five days, which the host has confirmed as agreed."""
    case = make_case("full")
    case.take_to("issued")
    clock.move(days=(case.exchange.last_day - clock.today()).days + 1)
    names = [each.name for each in case.exchange.delegates]
    days = {"first_day": case.exchange.first_day, "last_day": case.exchange.last_day}
    visits.start(case.exchange)
    visits.confirm_attendance(case.exchange, by=case.host_coordinator, attended=names, code=case.voucher.code or "", **days)
    return case


def correct(case: Case, **changes: Any) -> None:
    stay = case.exchange
    given = {"first_day": stay.actual_first_day, "last_day": stay.actual_last_day, "attended": stay.attended}
    claims.correct_attendance(stay, by=case.host_coordinator, **given | {"reason": "They left on Thursday."} | changes)


def test_the_host_corrects_a_wrong_day_and_the_guest_is_told(visited: Case) -> None:
    stay, code = visited.exchange, visited.exchange.certificate_code
    last_day = stay.last_day - timedelta(days=1)
    correct(visited, last_day=last_day)
    assert (stay.state, stay.actual_last_day, stay.certificate_code) == ("completed", last_day, code)
    action, part, note = last_act(stay)
    assert (action, part) == ("correct_attendance", "host coordinator")
    assert note.endswith("They left on Thursday.")
    (letter,) = letters("attendance_corrected")
    assert letter.recipient_id == visited.holder.id
    assert "They left on Thursday." in letter.text


def test_a_filed_claim_is_computed_again(visited: Case) -> None:
    """780.00 for five working days, half for fewer (money.md); which was approved stays committed until validation."""
    visited._claimed()
    version = visited.voucher.version
    correct(visited, last_day=visited.exchange.last_day - timedelta(days=1))
    claim = visited.voucher.claim
    assert [f"{line.amount}" for line in claim.amount_lines] == ["390.00"]
    assert last_act(visited.voucher)[0] == "attendance_corrected"
    assert visited.voucher.version > version
    claims.validate(visited.voucher, by=visited.owner)
    assert balances(visited) == ("9610.00", "390.00", "0.00")


def test_correcting_changes_something(visited: Case) -> None:
    with pytest.raises(Refusal, match="Nothing has changed"):
        correct(visited)


def test_days_for_which_the_rates_give_nothing_need_the_claim_back_first(visited: Case) -> None:
    visited._claimed()
    with pytest.raises(Refusal, match="Ask the programme to return the claim first"):
        correct(visited, last_day=visited.exchange.first_day)


def test_what_was_validated_on_it_stands(visited: Case) -> None:
    visited._claimed()
    claims.validate(visited.voucher, by=visited.owner)
    with pytest.raises(GuardRefused, match="take the validation back first"):
        correct(visited, last_day=visited.exchange.first_day)


def test_the_guest_objects_and_the_programme_reads_it(visited: Case) -> None:
    exchanges.object_to_attendance(visited.exchange, by=visited.holder, reason="I was there on Friday, too.")
    assert last_act(visited.exchange) == ("object_to_attendance", "guest", "I was there on Friday, too.")
    told = {letter.recipient_id for letter in letters("attendance_objected")}
    assert {visited.owner.id, visited.finance_officer.id, visited.host_coordinator.id} <= told
