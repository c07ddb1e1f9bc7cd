"""The ways back (workflows.md): each slip with its act, its mail, its history, and the ledger where money moves."""

from datetime import timedelta
from typing import Any

import pytest

from mobility.budgets.checks import check_ledger
from mobility.claims import operations as claims
from mobility.core.database import db
from mobility.core.errors import GuardRefused, Refusal
from mobility.exchanges import operations as exchanges
from mobility.notifications.models import OutboxMessage
from mobility.visits import operations as visits
from tests.support.cases import Case, make_case


def balances(case: Any) -> tuple[str, str, str]:
    """Available, committed, spent; and the ledger is right."""
    assert check_ledger() == []
    return f"{case.line.available}", f"{case.line.committed}", f"{case.line.spent}"


def letters(kind: str) -> list[OutboxMessage]:
    return list(db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)))


def last_act(subject: Any) -> tuple[str, str, str]:
    entry = subject.history()[0]
    return entry.action, entry.acted_as, entry.note


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
