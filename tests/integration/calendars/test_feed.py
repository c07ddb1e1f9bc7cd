"""The private address of somebody's calendar: made, read without signing in, renewed, ended."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from mobility.calendars.models import CalendarAddress
from mobility.core.database import db
from mobility.people.models import User
from mobility.people.roles import Role
from tests.support.calendars import File, read
from tests.support.factories import (
    coordinator_of,
    end_roles,
    make_exchange,
    make_guest,
    make_member,
    make_organisation,
    sign_in,
)
from tests.support.forms import values_of
from tests.support.queries import queries

pytestmark = pytest.mark.usefixtures("db_session")


def make(client: Any, user: User) -> str:
    """The path of a new address of somebody."""
    db.session.commit()
    sign_in(client, user)
    answer = client.post("/account/calendar/new", data=values_of(client.get("/account/calendar")))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    return urlsplit(re.search(r'value="(http[^"]+\.ics)"', answer.text)[1]).path


def feed(client: Any, path: str) -> File:
    answer = client.application.test_client().get(path)
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "text/calendar", "no-store")
    assert "Set-Cookie" not in answer.headers
    return read(answer.data)


def test_stays_and_deadlines_of_its_person_and_of_nobody_else(client: Any) -> None:
    exchange, waiting = make_exchange(signed=True), make_exchange(guest=make_guest(name="Other"))
    file = feed(client, make(client, exchange.guest))
    assert [each.title for each in file.events] == [f"Exchange: {exchange.theme.title}"]
    assert (file.events[0].first_day, file.events[0].location) == (exchange.first_day, f"{exchange.host.name}, Graz")
    file = feed(client, make(client, waiting.guest))
    assert [(each.title, each.first_day) for each in file.events] == [
        (f"Sign the agreement: {waiting.theme.title}", waiting.due_on)
    ]


def test_the_host_and_who_travels_along_have_it_too(client: Any) -> None:
    guest, along = make_guest(name="Gil"), make_member(make_organisation(), Role.GUEST, name="Bia")
    delegates = [(guest.name, guest.email, "cluster_manager"), (along.name, along.email, "cluster_manager")]
    exchange = make_exchange(guest=guest, delegates=delegates, signed=True)
    for person in (coordinator_of(exchange.theme), along):
        assert [each.title for each in feed(client, make(client, person)).events] == [f"Exchange: {exchange.theme.title}"]


def test_the_secret_is_kept_as_its_hash_alone_and_shown_once(client: Any) -> None:
    user = make_guest()
    path = make(client, user)
    token = path.removeprefix("/calendar/").removesuffix(".ics")
    stored = db.session.scalars(db.select(CalendarAddress)).one()
    assert len(token) >= 43
    assert token not in stored.token_hash
    assert token not in client.get("/account/calendar").text


def test_a_new_address_ends_the_old_and_ending_it_ends_it(client: Any) -> None:
    user = make_guest()
    old = make(client, user)
    new = make(client, user)
    anybody = client.application.test_client()
    assert [anybody.get(each).status_code for each in (old, new)] == [404, 200]
    for _ in range(2):
        ended = client.post("/account/calendar/revoke", data=values_of(client.get("/account/calendar")))
        assert ended.status_code == 303
    assert anybody.get(new).status_code == 404


def test_who_has_left_has_an_empty_calendar_and_a_closed_account_none(client: Any) -> None:
    host = make_member(make_organisation(), Role.COORDINATOR)
    exchange = make_exchange(signed=True)
    coordinator = coordinator_of(exchange.theme)
    path = make(client, coordinator)
    assert len(feed(client, path).events) == 1
    end_roles(coordinator)
    db.session.commit()
    assert feed(client, path).events == []
    coordinator.active = False
    db.session.commit()
    assert client.application.test_client().get(path).status_code == 404
    assert client.application.test_client().get(make(client, host)).status_code == 200


def test_a_cancelled_stay_is_gone(client: Any) -> None:
    exchange = make_exchange(signed=True)
    path = make(client, exchange.guest)
    exchange.state = "cancelled"
    db.session.commit()
    assert feed(client, path).events == []


@pytest.mark.parametrize("token", ["x", "..", "%00", "a" * 5000, "ü🎉", "%ED%A0%80"])
def test_what_is_no_address_is_not_there(client: Any, token: str) -> None:
    assert client.get(f"/calendar/{token}.ics").status_code in {400, 404}


def test_guessing_and_asking_all_the_time_are_stopped(client: Any) -> None:
    path = make(client, make_guest())
    anybody = client.application.test_client()
    assert [anybody.get(path).status_code for _ in range(31)] == [200] * 30 + [429]
    assert [anybody.get(f"/calendar/x{n}.ics").status_code for n in range(21)] == [404] * 20 + [429]


def test_its_page_is_for_who_is_signed_in(client: Any) -> None:
    assert client.get("/account/calendar").status_code == 302
    assert client.post("/account/calendar/new").status_code == 401


@pytest.mark.parametrize("count", [1, 3, 30])
def test_it_takes_the_same_queries_however_many_stays(client: Any, count: int) -> None:
    guest = make_guest()
    for _ in range(count):
        make_exchange(guest=guest, signed=True)
    path = make(client, guest)
    anybody = client.application.test_client()
    with queries() as seen:
        anybody.get(path)
    assert seen.count == {"sqlite": 14, "postgresql": 15}[db.engine.dialect.name], seen  # the throttle locks there
