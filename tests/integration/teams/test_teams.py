"""Inviting colleagues and ending roles, in organisations and in programmes."""

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from mobility.applications import operations as applications
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import NotAllowed
from mobility.notifications.models import OutboxMessage
from mobility.people.models import Membership, Organisation, User
from mobility.people.queries import people_in, people_in_programme
from mobility.people.roles import PROGRAMME_ROLES, Role
from mobility.teams import operations as teams
from mobility.teams.models import RoleInvitation
from tests.support.client import Client, Visitor
from tests.support.factories import (
    end_roles,
    make_draft,
    make_exchange,
    make_member,
    make_membership,
    make_organisation,
    make_programme,
    make_submitted,
    make_theme,
    make_user,
    make_voucher,
    sign_in,
)
from tests.support.forms import values_of
from tests.support.html import fields_of, text_of

NEW = {"name": "Noa Lind", "email": "Noa@Example.org", "role": "guest", "form_key": "a"}


@pytest.fixture
def cluster(db_session: Any) -> Organisation:
    return make_organisation(name="Baltic Textile Network")


@pytest.fixture
def marta(cluster: Organisation) -> User:
    return make_member(cluster, Role.COORDINATOR, name="Marta Silva")


def mails(db_session: Any) -> list[tuple[str, str]]:
    db_session.commit()
    return [tuple(row) for row in db_session.execute(select(OutboxMessage.kind, OutboxMessage.address)).all()]


def test_a_coordinator_invites_somebody_new(client: Any, cluster: Organisation, marta: User, db_session: Any) -> None:
    sign_in(client, marta)
    answer = client.post(f"/organisations/{cluster.id}/team", data=NEW)
    assert answer.status_code == 302
    assert mails(db_session) == [("invitation", "noa@example.org")]
    noa = db_session.scalar(select(User).where(User.email == "noa@example.org"))
    assert noa.roles_in(cluster.id) == set(), "not before she accepts"
    text = db_session.scalar(select(OutboxMessage.text))
    assert "Marta Silva has invited you" in text
    assert "guest of Baltic Textile Network" in text
    page = client.get(f"/organisations/{cluster.id}/team").text
    assert "Noa Lind has been told by mail, and can accept or decline." in page
    assert "Invited (1)" in page


def test_the_same_invitation_twice(client: Any, cluster: Organisation, marta: User, db_session: Any) -> None:
    sign_in(client, marta)
    for _ in range(2):
        assert client.post(f"/organisations/{cluster.id}/team", data=NEW).status_code == 302
    assert len(mails(db_session)) == 1
    answer = client.post(f"/organisations/{cluster.id}/team", data=NEW | {"form_key": "b"})
    assert answer.status_code == 422
    assert "Noa Lind has been invited as guest already: the mail was sent on 1 March 2027" in answer.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"email": "no address"}, "such as ana.kovac@example.org"),
        ({"email": "a" * 300 + "@example.org"}, "too long"),
        ({"role": "owner"}, "Choose one from the list."),
        ({"role": ""}, "Choose a role"),
        ({"name": ""}, "Please fill this in"),
        ({"name": "x" * 300}, "Keep this to 200"),
        ({"name": "Noa\u200bLind"}, "a character that cannot be seen"),
        ({"email": "info@münchen.de"}, "Mail cannot be delivered to an address with the character “ü”"),
        ({"email": "jürgen@example.org"}, "Mail cannot be delivered to an address with the character “ü”"),
    ],
)
def test_bad_invitations(
    client: Any, cluster: Organisation, marta: User, change: dict[str, str], said: str, db_session: Any
) -> None:
    sign_in(client, marta)
    answer = client.post(f"/organisations/{cluster.id}/team", data=NEW | change)
    assert answer.status_code == 422
    assert said in answer.text
    assert mails(db_session) == []


def test_only_those_who_work_there_see_the_page_and_only_coordinators_invite(
    client: Any, cluster: Organisation, marta: User, db_session: Any
) -> None:
    path = f"/organisations/{cluster.id}/team"
    sign_in(client, make_member(make_organisation(), Role.COORDINATOR))
    assert [client.get(path).status_code, client.post(path, data=NEW).status_code] == [404, 404]
    sign_in(client, make_member(cluster, Role.GUEST))
    page = client.get(path)
    assert page.status_code == 200
    assert "Invite" not in page.text
    assert marta.email not in page.text
    assert client.post(path, data=NEW).status_code == 404
    sign_in(client, make_user(is_administrator=True))
    assert client.post(path, data=NEW).status_code == 302


def test_the_operation_itself_refuses_others(db_session: Any, cluster: Organisation) -> None:
    guest = make_member(cluster, Role.GUEST)
    with pytest.raises(NotAllowed):
        teams.invite_into_organisation(cluster, by=guest, email="a@example.org", name="A", role="guest")


def test_a_role_is_ended(client: Any, cluster: Organisation, marta: User, db_session: Any) -> None:
    guest = make_member(cluster, Role.GUEST, name="Old Guest")
    id = guest.memberships[0].id
    sign_in(client, marta)
    assert "Old Guest has been a guest since 1 March 2027" in client.get(f"/memberships/{id}/end").text
    assert client.post(f"/memberships/{id}/end").status_code == 303
    assert people_in(cluster.id, Role.GUEST) == []
    again = client.post(f"/memberships/{id}/end", follow_redirects=True)
    assert "This had ended already: Old Guest is no longer a guest of Baltic Textile Network." in text_of(again)
    db_session.expire_all()
    assert guest.memberships[0].until == clock.utc_now()


def accept_all(client: Any, person: User) -> None:
    sign_in(client, person)
    for each in db.session.scalars(select(RoleInvitation).where(RoleInvitation.person_id == person.id, RoleInvitation.open)):
        assert client.post(f"/role-invitations/{each.id}/accept").status_code == 303


def rows_of(db_session: Any, user: User) -> list[tuple[str, date, bool]]:
    db_session.expire_all()
    return [(each.role, each.since, each.current) for each in sorted(user.memberships, key=lambda each: each.since)]


def test_who_comes_back_gets_another_row(client: Any, cluster: Organisation, marta: User, db_session: Any, clock: Any) -> None:
    guest = make_member(cluster, Role.GUEST, name="Noa Lind", email="noa@example.org", password_hash="x")
    sign_in(client, marta)
    client.post(f"/memberships/{guest.memberships[0].id}/end")
    assert guest.roles_in(cluster.id) == set()
    clock.move(days=2)
    assert client.post(f"/organisations/{cluster.id}/team", data=NEW).status_code == 302
    accept_all(client, guest)
    sign_in(client, marta)
    assert rows_of(db_session, guest) == [("guest", date(2027, 3, 1), False), ("guest", date(2027, 3, 3), True)]
    again = client.post(f"/organisations/{cluster.id}/team", data=NEW | {"form_key": "b"})
    assert "Noa Lind is already guest here." in text_of(again)
    with pytest.raises(IntegrityError):
        make_membership(guest, cluster, Role.GUEST)


def test_what_is_open_is_shown_before_a_role_ends(client: Any, db_session: Any, queries: Any) -> None:
    """What names the person, is not over, and a coordinator may see: not the draft of an application."""
    exchange = make_exchange(signed=True)
    voucher, guest, home = make_voucher(exchange), exchange.guest, exchange.guest_organisation
    draft = make_draft(make_theme(title="Only a draft"), guest)
    over = make_submitted(make_theme(title="Withdrawn"), guest)
    applications.withdraw(over, by=guest, reason="No time.")
    colleague = make_member(home, Role.GUEST)
    make_submitted(make_theme(title="Of a colleague"), colleague)
    sign_in(client, make_member(home, Role.COORDINATOR))
    id = guest.memberships[0].id
    with queries() as q:
        page = text_of(client.get(f"/memberships/{id}/end"))
    assert "Once the last role here has ended, a coordinator can take over each exchange and voucher on its page." in page
    assert "Exchange: agreed" in page
    assert "Voucher: draft" in page
    assert f"{exchange.theme.title} {voucher.between}" in page
    assert not any(each in page for each in (draft.theme.title, over.theme.title, "Of a colleague"))
    assert q.count == 9, q  # who it is, the role, its place (2), who is there,  four kinds of things, who has signed
    plain = text_of(client.get(f"/memberships/{make_member(home, Role.HOST).memberships[0].id}/end"))
    assert "Still open" not in plain


def test_earlier_members_are_shown_to_those_who_lead(client: Any, cluster: Organisation, marta: User, clock: Any) -> None:
    gone, other = make_member(cluster, Role.GUEST, name="Old Guest"), make_member(cluster, Role.GUEST)
    clock.move(days=9)
    end_roles(gone)
    path, seen = f"/organisations/{cluster.id}/team", "Earlier members (1)"
    sign_in(client, marta)
    page = text_of(client.get(path))
    assert seen in page
    assert "Old Guest Guest from 1 March 2027 to 10 March 2027" in page
    sign_in(client, make_user(is_administrator=True))
    assert seen in text_of(client.get(path))
    sign_in(client, other)
    assert "Old Guest" not in text_of(client.get(path))
    sign_in(client, gone)
    assert client.get(path).status_code == 404


def test_earlier_people_of_a_programme_are_shown_to_owners_and_auditors(client: Any, db_session: Any, clock: Any) -> None:
    programme = make_programme(timezone="Europe/Vienna")
    gone = make_member(programme, Role.ASSESSOR, name="Old Assessor")
    people = {role: make_member(programme, role) for role in PROGRAMME_ROLES}
    clock.set_to(datetime(2027, 3, 5, 23, 30, tzinfo=UTC))  # the 6th in Vienna
    end_roles(gone)
    for role, person in people.items():
        sign_in(client, person)
        page = text_of(client.get(f"/programmes/{programme.id}/team"))
        told = role in {Role.OWNER, Role.AUDITOR}
        assert ("Old Assessor Assessor from 1 March 2027 to 6 March 2027" in page, "Old Assessor" in page) == (told, told)


def test_the_page_takes_the_same_queries_for_any_number_who_left(
    client: Any, cluster: Organisation, marta: User, queries: Any
) -> None:
    sign_in(client, marta)
    path, counts = f"/organisations/{cluster.id}/team", []
    for number in (1, 2, 27):
        for _ in range(number):
            end_roles(make_member(cluster, Role.GUEST))
        db.session.commit()
        db.session.expunge_all()
        with queries() as q:
            client.get(path)
        counts.append(q.count)
    assert counts == [5, 5, 5]  # who it is, the organisation, who is there, who was, who is invited


def test_the_last_one_who_lasts_stays(client: Any, cluster: Organisation, marta: User, db_session: Any) -> None:
    """A coordinator whose role has ended is none who could go on."""
    end_roles(make_member(cluster, Role.COORDINATOR))
    sign_in(client, marta)
    page = client.post(f"/memberships/{marta.memberships[0].id}/end")
    assert page.status_code == 409
    assert "you are the only coordinator left. Invite another one first." in text_of(page)
    assert people_in(cluster.id, Role.COORDINATOR) == [marta]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM membership WHERE id = {id}",
        "UPDATE membership SET until = NULL WHERE id = {id}",
        "UPDATE membership SET until = '2027-03-09 00:00:00+00:00' WHERE id = {id}",
        "UPDATE membership SET since = '2020-01-01' WHERE id = {id}",
        "UPDATE membership SET role = 'coordinator' WHERE id = {id}",
        "UPDATE membership SET user_id = {marta} WHERE id = {id}",
        "UPDATE membership SET since = '2020-01-01', until = '2027-03-09 00:00:00+00:00' WHERE id = {lasts}",
        "UPDATE membership SET role = 'host' WHERE id = {lasts}",
        "DELETE FROM membership WHERE id = {lasts}",
    ],
)
def test_the_database_lets_a_role_end_once_and_nothing_else(
    db_session: Any, cluster: Organisation, marta: User, statement: str
) -> None:
    gone = make_member(cluster, Role.GUEST)
    end_roles(gone)
    ids = {"id": gone.memberships[0].id, "lasts": marta.memberships[0].id, "marta": marta.id}
    with pytest.raises(IntegrityError, match="never changed or deleted"):
        db_session.execute(text(statement.format(**ids)))


def test_the_last_coordinator_stays(client: Any, cluster: Organisation, marta: User, db_session: Any) -> None:
    make_member(cluster, Role.COORDINATOR, active=False)
    sign_in(client, marta)
    page = client.post(f"/memberships/{marta.memberships[0].id}/end")
    assert page.status_code == 409
    assert "you are the only coordinator left. Invite another one first." in text_of(page)
    assert people_in(cluster.id, Role.COORDINATOR) == [marta]


def test_roles_elsewhere_cannot_be_ended(client: Any, marta: User, db_session: Any) -> None:
    other = make_member(make_organisation(), Role.GUEST).memberships[0]
    owner = make_member(make_programme(), Role.OWNER).memberships[0]
    sign_in(client, marta)
    for each in (other, owner):
        assert client.post(f"/memberships/{each.id}/end").status_code == 404
    assert db_session.scalar(select(func.count(Membership.id))) == 3


def test_an_owner_invites_into_the_programme(client: Any, db_session: Any) -> None:
    programme = make_programme(name="Danube Fund")
    owner = make_member(programme, Role.OWNER)
    sign_in(client, owner)
    path = f"/programmes/{programme.id}/team"
    assert client.post(path, data=NEW | {"role": "assessor"}).status_code == 302
    assert people_in_programme(programme.id, Role.ASSESSOR) == []
    assert mails(db_session) == [("invitation", "noa@example.org")]
    assert client.post(path, data=NEW | {"role": "guest", "form_key": "b"}).status_code == 422
    assert "Noa Lind" in client.get(path).text


def test_other_parts_of_a_programme_only_look(client: Any, db_session: Any) -> None:
    programme = make_programme()
    path = f"/programmes/{programme.id}/team"
    sign_in(client, make_member(programme, Role.AUDITOR))
    assert client.get(path).status_code == 200
    assert client.post(path, data=NEW).status_code == 404
    sign_in(client, make_member(make_programme(), Role.OWNER))
    assert client.get(path).status_code == 404


def test_a_coordinator_edits_the_organisation_but_not_what_it_is(
    client: Any, cluster: Organisation, marta: User, db_session: Any
) -> None:
    sign_in(client, marta)
    data = {"name": "Other", "kind": "provider", "country": "PT", "city": "vienna", "about": "<script>", "website": ""}
    assert client.post(f"/organisations/{cluster.id}/edit", data=data).status_code == 303
    db_session.expire_all()
    facts = (cluster.name, cluster.kind, cluster.country, cluster.city, round(cluster.latitude))
    assert facts == ("Baltic Textile Network", "cluster_organisation", "AT", "Vienna", 48)
    page = client.get(f"/organisations/{cluster.id}").text
    assert "&lt;script&gt;" in page


def test_the_public_page_of_an_organisation(client: Any, db_session: Any, queries: Any) -> None:
    cluster = make_organisation(
        name="A" * 300 + "\u202eابج", sectors=["food", "gone"], website="javascript:alert(1)", about="e\u0301" * 400
    )
    db_session.commit()
    with queries() as q:
        page = client.get(f"/organisations/{cluster.id}")
    assert page.status_code == 200
    assert "Food and drink" in page.text
    assert "javascript:" not in page.text
    assert q.count <= 3, q
    assert client.get("/organisations/99999999").status_code == 404
    assert client.get("/organisations/99999999999999").status_code == 404


def test_the_same_address_invited_at_once_is_one_account(app: Any, cluster: Organisation, marta: User, db_session: Any) -> None:
    """Six forms, each its own: one invitation, and five who are told that it is there."""
    browsers = [app.test_client() for _ in range(6)]
    for browser in browsers:
        sign_in(browser, marta)
    path, start, statuses = f"/organisations/{cluster.id}/team", threading.Barrier(6), []

    def post(number: int) -> None:
        start.wait()
        statuses.append(browsers[number].post(path, data=NEW | {"form_key": str(number)}).status_code)

    threads = [threading.Thread(target=post, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [302] + [422] * 5
    assert mails(db_session) == [("invitation", "noa@example.org")]


def test_two_last_coordinators_cannot_end_each_other(app: Any, cluster: Organisation, marta: User, db_session: Any) -> None:
    both = [marta, make_member(cluster, Role.COORDINATOR)]
    ids = [each.memberships[0].id for each in both]
    browsers = [app.test_client() for _ in both]
    for browser, person in zip(browsers, both, strict=True):
        sign_in(browser, person)
    start = threading.Barrier(2)

    def post(number: int) -> None:
        start.wait()
        browsers[number].post(f"/memberships/{ids[1 - number]}/end")

    threads = [threading.Thread(target=post, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(people_in(cluster.id, Role.COORDINATOR)) == 1


def test_of_two_coordinators_the_slower_sees_what_the_other_saved(
    client: Any, app: Any, cluster: Organisation, marta: User, db_session: Any
) -> None:
    path = f"/organisations/{cluster.id}/edit"
    sign_in(client, marta)
    other = app.test_client()
    sign_in(other, make_member(cluster, Role.COORDINATOR))
    opened = fields_of(client.get(path))
    assert other.post(path, data=fields_of(other.get(path)) | {"about": "Looms and yarn"}).status_code == 303
    answer = client.post(path, data=opened | {"website": "https://example.org"})
    assert answer.status_code == 409
    assert "This has changed since you opened it." in text_of(answer)
    assert "About, as saved now: Looms and yarn" in text_of(answer)
    assert fields_of(answer)["website"] == "https://example.org"
    db_session.expire_all()
    assert (cluster.about, cluster.website) == ("Looms and yarn", "")
    assert client.post(path, data=fields_of(answer) | {"about": "Looms"}).status_code == 303
    db_session.expire_all()
    assert (cluster.about, cluster.website) == ("Looms", "https://example.org")


def test_an_organisation_states_its_region(client: Any, db_session: Any) -> None:
    bavarian = make_organisation(country="DE", city="Munich", latitude=48.14, longitude=11.58)
    path = f"/organisations/{bavarian.id}/edit"
    sign_in(client, make_member(bavarian, Role.COORDINATOR))
    opened = client.get(path)
    assert "North Rhine-Westphalia" in text_of(opened)
    assert client.post(path, data=fields_of(opened) | {"region": "DE-BY"}).status_code == 303
    assert "Munich, Bavaria, Germany" in text_of(client.get(f"/organisations/{bavarian.id}"))
    wrong = client.post(path, data=fields_of(client.get(path)) | {"region": "AT-6", "about": "Kept"})
    assert wrong.status_code == 422
    assert "Choose a region of Germany, or leave it as not stated." in text_of(wrong)
    assert fields_of(wrong)["about"] == "Kept"
    db_session.expire_all()
    assert bavarian.region == "DE-BY"


def test_another_country_has_other_regions(client: Any, db_session: Any) -> None:
    """The administrator changes the country: the region of before is refused, or goes where there are none."""
    moved = make_organisation(country="DE", city="Munich", latitude=48.14, longitude=11.58, region="DE-BY")
    path = f"/organisations/{moved.id}/edit"
    sign_in(client, make_user(is_administrator=True))
    opened = fields_of(client.get(path))
    vienna = opened | {"country": "AT", "city": "Vienna", "sectors": "manufacturing"}
    wrong = client.post(path, data=vienna)
    assert wrong.status_code == 422
    assert "Choose a region of Austria" in text_of(wrong)
    assert client.post(path, data=vienna | {"country": "SE", "city": "Stockholm"}).status_code == 303
    db_session.expire_all()
    assert (moved.country, moved.region) == ("SE", "")
    assert "Region" not in text_of(client.get(path))


@pytest.mark.parametrize("country", ["SE", "NL"])
def test_where_all_have_the_same_holidays_no_region_is_asked_for(client: Any, db_session: Any, country: str) -> None:
    there = make_organisation(country=country)
    sign_in(client, make_member(there, Role.COORDINATOR))
    assert "Its public holidays count" not in client.get(f"/organisations/{there.id}/edit").text


def test_a_provider_names_what_its_services_are_about(visitor: Visitor, client: Client) -> None:
    provider, cluster = make_organisation(kind="provider"), make_organisation()
    browser = visitor(make_member(provider, Role.COORDINATOR))
    there = f"/organisations/{provider.id}/edit"
    page = browser.get(there)
    assert "What your services are about" in page.text
    six = ["clean_energy", "startups", "talent", "skills", "foresight", "circular_economy"]
    refused = browser.post(there, data=values_of(page) | {"topics": six})
    assert refused.status_code == 422
    assert "Choose at most 5 topics; these are 6. Leave those it is most about." in text_of(refused)
    assert 'id="topics-error"' in refused.text
    assert browser.post(there, data=values_of(browser.get(there)) | {"topics": ["startups", "talent"]}).status_code == 303
    shown = " ".join(text_of(client.get(f"/organisations/{provider.id}")).split())
    assert "Services about" in shown
    assert "Start-ups and entrepreneurship" in shown
    assert browser.post(there, data=values_of(browser.get(there)) | {"topics": "nonsense"}).status_code == 422
    other = visitor(make_member(cluster, Role.COORDINATOR))
    edit = f"/organisations/{cluster.id}/edit"
    page = other.get(edit)
    assert "What your services are about" not in page.text
    assert other.post(edit, data=values_of(page) | {"topics": ["startups"]}).status_code == 303
    assert cluster.topics == []
