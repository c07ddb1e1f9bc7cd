"""Single-use links: invitations and new passwords; and the links that every mail carries."""

import re
import threading
from typing import Any

import pytest
from sqlalchemy import func, select

from mobility.accounts import operations, passwords
from mobility.accounts.models import MailedLink, Purpose, SignIn
from mobility.core.database import db, transaction
from mobility.core.errors import Refusal
from mobility.core.links import link_for, signer
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from tests.support.factories import make_member, make_organisation, make_user, sign_in

WORDS = "three unrelated words"


def path_in_mail(db_session: Any) -> str:
    """The link of the newest mail."""
    db_session.commit()
    text = db_session.scalars(select(OutboxMessage.text).order_by(OutboxMessage.id.desc())).first()
    return re.search(r"http://localhost(/\S+)", text)[1]


@pytest.fixture
def ana(db_session: Any) -> User:
    return make_user(email="ana@example.org", name="Ana Kovač", password_hash="x")


@pytest.fixture
def reset(client: Any, ana: User, db_session: Any) -> str:
    """The path of a link for a new password."""
    assert client.post("/password/forgotten", data={"email": " Ana@example.org"}).status_code == 200
    return path_in_mail(db_session)


@pytest.fixture
def invited(db_session: Any) -> str:
    """The path of an invitation."""
    user = make_user(email="new@example.org", name="New Person")
    operations.send_link(user)
    return path_in_mail(db_session)


def test_a_new_password(client: Any, ana: User, reset: str, db_session: Any) -> None:
    answer = client.post(reset, data={"password": WORDS})
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/account").status_code == 200
    db_session.expire_all()
    assert passwords.is_right(ana, WORDS)


def test_known_and_unknown_addresses_are_answered_alike(client: Any, ana: User, db_session: Any) -> None:
    make_user(email="closed@example.org", active=False)
    pages = [
        client.post("/password/forgotten", data={"email": f"{who}@example.org"}).text.replace(who, "somebody")
        for who in ("ana", "bob", "closed")
    ]
    plain = {re.sub(r'(nonce|value)="[^"]*"', "", page) for page in pages}
    assert len(plain) == 1
    assert db_session.scalar(select(func.count(OutboxMessage.id))) == 1


def test_asking_is_slowed_down_alike(client: Any, ana: User) -> None:
    for who in ("ana", "bob"):
        statuses = [client.post("/password/forgotten", data={"email": f"{who}@example.org"}).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]


def test_reading_a_link_does_not_use_it_up(client: Any, reset: str) -> None:
    """Mail scanners read every link."""
    for _ in range(3):
        assert client.get(reset).status_code == 200
        assert client.head(reset).status_code == 200
    assert client.post(reset, data={"password": WORDS}).status_code == 303


def test_a_link_works_once(client: Any, reset: str) -> None:
    client.post(reset, data={"password": WORDS})
    for answer in (client.get(reset), client.post(reset, data={"password": "another good sentence"})):
        assert answer.status_code == 410
        assert "This link has been used" in answer.text
        assert "Send me a new link" in answer.text


def test_a_link_expires(client: Any, clock: Any, reset: str) -> None:
    clock.move(minutes=119)
    assert client.get(reset).status_code == 200
    clock.move(minutes=1)
    for answer in (client.get(reset), client.post(reset, data={"password": WORDS})):
        assert answer.status_code == 410
        assert "This link has expired" in answer.text


def test_an_invitation_lasts_fourteen_days(client: Any, clock: Any, invited: str) -> None:
    clock.move(days=13, hours=23)
    assert client.get(invited).status_code == 200
    clock.move(hours=1)
    assert client.get(invited).status_code == 410


def test_an_invitation_is_taken_up(client: Any, invited: str, db_session: Any) -> None:
    page = client.get(invited).text
    assert "Welcome, New Person" in page
    answer = client.post(invited, data={"name": "Noa Person", "level": "policy_maker", "password": WORDS})
    assert answer.status_code == 303
    noa = db_session.scalar(select(User).where(User.email == "new@example.org"))
    assert (noa.name, noa.level) == ("Noa Person", "policy_maker")
    assert "Noa Person" in client.get("/account").text


def test_whoever_lost_an_invitation_asks_for_a_password_and_is_invited_again(client: Any, db_session: Any) -> None:
    make_user(email="new@example.org")
    client.post("/password/forgotten", data={"email": "new@example.org"})
    assert path_in_mail(db_session).startswith("/invitations/")


def test_a_bad_password_does_not_use_the_link_up(client: Any, reset: str) -> None:
    for bad in ("short", "passwordpassword", "ana.kovač-and-more", "x" * 201, ""):
        assert client.post(reset, data={"password": bad}).status_code == 422
    assert client.post(reset, data={"password": WORDS}).status_code == 303


def test_every_other_browser_and_link_ends(client: Any, app: Any, ana: User, reset: str, db_session: Any) -> None:
    other = app.test_client()
    sign_in(other, ana)
    operations.send_link(ana)
    second = path_in_mail(db_session)
    client.post(reset, data={"password": WORDS})
    assert other.get("/account").status_code == 302
    assert client.get(second).status_code == 410
    assert db_session.scalar(select(func.count(SignIn.id))) == 1


def test_a_link_for_one_thing_is_none_for_another(client: Any, reset: str, invited: str) -> None:
    assert client.get(reset.replace("/password/new/", "/invitations/")).status_code == 404
    assert client.get(invited.replace("/invitations/", "/password/new/")).status_code == 404


@pytest.mark.parametrize("token", ["x", "é", "a.b", "%00", "%ff%fe", "A" * 3000, "IngiCg.x"])
def test_forged_links(client: Any, db_session: Any, token: str) -> None:
    for path in ("/password/new/", "/invitations/", "/go/"):
        assert client.get(path + token).status_code in {400, 404}
        assert client.post(path + token, data={"password": WORDS}).status_code in {302, 303, 400, 404}


def test_only_a_hash_of_the_token_is_kept(reset: str, db_session: Any) -> None:
    kept = db_session.scalar(select(MailedLink.token_hash))
    assert kept not in reset
    assert len(kept) == 64


def test_an_earlier_secret_key_still_verifies(app: Any, client: Any, reset: str) -> None:
    app.config["SECRET_KEY_FALLBACKS"] = [app.config["SECRET_KEY"]]
    app.config["SECRET_KEY"] = "a newer key than before"
    assert client.get(reset).status_code == 200
    app.config["SECRET_KEY_FALLBACKS"] = []
    assert client.get(reset).status_code == 404


def test_two_who_use_a_link_at_once_are_one_and_one_refused(app: Any, reset: str) -> None:
    token = reset.rsplit("/", 1)[1]
    start, results = threading.Barrier(4), []

    def use(number: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    operations.set_password(token, Purpose.PASSWORD, password_hash=f"hash {number}")
                results.append("set")
            except Refusal:
                results.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["refused"] * 3 + ["set"]


# The links that every mail carries


@pytest.fixture
def mailed(db_session: Any, ana: User) -> str:
    return link_for(ana, "/account").removeprefix("http://localhost")


def test_the_addressee_gets_to_the_page(client: Any, ana: User, mailed: str) -> None:
    sign_in(client, ana)
    assert client.get(mailed).location == "/account"


def test_nobody_signed_in_comes_there_after_signing_in(client: Any, db_session: Any) -> None:
    ben = make_user(email="ben@example.org", password_hash=passwords.hash_of(WORDS))
    answer = client.get(link_for(ben, "/account").removeprefix("http://localhost"))
    page = client.get(answer.location)
    assert 'value="ben@example.org"' in page.text
    assert "ben@example.org" not in answer.location, "addresses do not go into logs"
    answer = client.post(answer.location, data={"email": "ben@example.org", "password": WORDS})
    assert answer.location == "/account"


def test_another_account_learns_for_whom_it_is_and_can_switch(client: Any, mailed: str, db_session: Any) -> None:
    host = make_member(make_organisation(), Role.HOST, name="Marta Silva", email="marta@example.org")
    sign_in(client, host)
    answer = client.get(mailed)
    assert answer.status_code == 200
    assert "This link is for Ana Kovač" in answer.text
    assert "a…@example.org" in answer.text
    assert "ana@example.org" not in answer.text
    assert "Marta Silva (marta@example.org)" in answer.text
    answer = client.post(mailed)
    assert answer.status_code == 303
    assert 'value="ana@example.org"' in client.get(answer.location).text


@pytest.mark.parametrize("payload", [None, [], [1], "x", {"a": 1}, [1, "https://evil.example"], [1, None], ["x", "/account"]])
def test_a_signed_link_of_another_shape_leads_nowhere(client: Any, ana: User, payload: Any) -> None:
    token = signer("link").dumps(payload)
    assert client.get(f"/go/{token}").status_code == 404
    assert client.get("/sign-in", query_string={"link": token}).status_code == 200
