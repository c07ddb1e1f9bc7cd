"""After the deadline: who is told, once."""

from collections.abc import Sequence
from datetime import date
from types import ModuleType

import pytest
from sqlalchemy import select

from mobility import reminders
from mobility.core.database import db
from mobility.notifications.models import OutboxMessage
from mobility.people.roles import Role
from tests.support.cases import make_case
from tests.support.factories import (
    coordinator_of,
    make_exchange,
    make_member,
    make_membership,
    make_submitted,
    make_voucher,
)

pytestmark = pytest.mark.usefixtures("db_session")


def escalate() -> int:
    db.session.commit()
    return reminders.escalate()


def escalated() -> Sequence[OutboxMessage]:
    db.session.rollback()
    query = select(OutboxMessage).where(OutboxMessage.kind == "escalation").order_by(OutboxMessage.id)
    return db.session.scalars(query).all()


def test_both_coordinators_are_told_once_that_signatures_are_missing(clock: ModuleType) -> None:
    exchange = make_exchange()
    guest_coordinator = make_member(exchange.guest_organisation, Role.COORDINATOR)
    clock.move(days=14)
    assert escalate() == 0, "the last day is still in time"
    clock.move(days=1)
    assert escalate() == 2
    assert escalate() == 0
    clock.move(days=20)
    assert escalate() == 0
    to = {message.recipient_id for message in escalated()}
    assert to == {coordinator_of(exchange.theme).id, guest_coordinator.id}
    message = next(each for each in escalated() if each.recipient_id == guest_coordinator.id)
    assert message.subject_line == (
        f"Overdue: sign the agreement of {exchange.guest.name} and {exchange.host.name}, due by 15 March 2027"
    )
    assert message.text.splitlines()[0].startswith("This was due by 15 March 2027 and is 1 day late: sign the agreement")
    waits_for = ", ".join(sorted((exchange.guest.name, coordinator_of(exchange.theme).name)))
    assert f"It has been waiting for {waits_for} since 1 March 2027" in message.text
    hers = next(each for each in escalated() if each.recipient_id != guest_coordinator.id).text
    assert f"It has been waiting for you, and for {exchange.guest.name}, since 1 March 2027." in hers
    assert "Please do it now" in hers
    assert coordinator_of(exchange.theme).name not in hers.split("This message is for")[0]


def test_every_owner_is_told_of_a_late_decision(clock: ModuleType) -> None:
    voucher = make_voucher()
    owners = {make_member(voucher.programme, Role.OWNER).id for _ in range(2)}
    voucher.state, voucher.waiting_for = "requested", "decision"
    voucher.waiting_since, voucher.due_on = date(2027, 3, 1), date(2027, 3, 15)
    clock.move(days=15)
    assert escalate() == 2
    assert {message.recipient_id for message in escalated()} == owners


def test_an_owner_with_an_interest_is_told_for_whom_it_waits(clock: ModuleType) -> None:
    case = make_case("full")
    case.take_to("recommended")
    make_membership(case.other_owner, case.exchange.host, Role.HOST, since=date(2027, 1, 4))
    clock.move(days=15)
    assert escalate() == 2
    texts = {message.recipient_id: message.text for message in escalated()}
    assert "It has been waiting for you since 1 March 2027." in texts[case.owner.id]
    assert f"It has been waiting for {case.owner.name} since 1 March 2027." in texts[case.other_owner.id]
    assert "Please do it now" not in texts[case.other_owner.id]


def test_the_owners_are_told_when_nobody_else_is_there(clock: ModuleType) -> None:
    exchange = make_exchange()
    coordinator_of(exchange.theme).active = False
    owner = make_member(exchange.programme, Role.OWNER)
    clock.move(days=15)
    assert escalate() == 1
    assert escalated()[0].recipient_id == owner.id


def test_what_lapses_is_not_escalated(clock: ModuleType) -> None:
    make_submitted()
    clock.move(days=30)
    assert escalate() == 0


def test_a_new_deadline_may_be_escalated_again(clock: ModuleType) -> None:
    exchange = make_exchange()
    clock.move(days=15)
    assert escalate() == 1
    exchange = db.session.get_one(type(exchange), exchange.id)
    exchange.due_on = date(2027, 4, 1)
    clock.move(days=30)
    assert escalate() == 1


def test_an_escalation_is_dropped_when_it_is_settled_before_it_leaves(clock: ModuleType) -> None:
    exchange = make_exchange()
    clock.move(days=15)
    escalate()
    exchange = db.session.get_one(type(exchange), exchange.id)
    exchange.waiting_for = exchange.due_on = None
    db.session.commit()
    assert reminders.drop_settled() == 1
    assert [message.state for message in escalated()] == ["dropped"]
