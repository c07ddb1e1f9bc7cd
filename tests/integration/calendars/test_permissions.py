"""Role by route by foreign object, of every route that gives something of a calendar."""

from typing import Any

import pytest
from flask import Flask

from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.people.models import User
from mobility.people.roles import Role
from tests.support.calendars import read
from tests.support.delegates import link_of, make_stay
from tests.support.factories import (
    coordinator_of,
    end_roles,
    make_guest,
    make_member,
    make_organisation,
    make_theme,
    make_user,
    sign_in,
)
from tests.support.forms import values_of

pytestmark = pytest.mark.usefixtures("db_session")

TESTED = {
    "calendars.feed",
    "calendars.index",
    "calendars.renew",
    "calendars.revoke",
    "delegates.calendar_by_link",
    "delegates.own_calendar",
    "exchanges.calendar",
}
SIDES = {"guest", "guest coordinator", "host", "host coordinator"}
PROGRAMME = {"owner", "assessor", "finance officer", "auditor"}
NONE = {"guest colleague", "along", "administrator", "left", "stranger"}
FILE = SIDES | PROGRAMME  # who sees an exchange has its file
STAY = {"guest", "along"}  # who travels
FEED = {"guest", "host", "host coordinator", "along"}  # who travels or receives; a coordinator at home is not away


def of(role: str, exchange: Exchange) -> User:
    home, programme = exchange.guest_organisation, exchange.programme
    match role:
        case "guest":
            return exchange.guest
        case "host coordinator":
            return coordinator_of(exchange.theme)
        case "along":
            return db.session.scalars(db.select(User).where(User.email == exchange.delegates[1].email)).one()
        case "administrator":
            return make_user(is_administrator=True)
        case "stranger":
            return make_guest(name="Stranger")
        case "left":
            person = make_member(exchange.host, Role.COORDINATOR)
            end_roles(person)
            return person
    place, of_role = {
        "guest colleague": (home, Role.GUEST),
        "guest coordinator": (home, Role.COORDINATOR),
        "host": (exchange.host, Role.HOST),
        "owner": (programme, Role.OWNER),
        "assessor": (programme, Role.ASSESSOR),
        "finance officer": (programme, Role.FINANCE_OFFICER),
        "auditor": (programme, Role.AUDITOR),
    }[role]
    return make_member(place, of_role)


@pytest.fixture
def own() -> Exchange:
    along = make_member(make_organisation(), Role.GUEST, name="Bia")
    return make_stay((along.name, along.email), theme=make_theme(title="Our own"))


@pytest.fixture
def foreign() -> Exchange:
    return make_stay(guest=make_guest(name="Other"), theme=make_theme(title="Foreign"))


def test_no_route_of_calendars_is_left_out(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.endswith(".ics") or "calendar" in rule.rule]
    assert {rule.endpoint for rule in rules} == TESTED


@pytest.mark.parametrize("role", sorted(SIDES | PROGRAMME | NONE))
def test_each_role_has_what_is_its_own_and_nothing_of_another(client: Any, own: Exchange, foreign: Exchange, role: str) -> None:
    person = of(role, own)
    sign_in(client, person)
    for path, may in (("calendar.ics", FILE), ("stay.ics", STAY)):
        answer = client.get(f"/exchanges/{own.id}/{path}")
        assert answer.status_code == (200 if role in may else 404), path
        if role in may:
            assert [each.title for each in read(answer.data).events] == ["Exchange: Our own"]
            assert answer.headers["Cache-Control"] == "no-store"
        assert client.get(f"/exchanges/{foreign.id}/{path}").status_code == 404, path
    page = client.post("/account/calendar/new", data=values_of(client.get("/account/calendar"))).text
    path = "/calendar/" + page.partition("/calendar/")[2].partition('"')[0]
    events = read(client.application.test_client().get(path).data).events
    stays = [each.title for each in events if each.title.startswith("Exchange: ")]
    assert stays == (["Exchange: Our own"] if role in FEED else [])
    assert not any("Foreign" in each.title for each in events)


def test_the_private_address_of_one_is_neither_shown_nor_ended_by_another(client: Any, visitor: Any, own: Exchange) -> None:
    theirs, other = visitor(own.guest), visitor(make_guest(name="Other"))
    page = theirs.post("/account/calendar/new", data=values_of(theirs.get("/account/calendar"))).text
    path = "/calendar/" + page.partition("/calendar/")[2].partition('"')[0]
    assert path not in other.get("/account/calendar").text
    assert "You have no address yet" in other.get("/account/calendar").text
    other.post("/account/calendar/revoke", data={})
    other.post("/account/calendar/new", data={})
    assert client.get(path).status_code == 200


def test_nobody_signed_in(client: Any, own: Exchange) -> None:
    for path in (f"/exchanges/{own.id}/calendar.ics", f"/exchanges/{own.id}/stay.ics", "/account/calendar"):
        assert client.get(path).status_code == 302, path
    for path in ("/account/calendar/new", "/account/calendar/revoke"):
        assert client.post(path).status_code == 401, path
    assert client.get("/calendar/nonsense.ics").status_code == 404
    assert client.get("/stays/nonsense/calendar.ics").status_code == 404


def test_a_closed_account_has_nothing_any_more(client: Any, own: Exchange) -> None:
    sign_in(client, own.guest)
    page = client.post("/account/calendar/new", data=values_of(client.get("/account/calendar"))).text
    path = "/calendar/" + page.partition("/calendar/")[2].partition('"')[0]
    own.guest.active = False
    db.session.commit()
    assert client.get(path).status_code == 404
    assert client.get(f"/exchanges/{own.id}/calendar.ics").status_code == 302


def test_a_personal_link_gives_its_own_stay_to_whoever_has_it(client: Any) -> None:
    one = make_stay(("Bia", "bia@elsewhere.example"), theme=make_theme(title="One"))
    other = make_stay(("Cem", "cem@elsewhere.example"), theme=make_theme(title="Another"))
    assert one.id != other.id
    for who in (None, other.guest, make_user(is_administrator=True)):
        if who:
            sign_in(client, who)
        answer = client.get(f"{link_of('bia@elsewhere.example')}/calendar.ics")
        assert [each.title for each in read(answer.data).events] == ["Exchange: One"]


@pytest.mark.parametrize("path", ["calendar.ics", "stay.ics"])
def test_what_is_not_there(client: Any, own: Exchange, path: str) -> None:
    sign_in(client, own.guest)
    assert client.get(f"/exchanges/2147483647/{path}").status_code == 404
    assert client.get(f"/exchanges/99999999999999999999/{path}").status_code == 404
    assert client.post(f"/exchanges/{own.id}/{path}").status_code == 405
