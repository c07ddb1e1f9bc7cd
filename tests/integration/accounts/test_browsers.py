"""Signed-in browsers: listed, ended, idle; and known ones, whose people no stranger locks out."""

from typing import Any

import pytest
from sqlalchemy import select

from mobility.accounts import passwords
from mobility.accounts.models import SignIn
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from tests.support.factories import make_member, make_organisation, make_programme, make_user
from tests.support.html import text_of

PASSWORD = "blue kettle on a hill"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1"
EDGE = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"


@pytest.fixture(scope="module")
def password_hash() -> str:
    return passwords.hash_of(PASSWORD)


@pytest.fixture
def ana(db_session: Any, password_hash: str) -> User:
    return make_member(make_organisation(), Role.HOST, email="ana@example.org", name="Ana Kovač", password_hash=password_hash)


def enter(client: Any, email: str = "ana@example.org", password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/sign-in", data={"email": email, "password": password}, **more)


def is_signed_in(client: Any) -> bool:
    return client.get("/account").status_code == 200


# Listed and ended


def test_browsers_are_listed_in_plain_words(client: Any, app: Any, clock: Any, ana: User) -> None:
    enter(app.test_client(), headers={"User-Agent": SAFARI})
    clock.move(minutes=5)
    enter(app.test_client(), headers={"User-Agent": EDGE})
    clock.move(minutes=5)
    enter(client, headers={"User-Agent": FIREFOX})
    said = text_of(client.get("/account/security"))
    assert "Firefox on Windows This browser Signed in 1 March 2027, 10:10, Brussels time." in said
    assert "Edge on Linux Signed in 1 March 2027, 10:05, Brussels time. Last used about 1 March 2027, 10:05" in said
    assert said.index("Firefox on") < said.index("Edge on") < said.index("Safari on an iPhone")


def test_one_is_ended(client: Any, app: Any, ana: User, db_session: Any) -> None:
    other, third = app.test_client(), app.test_client()
    for each in (other, third, client):
        enter(each)
    first = db_session.scalars(select(SignIn.id).order_by(SignIn.id)).first()
    assert client.post(f"/account/security/browsers/{first}/end").status_code == 303
    assert (is_signed_in(other), is_signed_in(third), is_signed_in(client)) == (False, True, True)
    assert "had been signed out already" in text_of(client.post(f"/account/security/browsers/{first}/end", follow_redirects=True))


def test_all_others_are_ended(client: Any, app: Any, ana: User) -> None:
    others = [app.test_client(), app.test_client()]
    for each in (*others, client):
        enter(each)
    page = client.post("/account/security/browsers/end", follow_redirects=True)
    assert "Signed out in 2 other browsers." in text_of(page)
    assert [is_signed_in(each) for each in (*others, client)] == [False, False, True]


def test_somebody_else_s_browser_is_not_ended(client: Any, app: Any, ana: User, password_hash: str, db_session: Any) -> None:
    make_user(email="ben@example.org", password_hash=password_hash)
    ben = app.test_client()
    enter(ben, "ben@example.org")
    id = db_session.scalars(select(SignIn.id)).one()
    enter(client)
    client.post(f"/account/security/browsers/{id}/end")
    client.post("/account/security/browsers/end")
    assert is_signed_in(ben)


# Idle


def test_twelve_hours_without_use_end_it(client: Any, clock: Any, ana: User) -> None:
    enter(client)
    clock.move(hours=11, minutes=59)
    assert is_signed_in(client)
    clock.move(hours=11, minutes=59)
    assert is_signed_in(client), "it was used in between"
    clock.move(hours=12)
    assert not is_signed_in(client)


@pytest.mark.parametrize("role", [Role.OWNER, Role.FINANCE_OFFICER])
def test_one_hour_where_money_is_decided(client: Any, clock: Any, db_session: Any, password_hash: str, role: Role) -> None:
    programme = make_programme(second_factor="nobody")
    make_member(programme, role, email="rita@example.org", password_hash=password_hash)
    make_member(programme, Role.ASSESSOR, email="nuno@example.org", password_hash=password_hash)
    enter(client, "rita@example.org")
    clock.move(minutes=59)
    assert is_signed_in(client)
    clock.move(minutes=60)
    assert not is_signed_in(client)
    enter(client, "nuno@example.org")
    clock.move(minutes=61)
    assert is_signed_in(client), "an assessor does not pay"


def test_the_use_is_noted_once_in_five_minutes_and_by_one_statement(client: Any, clock: Any, ana: User, queries: Any) -> None:
    enter(client)
    clock.move(minutes=4)
    with queries() as q:
        client.get("/account/password")
    assert q.writes == []
    clock.move(minutes=1)
    with queries() as q:
        client.get("/account/password")
    assert len(q.writes) == 1, q
    with queries() as q:
        client.get("/account/password")
    assert q.count == 1, q


def test_an_idle_browser_is_not_listed(client: Any, app: Any, clock: Any, ana: User) -> None:
    enter(app.test_client(), headers={"User-Agent": SAFARI})
    clock.move(hours=12)
    enter(client, headers={"User-Agent": FIREFOX})
    assert "Safari" not in client.get("/account/security").text


# Passwords


def test_a_changed_password_is_mailed_and_the_old_one_refused(client: Any, ana: User, db_session: Any) -> None:
    enter(client)
    same = client.post("/account/password", data={"current_password": PASSWORD, "password": PASSWORD})
    assert same.status_code == 422
    assert "This is the password you have now. Choose another one." in same.text
    assert db_session.scalars(select(OutboxMessage.kind)).all() == []
    new = {"current_password": PASSWORD, "password": "three unrelated words"}
    assert client.post("/account/password", data=new).status_code == 303
    mail = db_session.scalars(select(OutboxMessage)).one()
    assert (mail.kind, mail.address) == ("password_changed", "ana@example.org")
    assert "changed on 1 March 2027, 10:00" in mail.text


@pytest.mark.parametrize("word", ["Password123!", "Welcome2026!", "BalticTextile7!", "Mobility-2027-Voucher"])
def test_words_that_are_guessed_first_are_refused(client: Any, db_session: Any, password_hash: str, word: str) -> None:
    textile = make_organisation(name="Baltic Textile")
    make_member(textile, Role.HOST, email="liis@example.org", password_hash=password_hash)
    enter(client, "liis@example.org")
    assert client.post("/account/password", data={"current_password": PASSWORD, "password": word}).status_code == 422


# Guessing


def test_strangers_do_not_lock_out_a_known_browser(client: Any, app: Any, ana: User) -> None:
    enter(client)
    client.post("/sign-out")
    stranger = app.test_client()
    assert [enter(stranger, password="wrong words here").status_code for _ in range(6)] == [422] * 5 + [429]
    assert enter(app.test_client()).status_code == 429, "a browser that nobody knows waits"
    assert enter(client).status_code == 303


def test_a_known_browser_has_five_tries_of_its_own(client: Any, ana: User) -> None:
    enter(client)
    client.post("/sign-out")
    assert [enter(client, password="wrong words here").status_code for _ in range(6)] == [422] * 5 + [429]


def test_a_known_browser_is_known_for_its_people_only(client: Any, ana: User, password_hash: str) -> None:
    """Whoever has an account of their own learns no more of somebody else's."""
    make_user(email="ben@example.org", password_hash=password_hash)
    enter(client, "ben@example.org")
    client.post("/sign-out")
    assert [enter(client, password="wrong words here").status_code for _ in range(6)] == [422] * 5 + [429]
    assert enter(client, "ben@example.org").status_code == 303


@pytest.mark.parametrize("value", ["", "x", "é", "WyJ4IiwgW11d.x", "A" * 3000])
def test_a_forged_cookie_makes_nobody_known(client: Any, ana: User, value: str) -> None:
    client.set_cookie("mobility_known", value)
    assert [enter(client, password="wrong words here").status_code for _ in range(6)] == [422] * 5 + [429]
    client.set_cookie("mobility_known", value + "y")
    assert enter(client).status_code == 429


def test_of_one_network_of_ipv6_all_addresses_count_together(client: Any, app: Any, db_session: Any) -> None:
    def guess(number: int, address: str) -> int:
        sent = {"email": f"nobody{number}@example.org", "password": "wrong words here"}
        return client.post("/sign-in", data=sent, environ_base={"REMOTE_ADDR": address}).status_code

    tries = [guess(number, f"2001:db8:1:2:{number:x}::1") for number in range(31)]
    assert tries == [422] * 30 + [429]
    assert guess(99, "2001:db8:1:3::1") == 422, "the next network is another subscriber's"
