"""The same page for somebody with an account; and whoever acts for the guests, who sends links and ends them."""

from typing import Any

import pytest

from mobility.audit.models import AuditEntry
from mobility.core.database import db
from mobility.delegates.models import DelegateLink
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.visits import operations as visits
from tests.support.calendars import read
from tests.support.delegates import BIA, amend, begin, confirm, link_in, link_of, mails, make_stay, sign
from tests.support.factories import coordinator_of, make_guest, make_member, make_organisation, make_user, sign_in
from tests.support.forms import at_once, values_of
from tests.support.html import text_of
from tests.support.queries import queries

pytestmark = pytest.mark.usefixtures("db_session")


def along(**values: Any) -> User:
    return make_member(make_organisation(), Role.GUEST, **{"name": "Bia Ünal"} | values)


# Signed in


def test_the_page_of_somebody_with_an_account(client: Any) -> None:
    person = along()
    exchange = make_stay((person.name, person.email))
    sign_in(client, person)
    page = client.get(f"/exchanges/{exchange.id}/stay")
    assert "Agreed: 10 to 14 April 2027" in text_of(page)
    assert "/stays/" not in page.text
    (event,) = read(client.get(f"/exchanges/{exchange.id}/stay.ics").data).events
    assert event.first_day == exchange.first_day
    begin(exchange)
    confirm(exchange, 1, 2)
    sign_in(client, person)
    assert client.get(f"/exchanges/{exchange.id}/stay/certificate.pdf").mimetype == "application/pdf"
    assert client.get(f"/exchanges/{exchange.id}").status_code == 404, "the exchange itself stays between its sides"


@pytest.mark.parametrize("path", ["/exchanges", "/account"])
def test_they_find_it_where_they_look(client: Any, path: str) -> None:
    person = along()
    exchange = make_stay((person.name, person.email))
    sign_in(client, person)
    assert f'href="/exchanges/{exchange.id}/stay"' in client.get(path).text
    sign_in(client, along())  # a namesake
    assert "/stay" not in client.get(path).text


def test_a_namesake_sees_nothing(client: Any) -> None:
    person = along()
    exchange = make_stay((person.name, person.email))
    sign_in(client, along(email="namesake@elsewhere.example"))
    for path in ("stay", "stay.ics", "stay/certificate.pdf"):
        assert client.get(f"/exchanges/{exchange.id}/{path}").status_code == 404


def test_who_has_another_address_goes_on_seeing_it(client: Any) -> None:
    from mobility.addresses import following

    person = along()
    exchange = make_stay((person.name, person.email))
    earlier, person.email = person.email, "bia@married.example"
    following.follow(person, earlier)
    db.session.commit()
    sign_in(client, person)
    assert client.get(f"/exchanges/{exchange.id}/stay").status_code == 200


def test_a_link_goes_with_whom_it_was_made_for(client: Any) -> None:
    from mobility.addresses import following

    exchange = make_stay()
    link, person = link_of(), make_user(email=BIA)
    person.email = "bia@married.example"
    following.follow(person, BIA)
    db.session.commit()
    assert client.get(link).status_code == 200
    assert [each.email for each in exchange.delegates][1:] == ["bia@married.example"]


def test_who_is_replaced_sees_it_no_longer(client: Any) -> None:
    person = along()
    exchange = make_stay((person.name, person.email))
    given = {"name": "Noa", "email": "noa@new.example", "level": "cluster_manager", "reason": "Ill."}
    visits.replace_guest(exchange, by=exchange.guest, delegate="2", **given)
    sign_in(client, person)
    assert client.get(f"/exchanges/{exchange.id}/stay").status_code == 404


def test_erasing_somebody_takes_their_links(client: Any) -> None:
    from mobility.privacy.erasing import _addressed

    make_stay()
    make_user(email=BIA)
    link = link_of()
    _addressed({BIA})
    db.session.commit()
    assert db.session.scalars(db.select(DelegateLink.email)).all() == [""]
    assert client.get(link).status_code == 410


# Whoever acts for the guests


def press(client: Any, exchange: Any, act: str, place: int = 2, seen: str = "1-open") -> Any:
    return client.post(f"/exchanges/{exchange.id}/travellers/{place}/{act}", data={"seen": seen})


def test_the_guest_sees_who_has_a_link_but_not_the_link(client: Any) -> None:
    person = along(name="Cem")
    exchange = make_stay(("Bia Ünal", BIA), (person.name, person.email))
    sign_in(client, exchange.guest)
    assert f"/exchanges/{exchange.id}/travellers" in client.get(f"/exchanges/{exchange.id}").text
    page = client.get(f"/exchanges/{exchange.id}/travellers")
    words = text_of(page)
    assert "Bia Ünal Has a link" in words
    assert "Cem Has an account" in words
    assert link_of().removeprefix("/stays/") not in page.text


def test_sending_a_new_one_and_ending_it(client: Any) -> None:
    exchange = make_stay()
    old = link_of()
    sign_in(client, exchange.guest)
    assert press(client, exchange, "send").status_code == 303
    new = link_in(mails("delegate_link")[0])
    assert [client.get(each).status_code for each in (old, new)] == [410, 200]
    assert press(client, exchange, "end", seen="2-open").status_code == 303
    page = client.get(new)
    assert (page.status_code, "Whoever acts for the guests has ended it" in page.text) == (410, True)
    acts = [(each.act, each.by_id) for each in db.session.scalars(db.select(AuditEntry).where(AuditEntry.act.like("delegate_%")))]
    assert acts == [("delegate_link_sent", exchange.guest_id), ("delegate_link_ended", exchange.guest_id)]


def test_what_was_revoked_comes_back_with_no_message_until_somebody_sends_it(client: Any) -> None:
    exchange = make_stay()
    sign_in(client, exchange.guest)
    press(client, exchange, "end")
    amend(exchange, host_contact="Ask Ines")
    sign(exchange)
    last = mails("stay_agreed")[-1]
    assert (last.address, link_in(last)) == (BIA, "")
    assert "without a password" not in last.text
    press(client, exchange, "send", seen="1-ended")
    assert client.get(link_of()).status_code == 200


def test_twice_and_in_two_tabs_it_is_done_once(client: Any) -> None:
    exchange = make_stay()
    sign_in(client, exchange.guest)
    values = values_of(client.get(f"/exchanges/{exchange.id}/travellers"))
    assert values["seen"] == "1-open"
    for act in ("send", "send", "end"):
        press(client, exchange, act)
    assert len(mails("delegate_link")) == 1
    assert client.get(link_of()).status_code == 200, "the second tab showed another link"


def test_eight_at_once_send_one(client: Any) -> None:
    exchange = make_stay()
    sign_in(client, exchange.guest)
    path = f"/exchanges/{exchange.id}/travellers/2/send"
    answers = at_once(client, 8, lambda tab: tab.post(path, data={"seen": "1-open"}))
    assert {each.status_code for each in answers} == {303}
    db.session.expire_all()
    assert len(mails("delegate_link")) == 1
    assert len([each for each in db.session.scalars(db.select(DelegateLink)) if each.ended_at is None]) == 1


def test_eight_new_links_at_once_from_one_page(client: Any) -> None:
    make_stay()
    link = link_of()
    answers = at_once(client, 5, lambda tab: tab.post(f"{link}/another", data={}))
    assert sorted(each.status_code for each in answers) == [200, 410, 410, 410, 410]
    db.session.expire_all()
    assert len(mails("delegate_link")) == 1


@pytest.mark.parametrize(("place", "seen"), [(1, "none"), (2, ""), (2, "x" * 5000), (3, "none"), (2, "🎉"), (7, "1-open")])
def test_what_cannot_be_done_says_so(client: Any, place: int, seen: str) -> None:
    exchange = make_stay(("Bia Ünal", BIA), ("Cem", ""))
    sign_in(client, exchange.guest)
    for act in ("send", "end"):
        assert press(client, exchange, act, place, seen).status_code == 303
        page = client.get(f"/exchanges/{exchange.id}/travellers").text
        assert any(words in page for words in ("done meanwhile", "has an account", "has no link"))
    assert mails("delegate_link") == []
    assert client.get(link_of()).status_code == 200


def test_a_mailbox_is_not_filled(client: Any) -> None:
    exchange = make_stay()
    sign_in(client, exchange.guest)
    for number in range(1, 8):
        press(client, exchange, "send", seen=f"{number}-open")
    assert len(mails("delegate_link")) == 5


# Permissions

ROLES = (
    "guest colleague",
    "guest coordinator",
    "host",
    "host coordinator",
    "owner",
    "auditor",
    "administrator",
    "along",
    "stranger",
)
PAGES = {  # who may, of one's own exchange; of another nobody may
    "/stay": {"guest", "along"},
    "/stay.ics": {"guest", "along"},
    "/stay/certificate.pdf": {"guest", "along"},
    "/travellers": {"guest", "guest coordinator"},
}


@pytest.mark.parametrize("role", ["guest", *ROLES])
def test_role_by_route_by_foreign_object(client: Any, role: str) -> None:
    person = along()
    own, foreign = make_stay((person.name, person.email)), make_stay(guest=make_guest(name="Other"))
    begin(own)
    for each in (own, foreign):
        each.state = "in_progress"
        confirm(each, 1, 2)
    home, programme = own.guest_organisation, own.programme
    people = {
        "guest": lambda: own.guest,
        "guest colleague": lambda: make_member(home, Role.GUEST),
        "guest coordinator": lambda: make_member(home, Role.COORDINATOR),
        "host": lambda: make_member(own.host, Role.HOST),
        "host coordinator": lambda: coordinator_of(own.theme),
        "owner": lambda: make_member(programme, Role.OWNER),
        "auditor": lambda: make_member(programme, Role.AUDITOR),
        "administrator": lambda: make_user(is_administrator=True),
        "along": lambda: person,
        "stranger": lambda: make_guest(name="Stranger"),
    }
    sign_in(client, people[role]())
    for path, may in PAGES.items():
        assert client.get(f"/exchanges/{own.id}{path}").status_code == (200 if role in may else 404), path
        assert client.get(f"/exchanges/{foreign.id}{path}").status_code == 404, path
    acts = role in PAGES["/travellers"]
    for act in ("send", "end"):
        assert press(client, own, act).status_code == (303 if acts else 404), act
        assert press(client, foreign, act).status_code == 404, act


def test_signed_out_one_signs_in_first(client: Any) -> None:
    exchange = make_stay()
    for path in PAGES:
        assert client.get(f"/exchanges/{exchange.id}{path}").status_code == 302
    assert press(client, exchange, "send").status_code == 401


@pytest.mark.parametrize("others", [1, 2])
def test_queries_of_the_page_of_links(client: Any, others: int) -> None:
    exchange = make_stay(*[(f"Other {n}", f"o{n}@elsewhere.example") for n in range(others)])
    sign_in(client, exchange.guest)
    with queries() as seen:
        client.get(f"/exchanges/{exchange.id}/travellers")
    assert seen.count == 13, seen


@pytest.mark.parametrize("count", [0, 1, 3])
def test_queries_of_the_stays_one_travels_along_to(client: Any, count: int) -> None:
    person = along()
    for _ in range(count):
        make_stay((person.name, person.email))
    sign_in(client, person)
    with queries() as seen:
        client.get("/exchanges")
    assert seen.count == 5, seen
