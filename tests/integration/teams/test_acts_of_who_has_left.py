"""Subject by subject: what somebody whom it names still does after their role in the organisation has ended, written out by hand
(decision 0027). Everything is still read."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from mobility.claims import operations as claims
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import GuardRefused
from mobility.notifications.recipients import Directory, playing
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.tasks import Tasks, tasks_of
from mobility.vouchers.guards import may_see_code
from mobility.workflows.parts import Actor
from tests.support import factories
from tests.support.cases import make_case, make_knowledge
from tests.support.experts import make_mentoring
from tests.support.followups import ask, visited
from tests.support.stories import telling

pytestmark = pytest.mark.usefixtures("db_session")
Made = tuple[Any, Any]  # a subject, and whom it names


def application(state: str) -> Made:
    made = factories.make_draft() if state in {"draft", "waiting"} else factories.make_accepted()
    made.state = state
    return made, made.guest


def exchange(state: str) -> Made:
    made = factories.make_exchange()
    made.state = state
    return made, made.guest


def voucher(state: str) -> Made:
    case = make_case("full")
    made = case.take_to(state) if state != "returned" else case.voucher
    made.state = state
    return made, made.holder


def knowledge(state: str) -> Made:
    made = make_knowledge().take_to(state)
    return made, made.holder


def story(state: str) -> Made:
    made = telling().recommended()
    made.state = state
    return made, made.exchange.guest


def mentee(state: str) -> Made:
    made = make_mentoring(state).mentoring
    return made, made.mentee


def mentor(state: str) -> Made:
    made = make_mentoring(state).mentoring
    return made, made.mentor


def answer_of(side: str) -> Callable[[str], Made]:
    def asked(state: str) -> Made:
        case = visited(clock.today() - timedelta(days=7))
        ask()
        made = case.request(f"end_{side}")
        return made, made.respondent

    return asked


guest_s, host_s = answer_of("guest"), answer_of("host")

GIVES_UP = [(application, "submitted", "withdraw"), (application, "accepted", "withdraw"), (application, "draft", "withdraw")]
ONE_S_OWN = [
    *GIVES_UP,
    (application, "draft", "submit"),  # the form asks for an organisation to which one belongs
    (application, "waiting", "leave_queue"),
    (exchange, "completed", "object_to_attendance"),
    (story, "published", "withdraw"),
    (mentee, "asked", "withdraw"),
    (mentee, "accepted", "cancel"),
    (mentor, "asked", "decline"),
    (mentor, "accepted", "cancel"),
    (guest_s, "asked", "answer"),
]
FOR_AN_ORGANISATION = [
    (application, "submitted", "record_contact"),
    (application, "accepted", "confirm"),
    (exchange, "planning", "sign"),
    (exchange, "planning", "amend"),
    (exchange, "planning", "replace_guest"),
    (exchange, "planning", "go_unfunded"),
    (exchange, "planning", "cancel"),
    (exchange, "agreed", "name_manager"),
    (voucher, "draft", "request"),
    (voucher, "draft", "withdraw"),
    (voucher, "returned", "resubmit"),
    (voucher, "issued", "withdraw"),
    (voucher, "delivered", "claim"),
    (knowledge, "redeemed", "confirm_delivery"),
    (story, "draft", "submit"),
    (story, "in_review", "agree"),
    (story, "in_review", "take_back"),
    (story, "withdrawn", "rework"),
    (mentee, "accepted", "record_talk"),
    (mentor, "asked", "accept"),
    (host_s, "asked", "answer"),
]


def named(row: Any) -> str:
    return "-".join(getattr(each, "__name__", str(each)) for each in row)


def refusal(subject: Any, action: str, person: User) -> str | None:
    """As the button says it, which the act itself must say, too."""
    [said] = [each.refusal for each in subject.workflow.available(subject, person) if each.action == action]
    if said is None:
        subject.workflow.check(action, subject, person)
    else:
        with pytest.raises(GuardRefused) as refused:
            subject.workflow.check(action, subject, person)
        assert str(refused.value) == said
    return said


@pytest.mark.parametrize("row", ONE_S_OWN, ids=named)
def test_what_is_one_s_own_stays_possible(row: Any) -> None:
    make, state, action = row
    subject, person = make(state)
    assert refusal(subject, action, person) is None
    factories.end_roles(person)
    assert refusal(subject, action, person) is None
    assert subject.workflow.may_see(person, subject)


@pytest.mark.parametrize("row", FOR_AN_ORGANISATION, ids=named)
def test_for_an_organisation_one_acts_with_a_role_in_it(row: Any) -> None:
    make, state, action = row
    subject, person = make(state)
    assert refusal(subject, action, person) is None
    factories.end_roles(person)
    said = refusal(subject, action, person)
    assert said is not None
    if make not in (mentee, mentor):  # which ends by itself
        assert said.startswith("Your role in ")
        assert " ended on " in said
    assert subject.workflow.may_see(person, subject)


def test_the_refusal_names_who_can_go_on_and_they_can() -> None:
    case = make_case("full")
    case.take_to("delivered")
    code_before = may_see_code(case.holder, case.voucher)
    factories.end_roles(case.holder)
    home, there = case.voucher.holder_organisation, case.guest_coordinator
    day = clock.today()
    words = f"Your role in {home.name} ended on {day.day} {day:%B %Y}. A colleague there can go on: {there.name}."
    assert refusal(case.voucher, "claim", case.holder) == words
    assert (code_before, may_see_code(case.holder, case.voucher)) == (True, False)
    claims.take_over(case.exchange, by=there, reason="She has left.")
    assert refusal(case.voucher, "claim", there) is None


def test_where_nobody_is_left_it_says_so() -> None:
    made = factories.make_exchange()
    factories.end_roles(made.guest)
    assert refusal(made, "sign", made.guest) == (
        f"Your role in {made.guest_organisation.name} ended on 1 March 2027. "
        "A coordinator there could go on, but there is none now: an administrator can invite one."
    )


def test_who_was_never_elsewhere_comes_back_with_any_role() -> None:
    made = factories.make_exchange()
    factories.end_roles(made.guest)
    factories.make_membership(made.guest, made.guest_organisation, Role.PROVIDER)
    assert refusal(made, "sign", made.guest) is None


def test_a_role_elsewhere_does_not_help_but_another_part_does() -> None:
    """Whoever went over to the host signs for the host, and not for the guests."""
    made = factories.make_exchange()
    guest = made.guest
    factories.end_roles(guest)
    factories.make_membership(guest, factories.make_organisation(), Role.COORDINATOR)
    assert refusal(made, "sign", guest) is not None
    factories.make_membership(guest, made.host, Role.COORDINATOR)
    transition, part = made.workflow.check("sign", made, guest)
    assert (transition.action, part) == ("sign", "host coordinator")


def test_the_first_page_asks_nothing_of_who_has_left(app: Flask) -> None:
    made, guest = application("accepted")
    made.due_on = clock.today()
    db.session.flush()
    _, writer = application("draft")
    factories.end_roles(writer)
    with app.test_request_context():
        assert [each.title for each in tasks_of(guest).mine] == ["Confirm your exchange"]
        factories.end_roles(guest)
        assert tasks_of(guest) == Tasks()
        assert [each.title for each in tasks_of(writer).mine] == ["Finish your application"]  # for an organisation of today


@pytest.mark.parametrize("closed", [False, True], ids=["role ended", "account closed"])
def test_reminders_and_mail_go_to_those_who_can_go_on(closed: bool) -> None:
    case = make_case("full")
    claim = case.take_to("delivered")
    promise, owed = claim.workflow.promise("claim"), (Actor.HOLDER,)

    def told() -> tuple[list[str], list[str], list[User]]:
        found = Directory([claim], {*promise.owed_by, Actor.OWNER})
        return *([each.person.name for each in part(claim, owed)] for part in (found.of, found.instead)), playing(claim, *owed)

    assert told() == ([case.holder.name], [], [case.holder])
    if closed:
        case.holder.active = False
        db.session.flush()
    else:
        factories.end_roles(case.holder)
    assert told() == ([], [case.guest_coordinator.name], [case.guest_coordinator])
