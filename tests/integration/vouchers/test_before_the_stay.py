"""Deadlines know the visit: the decision is due before it, nothing is granted once it has begun, a validity covers it."""

from datetime import date
from types import ModuleType
from typing import Any

import pytest

from mobility.core.database import db
from mobility.core.errors import GuardRefused
from mobility.exchanges import operations as exchanges
from mobility.exchanges.models import AgreementVersion, Signature
from mobility.exchanges.rules import Terms
from mobility.themes.models import HostingWindow
from mobility.visits import operations as visits
from mobility.vouchers import operations
from tests.support.cases import DECLARATIONS, Case, act, desk_of, make_case
from tests.support.factories import make_programme, sign_in
from tests.support.lines import lined

FRIDAY, THE_DAY_BEFORE, FIRST_DAY = date(2027, 3, 5), date(2027, 3, 7), date(2027, 3, 8)
SOON = {"first_day": FIRST_DAY, "last_day": date(2027, 3, 12)}


def to(clock: ModuleType, day: date) -> None:
    clock.set_to(clock.noon_of(day))


def test_the_decision_is_due_the_day_before_the_stay_at_the_latest(db_session: Any) -> None:
    soon = make_case("full", **SOON)
    assert soon.voucher.due_on == THE_DAY_BEFORE
    soon.take_to("requested")
    assert (soon.voucher.waiting_for, soon.voucher.due_on) == ("decision", THE_DAY_BEFORE)


def test_the_desk_shows_first_what_is_decided_first(client: Any, db_session: Any) -> None:
    later = make_case("light", first_day=date(2027, 6, 7), last_day=date(2027, 6, 11))
    later.take_to("requested")
    soon = make_case("light", programme=later.programme, line=later.line, **SOON)
    soon.take_to("requested")
    sign_in(client, later.owner)
    page = client.get(desk_of(later)).text
    assert page.index(soon.exchange.theme.title) < page.index(later.exchange.theme.title)


@pytest.mark.parametrize(
    ("state", "action", "way_on"),
    [
        ("draft", "request", "Hold the exchange without a voucher, or cancel it."),
        ("requested", "approve", "Reject it, so that host and guest know where they stand."),
        ("approved", "issue", "Revoke it, so that the money goes back to the budget."),
    ],
)
def test_once_the_stay_has_begun_it_is_too_late(
    client: Any, db_session: Any, clock: ModuleType, state: str, action: str, way_on: str
) -> None:
    case = make_case("full" if state == "approved" else "light", **SOON)
    case.take_to(state)
    to(clock, FIRST_DAY)
    sign_in(client, case.holder if action == "request" else case.owner)
    page = act(client, case.voucher, action, declarations=list(DECLARATIONS))
    assert page.status_code == 409
    assert f"The stay began on 8 March 2027: that is too late for a voucher. {way_on}" in page.text
    db_session.refresh(case.voucher)
    assert case.voucher.state == state


def test_on_the_day_before_it_is_not(db_session: Any, clock: ModuleType) -> None:
    case = make_case("light", **SOON)
    case.take_to("requested")
    to(clock, THE_DAY_BEFORE)
    operations.approve(case.voucher, by=case.owner)
    assert case.voucher.state == "issued"


def test_an_answer_after_the_first_day_is_too_late_and_the_owner_can_still_say_no(db_session: Any, clock: ModuleType) -> None:
    case = make_case("light", **SOON)
    case.take_to("requested")
    operations.ask_information(case.voucher, by=case.owner, question="Who travels?")
    to(clock, FIRST_DAY)
    with pytest.raises(GuardRefused, match="too late for a voucher"):
        operations.resubmit(case.voucher, by=case.holder, answer="All three.")
    operations.reject(case.voucher, by=case.owner, reason="The answer came too late.")
    assert case.voucher.state == "rejected"


def test_the_first_day_is_the_programme_s(db_session: Any, clock: ModuleType) -> None:
    case = make_case("light", programme=make_programme(scheme="light", timezone="Europe/Vienna"), **SOON)
    case.take_to("requested")
    clock.set_to(clock.noon_of(THE_DAY_BEFORE))
    clock.move(hours=11, minutes=30)  # 00:30 in Vienna
    with pytest.raises(GuardRefused, match="8 March 2027"):
        operations.approve(case.voucher, by=case.owner)


def test_a_validity_covers_the_stay(db_session: Any) -> None:
    programme = make_programme(scheme="light", validity_months=1)
    case = make_case("light", programme=programme, first_day=date(2027, 5, 3), last_day=date(2027, 5, 7))
    case.take_to("issued")
    assert (case.voucher.valid_until, case.voucher.due_on) == (date(2027, 5, 7), date(2027, 5, 7))


def with_agreement(case: Case) -> Case:
    """The case with the agreement that both sides have signed, and a window for other days."""
    exchange = case.exchange
    days = {"first_day": exchange.first_day, "last_day": exchange.last_day}
    version = AgreementVersion(
        exchange_id=exchange.id, number=1, **lined(objectives="x", guest_benefit="y", host_benefit="z"), **days
    )
    version.signatures = [Signature(side="host", signed_by_id=case.host_coordinator.id)]
    version.signatures += [Signature(side="guest", signed_by_id=case.holder.id)]
    year = {"first_day": date(2027, 3, 2), "last_day": date(2027, 12, 31)}
    exchange.theme.windows = [HostingWindow(**year, apply_by=date(2027, 3, 1))]
    db.session.add(version)
    db.session.flush()
    exchange.newest_version = exchange.agreed_version = version
    db.session.flush()
    db.session.refresh(exchange, ["versions"])
    return case


def amended(case: Case, first_day: date, last_day: date) -> None:
    """Both sides agree on other days."""
    with_agreement(case)
    agreed = case.exchange.newest_version
    days = {"first_day": first_day, "last_day": last_day, "agenda": ()}
    exchanges.amend(case.exchange, by=case.holder, **Terms.of(agreed).written() | days)
    for person in (case.holder, case.host_coordinator):
        visits.sign(case.exchange, by=person, number=case.exchange.newest_version.number)


def test_the_validity_follows_a_stay_that_moves(db_session: Any) -> None:
    programme = make_programme(scheme="light", validity_months=1)
    case = make_case("light", programme=programme, first_day=date(2027, 3, 22), last_day=date(2027, 3, 26))
    case.take_to("issued")
    assert case.voucher.valid_until == date(2027, 4, 1)
    amended(case, date(2027, 4, 5), date(2027, 4, 9))
    assert (case.voucher.valid_until, case.voucher.due_on) == (date(2027, 4, 9), date(2027, 4, 9))
    assert case.voucher.history()[0].note == "Valid until 9 April 2027, to cover the stay."


def test_the_decision_follows_a_stay_that_comes_sooner(db_session: Any) -> None:
    case = make_case("full", first_day=date(2027, 4, 5), last_day=date(2027, 4, 9))
    case.take_to("requested")
    amended(case, date(2027, 3, 8), date(2027, 3, 12))
    assert case.voucher.due_on == THE_DAY_BEFORE


# What can no longer begin says so


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("rejected", "Its voucher is rejected. The guest can ask for another until 7 March 2027."),
        ("late", "The first day has come, and no voucher was issued: that is too late for one."),
        ("closed", "is open, so its voucher cannot be requested now."),
    ],
)
def test_an_exchange_that_cannot_begin_says_so(client: Any, db_session: Any, clock: ModuleType, state: str, why: str) -> None:
    case = with_agreement(make_case("light", **SOON))
    if state == "rejected":
        case.take_to("requested")
        operations.reject(case.voucher, by=case.owner, reason="No money is left.")
    elif state == "late":
        to(clock, FIRST_DAY)
    else:
        case.line.call.closes_on = date(2027, 2, 28)
    sign_in(client, case.host_coordinator)
    page = client.get(f"/exchanges/{case.exchange.id}").text
    assert "This exchange cannot begin as it is" in page
    assert why in page
    assert "must be issued before the first day" not in page


def test_one_that_waits_for_its_voucher_says_only_that(client: Any, db_session: Any) -> None:
    case = with_agreement(make_case("light", **SOON))
    sign_in(client, case.holder)
    page = client.get(f"/exchanges/{case.exchange.id}").text
    assert "cannot begin as it is" not in page
    assert "must be issued before the first day" in page


def test_the_first_page_asks_how_to_go_on(client: Any, db_session: Any, clock: ModuleType) -> None:
    case = make_case("light", **SOON)
    sign_in(client, case.host_coordinator)
    assert "Visit 8 to 12 March 2027" in client.get("/").text
    to(clock, FIRST_DAY)
    sign_in(client, case.host_coordinator)
    page = client.get("/").text
    assert "Visit 8 to 12 March 2027" not in page
    assert "Say how to go on: the visit could not begin" in page
