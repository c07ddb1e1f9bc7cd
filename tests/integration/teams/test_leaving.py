"""Everybody can leave a role and close the own account, but for whom a place could not go on without; who goes on is told."""

import threading
import time
from typing import Any

import pytest
from sqlalchemy import select

from mobility.core.database import db
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.queries import people_in, people_in_programme
from mobility.people.roles import ORGANISATION_ROLES, PROGRAMME_ROLES, Role
from mobility.teams import messages as teams_messages
from mobility.teams.operations import invite_into_organisation
from tests.support.factories import (
    make_exchange,
    make_member,
    make_membership,
    make_organisation,
    make_programme,
    make_user,
    make_voucher,
)
from tests.support.html import text_of
from tests.support.tills import make_till


def letters(kind: str) -> list[OutboxMessage]:
    db.session.commit()
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)))


def role_of(person: User) -> int:
    return person.memberships[0].id


def at_once(*posts: tuple[Any, str]) -> list[int]:
    """Two people press their buttons at the same moment, each on a connection of their own; the statuses, sorted."""
    start, statuses = threading.Barrier(len(posts)), []

    def post(browser: Any, path: str) -> None:
        start.wait()
        statuses.append(browser.post(path).status_code)

    threads = [threading.Thread(target=post, args=each) for each in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    db.session.expire_all()
    return sorted(statuses)


@pytest.mark.parametrize("role", [*ORGANISATION_ROLES, *PROGRAMME_ROLES])
def test_everybody_can_leave(visitor: Any, db_session: Any, role: Role) -> None:
    place = make_organisation() if role in ORGANISATION_ROLES else make_programme()
    keeper = Role.COORDINATOR if role in ORGANISATION_ROLES else Role.OWNER
    stays, person = make_member(place, keeper, name="Rosa Lind"), make_member(place, role, name="Tom Vesely")
    page = f"/memberships/{role_of(person)}/end"
    browser = visitor(person)
    assert page in browser.get("/roles").text
    assert "Leave this role" in browser.get(page).text
    assert browser.post(page).location == "/roles"
    assert "Earlier" in text_of(browser.get("/roles"))
    db.session.expire_all()
    assert [each.current for each in person.memberships] == [False]
    assert [(each.recipient_id, "Tom Vesely is no longer" in each.text) for each in letters("role_left")] == [(stays.id, True)]


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.OWNER])
def test_the_last_who_leads_reads_what_to_do_first(visitor: Any, db_session: Any, role: Role) -> None:
    place = make_organisation(name="Mur Cluster") if role == Role.COORDINATOR else make_programme(name="Mur Cluster")
    last = make_member(place, role)
    make_member(place, Role.GUEST if role == Role.COORDINATOR else Role.ASSESSOR)
    label = "coordinator" if role == Role.COORDINATOR else "programme owner"
    words = f"At Mur Cluster you are the only {label} left. Invite another one first. You can leave once they have accepted."
    browser = visitor(last)
    for path in (f"/memberships/{role_of(last)}/end", "/account/close"):
        assert words in text_of(browser.get(path))
        answer = browser.post(path)
        assert (answer.status_code, words in text_of(answer)) == (409, True)
    db.session.expire_all()
    assert (last.active, last.memberships[0].current) == (True, True)


def test_what_is_open_is_shown_with_who_goes_on_and_told_to_them(visitor: Any, db_session: Any) -> None:
    exchange = make_exchange(signed=True)
    make_voucher(exchange)
    guest, home = exchange.guest, exchange.guest_organisation
    ida = make_member(home, Role.COORDINATOR, name="Ida Holm")
    browser = visitor(guest)
    for path in (f"/memberships/{role_of(guest)}/end", "/account/close"):
        page = text_of(browser.get(path))
        assert "Exchange: agreed" in page
        assert "Voucher: draft" in page
        assert "They pass to Ida Holm, who is told by mail." in page
    assert browser.post("/account/close").location == "/sign-in"
    (told,) = letters("role_left")
    assert told.recipient_id == ida.id
    assert told.subject_line.startswith("Take over what is open: ")
    assert f"- Exchange: agreed, {exchange.theme.title}" in told.text
    assert browser.get("/account").status_code == 302, "signed out"
    db.session.expire_all()
    assert (guest.active, guest.memberships[0].current) == (False, False)
    assert visitor(ida).get(f"/exchanges/{exchange.id}/take-over").status_code == 200


def test_whose_role_somebody_else_ends_is_told(visitor: Any, db_session: Any) -> None:
    exchange = make_exchange(signed=True)
    lead = make_member(exchange.guest_organisation, Role.COORDINATOR, name="Ida Holm")
    visitor(lead).post(f"/memberships/{role_of(exchange.guest)}/end")
    (told,) = letters("role_ended")
    assert told.recipient_id == exchange.guest_id
    assert "Ida Holm has ended your role as a guest of" in told.text
    assert "- Exchange: agreed" in told.text


def test_the_administrator_closes_an_account_and_the_person_is_told(visitor: Any, db_session: Any) -> None:
    robin, place = make_user(is_administrator=True, name="Robin"), make_organisation(name="Mur Cluster")
    make_member(place, Role.COORDINATOR, name="Ida Holm")
    person = make_member(place, Role.COORDINATOR, name="Tom Vesely")
    path = f"/admin/people/{person.id}/close"
    assert "Coordinator of Mur Cluster" in text_of(visitor(robin).get(path))
    assert visitor(robin).post(path).status_code == 303
    assert [each.recipient_id for each in letters("account_closed")] == [person.id]
    assert visitor(robin).post(f"/admin/people/{person.id}/open").status_code == 303
    db.session.expire_all()
    assert (person.active, person.roles_in(place.id)) == (True, set())


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.GUEST, *PROGRAMME_ROLES, None])
def test_nobody_closes_anothers_account(visitor: Any, db_session: Any, role: Role | None) -> None:
    programme, place = make_programme(), make_organisation()
    other = make_member(place, Role.GUEST)
    person = make_user()
    if role:
        make_membership(person, programme if role in PROGRAMME_ROLES else place, role)
    path = f"/admin/people/{other.id}/close"
    assert [visitor(person).get(path).status_code, visitor(person).post(path).status_code] == [404, 404]
    db.session.expire_all()
    assert other.active


def test_the_last_finance_officer_stays_while_a_batch_is_open(visitor: Any, db_session: Any) -> None:
    till = make_till(1)
    batch = till.collect()
    for gone in (till.approver, till.spare):
        assert visitor(gone).post(f"/memberships/{role_of(gone)}/end").status_code == 303
    words = f"Nobody else could pay what is under way ({batch.reference})."
    browser = visitor(till.collector)
    for path in (f"/memberships/{role_of(till.collector)}/end", "/account/close"):
        assert words in text_of(browser.get(path))
        assert browser.post(path).status_code == 409
    assert visitor(make_user(is_administrator=True)).post(f"/admin/people/{till.collector.id}/close").status_code == 409
    make_member(till.programme, Role.FINANCE_OFFICER)
    assert browser.post("/account/close").status_code == 303


def test_both_owners_cannot_close_their_accounts_at_once(visitor: Any, db_session: Any) -> None:
    programme = make_programme()
    owners = [make_member(programme, Role.OWNER) for _ in range(2)]
    browsers = [visitor(owner) for owner in owners]
    assert at_once(*((browser, "/account/close") for browser in browsers)) == [303, 409]
    assert len(people_in_programme(programme.id, Role.OWNER)) == 1
    assert sorted(each.active for each in owners) == [False, True]


def test_two_owners_of_two_programmes_do_not_block_each_other(visitor: Any, db_session: Any) -> None:
    """Each owns both, in the other order: locks are taken in the same one."""
    one, two = make_programme(), make_programme()
    people = [make_member(one, Role.OWNER), make_member(two, Role.OWNER)]
    make_membership(people[0], two, Role.OWNER)
    make_membership(people[1], one, Role.OWNER)
    assert at_once(*((visitor(person), "/account/close") for person in people)) == [303, 409]
    assert [len(people_in_programme(each.id, Role.OWNER)) for each in (one, two)] == [1, 1]


def test_one_leaves_while_the_administrator_closes_the_other(visitor: Any, db_session: Any) -> None:
    place = make_organisation()
    leaves, closed = (make_member(place, Role.COORDINATOR) for _ in range(2))
    robin = make_user(is_administrator=True)
    posts = (visitor(leaves), f"/memberships/{role_of(leaves)}/end"), (visitor(robin), f"/admin/people/{closed.id}/close")
    assert at_once(*posts) == [303, 409]
    assert len(people_in(place.id, Role.COORDINATOR)) == 1


@pytest.mark.parametrize("number", range(4))
def test_a_closed_account_has_no_role_however_close_the_acceptance(visitor: Any, db_session: Any, number: int) -> None:
    """Both come through, or the closing withdraws what can be accepted no longer."""
    place, robin = make_organisation(), make_user(is_administrator=True)
    person = make_user(password_hash="x")
    invitation = invite_into_organisation(place, by=robin, email=person.email, name=person.name, role=Role.GUEST)
    accepts = (visitor(person), f"/role-invitations/{invitation.id}/accept")
    closes = (visitor(robin), f"/admin/people/{person.id}/close")
    db.session.commit()
    statuses = at_once(*((accepts, closes) if number % 2 else (closes, accepts)))
    assert statuses[0] == 303
    assert statuses[1] < 500
    assert (person.active, person.roles_in(place.id)) == (False, set())
    assert not invitation.open


def test_who_closes_an_account_waits_for_the_acceptance(visitor: Any, db_session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The acceptance is held just before its end: the closing must not have looked for roles before."""
    place, robin = make_organisation(), make_user(is_administrator=True)
    person = make_user(password_hash="x")
    invitation = invite_into_organisation(place, by=robin, email=person.email, name=person.name, role=Role.GUEST)
    browsers = visitor(person), visitor(robin)
    db.session.commit()
    reached, told = threading.Event(), teams_messages.answered

    def slowly(each: Any) -> None:
        told(each)
        reached.set()
        time.sleep(1)

    monkeypatch.setattr(teams_messages, "answered", slowly)
    paths = f"/role-invitations/{invitation.id}/accept", f"/admin/people/{person.id}/close"
    threads = [threading.Thread(target=browser.post, args=[path]) for browser, path in zip(browsers, paths, strict=True)]
    threads[0].start()
    assert reached.wait(10)
    threads[1].start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    db.session.expire_all()
    assert (person.active, person.roles_in(place.id), invitation.answer) == (False, set(), "accepted")
    assert len(person.memberships) == 1, "it lasted for a moment, and stays on record"


def test_of_two_administrators_one_stays(visitor: Any, db_session: Any) -> None:
    both = [make_user(is_administrator=True) for _ in range(2)]
    assert at_once(*((visitor(each), "/account/close") for each in both)) == [303, 409]
    assert sorted(each.active for each in both) == [False, True]
