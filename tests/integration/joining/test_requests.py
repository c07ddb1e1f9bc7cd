"""A request to join, from the question to the role: who may do what, what is promised, who is told, and what comes between."""

from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import func, select

from mobility import jobs, reminders
from mobility.audit.models import AuditEntry
from mobility.core.database import db, transaction
from mobility.core.errors import GuardRefused, NotAllowed, Refusal
from mobility.joining import operations
from mobility.joining.models import JoinRequest
from mobility.joining.workflow import WORKFLOW
from mobility.notifications.models import OutboxMessage
from mobility.people.models import Organisation, User
from mobility.people.roles import Role
from mobility.tasks import Tasks, tasks_of
from mobility.teams import operations as teams
from mobility.workflows.table import SYSTEM
from tests.support.client import Visitor
from tests.support.factories import (
    end_roles,
    make_call,
    make_member,
    make_membership,
    make_organisation,
    make_programme,
    make_rate_card,
    make_user,
)
from tests.support.forms import values_of
from tests.support.html import text_of
from tests.support.joining import NEW, Case, mails, make_joining
from tests.support.promises import told
from tests.support.queries import queries as counted

DECIDE = {"ask_back", "decline"}
CAN = {  # (new, state) -> part -> acts, by hand. Administrators can do whatever those who decide can
    (False, "asked"): {
        "person": {"withdraw"},
        "coordinator": {"accept"} | DECIDE,
        "owner": set(),
        "administrator": {"accept"} | DECIDE,
    },
    (True, "checking"): {
        "person": {"withdraw"},
        "coordinator": set(),
        "owner": {"admit", "merge"} | DECIDE,
        "administrator": {"admit", "merge"} | DECIDE,
    },
    (False, "returned"): {"person": {"answer", "withdraw"}, "coordinator": set(), "owner": set(), "administrator": set()},
    (True, "returned"): {"person": {"answer", "withdraw"}, "coordinator": set(), "owner": set(), "administrator": set()},
    (False, "joined"): {"person": set(), "coordinator": set(), "owner": set(), "administrator": set()},
    (False, "declined"): {"person": set(), "coordinator": set(), "owner": set(), "administrator": set()},
    (False, "withdrawn"): {"person": set(), "coordinator": set(), "owner": set(), "administrator": set()},
}
SEES = {False: {"person", "coordinator", "administrator"}, True: {"person", "owner", "administrator"}}


def take_to(case: Case, state: str, *, new: bool) -> None:
    decides = case.owner if new else case.coordinator
    if state == "returned":
        operations.ask_back(case.request, by=decides, question="What do you do there?")
    if state == "joined":
        operations.accept(case.request, by=decides)
    if state == "declined":
        operations.decline(case.request, by=decides, reason="We do not know you.")
    if state == "withdrawn":
        operations.withdraw(case.request, by=case.person)
    db.session.commit()
    assert case.request.state == state


@pytest.mark.parametrize(("new", "state"), list(CAN))
def test_who_may_do_what(db_session: Any, visitor: Visitor, new: bool, state: str) -> None:
    case = make_joining(new=new)
    take_to(case, state, new=new)
    people = {name: getattr(case, name) for name in ("person", "coordinator", "owner", "administrator")}
    found = {name: {each.action for each in WORKFLOW.available(case.request, one)} for name, one in people.items()}
    assert found == CAN[new, state]
    colleague, elsewhere = make_member(case.organisation, Role.HOST), make_member(make_organisation(), Role.COORDINATOR)
    strangers = [colleague, elsewhere, make_member(make_programme(), Role.OWNER), make_member(case.programme, Role.AUDITOR)]
    for person in strangers:
        assert not WORKFLOW.may_see(person, case.request)
    db.session.commit()
    every = ["accept", "admit", "merge", "ask_back", "answer", "decline", "withdraw"]
    for name, one in people.items():
        hers = visitor(one)
        assert hers.get(f"/joinings/{case.request.id}").status_code == (200 if name in SEES[new] else 404)
        for act in every:
            status = hers.get(f"/joinings/{case.request.id}/{act.replace('_', '-')}").status_code
            expected = {200} if act in CAN[new, state][name] else {403, 409} if name in SEES[new] else {404}
            assert status in expected, (name, act, status)
    for person in strangers:
        for act in every:
            theirs = visitor(person)
            assert theirs.post(f"/joinings/{case.request.id}/{act.replace('_', '-')}", data={"version": 1}).status_code == 404


def test_asking_an_organisation_and_a_yes(db_session: Any, clock: ModuleType) -> None:
    """On Monday 1 March 2027, in Austria: five working days. The role is the one that was asked for, and no other."""
    case = make_joining(role=Role.HOST)
    assert (case.request.state, case.request.waiting_for, case.request.due_on) == ("asked", "join_answer", date(2027, 3, 8))
    clock.set_to(datetime(2027, 3, 4, 9, tzinfo=UTC))
    operations.accept(case.request, by=case.coordinator, note="Welcome.")
    db.session.commit()
    assert case.person.roles_in(case.organisation.id) == {Role.HOST}
    assert [(each.since, each.until) for each in case.person.memberships] == [(date(2027, 3, 4), None)]
    assert told(case.request) == ["join_answer 1 Mar to 8 Mar: kept_on_time 4 Mar"]
    assert mails() == [("join_asked", case.coordinator.email), ("join_accepted", case.person.email)]
    acts = db.session.execute(select(AuditEntry.act, AuditEntry.by_id, AuditEntry.person_id)).all()
    assert acts == [("role_given", case.coordinator.id, case.person.id)]


def test_a_new_organisation_is_checked_and_its_first_coordinator_begins(db_session: Any) -> None:
    case = make_joining(new=True)
    assert (case.request.state, case.request.waiting_for) == ("checking", "join_check")
    operations.admit(case.request, by=case.owner)
    db.session.commit()
    made = db.session.scalars(select(Organisation).where(Organisation.name == NEW["name"])).one()
    assert (made.kind, made.country, made.city, made.website) == ("cluster_organisation", "AT", "Linz", NEW["website"])
    assert case.person.roles_in(made.id) == {Role.COORDINATOR}
    assert mails() == [("join_asked", case.owner.email), ("join_accepted", case.person.email)]
    acts = db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts == ["organisation_opened", "role_given"]


def test_it_is_here_already_so_it_becomes_a_request_to_join(db_session: Any, clock: ModuleType) -> None:
    case = make_joining(new=True)
    clock.move(days=2)
    operations.merge(case.request, by=case.owner, organisation=case.organisation, note="The same board.")
    db.session.commit()
    assert (case.request.state, case.request.organisation, case.request.due_on) == ("asked", case.organisation, date(2027, 3, 10))
    assert {each.action for each in WORKFLOW.available(case.request, case.coordinator)} == {"accept"} | DECIDE
    refused = {each.action: each.refusal for each in WORKFLOW.available(case.request, case.owner)}
    assert refused == dict.fromkeys(DECIDE, "The coordinators of Mur Cluster decide about this now.")
    assert told(case.request) == ["join_check 1 Mar to 8 Mar: kept_on_time 3 Mar", "join_answer 3 Mar to 10 Mar: open"]
    assert mails() == [
        ("join_asked", case.owner.email),
        ("join_merged", case.person.email),
        ("join_asked", case.coordinator.email),
    ]
    assert db.session.scalar(select(func.count()).select_from(Organisation)) == 1


def test_merging_into_one_that_nobody_coordinates_stays_with_the_checkers(db_session: Any) -> None:
    case = make_joining(new=True)
    orphan = make_organisation(name="Donauholz")
    operations.merge(case.request, by=case.owner, organisation=orphan)
    assert (case.request.state, case.request.waiting_for) == ("checking", "join_check")
    operations.admit(case.request, by=case.owner)
    db.session.commit()
    assert case.person.roles_in(orphan.id) == {Role.COORDINATOR}


def test_a_question_and_its_answer(db_session: Any, clock: ModuleType) -> None:
    case = make_joining(role=Role.COORDINATOR)
    operations.ask_back(case.request, by=case.coordinator, question="Would guest do?")
    assert (case.request.waiting_for, case.request.due_on) == ("join_question", date(2027, 3, 15))
    clock.set_to(datetime(2027, 3, 10, 9, tzinfo=UTC))
    operations.answer(case.request, by=case.person, answer="It would.", role="guest")
    assert (case.request.state, case.request.role, case.request.due_on) == ("asked", "guest", date(2027, 3, 17))
    operations.accept(case.request, by=case.coordinator)
    db.session.commit()
    assert case.person.roles_in(case.organisation.id) == {Role.GUEST}


def test_a_question_that_nobody_answers_lapses(db_session: Any, clock: ModuleType) -> None:
    case = make_joining()
    operations.ask_back(case.request, by=case.coordinator, question="Who are you?")
    db.session.commit()
    clock.set_to(datetime(2027, 3, 15, 20, tzinfo=UTC))
    jobs.run("lapse-requests")
    db.session.rollback()
    assert case.request.state == "returned"
    clock.set_to(datetime(2027, 3, 15, 23, 30, tzinfo=UTC))  # 00:30 on the 16th in Brussels
    jobs.run("lapse-requests")
    db.session.rollback()
    assert case.request.state == "lapsed"
    assert mails()[-1] == ("join_lapsed", case.person.email)


# Who decides when something has changed


def test_an_organisation_that_nobody_coordinates_is_asked_of_the_checkers(db_session: Any) -> None:
    programme = make_programme()
    owner, orphan = make_member(programme, Role.OWNER), make_organisation()
    request = operations.ask(make_user(), organisation=orphan, role="guest", words="", programme=programme)
    db.session.commit()
    assert (request.state, mails()) == ("checking", [("join_asked", owner.email)])
    operations.admit(request, by=owner)
    db.session.commit()
    assert request.person.roles_in(orphan.id) == {Role.GUEST}


def test_the_last_coordinator_goes_and_another_one_comes(db_session: Any) -> None:
    """The only one cannot leave by themselves; where they have gone nevertheless, the administrator decides."""
    case = make_joining()
    with pytest.raises(Refusal, match="only coordinator left"), transaction():
        teams.end_membership(case.coordinator.memberships[0], by=case.coordinator)
    end_roles(case.coordinator)
    db.session.commit()
    jobs.run("pass-on-requests")
    db.session.rollback()
    assert (case.request.state, case.request.waiting_for) == ("checking", "join_check_by_administrator")
    assert mails()[-1] == ("join_asked", case.administrator.email)
    make_member(case.organisation, Role.COORDINATOR, email="new@mur.at")
    db.session.commit()
    with pytest.raises(GuardRefused, match="has a coordinator by now"):
        operations.admit(case.request, by=case.administrator)
    jobs.run("pass-on-requests")
    db.session.rollback()
    assert (case.request.state, mails()[-1]) == ("asked", ("join_asked", "new@mur.at"))
    jobs.run("pass-on-requests")
    db.session.rollback()
    assert len(case.request.history()) == 3


def test_a_coordinator_who_has_left_decides_no_longer(db_session: Any) -> None:
    case = make_joining()
    other = make_member(case.organisation, Role.COORDINATOR)
    end_roles(case.coordinator)
    db.session.commit()
    with pytest.raises(NotAllowed):
        operations.accept(case.request, by=case.coordinator)
    operations.accept(case.request, by=other)


def test_a_closed_account_joins_nothing(db_session: Any) -> None:
    case = make_joining()
    with transaction():
        teams.close_account(case.person, by=case.person)
    with pytest.raises(GuardRefused, match="has closed the account"):
        operations.accept(case.request, by=case.coordinator)
    db.session.rollback()
    jobs.run("call-off-requests")
    db.session.rollback()
    assert (case.request.state, case.request.waiting_for) == ("withdrawn", None)
    assert case.person.roles_in(case.organisation.id) == set()


def test_made_meanwhile_under_the_same_or_another_spelling(db_session: Any, visitor: Visitor) -> None:
    case = make_joining(new=True)
    address = f"/joinings/{case.request.id}/admit"
    hers = visitor(case.owner)
    page = hers.get(address)
    make_organisation(name="DONAU-HOLZ-CLUSTER GmbH", city="Linz")
    refused = hers.post(address, data=values_of(page) | {"note": "Welcome to us."})
    assert refused.status_code == 422
    assert "resembles this one has been added" in text_of(refused)
    assert "DONAU-HOLZ-CLUSTER GmbH" in text_of(refused)
    assert "Welcome to us." in refused.text
    make_organisation(name="Donau  holz cluster")
    page = hers.get(address)
    refused = hers.post(address, data=values_of(page))
    assert (refused.status_code, "already an organisation of this name" in text_of(refused)) == (422, True)
    assert db.session.get(JoinRequest, case.request.id).state == "checking"
    page = hers.get(f"/joinings/{case.request.id}/merge")
    wrong = hers.post(f"/joinings/{case.request.id}/merge", data=values_of(page) | {"organisation": "another", "name": "Donau"})
    assert (wrong.status_code, "Did you mean" in text_of(wrong)) == (422, True)
    done = hers.post(
        f"/joinings/{case.request.id}/merge", data=values_of(page) | {"organisation": "another", "name": "donau holz cluster"}
    )
    assert done.status_code == 303
    assert db.session.get(JoinRequest, case.request.id).place_name == "Donau  holz cluster"


def test_the_same_version_is_accepted_anyway(db_session: Any, visitor: Visitor) -> None:
    """Sent again after the refusal: the checker has looked at it."""
    case = make_joining(new=True)
    make_organisation(name="Donau Holzcluster", city="Linz")
    hers = visitor(case.owner)
    address = f"/joinings/{case.request.id}/admit"
    assert hers.post(address, data=values_of(hers.get(address))).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Organisation)) == 3


# Whoever decides has nothing to gain


def test_nobody_decides_about_themselves(db_session: Any) -> None:
    case = make_joining()
    make_membership(case.person, case.organisation, Role.COORDINATOR)
    for act in ("accept", "decline", "ask_back"):
        with pytest.raises(GuardRefused, match="your own request"):
            WORKFLOW.check(act, case.request, case.person)
    assert [task.title for task in tasks(case.person).theirs] == ["Answer Ana Zupan, who asks to join"]


def test_an_owner_with_a_role_there_leaves_it_to_others(db_session: Any) -> None:
    programme, orphan = make_programme(), make_organisation()
    owner, other = make_member(programme, Role.OWNER), make_member(programme, Role.OWNER)
    make_membership(owner, orphan, Role.GUEST)
    request = operations.ask(make_user(), organisation=orphan, role="coordinator", words="", programme=programme)
    with pytest.raises(GuardRefused, match="You have a role in"):
        operations.admit(request, by=owner)
    operations.admit(request, by=other)


def test_an_owner_who_joins_has_an_interest_from_then_on(db_session: Any) -> None:
    """By their own wish and the coordinator's yes; never by somebody else's act alone."""
    case = make_joining()
    request = operations.ask(case.owner, organisation=case.organisation, role="guest", words="")
    assert case.owner.ever_in({case.organisation.id}) == []
    operations.accept(request, by=case.coordinator)
    db.session.commit()
    assert [each.role for each in case.owner.ever_in({case.organisation.id})] == ["guest"]


# Asking twice


def test_what_cannot_be_asked(db_session: Any) -> None:
    case = make_joining()
    with pytest.raises(Refusal, match="asked Mur Cluster already"):
        operations.ask(case.person, organisation=case.organisation, role="host", words="")
    with pytest.raises(Refusal, match="is here already"):
        operations.ask_for_new(case.person, programme=None, **NEW | {"name": "MUR  cluster"})
    with pytest.raises(Refusal, match="You are a coordinator of Mur Cluster already"):
        operations.ask(case.coordinator, organisation=case.organisation, role="coordinator", words="")
    with pytest.raises(Refusal, match="We do not know this city"):
        operations.ask_for_new(case.person, programme=None, **NEW | {"city": "Atlantis"})
    operations.ask_for_new(case.person, programme=None, **NEW)
    with pytest.raises(Refusal, match="asked for this organisation already"):
        operations.ask_for_new(case.person, programme=None, **NEW | {"name": "donau holz  CLUSTER"})
    operations.ask(case.person, organisation=make_organisation(), role="host", words="")
    with pytest.raises(Refusal, match="3 of your requests are open"):
        operations.ask(case.person, organisation=make_organisation(), role="host", words="")


def test_after_a_no_one_can_ask_again(db_session: Any) -> None:
    case = make_joining()
    operations.decline(case.request, by=case.coordinator, reason="Who are you?")
    again = operations.ask(case.person, organisation=case.organisation, role="guest", words="I am Ana.")
    operations.accept(again, by=case.coordinator)
    assert mails()[1] == ("join_declined", case.person.email)


def test_invited_meanwhile_the_role_is_there_once(db_session: Any) -> None:
    case = make_joining()
    make_membership(case.person, case.organisation, Role.GUEST)
    operations.accept(case.request, by=case.coordinator)
    db.session.commit()
    assert [each.role for each in case.person.current_memberships] == ["guest"]


# First page, reminders, lists


def test_tasks_and_where_it_stands(db_session: Any, visitor: Visitor) -> None:
    case = make_joining()
    [mine] = tasks(case.coordinator).mine
    assert (mine.title, mine.subject_title, mine.label) == ("Answer Ana Zupan, who asks to join", "Mur Cluster", "Answer")
    [theirs] = tasks(case.person).theirs
    assert (theirs.who, theirs.until) == ("Waiting for Mur Cluster", date(2027, 3, 8))
    assert (tasks(case.administrator).mine, tasks(case.administrator).theirs) == ([], [])
    page = text_of(visitor(case.person).get(f"/joinings/{case.request.id}"))
    assert "Waiting for the coordinators of Mur Cluster, by 8 March 2027" in page


def test_who_checks_finds_it_among_the_tasks(db_session: Any) -> None:
    case = make_joining(new=True)
    make_rate_card(case.programme)
    make_call(case.programme)  # without these its owner is asked for them, too
    by_administrator = operations.ask_for_new(make_user(), programme=None, **NEW | {"name": "Another one"})
    assert [task.subject_title for task in tasks(case.owner).mine] == [NEW["name"]]
    assert [task.subject_title for task in tasks(case.administrator).mine] == ["Another one"]
    assert by_administrator.waiting_for == "join_check_by_administrator"


def tasks(person: User) -> Tasks:
    with current_app.test_request_context():
        return tasks_of(person)


def reminded(kind: str) -> list[str]:
    rows = select(OutboxMessage.address).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
    return list(db.session.scalars(rows))


def test_reminders_and_escalation(db_session: Any, clock: ModuleType) -> None:
    case = make_joining()
    clock.set_to(datetime(2027, 3, 6, 9, tzinfo=UTC))
    reminders.queue_due()
    clock.set_to(datetime(2027, 3, 8, 9, tzinfo=UTC))
    reminders.queue_due()
    reminders.escalate()
    assert (reminded("reminder"), reminded("escalation")) == ([case.coordinator.email] * 2, [])
    clock.set_to(datetime(2027, 3, 9, 9, tzinfo=UTC))
    reminders.escalate()
    reminders.escalate()
    assert reminded("escalation") == [case.administrator.email]
    operations.accept(case.request, by=case.administrator)
    assert told(case.request) == ["join_answer 1 Mar to 8 Mar: kept_late 9 Mar"]


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_the_queue_asks_as_often_for_few_and_many(db_session: Any, visitor: Visitor, rows: int) -> None:
    case = make_joining()
    for number in range(rows):
        operations.ask(make_user(name=f"Person {number}"), organisation=case.organisation, role="guest", words="")
    db.session.commit()
    hers = visitor(case.coordinator)
    hers.get("/joinings")
    with counted() as statements:
        assert hers.get("/joinings").status_code == 200
    assert statements.count == 3


def test_the_queue_is_for_those_who_decide(db_session: Any, visitor: Visitor) -> None:
    case = make_joining(new=True)
    for person, shown in ((case.owner, True), (case.administrator, True), (case.coordinator, False)):
        assert (NEW["name"] in text_of(visitor(person).get("/joinings"))) is shown
    assert visitor(case.person).get("/joinings").status_code == 404
    operations.decline(case.request, by=case.owner, reason="It is none.")
    assert NEW["name"] not in text_of(visitor(case.owner).get("/joinings"))
    assert NEW["name"] in text_of(visitor(case.owner).get("/joinings?state=over"))


def test_the_system_never_decides(db_session: Any) -> None:
    case = make_joining()
    for act in ("accept", "admit", "merge", "decline"):
        with pytest.raises(NotAllowed):
            WORKFLOW.check(act, case.request, SYSTEM)


def test_nobody_joins_what_is_closed(visitor: Any, db_session: Any, clock: Any) -> None:
    case, person = make_joining(), make_user(email="eva@mur.example")
    gone = make_organisation(name="Drau Cluster", website="https://mur.example")
    for each in (gone, case.organisation):  # the second while somebody asks
        each.closed_at = clock.utc_now()
    db_session.commit()
    browser = visitor(person)
    assert "Drau Cluster" not in text_of(browser.get("/join?q=Drau"))
    assert "Drau Cluster" not in text_of(browser.get("/join"))
    assert browser.get(f"/join/{gone.id}").status_code == browser.post(f"/join/{gone.id}").status_code == 404
    for ask in (
        lambda: operations.ask(person, organisation=gone, role=Role.GUEST, words=""),
        lambda: operations.ask_for_new(person, programme=None, **NEW | {"name": "Drau Cluster"}),
        lambda: operations.accept(case.request, by=case.coordinator),
        lambda: teams.invite_into_organisation(
            gone, email="x@example.org", name="Xaver Huber", role=Role.COORDINATOR, by=case.administrator
        ),
    ):
        with pytest.raises(Refusal, match="is closed"):
            ask()


def test_the_question_is_read_where_it_is_answered(db_session: Any, visitor: Visitor) -> None:
    """The task's button leads to the form; the question was only on the page behind it."""
    case = make_joining(role=Role.COORDINATOR)
    operations.ask_back(case.request, by=case.coordinator, question="Would <guest> do?")
    db.session.commit()
    theirs, path = visitor(case.person), f"/joinings/{case.request.id}/answer"
    page = theirs.get(path)
    assert f"{case.coordinator.name} asks" in text_of(page)
    sent = theirs.post(path, data=values_of(page) | {"answer": ""})
    assert sent.status_code == 422
    assert all("Would &lt;guest&gt; do?" in each.text for each in (page, sent))
