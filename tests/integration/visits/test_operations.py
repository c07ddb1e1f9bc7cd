"""One act, one click (workflows.md): exchange and voucher move together, and both histories say so."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from mobility.budgets.checks import check_ledger
from mobility.core.errors import GuardRefused, NotAllowed, Refusal
from mobility.visits import operations as visits
from tests.support.cases import Case, make_case


@pytest.fixture
def case(db_session: Any, clock: Any) -> Case:
    """A voucher that has been issued, on the first day of the stay, before anybody did anything."""
    case = make_case("light")
    case.take_to("issued")
    days = (case.exchange.first_day - clock.today()).days
    clock.move(days=days)
    db_session.flush()
    return case


def acts(subject: Any) -> list[tuple[str, str]]:
    """(action, part) of the history, newest first."""
    return [(entry.action, entry.acted_as) for entry in subject.history()]


def states(case: Case) -> tuple[str, str]:
    return case.exchange.state, case.voucher.state


def attendance(case: Case, **changes: Any) -> dict[str, Any]:
    given = {
        "first_day": case.exchange.first_day,
        "last_day": case.exchange.last_day,
        "attended": [delegate.position for delegate in case.exchange.delegates],
    }
    return given | changes


def test_checking_in_starts_the_exchange_and_redeems_the_voucher(case: Case) -> None:
    visits.check_in(case.exchange, by=case.host_coordinator, code=case.voucher.code)
    assert states(case) == ("in_progress", "redeemed")
    assert acts(case.exchange)[0] == ("start", "host")
    assert acts(case.voucher)[0] == ("redeem", "host coordinator")


def test_a_wrong_code_checks_nobody_in(case: Case, db_session: Any) -> None:
    with pytest.raises(Refusal) as refusal:
        visits.check_in(case.exchange, by=case.host_coordinator, code="0000-0000")
    assert refusal.value.field == "code"


def test_without_a_code_the_field_says_so(case: Case) -> None:
    with pytest.raises(Refusal) as refusal:
        visits.check_in(case.exchange, by=case.host_coordinator, code=" ")
    assert (refusal.value.field, refusal.value.message) == (
        "code",
        "Enter the code of the guest's voucher: it redeems the voucher.",
    )


def test_a_host_who_is_no_coordinator_cannot_redeem(case: Case) -> None:
    with pytest.raises(NotAllowed):
        visits.check_in(case.exchange, by=case.host, code=case.voucher.code)


def test_a_host_at_the_door_starts_and_the_coordinator_redeems_later(case: Case) -> None:
    visits.check_in(case.exchange, by=case.host)
    assert states(case) == ("in_progress", "issued")
    visits.redeem(case.voucher, by=case.host_coordinator, code=case.voucher.code)
    assert states(case) == ("in_progress", "redeemed")


def test_nobody_is_checked_in_before_the_first_day(case: Case, clock: Any) -> None:
    clock.move(days=-1)
    with pytest.raises(GuardRefused, match="from its first day"):
        visits.check_in(case.exchange, by=case.host_coordinator, code=case.voucher.code)


def test_the_first_day_starts_it_and_the_code_follows(case: Case) -> None:
    visits.start(case.exchange)
    assert states(case) == ("in_progress", "issued")
    visits.redeem(case.voucher, by=case.host_coordinator, code=case.voucher.code)
    assert states(case) == ("in_progress", "redeemed")


def test_redeeming_from_the_voucher_starts_the_exchange_too(case: Case) -> None:
    visits.redeem(case.voucher, by=case.host_coordinator, code=case.voucher.code)
    assert states(case) == ("in_progress", "redeemed")


def test_confirming_attendance_completes_and_delivers(case: Case, clock: Any) -> None:
    visits.check_in(case.exchange, by=case.host_coordinator, code=case.voucher.code)
    clock.move(days=10)
    visits.confirm_attendance(case.exchange, by=case.host_coordinator, **attendance(case))
    assert states(case) == ("completed", "delivered")
    assert case.exchange.certificate_code
    assert case.voucher.due_on == clock.today() + timedelta(days=30)  # the claim, workflows.md
    assert case.exchange.waiting_for is None


def test_the_code_may_come_with_the_attendance(case: Case, clock: Any) -> None:
    visits.start(case.exchange)
    clock.move(days=10)
    visits.confirm_attendance(case.exchange, by=case.host_coordinator, **attendance(case), code=case.voucher.code)
    assert states(case) == ("completed", "delivered")


def test_attendance_without_the_code_is_refused_at_its_field(case: Case, clock: Any) -> None:
    visits.start(case.exchange)
    clock.move(days=10)
    with pytest.raises(Refusal) as refusal:
        visits.confirm_attendance(case.exchange, by=case.host_coordinator, **attendance(case))
    assert refusal.value.field == "code"


def test_a_no_show_cancels_and_revokes_and_the_money_comes_back(case: Case) -> None:
    visits.check_in(case.exchange, by=case.host_coordinator, code=case.voucher.code)
    assert (case.line.available, case.line.committed) == (Decimal("9220.00"), Decimal("780.00"))
    visits.report_no_show(case.exchange, by=case.host_coordinator, reason="Nobody came.")
    assert states(case) == ("cancelled", "revoked")
    assert acts(case.voucher)[0] == ("revoke", "host coordinator")
    assert (case.line.available, case.line.committed) == (Decimal("10000.00"), Decimal("0.00"))
    assert check_ledger() == []


def test_cancelling_withdraws_the_voucher_with_it(db_session: Any) -> None:
    case = make_case("light")
    case.take_to("issued")
    taken = case.exchange.theme.places_taken
    visits.cancel(case.exchange, by=case.host_coordinator, reason="Our plant is being rebuilt.")
    assert states(case) == ("cancelled", "withdrawn")
    assert case.line.available == Decimal("10000.00")
    assert case.exchange.theme.places_taken == max(0, taken - 1)


def test_a_rejected_voucher_does_not_stop_a_cancellation(db_session: Any) -> None:
    case = make_case("light")
    case.take_to("issued")
    case.voucher.workflow.apply("revoke", case.voucher, by=case.owner, note="Paid elsewhere.")
    visits.cancel(case.exchange, by=case.holder, reason="We cannot come.")
    assert states(case) == ("cancelled", "revoked")
