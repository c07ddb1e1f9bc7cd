"""Queueing reminders: who, when, in which words, and never twice."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select

from mobility import reminders
from mobility.applications import operations as applications
from mobility.applications.models import Application
from mobility.core.database import db, transaction
from mobility.exchanges import operations as exchanges
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.vouchers import operations as vouchers
from mobility.vouchers.models import Voucher
from tests.support.cases import Case, make_case, waiting
from tests.support.factories import (
    coordinator_of,
    end_roles,
    make_accepted,
    make_exchange,
    make_guest,
    make_member,
    make_membership,
    make_organisation,
    make_programme,
    make_submitted,
    make_theme,
    make_user,
    make_voucher,
)

pytestmark = pytest.mark.usefixtures("db_session")


def queue() -> int:
    db.session.commit()
    return reminders.queue_due()


def reminded() -> Sequence[OutboxMessage]:
    db.session.rollback()
    query = select(OutboxMessage).where(OutboxMessage.kind == "reminder").order_by(OutboxMessage.id)
    return db.session.scalars(query).all()


def subjects_to(user: User) -> list[str]:
    return [message.subject_line for message in reminded() if message.recipient_id == user.id]


@pytest.fixture
def application(db_session: Any) -> Application:
    """Submitted on 1 March 2027; the host answers by 11 March."""
    return make_submitted(make_theme(title="Membership fees"), make_guest(name="Ana Kovač"))


def test_the_host_is_reminded_three_times_each_saying_the_how_many(application: Application, clock: ModuleType) -> None:
    host = coordinator_of(application.theme)
    for _ in range(12):
        queue()
        clock.move(days=1)
    assert subjects_to(host) == [
        "Answer the application of Ana Kovač by 11 March 2027",
        "Second reminder: answer the application of Ana Kovač by 11 March 2027",
        "Third reminder: answer the application of Ana Kovač by 11 March 2027",
    ]
    first = reminded()[0]
    assert first.text.splitlines()[0] == "Due by 11 March 2027, in 5 days: answer the application of Ana Kovač."
    assert "After that day the application lapses." in first.text
    assert "“Membership fees”" in first.text
    assert (first.subject_type, first.subject_id) == ("application", application.id)
    assert (first.promise, first.due_on) == ("host_answer", date(2027, 3, 11))


def test_running_it_again_adds_nothing(application: Application, clock: ModuleType) -> None:
    clock.move(days=5)
    assert queue() == 1
    assert queue() == 0


def test_missed_nights_are_caught_up_with_the_latest_reminder_only(application: Application, clock: ModuleType) -> None:
    """The scheduler was away from the 2nd to the 9th: the reminder of the 6th is gone, that of the 9th is the first."""
    clock.move(days=9)
    assert queue() == 1
    (message,) = reminded()
    assert message.subject_line == "Answer the application of Ana Kovač by 11 March 2027"
    assert message.dedupe_key.startswith(f"reminder:host_answer:application:{application.id}:2027-03-11:2:")


def test_after_the_deadline_nobody_is_reminded(application: Application, clock: ModuleType) -> None:
    clock.move(days=11)
    assert queue() == 0


def test_every_coordinator_is_reminded_but_no_one_who_joined_later_left_or_only_hosts(
    application: Application, clock: ModuleType
) -> None:
    host = application.theme.host
    before, gone = make_member(host, Role.COORDINATOR), make_member(host, Role.COORDINATOR, active=False)
    only_host = make_member(host, Role.HOST)
    clock.move(days=5)
    same_day = make_member(host, Role.COORDINATOR)
    clock.move(days=1)
    later = make_member(host, Role.COORDINATOR)
    queue()
    to = {message.recipient_id for message in reminded()}
    assert to == {coordinator_of_first(application).id, before.id, same_day.id}
    assert to.isdisjoint({gone.id, only_host.id, later.id})


def coordinator_of_first(application: Application) -> User:
    members = application.theme.host.memberships
    return min((each.user for each in members if each.role == Role.COORDINATOR), key=lambda user: user.id)


def test_nobody_is_reminded_of_what_is_done(application: Application, clock: ModuleType) -> None:
    clock.move(days=5)
    applications.decline(application, by=coordinator_of(application.theme), reason="We are full.")
    assert queue() == 0


def test_the_guest_is_reminded_to_confirm(clock: ModuleType) -> None:
    application = make_accepted(make_theme(host=make_organisation(name="Kraków Cluster")), make_guest())
    clock.move(days=4)
    assert queue() == 1
    assert subjects_to(application.guest) == ["Confirm your exchange with Kraków Cluster by 8 March 2027"]


def test_of_two_sides_only_the_one_that_has_not_signed_is_reminded(clock: ModuleType) -> None:
    exchange = make_exchange()
    exchanges.sign(exchange, by=coordinator_of(exchange.theme), number=1)
    clock.move(days=7)
    assert queue() == 1
    (message,) = reminded()
    assert message.recipient_id == exchange.guest_id
    assert "After that day we tell the host coordinator and the guest coordinator." in message.text


def test_an_amended_agreement_is_reminded_anew(clock: ModuleType) -> None:
    exchange = make_exchange()
    clock.move(days=7)
    assert queue() == 2
    with transaction():
        moved = db.session.get_one(type(exchange), exchange.id)
        moved.due_on += timedelta(days=7)
    clock.move(days=7)
    assert queue() == 2
    assert all(not message.subject_line.startswith("Second") for message in reminded())


def waiting_voucher(state: str, promise: str, since: date, due: date, **values: Any) -> Voucher:
    voucher = make_voucher()
    voucher.state, voucher.waiting_for, voucher.waiting_since, voucher.due_on = state, promise, since, due
    for name, value in values.items():
        setattr(voucher, name, value)
    db.session.flush()
    return voucher


def test_owners_are_reminded_of_a_decision_in_working_days(clock: ModuleType) -> None:
    voucher = waiting_voucher("recommended", "decision", date(2027, 3, 1), date(2027, 3, 15))
    owner = make_member(voucher.programme, Role.OWNER)
    make_member(voucher.programme, Role.ASSESSOR)
    make_member(voucher.programme, Role.AUDITOR)
    for _ in range(15):
        queue()
        clock.move(days=1)
    name = voucher.holder.name
    assert subjects_to(owner) == [
        f"Decide on the voucher of {name} by 15 March 2027",
        f"Second reminder: decide on the voucher of {name} by 15 March 2027",
    ]
    assert [message.created_at.date() for message in reminded()] == [date(2027, 3, 8), date(2027, 3, 11)]


def test_the_host_is_told_of_an_unused_voucher_in_other_words(clock: ModuleType) -> None:
    voucher = waiting_voucher("issued", "redemption", date(2027, 3, 1), date(2028, 2, 29))
    clock.set_to(datetime(2028, 2, 23, 9, tzinfo=UTC))
    make_member(voucher.host, Role.COORDINATOR)
    assert queue() == 1, "joined after it was due: only the holder"
    assert subjects_to(voucher.holder) == ["Use your voucher by 29 February 2028"]
    coordinator = make_user()
    make_membership(coordinator, voucher.host, Role.COORDINATOR, since=date(2027, 3, 1))
    assert queue() == 1
    assert subjects_to(coordinator) == [f"Redeem the voucher of {voucher.holder.name} by 29 February 2028"]


def test_somebody_on_both_sides_gets_one_reminder(clock: ModuleType) -> None:
    voucher = waiting_voucher("issued", "redemption", date(2027, 3, 1), date(2027, 4, 30))
    make_membership(voucher.holder, voucher.host, Role.COORDINATOR)
    clock.move(days=30)
    assert queue() == 1
    assert subjects_to(voucher.holder) == ["Use your voucher by 30 April 2027"]


def test_each_programme_has_its_own_today(clock: ModuleType) -> None:
    """At 22:30 UTC on the 5th it is the 6th in Helsinki, and still the 5th in Lisbon."""
    for timezone in ("Europe/Helsinki", "Europe/Lisbon"):
        application = make_submitted(make_theme(programme=make_programme(timezone=timezone)))
        assert application.due_on == date(2027, 3, 11)
    clock.set_to(datetime(2027, 3, 5, 22, 30, tzinfo=UTC))
    assert queue() == 1
    (message,) = reminded()
    of = db.session.get_one(Application, message.subject_id)
    assert of.timezone == "Europe/Helsinki"


def test_a_reminder_that_was_dropped_or_never_left_does_not_count(application: Application, clock: ModuleType) -> None:
    clock.move(days=5)
    queue()
    reminded()[0].state = "dead"
    clock.move(days=3)
    queue()
    assert reminded()[-1].subject_line == "Answer the application of Ana Kovač by 11 March 2027"


def test_what_waits_in_the_outbox_is_dropped_when_it_is_done(application: Application, clock: ModuleType) -> None:
    clock.move(days=5)
    queue()
    assert reminders.drop_settled() == 0
    with transaction():
        found = db.session.get_one(Application, application.id)
        applications.decline(found, by=coordinator_of(found.theme), reason="We are full.")
    assert reminders.drop_settled() == 1
    assert [message.state for message in reminded()] == ["dropped"]
    kinds = db.session.scalars(select(OutboxMessage.kind).where(OutboxMessage.state == "waiting")).all()
    assert "application_declined" in kinds


def test_only_the_side_that_has_signed_meanwhile_is_dropped(clock: ModuleType) -> None:
    exchange = make_exchange()
    clock.move(days=7)
    assert queue() == 2
    with transaction():
        found = db.session.get_one(type(exchange), exchange.id)
        exchanges.sign(found, by=coordinator_of(found.theme), number=1)
    assert reminders.drop_settled() == 1
    states = {message.recipient_id: message.state for message in reminded()}
    assert states == {coordinator_of(exchange.theme).id: "dropped", exchange.guest_id: "waiting"}


def test_a_moved_deadline_drops_the_old_reminder(clock: ModuleType) -> None:
    valid = date(2027, 3, 1), date(2027, 4, 30)
    voucher = waiting_voucher("issued", "redemption", *valid, valid_from=valid[0], valid_until=valid[1])
    owner = make_member(voucher.programme, Role.OWNER)
    clock.move(days=30)
    queue()
    with transaction():
        found = db.session.get_one(Voucher, voucher.id)
        vouchers.extend(found, by=db.session.get_one(User, owner.id), until=date(2027, 8, 31))
    assert reminders.drop_settled() == 1


def test_nothing_goes_to_people_who_have_left_meanwhile(application: Application, clock: ModuleType) -> None:
    clock.move(days=5)
    queue()
    with transaction():
        coordinator_of(db.session.get_one(Application, application.id).theme).active = False
    assert reminders.drop_settled() >= 1
    assert [message.state for message in reminded()] == ["dropped"]


def test_nobody_is_reminded_whose_role_has_ended(application: Application, clock: ModuleType) -> None:
    """Not even if the mail waits already: the colleague gets it, and who has left does not."""
    stays = make_member(application.theme.host, Role.COORDINATOR)
    gone = coordinator_of_first(application)
    clock.move(days=5)
    queue()
    with transaction():
        end_roles(db.session.get_one(User, gone.id))
    assert reminders.drop_settled() == 1
    assert {message.recipient_id: message.state for message in reminded()} == {gone.id: "dropped", stays.id: "waiting"}
    clock.move(days=4)
    assert queue() == 1
    assert len(subjects_to(stays)) == 2


@pytest.fixture
def recommended(db_session: Any, clock: ModuleType) -> Case:
    """In a programme with four eyes; requested and recommended on Monday, to be decided by the 15th."""
    case = make_case("full")
    case.take_to("recommended")
    clock.move(days=7)
    return case


FIND = "Find somebody who can: decide on the voucher of {} by 15 March 2027"


def test_whoever_has_an_interest_is_not_asked_to_decide(recommended: Case) -> None:
    case = recommended
    make_membership(case.other_owner, case.exchange.host, Role.HOST, since=date(2027, 1, 4))
    make_membership(case.assessor, case.programme, Role.OWNER, since=date(2027, 1, 4))
    assert queue() == 1
    assert subjects_to(case.owner) == [f"Decide on the voucher of {case.holder.name} by 15 March 2027"]
    assert subjects_to(case.other_owner) == subjects_to(case.assessor) == []


def test_where_nobody_may_decide_the_owners_are_told_to_find_somebody(recommended: Case) -> None:
    case = recommended
    for owner in (case.owner, case.other_owner):
        make_membership(owner, case.exchange.host, Role.HOST, since=date(2027, 1, 4))
    end_roles(case.owner, case.exchange.host)  # since the request, so it counts
    assert queue() == 2
    for owner in (case.owner, case.other_owner):
        assert subjects_to(owner) == [FIND.format(case.holder.name)]
    text = reminded()[0].text
    assert "Nobody who could do this may do it" in text
    assert "Do it now" not in text
    assert queue() == 0


def test_what_waits_for_an_assessor_who_is_gone_is_told_to_the_owners(clock: ModuleType) -> None:
    case = make_case("full")
    case.take_to("requested")
    end_roles(case.assessor)
    clock.move(days=7)
    assert queue() == 2
    assert subjects_to(case.owner) == subjects_to(case.other_owner) == [FIND.format(case.holder.name)]


def test_a_reminder_that_waits_is_dropped_when_its_reader_joins_a_side(recommended: Case) -> None:
    case = recommended
    assert queue() == 2
    with transaction():
        make_membership(db.session.get_one(User, case.other_owner.id), case.exchange.host, Role.HOST)
    assert reminders.drop_settled() == 1
    assert {message.recipient_id: message.state for message in reminded()} == {
        case.owner.id: "waiting",
        case.other_owner.id: "dropped",
    }


@pytest.mark.parametrize("count", [1, 30])
def test_asking_for_interests_takes_the_same_queries_for_any_number(count: int, clock: ModuleType, queries: Any) -> None:
    case = make_case("full")
    db.session.delete(case.voucher)  # a draft, of which its holder is reminded, too
    for voucher in waiting(case, count, "recommended"):
        voucher.waiting_for, voucher.waiting_since, voucher.due_on = "decision", date(2027, 3, 1), date(2027, 3, 15)
    for _ in range(count):
        make_membership(make_user(), case.programme, Role.OWNER)
    clock.move(days=7)
    db.session.commit()
    db.session.expunge_all()
    with queries() as q:
        assert reminders.queue_due() == count * (count + 2)
    assert q.count == 31, q


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_number_of_queries_does_not_grow(count: int, clock: ModuleType, queries: Any) -> None:
    programme = make_programme()
    for _ in range(count):
        make_submitted(make_theme(programme=programme))
    clock.move(days=5)
    db.session.commit()
    db.session.expunge_all()
    with queries() as q:
        assert reminders.queue_due() == count
    assert q.count == 31, q  # one for the owners, who are told if nobody can do it
