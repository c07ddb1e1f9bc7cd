"""Nobody acts for one side of a case who has acted for the other since it was asked for (issue 13)."""

from datetime import UTC, datetime, time
from typing import Any

import pytest

from mobility.applications.models import Delegate
from mobility.claims import operations as claims
from mobility.core.database import db
from mobility.core.errors import GuardRefused
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.visits import operations as visits
from mobility.vouchers import operations as vouchers
from mobility.vouchers.workflow import WORKFLOW
from tests.support import factories
from tests.support.cases import Case, Knowledge, make_knowledge
from tests.support.client import Visitor
from tests.support.html import text_of
from tests.support.tills import Till


@pytest.fixture
def bought(db_session: Any) -> Knowledge:
    return make_knowledge()


COLLEAGUE = "A colleague at Akademija must do this: its coordinators can invite one."


def test_the_holder_made_provider_does_not_file_the_providers_claim(bought: Knowledge) -> None:
    voucher = bought.take_to("delivered")
    factories.make_membership(bought.holder, bought.provider, Role.PROVIDER)
    with pytest.raises(GuardRefused, match=f"You hold this voucher. {COLLEAGUE}"):
        claims.claim(voucher, by=bought.holder)
    assert WORKFLOW.transition("claim").refusal(voucher, bought.seller) is None


@pytest.mark.parametrize("left", [False, True])
def test_nor_does_a_colleague_of_the_holder(bought: Knowledge, left: bool) -> None:
    """Who confirmed what was delivered, say, before another took the voucher over."""
    voucher = bought.take_to("delivered")
    factories.make_membership(bought.coordinator, bought.provider, Role.COORDINATOR)
    if left:
        factories.end_roles(bought.coordinator, bought.home)
    with pytest.raises(GuardRefused, match=COLLEAGUE):
        claims.claim(voucher, by=bought.coordinator)


def test_who_sold_it_does_not_confirm_it_under_another_hat(bought: Knowledge) -> None:
    voucher = bought.take_to("redeemed")
    factories.make_membership(bought.holder, bought.provider, Role.PROVIDER)
    factories.end_roles(bought.holder, bought.provider)
    with pytest.raises(GuardRefused, match="a provider never confirms its own delivery"):
        vouchers.confirm_delivery(voucher, by=bought.holder, note="All three were there.")


@pytest.mark.parametrize("who", ["guest", "delegate"])
def test_whoever_travels_does_not_confirm_the_attendance_for_the_host(full: Case, clock: Any, who: str) -> None:
    full.take_to("issued")
    exchange = full.exchange
    vouchers.redeem(full.voucher, by=full.host_coordinator, code=full.voucher.code or "")
    clock.set_to(datetime.combine(exchange.first_day, time(10), UTC))
    person: User = full.holder
    if who == "delegate":
        person = factories.make_user()
        exchange.application.delegates.append(Delegate(position=2, name=person.name, email=person.email, level="x"))
    factories.make_membership(person, exchange.host, Role.COORDINATOR)
    exchange.state = "in_progress"
    db.session.commit()
    db.session.expire_all()
    days = {"first_day": exchange.first_day, "last_day": exchange.first_day, "attended": [1]}
    with pytest.raises(GuardRefused, match=f"A colleague at {exchange.host.name} must do this"):
        visits.confirm_attendance(exchange, by=person, **days)


# What the pages say


def test_a_finance_officer_who_is_paid_neither_collects_nor_approves(till: Till, visitor: Visitor) -> None:
    """The other officers do: the list and the batch say who."""
    factories.make_membership(till.holder, till.programme, Role.FINANCE_OFFICER)
    others = sorted(each.name for each in (till.collector, till.approver, till.spare))
    able = f"{others[0]}, {others[1]} or {others[2]}"
    own = visitor(till.holder).get(f"/programmes/{till.programme.id}/payments")
    assert f"You hold this voucher. Somebody without an interest must collect it: {able}." in text_of(own)
    batch = till.collect()
    db.session.commit()
    page = text_of(visitor(till.holder).get(f"/payments/{batch.id}"))
    rest = sorted(each.name for each in (till.approver, till.spare))
    also = f"The same or the like goes for {till.vouchers[1].reference}."  # whose account has the same number
    assert f"{till.vouchers[0].reference}: You hold this voucher. {also} Somebody without" in page
    assert f"Somebody without an interest must do this: {rest[0]} or {rest[1]}." in page
    assert f"Can be approved by {rest[0]}, {rest[1]}" in page
