"""Passkeys: alone, and as second factor."""

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from mobility.factors.models import Passkey
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from tests.support.authenticator import SecurityKey, add_passkey
from tests.support.factories import make_user, sign_in
from tests.support.factors import enter, is_signed_in
from tests.support.html import text_of


@pytest.fixture
def key(client: Any, ana: User, clock: Any) -> SecurityKey:
    """Ana's; she is signed out again."""
    key = SecurityKey()
    sign_in(client, ana)
    assert add_passkey(client, key).status_code == 200
    client.post("/sign-out")
    clock.move(minutes=1)
    return key


def question(client: Any) -> dict[str, str]:
    return client.get("/sign-in/passkey").json


def alone(client: Any, key: SecurityKey, **more: Any) -> Any:
    return client.post("/sign-in/passkey", data=key.use(question(client)), **more)


def test_what_a_browser_is_asked(client: Any, ana: User, key: SecurityKey) -> None:
    asked = json.loads(question(client)["options"])
    assert (asked["rpId"], asked["userVerification"], asked["allowCredentials"]) == ("localhost", "required", [])
    enter(client, ana)
    asked = json.loads(question(client)["options"])
    assert (asked["userVerification"], len(asked["allowCredentials"])) == ("preferred", 1)
    client.post("/sign-in/second", data=key.use(question(client)))
    again = json.loads(client.get("/account/security/passkeys/options").json["options"])
    assert again["user"]["name"] == "ana@example.org"
    assert len(again["excludeCredentials"]) == 1, "the same device is not asked for twice"
    assert again["attestation"] == "none"


def test_a_passkey_is_added_with_recovery_codes_and_a_mail(client: Any, ana: User, db_session: Any) -> None:
    sign_in(client, ana)
    answer = add_passkey(client, SecurityKey(), "My laptop")
    assert answer.text.count("<li><code>") == 10
    assert add_passkey(client, SecurityKey(), "Blue key").status_code == 303, "there are codes already"
    said = text_of(client.get("/account/security"))
    assert "My laptop Passkey, added 1 March 2027, 10:00, Brussels time. Not used yet." in said
    assert db_session.scalars(select(OutboxMessage.kind)).all() == ["factor_added"] * 2


def test_a_passkey_alone_opens_the_door(client: Any, ana: User, key: SecurityKey) -> None:
    answer = alone(client, key, query_string={"next": "/bank-accounts"})
    assert (answer.status_code, answer.location) == (303, "/bank-accounts")
    assert "Last used 1 March 2027, 10:01" in text_of(client.get("/account/security"))


def test_alone_it_must_have_asked_for_a_pin_a_finger_or_a_face(client: Any, ana: User, key: SecurityKey) -> None:
    key.verifies = False
    answer = alone(client, key)
    assert answer.status_code == 422
    assert not is_signed_in(client)
    enter(client, ana)
    assert client.post("/sign-in/second", data=key.use(question(client))).status_code == 303, "beside the password it need not"


def test_an_answer_is_good_once(client: Any, app: Any, ana: User, key: SecurityKey) -> None:
    """Also of a key that does not count, as most do not."""
    key.counts = False
    sent = key.use(question(client))
    assert client.post("/sign-in/passkey", data=sent).status_code == 303
    assert app.test_client().post("/sign-in/passkey", data=sent).status_code == 422


def test_a_copied_key_is_noticed_by_its_count(client: Any, app: Any, ana: User, key: SecurityKey, clock: Any) -> None:
    assert alone(client, key).status_code == 303
    key.count = 0
    clock.move(minutes=1)
    assert alone(app.test_client(), key).status_code == 422


def test_a_question_lasts_ten_minutes(client: Any, key: SecurityKey, clock: Any) -> None:
    asked = question(client)
    clock.move(minutes=10)
    assert client.post("/sign-in/passkey", data=key.use(asked)).status_code == 422
    assert client.post("/sign-in/passkey", data=key.use(question(client))).status_code == 303


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://localhost.evil.example", "https://localhost", "http://localhost:81"]
)
def test_another_site_s_answer_opens_nothing(client: Any, ana: User, key: SecurityKey, origin: str) -> None:
    key.origin = origin
    assert alone(client, key).status_code == 422
    sign_in(client, ana)
    assert add_passkey(client, SecurityKey(origin=origin)).status_code == 422


def test_an_answer_to_one_question_is_none_to_another(client: Any, app: Any, ana: User, key: SecurityKey) -> None:
    """Of the second step, of somebody else's second step, of adding."""
    ben, his = make_user(email="ben@example.org", password_hash=ana.password_hash), app.test_client()
    sign_in(his, ben)
    ben_s = SecurityKey()
    add_passkey(his, ben_s)
    his.post("/sign-out")
    enter(his, ben)
    for_ben = question(his)
    assert client.post("/sign-in/passkey", data=key.use(for_ben)).status_code == 422
    assert his.post("/sign-in/second", data=key.use(for_ben)).status_code == 422
    assert his.post("/sign-in/second", data=ben_s.use(question(client))).status_code == 422
    sign_in(client, ana)
    adding = client.get("/account/security/passkeys/options").json
    assert app.test_client().post("/sign-in/passkey", data=key.use(adding)).status_code == 422
    assert his.post("/sign-in/second", data=ben_s.use(for_ben)).status_code == 303


def test_a_removed_passkey_opens_nothing(client: Any, app: Any, ana: User, key: SecurityKey, db_session: Any) -> None:
    alone(client, key)
    id = db_session.scalar(select(Passkey.id))
    client.post(f"/account/security/passkey/{id}/remove")
    answer = alone(app.test_client(), key)
    assert answer.status_code == 422
    assert "This passkey is not known here" in answer.text


def test_a_closed_account_stays_closed(client: Any, ana: User, key: SecurityKey) -> None:
    ana.active = False
    assert alone(client, key).status_code == 422


def test_the_same_key_is_not_added_twice(client: Any, ana: User, key: SecurityKey, db_session: Any) -> None:
    sign_in(client, ana)
    assert "known already" in add_passkey(client, key).text
    assert db_session.scalar(select(func.count(Passkey.id))) == 1


@pytest.mark.parametrize(
    "answer",
    ["", "{}", "[]", "null", "1", '"x"', "{", "x" * 30_000, '{"id": 1}', '{"id": "é"}',
     '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
     '{"id": "AA", "rawId": "AA", "type": "x", "response": {"clientDataJSON": "AA", "authenticatorData": "", "signature": ""}}'],
)  # fmt: skip
@pytest.mark.parametrize("challenge", ["", "x", "right"])
def test_whatever_is_sent_is_answered(client: Any, ana: User, key: SecurityKey, answer: str, challenge: str) -> None:
    sent = {"challenge": question(client)["challenge"] if challenge == "right" else challenge, "answer": answer}
    assert client.post("/sign-in/passkey", data=sent).status_code == 422
    enter(client, ana)
    assert client.post("/sign-in/second", data=sent).status_code == 422
    sign_in(client, ana)
    adding = client.get("/account/security/passkeys/options").json["challenge"]
    sent["challenge"] = adding if challenge == "right" else challenge
    assert client.post("/account/security/passkeys/new", data=sent | {"name": "A"}).status_code == 422


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
@pytest.mark.parametrize("put", ["", "AA", "!!!!", "A" * 500, None, 7, "gA"])
def test_a_spoilt_answer_opens_nothing(client: Any, key: SecurityKey, part: str, put: Any) -> None:
    sent = key.use(question(client))
    answer = json.loads(sent["answer"])
    answer["response"][part] = put
    assert client.post("/sign-in/passkey", data=sent | {"answer": json.dumps(answer)}).status_code == 422


@pytest.mark.parametrize("part", ["clientDataJSON", "attestationObject"])
@pytest.mark.parametrize("put", ["", "AA", "!!!!", "A" * 500, None, 7, "gA", "oA", "_____w"])
def test_a_spoilt_passkey_is_not_added(client: Any, ana: User, part: str, put: Any) -> None:
    sign_in(client, ana)
    sent = SecurityKey().make(client.get("/account/security/passkeys/options").json)
    answer = json.loads(sent["answer"])
    answer["response"][part] = put
    spoilt = sent | {"name": "A", "answer": json.dumps(answer)}
    assert client.post("/account/security/passkeys/new", data=spoilt).status_code == 422


@pytest.mark.parametrize("id", ["\x00", "\ud800", "é", "a", "A" * 5000])
def test_an_answer_with_a_strange_name_of_a_key_is_refused(client: Any, ana: User, key: SecurityKey, id: str) -> None:
    """Which no database could look for."""
    sent = key.use(question(client))
    answer = json.loads(sent["answer"]) | {"id": id}
    assert client.post("/sign-in/passkey", data=sent | {"answer": json.dumps(answer)}).status_code == 422
    assert not is_signed_in(client)


@pytest.mark.parametrize("answer", ["[" * 19_000, '{"id":' * 3000])
def test_an_answer_nested_without_end_is_refused(client: Any, ana: User, key: SecurityKey, answer: str) -> None:
    asked = client.post("/sign-in/passkey", data={"challenge": question(client)["challenge"], "answer": answer})
    assert asked.status_code == 422
    enter(client, ana)
    assert client.post("/sign-in/second", data={"challenge": "x", "answer": answer}).status_code == 422
