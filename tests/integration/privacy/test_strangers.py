"""Erasing the address of somebody without an account: looked for everywhere, and only once nobody needs it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobility.addresses.models import AddressChange
from mobility.audit import checks as audit_checks
from mobility.claims import operations as claims
from mobility.core.clock import utc_now as now
from mobility.core.database import db, transaction
from mobility.core.errors import Refusal
from mobility.core.links import path_of
from mobility.delegates import links
from mobility.delegates.models import DelegateLink
from mobility.exchanges.rules import manager_of
from mobility.jobs import erase_people
from mobility.notifications.models import OutboxMessage
from mobility.notifications.operations import Addressee, post
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.privacy import operations
from mobility.privacy.models import Erasure
from tests.integration.privacy.test_erasing import everything
from tests.support.client import Client
from tests.support.delegates import amend, begin, confirm, link_of, mails, make_stay, sign
from tests.support.factories import make_member, make_organisation, make_programme, make_submitted, make_theme, make_user, sign_in
from tests.support.followups import ask, visited
from tests.support.html import fields_of, text_of

ADDRESS, NAME = "marisol.quintanilla@nowhere.example", "Marisol Quintanilla"
PAGE = "/admin/erasures/address"


@pytest.fixture(autouse=True)
def folder(app: Flask, tmp_path: Path) -> None:
    app.config["AUDIT_HEADS"] = (tmp_path / "heads").as_uri()
    app.config["FILES_URL"] = (tmp_path / "files").as_uri()


@pytest.fixture
def admin(client: Client, db_session: Any) -> User:
    found = make_user(name="Robin Keller", is_administrator=True)
    db_session.commit()
    sign_in(client, found)
    return found


def left() -> set[str]:
    db.session.expire_all()
    return {place for place, value in everything() if "quintanilla" in value.casefold() or "marisol" in value.casefold()}


def send(client: Client, **typed: str) -> Any:
    """The clock has been moved meanwhile: who erases has just signed in."""
    sign_in(client, db.session.scalars(select(User).where(User.is_administrator)).one())
    return client.post(PAGE, data=fields_of(client.get(PAGE)) | {"email": ADDRESS, "name": "", "reason": "She wrote."} | typed)


def over() -> Any:
    """A stay to which she has travelled, without an account."""
    exchange = make_stay((NAME, ADDRESS), ("Bo Other", "bo@elsewhere.example"))
    begin(exchange)
    confirm(exchange, 1, 2)
    exchange.agreed_version.agenda = [{"day": "2027-04-10", "plan": f"{NAME} presents"}]
    db.session.commit()
    return exchange


def test_the_address_and_its_names_go_from_everywhere(client: Client, admin: User, clock: Any) -> None:
    exchange = over()
    link = link_of(ADDRESS)
    assert len(left()) > 5
    assert send(client).status_code == 303
    said = text_of(client.get("/admin/erasures"))
    assert f"{ADDRESS} , from 14 April 2027 on Without an account. With it goes the name {NAME}" in said
    assert "1" in str(erase_people())
    assert left() == set()
    assert audit_checks.check().wrong == []
    erasure = db.session.scalars(select(Erasure)).one()
    assert {each.name for each in exchange.delegates} == {"Gil Prado", f"Person {erasure.person_id}", "Bo Other"}
    assert exchange.attended == ["Gil Prado", f"Person {erasure.person_id}"]
    assert client.get(link).status_code == 410, "nobody can read by it any more"
    assert client.get(link_of("bo@elsewhere.example")).status_code == 200


def test_other_links_of_the_stay_can_still_be_made(client: Client, admin: User, clock: Any) -> None:
    """Hers was the first: the number of the next counts on that row."""
    exchange = over()
    assert send(client).status_code == 303
    erase_people()
    db.session.expire_all()
    with transaction():
        made = links.renew(db.session.merge(exchange), "bo@elsewhere.example")
    numbers = db.session.scalars(select(DelegateLink.number).order_by(DelegateLink.number)).all()
    assert (made.number, list(numbers)) == (max(numbers), sorted(set(numbers)))


def test_nothing_more_is_written_to_whoever_was_erased(client: Client, admin: User, clock: Any) -> None:
    exchange = over()
    assert send(client).status_code == 303
    erase_people()
    db.session.expire_all()
    confirmed = len(mails("stay_confirmed"))
    host = next(iter(exchange.host.coordinators()))
    with transaction():
        days = {"first_day": exchange.first_day, "last_day": exchange.last_day - timedelta(days=1)}  # news to all who came
        claims.correct_attendance(exchange, by=host, attended=[1, 2, 3], reason="Bo came, too.", **days)
    new = mails("stay_confirmed")[confirmed:]
    assert [each.address for each in new] == ["bo@elsewhere.example"]
    addresses = db.session.scalars(select(OutboxMessage.address).where(OutboxMessage.state == "waiting")).all()
    assert not [each for each in addresses if each.endswith("erased.invalid")]


def test_the_outbox_takes_no_address_of_an_erased(admin: User) -> None:
    gone, there = Addressee("Person 4", "person-4@erased.invalid"), Addressee("Bo", "bo@elsewhere.example")
    assert post("registration", [gone, there], about=None, path="/", link="https://x.example/") == 1
    assert db.session.scalars(select(OutboxMessage.address)).all() == [there.email]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"email": ""}, "Enter an e-mail address"),
        ({"email": "no address"}, "Enter an e-mail address such as"),
        ({"email": "x@erased.invalid"}, "Enter an e-mail address such as"),
        ({"email": "a" * 300 + "@example.org"}, "This is too long."),
        ({"reason": ""}, "Error:"),
        ({"name": "\u202eevil"}, "cannot be seen"),
        ({"name": "https://x.example"}, "cannot hold the address"),
    ],
)
def test_bad_input(client: Client, admin: User, typed: dict[str, str], words: str) -> None:
    answer = send(client, **typed)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert db.session.scalars(select(Erasure)).all() == []


def test_of_an_account_the_person_is_erased(client: Client, admin: User) -> None:
    other = make_user(name="Ana Account", email="ana@account.example")
    db.session.commit()
    answer = send(client, email="ANA@account.example ")
    assert answer.status_code == 422
    assert "Ana Account has an account under this address. Erase the person on their page." in text_of(answer)
    assert other.active


def test_twice_is_once(client: Client, admin: User, clock: Any) -> None:
    over()
    assert send(client).status_code == 303
    answer = send(client)
    assert (answer.status_code, "has been asked for already" in text_of(answer)) == (422, True)
    assert len(db.session.scalars(select(Erasure)).all()) == 1


def test_what_is_open_stands_against_it(client: Client, admin: User) -> None:
    stay = make_stay((NAME, ADDRESS))
    application = make_submitted()
    application.delegates[0].email = ADDRESS
    theme = make_theme(title="Welding")
    theme.contact_role, theme.contact_address = "Desk", ADDRESS
    db.session.commit()
    answer = send(client)
    assert answer.status_code == 422
    said = text_of(answer)
    for each in (
        f"They travel in exchange E-{stay.id:06d}",
        "One open application names them",
        f"contact address of {theme.title}",
    ):
        assert each in said
    assert ADDRESS in answer.text, "nothing typed is lost"
    assert "She wrote." in said


@pytest.mark.parametrize("agreed", [True, False])
def test_a_manager_who_was_named_is_erased_and_the_guest_names_another(
    client: Client, admin: User, clock: Any, agreed: bool
) -> None:
    exchange = make_stay(agreed=False)
    amend(exchange, manager_name=NAME, manager_email=ADDRESS)
    if agreed:
        sign(exchange)
        assert manager_of(exchange) == (NAME, ADDRESS)
    assert send(client).status_code == 303, "it waits for nobody"
    said = text_of(client.get("/admin/erasures"))
    assert f"Exchange E-{exchange.id:06d} names them to confirm later what is in use. You need do nothing" in said
    assert str(erase_people()) != ""
    assert left() == set()
    assert audit_checks.check().wrong == []
    db.session.expire_all()
    assert manager_of(exchange) is None
    letter = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "manager_erased")).one()
    assert (letter.recipient_id, letter.subject_line) == (
        exchange.guest_id,
        f"Name somebody else who confirms what is in use: “{exchange.theme.title}”",
    )
    sign_in(client, exchange.guest)
    if agreed:
        page = f"/exchanges/{exchange.id}/name-manager"
        named = {"manager_name": "Mira Manager", "manager_email": "mira@home.example"}
        assert client.post(page, data=fields_of(client.get(page)) | named).status_code == 303
        assert manager_of(exchange) == ("Mira Manager", "mira@home.example")
    form = fields_of(client.get(f"/exchanges/{exchange.id}/amend"))
    assert (form["manager_name"], form["manager_email"]) == ("", "")
    amend(exchange, host_contact="The desk")
    assert exchange.newest_version
    assert exchange.newest_version.manager_email == "", "a next version names nobody by itself"


def test_stopped_the_address_is_free_again(client: Client, admin: User, clock: Any) -> None:
    over()
    send(client)
    [erasure] = db.session.scalars(select(Erasure)).all()
    stop = f"/admin/people/{erasure.person_id}/erase/stop"
    assert client.post(stop, data=fields_of(client.get("/admin/erasures"))).status_code == 303
    assert str(erase_people()) == ""
    assert left()
    db.session.expire_all()
    assert db.session.scalar(select(User).where(User.email == ADDRESS)) is None
    assert send(client).status_code == 303


def test_a_name_that_is_somebody_else_s_stays_theirs(client: Client, admin: User, clock: Any) -> None:
    """Whoever brings an address may have called her as they liked."""
    other = make_member(make_organisation(name="Lisbon Hub"), Role.GUEST, name="Olga Ferrante")
    over()
    assert send(client, name="Olga Ferrante").status_code == 303
    erase_people()
    db.session.expire_all()
    assert other.name == "Olga Ferrante"
    assert left() == set()


@pytest.mark.parametrize("who", ["owner", "stranger"])
def test_only_administrators(client: Client, db_session: Any, who: str) -> None:
    sign_in(client, make_member(make_programme(), Role.OWNER) if who == "owner" else make_user())
    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, data={"email": ADDRESS, "reason": "x"}).status_code == 404


def test_somebody_who_travels_in_another_s_stay_is_not_erased_before(db_session: Any, clock: Any) -> None:
    along = make_member(make_organisation(), Role.GUEST, name="Bia Ünal")
    exchange = make_stay((along.name, along.email))
    with pytest.raises(Refusal, match=f"They travel in exchange E-{exchange.id:06d}"), transaction():
        operations.ask(db.session.merge(along), by=db.session.merge(along))


def test_a_manager_named_by_an_earlier_address_is_missed_too(client: Client, admin: User, clock: Any) -> None:
    """Of somebody with an account: the guest is told, whichever of their addresses was named."""
    exchange, person = make_stay(agreed=False), make_user(name=NAME, email="new@home.example")
    amend(exchange, manager_name=NAME, manager_email=ADDRESS)
    db.session.add(AddressChange(person_id=person.id, earlier=ADDRESS, wanted=person.email, confirmed_at=now()))
    db.session.commit()
    with transaction():
        operations.ask(db.session.merge(person), by=db.session.merge(person))
    clock.move(days=31)
    sign_in(client, db.session.scalars(select(User).where(User.is_administrator)).one())
    assert f"Exchange E-{exchange.id:06d} names them" in text_of(client.get("/admin/erasures"))
    erase_people()
    db.session.expire_all()
    assert exchange.newest_version
    assert exchange.newest_version.manager_email.startswith("person-")
    letter = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "manager_erased")).one()
    assert letter.recipient_id == exchange.guest_id


def test_the_link_to_a_questionnaire_opens_nothing_any_more(client: Client, admin: User, clock: Any) -> None:
    asked = visited(others=[(NAME, ADDRESS), ("Bo Other", "bo@elsewhere.example")])
    clock.move(days=8)
    ask()
    link, others = (path_of("followups.by_link", token=each.token) for each in asked.requests("end_delegate"))
    assert client.get(link).status_code == 200
    assert send(client).status_code == 303
    erase_people()
    assert client.get(link).status_code == 404
    assert client.get(others).status_code == 200
