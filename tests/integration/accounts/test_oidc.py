"""Signing in at an identity provider, against one of the tests' own."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jwt
from sqlalchemy import func, select

from mobility.accounts import oidc
from mobility.accounts.models import Identity, SignIn
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from tests.support.factories import make_user, sign_in
from tests.support.factors import set_up_app
from tests.support.html import text_of
from tests.support.provider import Provider, running_provider


@pytest.fixture(scope="module")
def one_provider() -> Iterator[Provider]:
    with running_provider() as found:
        yield found


@pytest.fixture
def provider(app: Any, one_provider: Provider) -> Provider:
    """It knows ana@example.org, and tells the truth."""
    provider = one_provider
    provider.claims = {"sub": "ana-1", "email": "Ana@example.org", "email_verified": True}
    provider.lies, provider.broken, provider.error, provider.calls_itself = {}, set(), "", ""
    provider.signs_with = provider.key
    provider.asked.clear()
    use(app, provider.settings())
    return provider


def use(app: Any, settings: list[dict[str, Any]]) -> None:
    app.config["OIDC_PROVIDERS"] = settings
    oidc.init_app(app)


@pytest.fixture
def ana(db_session: Any) -> User:
    return make_user(email="ana@example.org", name="Ana Kovač", password_hash="x")


def back(client: Any, next: str = "") -> str:
    """Go to the provider, and the path with which it sends the browser back."""
    answer = client.get("/sign-in/with/test", query_string={"next": next} if next else {})
    assert answer.status_code == 302, text_of(answer)
    sent_back = requests.get(answer.location, allow_redirects=False, timeout=5).headers["Location"]
    assert sent_back.startswith("http://localhost/sign-in/with/test/back?")
    return sent_back.removeprefix("http://localhost")


def is_signed_in(client: Any) -> bool:
    return bool(client.get("/account").status_code == 200)


def test_without_a_setting_there_is_no_such_thing(client: Any, db_session: Any) -> None:
    assert "Sign in with" not in client.get("/sign-in").text.replace("Sign in with a passkey", "")
    assert client.get("/sign-in/with/test").status_code == 404
    assert client.get("/sign-in/with/test/back?code=1&state=2").status_code == 404


def test_whoever_it_vouches_for_is_in(client: Any, provider: Provider, ana: User, db_session: Any) -> None:
    assert "Sign in with Test Login" in client.get("/sign-in").text
    answer = client.get(back(client, "/bank-accounts"))
    assert (answer.status_code, answer.location) == (303, "/bank-accounts")
    assert "Ana Kovač" in client.get("/account").text
    identity = db_session.scalars(select(Identity)).one()
    assert (identity.issuer, identity.subject, identity.user_id) == (provider.url, "ana-1", ana.id)
    mail = db_session.scalars(select(OutboxMessage)).one()
    assert (mail.kind, mail.address) == ("identity_linked", "ana@example.org")


def test_it_is_asked_with_state_nonce_and_pkce(client: Any, provider: Provider, ana: User) -> None:
    back(client)
    asked = provider.asked[0]
    assert asked["scope"] == "openid email"
    assert asked["code_challenge_method"] == "S256"
    assert all(len(asked[name]) >= 20 for name in ("state", "nonce", "code_challenge"))
    back(client)
    assert all(asked[name] != provider.asked[1][name] for name in ("state", "nonce", "code_challenge"))


def test_the_second_time_it_goes_by_the_provider_s_own_name(
    client: Any, app: Any, provider: Provider, ana: User, db_session: Any
) -> None:
    """Addresses change, and change hands."""
    client.get(back(client))
    provider.claims |= {"email": "ana.married@example.org", "email_verified": False}
    other = app.test_client()
    assert other.get(back(other)).status_code == 303
    provider.claims = {"sub": "somebody-else", "email": "ana@example.org", "email_verified": True}
    stranger = app.test_client()
    answer = stranger.get(back(stranger))
    assert answer.status_code == 422
    assert "linked to somebody else at Test Login" in text_of(answer)
    assert not is_signed_in(stranger)
    assert db_session.scalar(select(func.count(Identity.id))) == 1


def test_no_account_is_made(client: Any, provider: Provider, ana: User, db_session: Any) -> None:
    provider.claims["email"] = "ben@example.org"
    answer = client.get(back(client))
    assert answer.status_code == 422
    assert "There is no account for b…@example.org here." in text_of(answer)
    assert db_session.scalar(select(func.count(User.id))) == 1


def test_an_address_of_other_letters_is_another(client: Any, provider: Provider, ana: User, db_session: Any) -> None:
    """The sign for kelvin becomes a "k" in small letters."""
    make_user(email="kim@example.org")
    provider.claims["email"] = "\N{KELVIN SIGN}im@example.org"
    assert client.get(back(client)).status_code == 422
    assert not is_signed_in(client)
    assert db_session.scalar(select(func.count(Identity.id))) == 0


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_it_does_not_vouch_for_is_none(
    client: Any, app: Any, provider: Provider, ana: User, verified: Any
) -> None:
    provider.claims["email_verified"] = verified
    answer = client.get(back(client))
    assert answer.status_code == 422
    assert "did not say that your e-mail address is yours" in text_of(answer)
    use(app, provider.settings(addresses_are_verified=True))
    assert client.get(back(client)).status_code == 303, "the setting says that all its addresses are"


def test_a_closed_account_stays_closed(client: Any, provider: Provider, ana: User, db_session: Any) -> None:
    ana.active = False
    answer = client.get(back(client))
    assert answer.status_code == 422
    assert "This account is closed" in text_of(answer)
    assert db_session.scalar(select(func.count(SignIn.id))) == 0


def test_the_second_factor_is_still_asked_for(client: Any, provider: Provider, ana: User, clock: Any) -> None:
    sign_in(client, ana)
    telephone = set_up_app(client)
    client.post("/sign-out")
    clock.move(minutes=1)
    answer = client.get(back(client, "/bank-accounts"))
    assert answer.location == "/sign-in/second?next=/bank-accounts"
    assert not is_signed_in(client)
    assert client.post(answer.location, data={"code": telephone.shows()}).location == "/bank-accounts"


# What could be forged


@pytest.mark.parametrize(
    "lies",
    [{"nonce": "another"}, {"nonce": ""}, {"iss": "https://evil.example"}, {"aud": "another"}, {"exp": 1_000_000}, {"sub": None}],
    ids=lambda lies: next(iter(lies)),
)
def test_a_token_that_is_not_for_us_and_now_opens_nothing(
    client: Any, provider: Provider, ana: User, lies: dict[str, Any], db_session: Any
) -> None:
    provider.lies = lies
    if lies == {"sub": None}:
        del provider.claims["sub"]
        provider.lies = {}
    answer = client.get(back(client))
    assert answer.status_code == 502
    assert "Test Login could not tell us who you are." in text_of(answer)
    assert db_session.scalar(select(func.count(SignIn.id))) == 0


def test_a_token_of_another_key_opens_nothing(client: Any, provider: Provider, ana: User) -> None:
    provider.signs_with = provider.other_key
    assert client.get(back(client)).status_code == 502


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_a_signature_of_its_own_opens_nothing(
    client: Any, provider: Provider, ana: User, algorithm: str, monkeypatch: Any
) -> None:
    """Although the provider says that it may sign so."""
    from base64 import urlsafe_b64encode
    from json import dumps

    def encode(_header: Any, said: Any, _key: Any) -> str:
        parts = [dumps({"alg": algorithm, "kid": "1"}), dumps(said)]
        return ".".join(urlsafe_b64encode(each.encode()).decode().rstrip("=") for each in parts) + "."

    sent = back(client)
    monkeypatch.setattr("tests.support.provider.jwt", type("Unsigned", (), {"encode": staticmethod(encode)}))
    assert client.get(sent).status_code == 502
    assert jwt


def test_a_provider_that_calls_itself_otherwise_is_none(client: Any, app: Any, provider: Provider, ana: User) -> None:
    provider.calls_itself = "https://evil.example"
    answer = client.get("/sign-in/with/test")
    assert answer.status_code == 502


def test_an_answer_belongs_to_the_browser_that_asked(client: Any, app: Any, provider: Provider, ana: User) -> None:
    """Whoever sends somebody a link with their own code signs nobody in."""
    sent = back(client)
    victim = app.test_client()
    answer = victim.get(sent)
    assert answer.status_code == 422
    assert "begun in another browser, or took too long" in text_of(answer)
    back(victim)
    assert victim.get(sent).status_code == 502, "another state"
    assert not is_signed_in(victim)


def test_an_answer_is_good_once(client: Any, app: Any, provider: Provider, ana: User) -> None:
    sent = back(client)
    tab = client.other_tab()
    assert client.get(sent).status_code == 303
    assert tab.get(sent).status_code == 502, "its code is used up"


def test_the_session_before_is_gone(client: Any, provider: Provider, ana: User) -> None:
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody"
    client.get(back(client))
    with client.session_transaction() as cookie:
        assert set(cookie) == {"_permanent", "sign_in"}


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_led_elsewhere(client: Any, provider: Provider, ana: User, elsewhere: str) -> None:
    assert client.get(back(client, elsewhere)).location == "/"


# What can go wrong


def test_whoever_changes_their_mind_is_told_how_to_go_on(client: Any, provider: Provider, ana: User) -> None:
    provider.error = "access_denied"
    answer = client.get(back(client))
    assert answer.status_code == 422
    assert "You did not sign in at Test Login. Try again, or sign in another way." in text_of(answer)


@pytest.mark.parametrize("error", ["server_error", "temporarily_unavailable", "<script>alert(1)</script>"])
def test_its_own_trouble_is_said_in_plain_words(client: Any, provider: Provider, ana: User, error: str) -> None:
    provider.error = error
    answer = client.get(back(client))
    assert answer.status_code == 502
    assert "<script>alert(1)" not in answer.text


@pytest.mark.parametrize("path", ["/token", "/keys"])
def test_what_does_not_answer_is_said_in_plain_words(client: Any, app: Any, provider: Provider, ana: User, path: str) -> None:
    sent = back(client)
    provider.broken = {path}
    answer = client.get(sent)
    assert answer.status_code == 502
    assert "Please try again later, or sign in another way." in text_of(answer)


def test_nor_does_one_that_is_not_there(client: Any, app: Any, provider: Provider, ana: User) -> None:
    use(app, provider.settings(issuer="http://127.0.0.1:9"))
    answer = client.get("/sign-in/with/test")
    assert answer.status_code == 502
    assert "E-mail address" in text_of(answer), "the other way is on the same page"


@pytest.mark.parametrize(
    "query", ["", "code=1", "state=1", "code=%00", "error=%F0%9F", "state=" + "x" * 3000, "code=1&state=2&iss=3"]
)
def test_whatever_comes_back_is_answered(client: Any, provider: Provider, ana: User, query: str) -> None:
    assert client.get(f"/sign-in/with/test/back?{query}").status_code in {400, 422, 502}
    back(client)
    assert client.get(f"/sign-in/with/test/back?{query}").status_code in {400, 422, 502}


def test_many_tries_do_not_outgrow_the_cookie(client: Any, provider: Provider, ana: User) -> None:
    for _ in range(12):
        sent = back(client)
    assert len(client.get_cookie("mobility").value) < 2000
    assert client.get(sent).status_code == 303


def test_the_link_is_seen_and_removed(client: Any, provider: Provider, ana: User, db_session: Any) -> None:
    client.get(back(client))
    assert "Test Login Linked 1 March 2027, 10:00, Brussels time." in text_of(client.get("/account/security"))
    id = db_session.scalar(select(Identity.id))
    client.post(f"/account/security/identities/{id}/remove")
    assert db_session.scalar(select(func.count(Identity.id))) == 0


def test_where_the_browser_was_sent(client: Any, provider: Provider, ana: User) -> None:
    answer = client.get("/sign-in/with/test")
    asked = parse_qs(urlsplit(answer.location).query)
    assert asked["redirect_uri"] == ["http://localhost/sign-in/with/test/back"]
    assert asked["client_id"] == ["mobility"]
