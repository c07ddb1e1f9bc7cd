"""Signing in and out: what the cookie is worth, and to whom."""

from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import func, select

from mobility.accounts import passwords, session
from mobility.accounts.models import SignIn
from mobility.people.models import User
from mobility.people.roles import Role
from tests.support.factories import make_member, make_organisation, make_user, sign_in
from tests.support.forms import values_of

PASSWORD = "blue kettle on a hill"


@pytest.fixture(scope="module")
def password_hash() -> str:
    return passwords.hash_of(PASSWORD)


@pytest.fixture
def ana(db_session: Any, password_hash: str) -> User:
    return make_user(email="ana@example.org", name="Ana Kovač", password_hash=password_hash)


def try_to_sign_in(client: Any, email: str = "ana@example.org", password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/sign-in", data={"email": email, "password": password}, **more)


def is_signed_in(client: Any) -> bool:
    return client.get("/account").status_code == 200


def test_the_right_password_opens_the_door(client: Any, ana: User) -> None:
    answer = try_to_sign_in(client)
    assert (answer.status_code, answer.location) == (303, "/")
    assert is_signed_in(client)
    assert "Ana Kovač" in client.get("/account").text


@pytest.mark.parametrize("email", [" ANA@Example.org ", "ana@example.org"])
def test_capitals_and_spaces_in_the_address_do_not_matter(client: Any, ana: User, email: str) -> None:
    assert try_to_sign_in(client, email).status_code == 303


def test_unknown_wrong_closed_and_invited_are_answered_alike(client: Any, ana: User, password_hash: str) -> None:
    make_user(email="closed@example.org", password_hash=password_hash, active=False)
    make_user(email="invited@example.org")
    answers = [
        try_to_sign_in(client, "nobody@example.org"),
        try_to_sign_in(client, password="not the right words"),
        try_to_sign_in(client, "closed@example.org"),
        try_to_sign_in(client, "invited@example.org"),
        try_to_sign_in(client, password="x" * 200),
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert all(passwords.WRONG in answer.text for answer in answers)


def test_an_unknown_address_costs_one_verification_too(client: Any, ana: User) -> None:
    with patch.object(passwords, "_hasher", wraps=passwords._hasher) as hasher:
        try_to_sign_in(client, "nobody@example.org")
        assert hasher.verify.call_count == 1


def test_after_five_failures_even_the_right_password_waits(client: Any, clock: Any, ana: User) -> None:
    for _ in range(5):
        assert try_to_sign_in(client, password="wrong words here").status_code == 422
    clock.move(minutes=5)
    answer = try_to_sign_in(client)
    assert answer.status_code == 429
    assert "wait 10 minutes" in answer.text
    assert try_to_sign_in(client, "other@example.org").status_code == 422, "another address is not held up"
    clock.move(minutes=10, seconds=1)
    assert try_to_sign_in(client).status_code == 303


def test_an_unknown_address_is_slowed_down_alike(client: Any, db_session: Any) -> None:
    statuses = [try_to_sign_in(client, "nobody@example.org").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_a_success_forgets_the_failures_before_it(client: Any, ana: User) -> None:
    for _ in range(3):
        for _ in range(4):
            try_to_sign_in(client, password="wrong words here")
        assert try_to_sign_in(client).status_code == 303


def test_one_ip_has_thirty_failures(client: Any, db_session: Any) -> None:
    with patch.object(passwords, "is_right", return_value=False):
        statuses = [try_to_sign_in(client, f"nobody{number}@example.org").status_code for number in range(31)]
    assert statuses == [422] * 30 + [429]


def test_signing_out_makes_a_copied_cookie_worthless(client: Any, app: Any, ana: User) -> None:
    try_to_sign_in(client)
    thief = app.test_client()
    cookie = client.get_cookie("mobility")
    thief.set_cookie("mobility", cookie.value)
    assert is_signed_in(thief)
    assert client.post("/sign-out").status_code == 303
    assert not is_signed_in(thief)
    assert not is_signed_in(client)


def test_what_was_planted_in_the_session_is_gone(client: Any, app: Any, ana: User) -> None:
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody"
        cookie[session.TOKEN] = "known to somebody"
        cookie["csrf_token"] = "of an open form"
    try_to_sign_in(client)
    with client.session_transaction() as cookie:
        assert set(cookie) == {"_permanent", session.TOKEN}, "the token of forms is new, too"
        assert cookie[session.TOKEN] != "known to somebody"


def test_only_a_hash_of_the_token_is_kept(client: Any, ana: User, db_session: Any) -> None:
    try_to_sign_in(client)
    with client.session_transaction() as cookie:
        token = cookie[session.TOKEN]
    kept = db_session.scalar(select(SignIn.token_hash))
    assert token not in kept
    assert kept == session._hashed(token)


def test_signing_in_again_ends_the_sign_in_before(client: Any, ana: User, db_session: Any) -> None:
    try_to_sign_in(client)
    try_to_sign_in(client)
    assert db_session.scalar(select(func.count(SignIn.id))) == 1


def test_a_sign_in_expires_also_if_it_is_used_all_the_time(client: Any, clock: Any, ana: User) -> None:
    try_to_sign_in(client)
    for _ in range(17):  # 170 hours: two more are seven days
        clock.move(hours=10)
        client.get("/account")
    clock.move(hours=-2, seconds=-1)
    assert is_signed_in(client)
    clock.move(seconds=2)
    assert not is_signed_in(client)


def test_a_closed_account_is_out_at_once(client: Any, ana: User, db_session: Any) -> None:
    try_to_sign_in(client)
    ana.active = False
    assert not is_signed_in(client)


def test_loading_the_person_costs_one_query(client: Any, db_session: Any, queries: Any) -> None:
    ana = make_member(make_organisation(), Role.HOST, Role.GUEST)
    sign_in(client, ana)
    with queries() as q:
        client.post("/sign-out")
    reads = [line for line in q.statements if line.startswith("SELECT") and "audit_entry" not in line and "advisory" not in line]
    assert len(reads) == 1, q  # who leaves is named in the audit log
    sign_in(client, ana)
    with queries() as q:
        assert client.get("/account/password").status_code == 200
    assert q.count == 1, q


@pytest.mark.parametrize("address", ["/account", "/account?x=1"])
def test_reading_leads_to_signing_in_and_back(client: Any, ana: User, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in?next=")
    answer = client.post(answer.location, data={"email": "ana@example.org", "password": PASSWORD})
    assert answer.location == address


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\/evil.example", "javascript:alert(1)", "evil",
     "/%0d%0aLocation:x\r\n", " //evil.example", "/\t/evil.example", "http:///evil.example", "/" + "a" * 3000],
)  # fmt: skip
def test_nobody_is_led_elsewhere(client: Any, ana: User, elsewhere: str) -> None:
    answer = client.post("/sign-in", query_string={"next": elsewhere}, data={"email": "ana@example.org", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/")


def test_what_was_typed_while_signed_out_is_kept_and_can_be_sent_again(client: Any, ana: User) -> None:
    typed = {
        "name": "Ana <b>Kovač</b> \u202e",
        "level": ["cluster_manager", "policy_maker"],
        "version": "7",
        "csrf_token": "secret",
        "current_password": "my secret words",
    }
    answer = client.post("/account?from=here", data=typed)
    page = answer.text
    assert answer.status_code == 401
    assert "You were signed out" in page
    assert "What you typed" in page
    assert "Ana &lt;b&gt;Kovač&lt;/b&gt;" in page
    assert '<form method="post" action="/account?from=here"' in page
    assert page.count('name="level" value="') == 2
    assert 'name="version" value="7"' in page
    assert "my secret words" not in page
    assert 'value="secret"' not in page


def test_a_form_that_was_open_before_can_be_sent_after_signing_in_again(client: Any, app: Any, ana: User) -> None:
    """Its token is of the session before, so a page with what was typed asks once more, with the new one."""
    page = client.post("/account", data={"name": "Ana K.", "locale": "en_GB", "csrf_token": "of a session long gone"})
    assert page.status_code == 401
    token = page.text.split('name="csrf_token" value="')[-1].split('"')[0]
    own = client.get("/sign-in").text.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    client.post("/sign-in", data={"email": "ana@example.org", "password": PASSWORD, "csrf_token": own})
    kept = {"name": "Ana K.", "locale": "en_GB", "csrf_token": token, "current_password": "my secret words"}
    again = client.post("/account", data=kept, headers={"Sec-Fetch-Site": "same-origin"})
    assert again.status_code == 400
    assert "You have signed in since you opened this form" in again.text
    assert "my secret words" not in again.text
    seen = client.get("/account").text.split('name="seen" type="hidden" value="')[1].split('"')[0]
    fields = values_of(again) | {"seen": seen}
    assert client.post("/account", data=fields).status_code == 303
    assert "Ana K." in client.get("/account").text


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_a_form_with_a_wrong_token_is_shown_again_only_if_it_surely_came_from_here(
    client: Any, ana: User, headers: dict[str, str]
) -> None:
    try_to_sign_in(client)
    answer = client.post("/account", data={"name": "Evil", "csrf_token": "x"}, headers=headers)
    assert answer.status_code == 400
    assert "Send it as" not in answer.text


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_what_another_site_sends_is_not_shown_as_typed(client: Any, ana: User, headers: dict[str, str]) -> None:
    answer = client.post("/account", data={"name": "Evil", "csrf_token": ""}, headers=headers)
    assert answer.status_code == 401
    assert "Send again" not in answer.text


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/sign-in/demo", "/password/forgotten"])
def test_public_forms_need_their_token(client: Any, db_session: Any, path: str) -> None:
    assert client.post(path, data={"email": "ana@example.org", "csrf_token": ""}).status_code == 400


def test_the_password_is_hashed_anew_when_the_parameters_change(client: Any, ana: User, db_session: Any) -> None:
    before = ana.password_hash
    with patch.object(passwords._hasher.__class__, "check_needs_rehash", return_value=True):
        try_to_sign_in(client)
    db_session.expire_all()
    assert ana.password_hash != before
    assert passwords.is_right(ana, PASSWORD)


# The demo


def test_in_demo_mode_one_click_is_enough(app: Any, client: Any, db_session: Any) -> None:
    app.config["DEMO"] = True
    host = make_organisation(name="Atlantic Food")
    joao = make_member(host, Role.HOST, name="João Ferreira", demo_note="Has three applications to answer.")
    make_user(name="Petra Novák", demo_note="Runs it all.", is_administrator=True)
    make_member(host, Role.GUEST, name="Not Listed")
    page = client.get("/sign-in").text
    assert all(words in page for words in ("João Ferreira", "Atlantic Food", "Has three applications", "Petra Novák"))
    assert page.index("Hosts") < page.index("Administration")
    assert "Not Listed" not in page
    answer = client.post("/sign-in/demo", data={"person": joao.id, "next": "/account"})
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "João Ferreira" in client.get("/account").text
    assert "This is you now" in client.get("/sign-in").text


@pytest.mark.parametrize("person", ["", "0", "x", "99999999999999999999", "-1", "1\x00"])
def test_nobody_else_can_be_somebody(app: Any, client: Any, db_session: Any, person: str) -> None:
    app.config["DEMO"] = True
    make_user()
    assert client.post("/sign-in/demo", data={"person": person}).status_code == 404


def test_outside_demo_mode_there_is_no_such_thing(client: Any, db_session: Any) -> None:
    ana = make_user(name="Ana Demo", demo_note="Travels.")
    assert "Ana Demo" not in client.get("/sign-in").text
    assert client.post("/sign-in/demo", data={"person": ana.id}).status_code == 404
