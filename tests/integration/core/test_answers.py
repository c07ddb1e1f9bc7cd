"""What every answer has: who may keep it, by which names the site is called, whom to tell of a weakness."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from mobility.core.links import signer
from mobility.people.roles import Role
from tests.support import factories

Visitor = Callable[..., FlaskClient]


@pytest.mark.databases("sqlite")
def test_what_only_some_may_read_is_in_no_store(app: Flask, db_session: Any, visitor: Visitor) -> None:
    exchange = factories.make_agreed_exchange()
    exchange.programme.de_minimis_ceiling = Decimal("300000.00")
    owner = factories.make_member(exchange.programme, Role.OWNER)
    for person, address in (
        (owner, f"/programmes/{exchange.programme_id}/de-minimis.csv"),
        (exchange.guest, "/"),
    ):
        answer = visitor(person).get(address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store"), address


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "address", ["/check/{code}", "/answers/{token}", "/password/new/{token}", "/invitations/{token}", "/go/{token}"]
)
def test_an_address_with_a_secret_is_in_no_store(app: Flask, db_session: Any, address: str) -> None:
    answer = app.test_client().get(address.format(code="ABCD-EFGH-JKLM", token="abc.def"))
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.databases("sqlite")
def test_public_pages_may_be_kept(app: Flask, db_session: Any) -> None:
    assert "no-store" not in app.test_client().get("/themes").headers.get("Cache-Control", "")


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("name", ["LOCALHOST", "LocalHost:5000"])
def test_a_name_in_capitals_is_the_same(app: Flask, db_session: Any, name: str) -> None:
    assert app.test_client().get("/themes", headers={"Host": name}).status_code == 200


@pytest.mark.databases("sqlite")
def test_a_site_with_https_stays_with_it(app: Flask, db_session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Strict-Transport-Security" not in app.test_client().get("/").headers
    monkeypatch.setitem(app.config, "SESSION_COOKIE_SECURE", True)
    assert app.test_client().get("/").headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.databases("sqlite")
def test_whom_to_tell_of_a_weakness(app: Flask, db_session: Any, clock: Any) -> None:
    clock.set_to(datetime.fromisoformat("2027-03-01T10:00:00+00:00"))
    answer = app.test_client().get("/.well-known/security.txt")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.text == "Contact: mailto:security@localhost\nExpires: 2027-08-28T00:00:00Z\nPreferred-Languages: en\n"


@pytest.mark.databases("sqlite")
def test_who_leaves_leaves_nothing_in_the_browser(app: Flask, db_session: Any, visitor: Visitor) -> None:
    person = factories.make_user()
    assert visitor(person).post("/sign-out").headers["Clear-Site-Data"] == '"storage"'
    token = signer("link").dumps([factories.make_user().id, "/themes"])
    assert visitor(person).post(f"/go/{token}").headers["Clear-Site-Data"] == '"storage"'


@pytest.mark.databases("sqlite")
def test_the_key_of_another_form_says_nothing_here(app: Flask, db_session: Any, visitor: Visitor) -> None:
    coordinator = factories.make_member(factories.make_organisation(), Role.COORDINATOR)
    client, place = visitor(coordinator), coordinator.organisation_ids()[0]
    programme = factories.make_programme()
    factories.make_call(programme)
    sent = {"name": "Noa Lind", "email": "noa@example.org", "role": "guest", "form_key": "one key"}
    first = client.post(f"/organisations/{place}/team", data=sent)
    assert first.status_code in {302, 303}
    draft = {"host_id": str(place), "programme_id": str(programme.id), "title": "A theme", "form_key": "one key"}
    theme = client.post("/themes/new", data=draft)
    assert theme.status_code in {302, 303}, theme.text
    assert "/themes/" in theme.location
