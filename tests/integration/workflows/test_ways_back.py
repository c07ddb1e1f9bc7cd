"""The ways back (workflows.md): each slip with its act, its mail, its history, and the ledger where money moves."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from mobility.applications import operations as applications
from mobility.applications.models import Delegate
from mobility.banking import operations as banking
from mobility.budgets.checks import check_ledger
from mobility.claims import operations as claims
from mobility.claims.rules import (
    Correction,
)
from mobility.claims.worth import (
    NOTHING_LEFT,
)
from mobility.core.database import db
from mobility.core.errors import GuardRefused, Refusal, WrongState
from mobility.exchanges import operations as exchanges
from mobility.exchanges.models import Exchange
from mobility.exchanges.rules import Terms, differences, places_attended
from mobility.notifications.models import OutboxMessage
from mobility.payments import operations as payments
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.programmes import operations as programmes
from mobility.teams import operations as teams
from mobility.visits import operations as visits
from mobility.vouchers import operations as vouchers
from mobility.vouchers.guards import in_no_batch
from mobility.vouchers.rules import may_ask_again
from tests.support import factories
from tests.support.cases import DECLARATIONS, Case, Knowledge, act, make_case
from tests.support.html import fields_of, text_of
from tests.support.lines import typed
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


def test_the_owner_takes_money_out_as_far_as_it_is_available(full: Case, visitor: Any) -> None:
    full.take_to("issued")
    owner, path = visitor(full.owner), f"/programmes/{full.programme.id}/budget/{full.line.id}"
    typed = fields_of(owner.get(f"{path}/take-out")) | {"note": "Added twice."}
    too_much = owner.post(f"{path}/take-out", data=typed | {"amount": "9,220.01"})
    assert "€9,220.00 left; €9,220.01 is needed" in text_of(too_much)
    for _ in range(2):
        assert owner.post(f"{path}/take-out", data=typed | {"amount": "9,000.00"}).status_code == 302
    assert balances(full) == ("220.00", "780.00", "0.00")
    assert "Money taken out Added twice." in text_of(owner.get(path))
    assert visitor(full.finance_officer).get(f"{path}/take-out").status_code == 404


def test_a_call_is_closed_and_what_was_requested_stays(full: Case, visitor: Any) -> None:
    voucher, call = full.take_to("requested"), full.line.call
    owner, path = visitor(full.owner), f"/programmes/{full.programme.id}/calls/{call.id}/edit"
    typed = fields_of(owner.get(path)) | {"name": "Spring", "opens_on": "2027-01-01", "reason": "Decided by the board."}
    wrong = owner.post(path, data=typed | {"closes_on": "2026-12-31"})
    assert (wrong.status_code, "cannot close before it opens" in text_of(wrong)) == (422, True)
    assert owner.post(path, data=typed | {"closes_on": "2027-02-28"}).status_code == 303
    db.session.expire_all()
    assert (call.name, call.closes_on, call.is_open(full.programme.today)) == ("Spring", date(2027, 2, 28), False)
    assert voucher.budget_line.id == full.line.id
    vouchers.recommend(voucher, by=full.assessor, scores=[5, 5, 5, 5], note="Good.")
    vouchers.approve(voucher, by=full.owner)
    assert voucher.state == "approved"
    assert visitor(full.finance_officer).get(path).status_code == 404


def test_a_call_that_was_changed_meanwhile_is_not_overwritten(full: Case, visitor: Any) -> None:
    owner, path = visitor(full.owner), f"/programmes/{full.programme.id}/calls/{full.line.call_id}/edit"
    mine = fields_of(owner.get(path)) | {"reason": "A slip."}
    other = visitor(full.other_owner)
    theirs = fields_of(other.get(path)) | {"closes_on": "2027-12-31", "reason": "Extended."}
    assert other.post(path, data=theirs).status_code == 303
    page = owner.post(path, data=mine | {"name": "Mine"})
    assert page.status_code == 409
    assert fields_of(page)["name"] == "Mine"


# The claim's deadline


def extend(case: Case, days: int = 14) -> None:
    until = case.programme.today + timedelta(days=days)
    vouchers.extend_claim(case.voucher, by=case.owner, until=until, reason="She was ill.")


def test_a_claim_is_extended_before_its_deadline(full: Case) -> None:
    voucher = full.take_to("delivered")
    extend(full, days=45)
    assert (voucher.state, voucher.due_on, voucher.claim_due_on) == ("delivered", date(2027, 4, 15), date(2027, 4, 15))
    assert last_act(voucher) == ("extend_claim", "programme owner", "Until 15 April 2027. She was ill.")
    (letter,) = letters("claim_extended")
    assert (letter.recipient_id, "She was ill." in letter.text) == (full.holder.id, True)
    assert told(voucher)[-2:] == ["claim 1 Mar to 31 Mar: called_off 1 Mar", "claim 1 Mar to 15 Apr: open"]
    with pytest.raises(GuardRefused, match="has been extended already"):
        extend(full)


def test_one_that_lapsed_is_claimed_after_all(full: Case, clock: Any) -> None:
    voucher = full.take_to("delivered")
    clock.move(days=31)
    vouchers.lapse(voucher)
    assert balances(full) == ("10000.00", "0.00", "0.00")
    extend(full)
    assert (voucher.state, voucher.due_on) == ("delivered", date(2027, 4, 15))
    assert balances(full) == ("9220.00", "780.00", "0.00")
    full._claimed()
    claims.validate(voucher, by=full.owner, corrections=[Correction(0, Decimal(700), "Breakfast.")])
    assert balances(full) == ("9300.00", "700.00", "0.00")


def test_its_money_may_be_gone(full: Case, clock: Any) -> None:
    full.take_to("delivered")
    clock.move(days=31)
    vouchers.lapse(full.voucher)
    programmes.withdraw_budget(full.line, Decimal(9500), by=full.owner)
    with pytest.raises(GuardRefused, match=r"has €500\.00 left; €780\.00 is needed"):
        extend(full)


def test_thirty_days_after_the_deadline_it_is_over(full: Case, clock: Any) -> None:
    full.take_to("delivered")
    clock.move(days=61)
    vouchers.lapse(full.voucher)
    with pytest.raises(GuardRefused, match="could be extended until 30 April 2027"):
        extend(full)


@pytest.mark.parametrize("days", [30, 61])
def test_the_new_day_is_later_and_not_too_late(full: Case, days: int) -> None:
    full.take_to("delivered")
    with pytest.raises(Refusal, match="Choose a day from 1 April 2027 to 30 April 2027"):
        extend(full, days)


# The decision


def test_an_assessor_is_against_and_the_owner_decides(full: Case) -> None:
    voucher = full.take_to("requested")
    vouchers.recommend_against(voucher, by=full.assessor, scores=[5, 5, 5, 5], note="The need is not clear.")
    assert (voucher.state, voucher.score, voucher.state_label()) == ("recommended", 20, "Recommended against")
    assert last_act(voucher) == ("recommend_against", "assessor", "20 of 100 points. The need is not clear.")
    letter = letters("voucher_recommended")[0]
    assert "which the assessor recommends against" in letter.subject_line
    assert voucher.waiting_for == "decision"
    vouchers.ask_information(voucher, by=full.owner, question="What for?")
    vouchers.resubmit(voucher, by=full.holder, answer="To bill services.")
    assert not voucher.advised_against


def test_the_owner_sees_it_first(full: Case, visitor: Any) -> None:
    voucher = full.take_to("requested")
    page = act(visitor(full.assessor), voucher, "recommend-against", **{f"scores-{n}": "5" for n in range(4)}, note="Unclear.")
    assert page.status_code == 303
    html = visitor(full.owner).get(f"/vouchers/{voucher.id}/approve").get_data(as_text=True)
    assert html.index("The assessor recommends against it") < html.index(voucher.reference, html.index("<main"))


# The wrong one was accepted


def test_the_host_takes_an_acceptance_back(db_session: Any, clock: Any) -> None:
    application = factories.make_accepted()
    clock.move(days=2)
    host = factories.coordinator_of(application.theme)
    applications.take_back(application, by=host, reason="It was meant for another.")
    assert (application.state, application.offered_first_day, application.waiting_for) == ("submitted", None, "host_answer")
    assert application.due_on == date(2027, 3, 13)
    assert last_act(application) == ("take_back", "host coordinator", "It was meant for another.")
    (letter,) = letters("acceptance_taken_back")
    assert letter.recipient_id == application.guest_id
    assert told(application)[-1] == "host_answer 3 Mar to 13 Mar: open"
    with pytest.raises(WrongState):
        exchanges.confirm(application, by=application.guest)


# The attendance


@pytest.fixture
def visited(db_session: Any, clock: Any) -> Case:
    """After a stay of five days, which the host has confirmed as agreed."""
    case = make_case("full")
    case.take_to("issued")
    clock.move(days=(case.exchange.last_day - clock.today()).days + 1)
    names = [each.position for each in case.exchange.delegates]
    days = {"first_day": case.exchange.first_day, "last_day": case.exchange.last_day}
    visits.start(case.exchange)
    visits.confirm_attendance(case.exchange, by=case.host_coordinator, attended=names, code=case.voucher.code or "", **days)
    return case


def correct(case: Case, **changes: Any) -> None:
    stay = case.exchange
    given = {"first_day": stay.actual_first_day, "last_day": stay.actual_last_day, "attended": places_attended(stay)}
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


def test_the_host_is_not_told_what_the_claimant_can_do(visited: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    visited._claimed()

    def nothing(*given: Any) -> None:
        raise Refusal(f"Accommodation: €500.00 expected, €0.00 spent. {NOTHING_LEFT}")

    monkeypatch.setattr(claims, "worth", nothing)
    with pytest.raises(Refusal) as refused:
        correct(visited, last_day=visited.exchange.first_day)
    assert refused.value.message == "By these days the claim comes to nothing. Ask the programme to return the claim first."


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


# The holder has left


def leave(person: User) -> None:
    person.active = False
    db.session.flush()


def test_a_coordinator_takes_over_exchange_and_voucher(visited: Case) -> None:
    visited._claimed()
    voucher, coordinator = visited.voucher, visited.guest_coordinator
    with pytest.raises(GuardRefused, match="still acts for"):
        claims.take_over(visited.exchange, by=coordinator, reason="She has another job.")
    name = visited.holder.name
    leave(visited.holder)
    claims.take_over_voucher(voucher, by=coordinator, reason="She has another job.")
    assert (voucher.holder, visited.exchange.guest, voucher.state) == (coordinator, coordinator, "claimed")
    assert voucher.claim.pay_to == "organisation"
    for subject in (voucher, visited.exchange):
        assert last_act(subject) == ("take_over", "guest coordinator", f"{name} has left. She has another job.")
    assert visited.host_coordinator.id in {letter.recipient_id for letter in letters("exchange_taken_over")}
    assert visited.owner.id in {letter.recipient_id for letter in letters("voucher_taken_over")}


def test_the_coordinator_goes_on_where_the_guest_was(full: Case, visitor: Any) -> None:
    leave(full.holder)
    page = act(visitor(full.guest_coordinator), full.voucher, "take-over", reason="She has another job.")
    assert page.status_code == 303
    db.session.expire_all()
    vouchers.request(full.voucher, by=full.guest_coordinator, declarations=list(DECLARATIONS))
    assert full.voucher.state == "requested"


def test_a_knowledge_voucher_is_taken_over(case: Knowledge) -> None:
    voucher = case.take_to("redeemed")
    factories.end_roles(case.holder)
    db.session.expire_all()
    claims.take_over_voucher(voucher, by=case.coordinator, reason="He has moved.")
    db.session.flush()
    vouchers.confirm_delivery(voucher, by=case.coordinator)
    assert voucher.state == "delivered"
    assert case.seller.id in {letter.recipient_id for letter in letters("voucher_taken_over")}


@pytest.mark.parametrize("role", ["coordinator", "owner"])
def test_the_last_one_cannot_go_before_somebody_else_is(db_session: Any, role: str) -> None:
    place = factories.make_organisation() if role == "coordinator" else factories.make_programme()
    last = factories.make_member(place, Role(role))
    with pytest.raises(Refusal, match=f"you are the only .*{role} left. Invite another one first"):
        teams.close_account(last, by=last)
    assert last.active
    factories.make_member(place, Role(role))
    teams.close_account(last, by=last)
    assert not last.active


# No voucher comes of it


@pytest.fixture
def unused(db_session: Any) -> Exchange:
    """Signed by both, its voucher withdrawn."""
    exchange = factories.make_exchange(signed=True)
    vouchers.withdraw(factories.make_voucher(exchange), by=exchange.guest)
    db.session.flush()
    db.session.expire_all()
    return exchange


def test_an_exchange_goes_on_without_a_voucher_once_the_host_has_signed(unused: Exchange, clock: Any) -> None:
    stay, guest, host = unused, unused.guest, factories.coordinator_of(unused.theme)
    exchanges.go_unfunded(stay, by=guest, reason="Our budget has it.")
    version = stay.newest_version
    assert version
    assert (version.number, version.self_funded, stay.self_funded) == (2, True, False)
    assert last_act(stay) == ("go_unfunded", "guest", "Our budget has it.")
    assert [letter.recipient_id for letter in letters("exchange_unfunded")] == [host.id]
    assert (stay.state, stay.waiting_for, may_ask_again(stay.voucher, guest)) == ("agreed", "signatures", False)
    (change,) = differences(Terms.of(stay.agreed_version), Terms.of(version))
    assert change.label == "How it is paid"
    visits.sign(stay, by=guest, number=2)
    assert not stay.self_funded
    visits.sign(stay, by=host, number=2)
    assert (stay.self_funded, stay.agreed_version, len(stay.vouchers)) == (True, version, 1)
    clock.move(days=(stay.first_day - clock.today()).days)
    visits.start(stay)
    assert stay.state == "in_progress"


def test_amending_keeps_how_it_is_paid(unused: Exchange) -> None:
    exchanges.go_unfunded(unused, by=unused.guest, reason="Our budget has it.")
    given = Terms.of(unused.newest_version).written() | typed(objectives="Other ones.")
    assert exchanges.amend(unused, by=unused.guest, **given).self_funded


def test_the_page_to_go_without_a_voucher(unused: Exchange, visitor: Any) -> None:
    db.session.commit()
    client, path = visitor(unused.guest), f"/exchanges/{unused.id}/go-unfunded"
    answer = client.post(path, data=fields_of(client.get(path)) | {"reason": "Our budget has it."})
    assert answer.status_code == 303
    db.session.expire_all()
    assert unused.to_go_unfunded
    assert "says already that the guest organisation pays" in text_of(client.get(path))


# A traveller falls ill


REPLACED = {"delegate": "1", "name": "Petra Horvat", "level": "cluster_manager", "reason": "She is ill."}


@pytest.fixture
def signed(db_session: Any) -> Exchange:
    """Signed by both; its voucher is a draft."""
    exchange = factories.make_exchange(signed=True)
    factories.make_voucher(exchange)
    db.session.flush()
    db.session.expire_all()
    return exchange


def test_a_colleague_travels_and_acts_instead(signed: Exchange) -> None:
    stay, ill, voucher = signed, signed.guest, signed.voucher
    colleague = factories.make_member(stay.guest_organisation, Role.GUEST)
    visits.replace_guest(stay, by=ill, email=colleague.email, **REPLACED)
    version = stay.newest_version
    assert version
    assert (stay.guest, voucher.holder, stay.state, stay.waiting_for) == (colleague, colleague, "agreed", "signatures")
    assert (version.number, version.travellers) == (2, "Petra Horvat")
    assert version.guest_contact == f"Petra Horvat, {colleague.email}"
    labels = [change.label for change in differences(Terms.of(stay.agreed_version), Terms.of(version))]
    assert labels == ["Contact of the guest", "Who travels"]
    assert last_act(stay) == ("replace_guest", "guest", f"Petra Horvat instead of {ill.name}. She is ill.")
    assert last_act(voucher)[0] == "holder_replaced"
    (newcomer,) = letters("guest_newcomer")
    assert newcomer.recipient_id == colleague.id
    assert f"1. {version.objectives[0]['text']}" in newcomer.text
    assert factories.coordinator_of(stay.theme).id in {letter.recipient_id for letter in letters("guest_replaced")}
    visits.sign(stay, by=colleague, number=2)
    visits.sign(stay, by=factories.coordinator_of(stay.theme), number=2)
    assert stay.agreed_version is version


def test_another_traveller_needs_no_account(signed: Exchange) -> None:
    signed.application.delegates.append(Delegate(position=2, name="Ben", email="ben@example.org", level="cluster_manager"))
    coordinator = factories.make_member(signed.guest_organisation, Role.COORDINATOR)
    guest = signed.guest
    visits.replace_guest(signed, by=coordinator, email="petra@example.org", **REPLACED | {"delegate": "2"})
    assert (signed.guest, signed.voucher.holder) == (guest, guest)
    assert [each.name for each in signed.delegates] == [guest.name, "Petra Horvat"]
    (newcomer,) = letters("guest_newcomer")
    assert (newcomer.recipient_id, newcomer.address) == (None, "petra@example.org")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({}, "email", "invite them into its team as a guest first"),
        ({"delegate": "7"}, "delegate", "Choose who does not travel"),
        ({"level": ""}, "level", "Choose the level"),
    ],
)
def test_who_can_travel_instead(signed: Exchange, changes: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(Refusal, match=words) as refusal:
        visits.replace_guest(signed, by=signed.guest, email="petra@example.org", **REPLACED | changes)
    assert refusal.value.field == field


def test_nobody_of_the_host_travels_and_nobody_twice(signed: Exchange) -> None:
    host = factories.coordinator_of(signed.theme)
    for email, words in ((host.email, "the host"), (signed.guest.email, "travels already")):
        with pytest.raises(Refusal, match=words):
            visits.replace_guest(signed, by=signed.guest, email=email, **REPLACED)


def test_the_page_to_replace_a_guest(signed: Exchange, visitor: Any) -> None:
    colleague = factories.make_member(signed.guest_organisation, Role.GUEST)
    db.session.commit()
    client, path = visitor(signed.guest), f"/exchanges/{signed.id}/replace-guest"
    typed = fields_of(client.get(path)) | REPLACED
    assert client.post(path, data=typed | {"email": "nobody"}).status_code == 422
    assert client.post(path, data=typed | {"email": colleague.email}).status_code == 303
    db.session.expire_all()
    assert signed.guest == colleague
