"""The home organisation's word on a stay (workflows.md, "endorse"; decision 0035): asked of whom, told whom."""

from datetime import timedelta
from typing import Any

import pytest
from flask import current_app

from mobility import jobs, reminders
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import EditConflict, GuardRefused
from mobility.exchanges import endorse as home
from mobility.exchanges import operations
from mobility.exchanges.models import Endorsement, Exchange
from mobility.exchanges.rules import Terms
from mobility.notifications.models import OutboxMessage
from mobility.papers.queries import agreement_paper
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.tasks import Tasks, tasks_of
from mobility.visits import operations as visits
from mobility.workflows.history import PromiseRecord
from mobility.workflows.table import SYSTEM
from tests.support.factories import (
    coordinator_of,
    end_roles,
    make_exchange,
    make_funded_programme,
    make_guest,
    make_member,
    make_membership,
    make_organisation,
    make_theme,
    sign_in,
)
from tests.support.forms import fill, values_of
from tests.support.lines import typed

pytestmark = pytest.mark.usefixtures("db_session")


class Case:
    """An exchange whose programme has this rule, with somebody who coordinates the guest's organisation and an owner."""

    def __init__(
        self,
        rule: str = "required",
        *,
        coordinator: bool = True,
        signed: bool = True,
        name: str = "Aveiro Cluster",
        **more: Any,
    ) -> None:
        self.programme = make_funded_programme(endorsement=rule)
        self.owner = make_member(self.programme, Role.OWNER, name="Olga")
        self.home = make_organisation(name=name, country="PT", city="Aveiro")
        self.coordinator = make_member(self.home, Role.COORDINATOR, name="Carla") if coordinator else None
        theme = make_theme(programme=self.programme)
        self.exchange = make_exchange(theme, make_guest(organisation=self.home, name="Gil"), **more)
        self.host = coordinator_of(theme)
        if signed:
            self.sign()

    def sign(self) -> None:
        for by in (self.host, self.exchange.guest):
            visits.sign(self.exchange, by=by, number=self.exchange.newest_version.number)
        db.session.flush()
        db.session.expire_all()

    def amend(self) -> None:
        terms = Terms.of(self.exchange.newest_version).written() | typed(host_contact="Ask at the door")
        operations.amend(self.exchange, by=self.exchange.guest, **terms)

    def endorse(self, by: User | None = None) -> None:
        visits.endorse(self.exchange, by=by or self.coordinator, number=self.exchange.newest_version.number)
        db.session.flush()
        db.session.expire_all()


def told(kind: str) -> list[str]:
    query = db.select(OutboxMessage.address).where(OutboxMessage.kind == kind)
    return sorted(db.session.scalars(query))


def tasks(person: User) -> Tasks:
    with current_app.test_request_context():
        return tasks_of(person)


def titles(person: User) -> list[str]:
    return [each.title for each in tasks(person).mine]


def last_act(exchange: Exchange) -> tuple[str, str, str]:
    entry = exchange.history()[0]
    return entry.action, entry.acted_as, entry.note


# What it asks of whom


def test_what_a_programme_does_not_ask_for_changes_nothing() -> None:
    case = Case("off")
    assert case.exchange.waiting_for is None
    assert case.exchange.voucher.state == "draft"
    assert told("endorsement_asked") == told("endorsement_informed") == []


def test_the_coordinators_at_home_are_asked_and_nothing_goes_on_before() -> None:
    case = Case()
    assert (case.exchange.state, case.exchange.waiting_for) == ("agreed", "endorsement")
    assert case.exchange.due_on == clock.today() + timedelta(days=7)
    assert case.exchange.vouchers == []
    assert told("endorsement_asked") == [case.coordinator.email]
    assert titles(case.coordinator) == ["Endorse the stay"]
    assert [(each.title, each.who) for each in tasks(case.exchange.guest).theirs] == [
        ("Endorse the stay", "Waiting for Aveiro Cluster")
    ]
    assert tasks(case.owner).mine == tasks(case.owner).theirs == []


def test_endorsed_it_goes_on_to_the_voucher() -> None:
    case = Case()
    case.endorse()
    assert case.exchange.waiting_for is None
    assert case.exchange.voucher.state == "draft"
    assert last_act(case.exchange) == ("endorse", "guest coordinator", "Version 1")
    assert told("stay_endorsed") == sorted([case.exchange.guest.email, case.host.email])
    given = case.exchange.agreed_version.endorsements[0]
    assert (given.kind, given.name, given.for_programme) == ("endorsed", "Carla", False)
    record = db.session.scalars(db.select(PromiseRecord).where(PromiseRecord.promise == "endorsement")).one()
    assert (record.owed_by, record.outcome) == ("guest coordinator", "kept_on_time")
    assert titles(case.coordinator) == []


def test_who_was_renamed_has_endorsed_under_the_name_of_that_day() -> None:
    case = Case()
    case.endorse()
    case.coordinator.name = "Carla Nova"
    case.home.name = "Another name"
    rows = [
        (each.side, each.organisation, each.name)
        for each in agreement_paper(case.exchange, case.exchange.agreed_version).signatures
    ]
    assert rows[2] == ("Guest organisation", "Aveiro Cluster", "Carla")


def test_what_is_endorsed_ahead_of_the_signatures_need_not_be_again() -> None:
    case = Case(signed=False)
    case.endorse()
    assert case.exchange.waiting_for == "signatures"
    case.sign()
    assert case.exchange.waiting_for is None
    assert case.exchange.voucher.state == "draft"
    assert told("endorsement_asked") == []


def test_an_amended_agreement_is_endorsed_again_before_anything_is_approved() -> None:
    case = Case()
    case.endorse()
    case.amend()
    case.sign()
    assert case.exchange.waiting_for == "endorsement"
    with pytest.raises(GuardRefused, match="has not endorsed version 2 of the agreement yet"):
        case.exchange.voucher.workflow.check("request", case.exchange.voucher, case.exchange.guest)
    assert len(told("endorsement_asked")) == 2
    case.endorse()
    case.exchange.voucher.workflow.check("request", case.exchange.voucher, case.exchange.guest)


def test_an_exchange_keeps_the_rule_that_it_began_with() -> None:
    before, since = Case("off", signed=False, name="Braga Cluster"), Case(signed=False)
    before.programme.endorsement, since.programme.endorsement = "required", "off"
    before.sign()
    since.sign()
    assert (before.exchange.waiting_for, since.exchange.waiting_for) == (None, "endorsement")


def test_self_funded_it_is_needed_for_the_start_alone() -> None:
    case = Case(self_funded=True)
    case.exchange.first_day = clock.today()
    with pytest.raises(GuardRefused, match="Aveiro Cluster has not endorsed version 1"):
        visits.start(case.exchange, by=SYSTEM)
    case.endorse()
    visits.start(case.exchange, by=SYSTEM)
    assert case.exchange.vouchers == []


# Objecting


def test_an_objection_is_read_by_both_sides_and_stops_what_is_required() -> None:
    case = Case()
    home.object_to_stay(case.exchange, by=case.coordinator, number=1, reason="We have no cover in March.")
    db.session.flush()
    assert (case.exchange.waiting_for, case.exchange.objected) == (None, True)
    assert case.exchange.vouchers == []
    assert told("stay_objected") == sorted([case.exchange.guest.email, case.host.email])
    text = db.session.scalars(db.select(OutboxMessage.text).where(OutboxMessage.kind == "stay_objected")).first()
    assert "We have no cover in March." in text
    for person in (case.exchange.guest, case.host):
        assert titles(person) == ["Say how to go on: the home organisation objects"]
    case.endorse()
    assert (case.exchange.objected, case.exchange.voucher.state) == (False, "draft")


def test_a_new_version_answers_an_objection() -> None:
    case = Case()
    home.object_to_stay(case.exchange, by=case.coordinator, number=1, reason="Too long.")
    case.amend()
    assert (case.exchange.waiting_for, case.exchange.objected) == ("signatures", False)
    case.sign()
    assert case.exchange.waiting_for == "endorsement"


def test_whoever_is_only_informed_may_object_and_it_goes_on() -> None:
    case = Case("informed")
    assert told("endorsement_informed") == [case.coordinator.email]
    assert (case.exchange.waiting_for, case.exchange.voucher.state) == (None, "draft")
    home.object_to_stay(case.exchange, by=case.coordinator, number=1, reason="Too long.")
    db.session.flush()
    case.exchange.voucher.workflow.check("request", case.exchange.voucher, case.exchange.guest)
    assert titles(case.exchange.guest) == ["Request your voucher"]
    with pytest.raises(GuardRefused, match="did not ask for an endorsement"):
        case.endorse()


# Nobody at home who can


def test_a_guest_who_is_the_only_coordinator_is_endorsed_by_the_programme() -> None:
    case = Case(coordinator=False, signed=False)
    make_membership(case.exchange.guest, case.home, Role.COORDINATOR)
    db.session.flush()
    case.sign()
    assert (case.exchange.waiting_for, case.exchange.endorser) == ("endorsement", "programme")
    assert told("endorsement_asked") == [case.owner.email]
    assert titles(case.owner) == ["Endorse the stay"]
    assert titles(case.exchange.guest) == []
    with pytest.raises(GuardRefused, match=r"You are the guest\. Nobody else at Aveiro Cluster can: an owner of"):
        case.endorse(case.exchange.guest)
    case.endorse(case.owner)
    assert last_act(case.exchange) == ("endorse", "programme owner", "Version 1")
    row = agreement_paper(case.exchange, case.exchange.agreed_version).signatures[2]
    assert (row.organisation, row.name) == (f"{case.programme.name}, in place of Aveiro Cluster", "Olga")


def test_when_the_coordinator_leaves_it_is_passed_on_and_back() -> None:
    case = Case()
    with pytest.raises(GuardRefused, match="This is for Carla, Aveiro Cluster"):
        case.endorse(case.owner)
    end_roles(case.coordinator)
    db.session.commit()
    assert jobs.PASS_ON_ENDORSEMENTS.run().done == "1 exchanges: pass_on_endorsement"
    assert jobs.PASS_ON_ENDORSEMENTS.run().done == ""
    assert case.exchange.endorser == "programme"
    assert told("endorsement_asked") == sorted([case.coordinator.email, case.owner.email])
    newcomer = make_member(case.home, Role.COORDINATOR, name="Nina")
    db.session.commit()
    assert jobs.PASS_ON_ENDORSEMENTS.run().done == "1 exchanges: pass_on_endorsement"
    assert (case.exchange.endorser, titles(newcomer), titles(case.owner)) == ("home", ["Endorse the stay"], [])
    assert case.exchange.history()[0].note == "To Aveiro Cluster: somebody there can endorse it now."
    case.endorse(newcomer)


def test_reminders_go_to_who_endorses_and_the_deadline_is_told_to_all_others() -> None:
    case = Case()
    db.session.commit()
    with clock.at(clock.utc_now() + timedelta(days=4)):
        reminders.queue_due()
        assert told("reminder") == [case.coordinator.email]
    with clock.at(clock.utc_now() + timedelta(days=8)):
        reminders.escalate()
        assert told("escalation") == sorted([case.exchange.guest.email, case.host.email, case.owner.email])


# Twice, and of another version


def test_twice_is_once() -> None:
    case = Case()
    case.endorse()
    with pytest.raises(GuardRefused, match="Carla has endorsed version 1"):
        case.endorse()
    assert db.session.query(Endorsement).count() == 1


def test_who_read_an_older_version_endorses_nothing() -> None:
    case = Case()
    case.amend()
    with pytest.raises(EditConflict):
        home.endorse(case.exchange, by=case.coordinator, number=1)
    with pytest.raises(EditConflict):
        home.object_to_stay(case.exchange, by=case.coordinator, number=1, reason="No.")
    assert db.session.query(Endorsement).count() == 0


# The pages


def test_the_pages_from_the_task_to_the_yes(client: Any) -> None:
    case = Case()
    db.session.commit()
    id = case.exchange.id
    sign_in(client, case.coordinator)
    page = client.get(f"/exchanges/{id}").text
    assert "You endorse next" in page
    assert "Endorsement by Aveiro Cluster" in page
    assert "Not endorsed yet" in page
    seen = values_of(client.get(f"/exchanges/{id}/endorse"))
    answer = client.post(f"/exchanges/{id}/endorse", data=seen)
    assert answer.status_code == 422
    assert "Tick this once you have read the agreement" in answer.text
    stale = {**seen, "number": "1"}
    answer = client.post(f"/exchanges/{id}/endorse", data=stale)
    assert answer.status_code == 303
    assert client.post(f"/exchanges/{id}/endorse", data=stale).status_code == 303, "the same click twice"
    sign_in(client, make_member(case.home, Role.COORDINATOR))
    assert client.post(f"/exchanges/{id}/endorse", data=stale).status_code == 409, "a colleague was faster"
    assert db.session.query(Endorsement).count() == 1
    page = client.get(f"/exchanges/{id}").text
    assert "Endorsed on" in page


def test_the_reason_of_an_objection_is_asked_for_and_shown_as_typed(client: Any) -> None:
    case = Case()
    db.session.commit()
    url = f"/exchanges/{case.exchange.id}/object-to-stay"
    sign_in(client, case.coordinator)
    assert fill(client, url, reason="  ").status_code == 422
    assert fill(client, url, number="999999999999999999999", reason="x").status_code == 409
    reason = "<b>Não</b> ‮ مرحبا 🎉"
    assert fill(client, url, reason=reason).status_code == 303
    sign_in(client, case.exchange.guest)
    page = client.get(f"/exchanges/{case.exchange.id}").text
    assert "&lt;b&gt;Não&lt;/b&gt;" in page
    assert "<b>Não" not in page


@pytest.mark.parametrize("rule", ["off", "informed", "required"])
def test_a_page_that_is_not_asked_for_is_not_there(client: Any, rule: str) -> None:
    case = Case(rule)
    db.session.commit()
    sign_in(client, case.coordinator)
    found = [client.get(f"/exchanges/{case.exchange.id}/{act}").status_code for act in ("endorse", "object-to-stay")]
    assert found == {"off": [404, 404], "informed": [404, 200], "required": [200, 200]}[rule]


@pytest.mark.parametrize(
    ("who", "status"), [("guest", 403), ("host", 403), ("owner", 409), ("assessor", 403), ("elsewhere", 404), ("left", 404)]
)
def test_nobody_else_endorses(client: Any, who: str, status: int) -> None:
    case = Case()
    others = {"guest": case.exchange.guest, "host": case.host, "owner": case.owner}
    if who == "assessor":
        others[who] = make_member(case.programme, Role.ASSESSOR)
    elif who == "elsewhere":
        others[who] = make_member(make_organisation(), Role.COORDINATOR)
    elif who == "left":
        others[who] = make_member(case.home, Role.COORDINATOR)
        end_roles(others[who])
    db.session.commit()
    sign_in(client, others[who])
    for act in ("endorse", "object-to-stay"):
        assert client.get(f"/exchanges/{case.exchange.id}/{act}").status_code == status
    assert db.session.query(Endorsement).count() == 0
