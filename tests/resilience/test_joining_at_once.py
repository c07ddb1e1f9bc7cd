"""Sixty-four at once: one organisation, one membership, no 500."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility.core.database import db, transaction
from mobility.joining.models import JoinRequest
from mobility.notifications.models import OutboxMessage
from mobility.people.models import Membership, Organisation, User
from mobility.people.roles import Role
from tests.support.databases import Databases
from tests.support.factories import make_members, make_organisation, make_user
from tests.support.joining import NEW, make_joining
from tests.support.people_at_once import Browser, post_at_once
from tests.support.processes import LiveServer, running_server

pytestmark = pytest.mark.databases("postgresql")
AT_ONCE = 64


@pytest.fixture
def site(database_kind: str, databases_of: Callable[[str], Databases], app_on: Callable[..., Flask]) -> Iterator[LiveServer]:
    """A real server on an empty database, which is at hand in the test."""
    with databases_of(database_kind).fresh() as url, running_server(url, DEMO="1") as server, app_on(url).app_context():
        yield server


def visible(user: User) -> int:
    user.demo_note = "Acts in a test."
    return user.id


def count(model: type, *where: object) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0  # type: ignore[arg-type]


def test_many_coordinators_accept_at_once(site: LiveServer) -> None:
    with transaction():
        organisation = make_organisation(name="Mur Cluster")
        first = make_members((organisation, Role.COORDINATOR), (organisation, Role.COORDINATOR))
        ids = [visible(each) for each in first]
    case = make_joining(first="Another Cluster")
    with transaction():
        db.session.add(Membership(user_id=ids[0], organisation_id=case.organisation.id, role=Role.COORDINATOR))
        db.session.add(Membership(user_id=ids[1], organisation_id=case.organisation.id, role=Role.COORDINATOR))
        person_id, address = case.person.id, f"/joinings/{case.request.id}/accept"
    browsers = [Browser(site).be(id) for id in ids]
    forms = [browser.form(address) for browser in browsers]
    answers = post_at_once([(browsers[n % 2], address, forms[n % 2]) for n in range(AT_ONCE)])
    assert set(answers) <= {303, 409}, answers
    assert count(Membership, Membership.user_id == person_id) == 1
    assert count(OutboxMessage, OutboxMessage.kind == "join_accepted") == 1


def test_many_checkers_accept_the_same_new_organisation_at_once(site: LiveServer) -> None:
    """One request by two checkers; and of several requests for the same name each by one."""
    case = make_joining(new=True)
    with transaction():
        people = [make_user(is_administrator=True) for _ in range(8)]
        ids = [visible(each) for each in people]
    browsers = [Browser(site).be(id) for id in ids]
    address = f"/joinings/{case.request.id}/admit"
    forms = [browser.form(address) for browser in browsers]
    answers = post_at_once([(browsers[n % 8], address, forms[n % 8]) for n in range(AT_ONCE)])
    assert set(answers) <= {303, 409, 422}, answers
    assert count(Organisation, Organisation.name == NEW["name"]) == 1
    assert count(Membership, Membership.user_id == case.person.id) == 1


def test_several_people_ask_for_the_same_new_organisation_and_all_are_accepted_at_once(site: LiveServer) -> None:
    first = make_joining(new=True)
    others = [make_joining(new=True, first=f"Cluster {number}") for number in range(7)]
    with transaction():
        ids = [visible(each.administrator) for each in (first, *others)]
    browsers = [Browser(site).be(id) for id in ids]
    addresses = [f"/joinings/{each.request.id}/admit" for each in (first, *others)]
    forms = [browser.form(address) for browser, address in zip(browsers, addresses, strict=True)]
    answers = post_at_once(list(zip(browsers, addresses, forms, strict=True)))
    assert answers[303] == 1
    assert set(answers) <= {303, 409, 422}, answers
    assert count(Organisation, Organisation.name == NEW["name"]) == 1
    assert count(JoinRequest, JoinRequest.state == "joined") == 1
