"""An account for whoever shows that an address is theirs: nobody learns who has one, robots get little, and it can be closed."""

import re
import threading
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility.accounts import throttle
from mobility.audit.models import AuditEntry
from mobility.core.database import db
from mobility.joining.operations import token_for
from mobility.notifications.delivery import SECRET_KINDS
from mobility.notifications.models import OutboxMessage
from mobility.people import domains
from mobility.people.models import User
from mobility.people.roles import Role
from tests.support.client import Client, Visitor
from tests.support.factories import make_member, make_organisation, make_programme, make_user
from tests.support.forms import values_of
from tests.support.html import text_of
from tests.support.joining import NEW, mails
from tests.support.queries import queries as counted

PASSWORD = "three unrelated words"
ME = {"name": "Ana Zupan", "level": "cluster_manager", "password": PASSWORD}


def register(client: Client, clock: ModuleType, email: str = "ana@donauholz.at", seconds: int = 10, **typed: str) -> Any:
    """As a person does it: they read the page, and type."""
    page = client.get("/register")
    clock.move(seconds=seconds)
    return client.post("/register", data=values_of(page) | {"email": email} | typed)


def link_in_the_mail() -> str:
    text = db.session.scalars(select(OutboxMessage.text).where(OutboxMessage.kind == "registration")).one()
    found = re.search(r"http://localhost(/register/\S+)", text)
    assert found, text
    return found[1]


def test_from_the_address_to_the_account(db_session: Any, client: Client, clock: ModuleType) -> None:
    answer = register(client, clock, "Ana@DonauHolz.at")
    assert (answer.status_code, "A mail to ana@donauholz.at is on its way" in text_of(answer)) == (200, True)
    assert db.session.scalar(select(func.count()).select_from(User)) == 0  # nothing is kept before the link is opened
    address = link_in_the_mail()
    page = client.get(address)
    assert page.status_code == 200
    client.head(address)
    assert db.session.scalar(select(func.count()).select_from(User)) == 0  # reading changes nothing
    weak = client.post(address, data=values_of(page) | ME | {"password": "ana zupan 12345"})
    assert (weak.status_code, "Ana Zupan" in weak.text) == (422, True)
    done = client.post(address, data=values_of(page) | ME)
    assert done.status_code == 303
    person = db.session.scalars(select(User)).one()
    assert (person.email, person.name, person.level) == ("ana@donauholz.at", "Ana Zupan", "cluster_manager")
    assert (person.is_administrator, person.memberships) == (False, [])
    assert client.get("/join").status_code == 200  # signed in
    acts = db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts[:2] == ["registration_asked", "account_registered"]
    assert "donauholz" not in db.session.scalars(select(AuditEntry.about).where(AuditEntry.act == "registration_asked")).one()
    again = client.get(address)
    assert (again.status_code, "You have an account" in text_of(again)) == (410, True)


def test_whoever_has_an_account_is_told_by_mail_only(db_session: Any, client: Client, clock: ModuleType) -> None:
    make_user(email="ana@donauholz.at", name="Ana Zupan", password_hash="x")
    make_user(email="gone@donauholz.at", active=False)
    pages = {}
    for email in ("ana@donauholz.at", "gone@donauholz.at", "nobody@donauholz.at"):
        with counted() as statements:
            answer = register(client, clock, email)
        pages[email] = (answer.status_code, answer.text.replace(email, "ADDRESS"), statements.count)
    first = pages.pop("ana@donauholz.at")
    plain = re.sub(r'nonce="[^"]*"|value="[^"]*"', "", first[1])
    for status, text, count in pages.values():
        assert (status, re.sub(r'nonce="[^"]*"|value="[^"]*"', "", text), count) == (first[0], plain, first[2])
    assert mails() == [
        ("registration_known", "ana@donauholz.at"),
        ("registration_closed", "gone@donauholz.at"),
        ("registration", "nobody@donauholz.at"),
    ]
    assert "/register/" not in "".join(
        db.session.scalars(select(OutboxMessage.text).where(OutboxMessage.kind != "registration")).all()
    )


def test_the_mailed_link_is_a_secret_and_works_for_a_day(db_session: Any, client: Client, clock: ModuleType) -> None:
    assert "registration" in SECRET_KINDS
    token = token_for("ana@donauholz.at")
    assert client.get(f"/register/{token}").status_code == 200
    assert client.get(f"/register/{token[:-1]}").status_code == 404
    clock.move(hours=24)
    expired = client.get(f"/register/{token}")
    assert (expired.status_code, "has expired" in text_of(expired)) == (410, True)
    assert client.post(f"/register/{token}", data=ME).status_code == 410


@pytest.mark.databases("postgresql")
def test_the_same_link_used_by_eight_at_once_makes_one_account(app: Flask, db_session: Any) -> None:
    token = token_for("ana@donauholz.at")
    db.session.commit()
    statuses: list[int] = []
    ready = threading.Barrier(8)

    def use() -> None:
        client = app.test_client()
        page = client.get(f"/register/{token}")
        ready.wait()
        statuses.append(client.post(f"/register/{token}", data=values_of(page) | ME).status_code)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(statuses) == [303] + [410] * 7
    assert db.session.scalar(select(func.count()).select_from(User)) == 1


# Robots


def test_a_robot_that_fills_everything_in(db_session: Any, client: Client, clock: ModuleType) -> None:
    answer = register(client, clock, nickname="Ana")
    assert (answer.status_code, mails()) == (422, [])
    assert "ana@donauholz.at" in answer.text


def test_a_robot_that_is_quick_or_never_opened_the_page(db_session: Any, client: Client, clock: ModuleType) -> None:
    assert register(client, clock, seconds=1).status_code == 422
    for opened in ("", "nonsense", "MTIz.abc"):
        assert register(client, clock, opened=opened).status_code == 422
    assert register(client, clock, seconds=13 * 3600).status_code == 422
    assert mails() == []


def test_a_person_who_was_quick_sends_it_once_more(db_session: Any, client: Client, clock: ModuleType) -> None:
    page = register(client, clock, seconds=1)
    clock.move(seconds=3)
    assert client.post("/register", data=values_of(page)).status_code == 200
    late = register(client, clock, "ana@other.at", seconds=13 * 3600)
    clock.move(seconds=3)
    assert client.post("/register", data=values_of(late)).status_code == 200


def test_a_thousand_registrations(db_session: Any, app: Flask, clock: ModuleType) -> None:
    """From one network of IPv6 twenty mails in an hour, to one mailbox three, and from everywhere together three hundred."""
    made = 0
    page = values_of(app.test_client().get("/register"))
    clock.move(seconds=10)

    def send(number: int, network: str, email: str) -> int:
        client = app.test_client()
        token = {"csrf_token": client.token()}
        data = page | token | {"email": email}
        return client.post("/register", data=data, environ_base={"REMOTE_ADDR": network}).status_code

    for number in range(30):
        made += send(number, f"2001:db8:0:1::{number:x}", f"robot{number}@donauholz.at") == 200
    assert made == 20
    answers = [send(number, f"2001:db8:1:{number:x}::1", f"victim+{number}@donauholz.at") for number in range(6)]
    assert answers == [200] * 3 + [429] * 3
    statuses = {send(number, f"2001:db8:2:{number:x}::1", f"r{number}@other.at") for number in range(300)}
    assert statuses == {200, 429}
    assert len(mails()) == 300
    clock.move(minutes=61)
    assert send(0, "2001:db8:3::1", "late@other.at") == 200


@pytest.mark.parametrize(
    ("email", "refused"),
    [
        ("ana@mailinator.com", True),
        ("ana@sub.mailinator.com", True),
        ("ana@gmail.com", False),  # anybody may have one; it hints at nothing
        ("ana@donauholz.at", False),
    ],
)
def test_addresses_for_some_minutes(db_session: Any, client: Client, clock: ModuleType, email: str, refused: bool) -> None:
    answer = register(client, clock, email)
    assert (answer.status_code, bool(mails())) == ((422, False) if refused else (200, True))
    assert ("provider of addresses for some minutes" in text_of(answer)) is refused


def test_the_list_is_there() -> None:
    assert len(domains.blocklist) > 5000
    assert not domains.blocklist & domains.PUBLIC_DOMAINS


# By invitation


def test_a_closed_installation_says_what_to_do_instead(app: Flask, visitor: Visitor, client: Client, clock: ModuleType) -> None:
    organisation = make_organisation()
    page = client.get("/register")
    app.config["REGISTRATION"] = "invitation"
    token = token_for("ana@donauholz.at")
    for address in ("/register", f"/register/{token}"):
        assert "ask one of its coordinators" in text_of(client.get(address))
    clock.move(seconds=10)
    assert client.post("/register", data=values_of(page) | {"email": "ana@donauholz.at"}).status_code == 409
    assert client.post(f"/register/{token}", data=ME).status_code == 409
    hers = visitor(make_user())
    for address in ("/join", "/join/new", f"/join/{organisation.id}"):
        assert "ask one of its coordinators" in text_of(hers.get(address))
    assert hers.post("/join/new", data=NEW).status_code == 409
    assert "Ask to join" not in hers.get(f"/organisations/{organisation.id}").text
    assert mails() == []


# Finding one's organisation


def test_what_an_address_hints_at(db_session: Any, visitor: Visitor) -> None:
    by_site = make_organisation(name="Donau Holz", website="https://www.donauholz.at/en")
    by_people = make_organisation(name="Donau Papier")
    make_member(by_people, Role.GUEST, email="max@mail.donauholz.at")
    shared = make_organisation(name="Gmail friends", website="https://gmail.com")
    make_member(shared, Role.GUEST, email="max@gmail.com")
    for number in range(3):
        make_member(make_organisation(name=f"Tenant {number}"), Role.GUEST, email=f"t{number}@office-park.at")
    there = make_member(by_site, Role.GUEST, email="eva@donauholz.at")
    hints = {"ana@donauholz.at": {"Donau Holz", "Donau Papier"}, "ana@gmail.com": set(), "ana@office-park.at": set()}
    names = {"Donau Holz", "Donau Papier", "Gmail friends", "Tenant 0", "Tenant 1", "Tenant 2"}
    for email, expected in hints.items():
        page = text_of(visitor(make_user(email=email)).get("/join"))
        assert {name for name in names if name in page} == expected
    assert "Is it this one?" in text_of(visitor(there).get("/join"))  # the other one
    assert "max@" not in visitor(make_user(email="eve@donauholz.at")).get("/join").text


def test_joining_in_the_browser(db_session: Any, visitor: Visitor) -> None:
    organisation = make_organisation(name="Mur Cluster", city="Graz")
    coordinator = make_member(organisation, Role.COORDINATOR)
    hers = visitor(make_user(name="Ana Zupan"))
    assert f"/join/{organisation.id}" in hers.get("/join?q=mur+graz").text
    address = f"/join/{organisation.id}"
    page = hers.get(address)
    empty = hers.post(address, data=values_of(page))
    assert (empty.status_code, "Choose one." in text_of(empty)) == (422, True)
    sent = values_of(page) | {"role": "guest", "words": "I work for Eva."}
    first, second = hers.post(address, data=sent), hers.post(address, data=sent)
    assert (first.status_code, second.headers["Location"]) == (302, first.headers["Location"])
    assert mails() == [("join_asked", coordinator.email)]
    assert hers.post("/join/999999", data=sent).status_code == 404


def test_registering_an_organisation_that_is_here_under_another_spelling(db_session: Any, visitor: Visitor) -> None:
    programme = make_programme()
    make_member(programme, Role.OWNER)
    there = make_organisation(name="Holzcluster Donau GmbH", city="Linz", website="http://donauholz.at")
    hers = visitor(make_user(name="Ana Zupan"))
    page = hers.get("/join/new")
    typed = values_of(page) | NEW
    refused = hers.post("/join/new", data=typed)
    assert refused.status_code == 422
    assert "has the website donauholz.at" in text_of(refused)
    assert f"/join/{there.id}" in refused.text
    assert "I manage it." in refused.text
    assert "Holzcluster Donau" in hers.get("/join/resembling", query_string={**NEW, "website": ""}).text
    assert hers.post("/join/new", data=values_of(refused) | NEW | {"none_of_these": "y"}).status_code == 302
    assert [kind for kind, _ in mails()] == ["join_asked"]


def test_whose_owners_check_is_chosen_where_there_are_several(db_session: Any, app: Flask, visitor: Visitor) -> None:
    hers = visitor(make_user())
    administrator = make_user(is_administrator=True)
    for name in ("One", "Two"):
        make_member(make_programme(name=name), Role.OWNER, email=f"{name.lower()}@owners.eu")
    make_programme(name="Nobody's")
    page = hers.get("/join/new")
    assert ("One" in page.text, "Nobody's" in page.text) == (True, False)
    assert hers.post("/join/new", data=values_of(page) | NEW | {"programme_id": "x"}).status_code == 422
    two = re.search(r'<option value="(\d+)">Two', page.text)
    assert two
    assert hers.post("/join/new", data=values_of(page) | NEW | {"programme_id": two[1]}).status_code == 302
    assert mails() == [("join_asked", "two@owners.eu")]
    app.config["ORGANISATIONS_CHECKED_BY"] = "administrator"
    page = hers.get("/join/new")
    assert "programme_id" not in page.text
    assert hers.post("/join/new", data=values_of(page) | NEW | {"name": "Another"}).status_code == 302
    assert mails()[-1] == ("join_asked", administrator.email)


def test_ten_requests_a_day(db_session: Any, visitor: Visitor, clock: ModuleType) -> None:
    person, organisation = make_user(), make_organisation()
    db.session.commit()
    for _ in range(10):
        throttle.take_attempt("joining", str(person.id), most=10, minutes=1440)
    hers, address = visitor(person), f"/join/{organisation.id}"
    assert hers.post(address, data=values_of(hers.get(address)) | {"role": "guest"}).status_code == 429


def test_the_front_page_and_the_page_to_sign_in_lead_there(client: Client, db_session: Any) -> None:
    for address in ("/", "/sign-in"):
        assert 'href="/register"' in client.get(address).text


def test_a_newcomer_is_told_to_join_first(db_session: Any, visitor: Visitor) -> None:
    assert 'href="/join"' in visitor(make_user()).get("/").text
