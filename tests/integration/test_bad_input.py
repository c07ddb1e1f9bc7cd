"""Whatever is typed or guessed, at every route, by everybody: a clear answer, never a 500, and nothing half-written."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from werkzeug.routing import AnyConverter

from mobility.core.pages import Id
from mobility.people.models import Role, User
from mobility.vouchers.models import Voucher
from tests import factories
from tests.support.forms import values_of

NASTY = {
    "300 characters": "n" * 300,
    "right to left, combining": "شبكة الابتكار \u202egnp.exe\u202c Z\u0351\u036b\u0343a\u0300",
    "NUL": "before\x00after",
    "markup": "<script>alert(1)</script><b>'\"&-- {{ 7*7 }} #set $x \\ %s ${y}",
    "huge number": "9" * 40,
    "before time": "0001-01-01",
    "after time": "9999-12-31",
    "nothing": "",
}
IDS = ("0", "2147483647", "2147483648", "9223372036854775808", "-1", "abc", "1.5", "%00", "1%0a")


@dataclass
class World:
    """One of everything, and somebody on each side of it."""

    voucher: Voucher
    people: list[User]
    owner: User
    stranger: User


@pytest.fixture
def world(db_session: Any) -> World:
    programme = factories.make_funded_programme(scheme="light")
    factories.make_rate_card(programme)
    exchange = factories.make_exchange(factories.make_theme(programme=programme, places=3), signed=True)
    voucher = factories.make_voucher(exchange)
    host, owner = factories.coordinator_of(exchange.theme), factories.make_member(programme, Role.OWNER)
    owner.is_administrator = True
    stranger = factories.make_user()
    factories.make_submitted(exchange.theme, exchange.guest)
    factories.make_draft()
    db_session.commit()
    return World(voucher, [exchange.guest, host, owner], owner, stranger)


def rules(app: Flask, method: str) -> Iterator[Any]:
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and not rule.endpoint.endswith("static"):
            yield rule


def address(app: Flask, rule: Any, id: int) -> str:
    values = {name: _value(converter, id) for name, converter in rule._converters.items()}
    return app.url_map.bind("localhost").build(rule.endpoint, values, method=next(iter(rule.methods - {"HEAD", "OPTIONS"})))


def _value(converter: Any, id: int) -> Any:
    if isinstance(converter, Id):
        return id
    return min(converter.items) if isinstance(converter, AnyConverter) else "abc"


@pytest.mark.databases("postgresql")  # the stricter one: no NUL in a text, no number beyond its column
def test_nasty_text_in_every_field_of_every_form(app: Flask, world: World, sign_in: Any) -> None:
    failed = []
    for person in world.people:
        client = app.test_client()
        for rule in rules(app, "POST"):
            if rule.endpoint in {"accounts.sign_out", "accounts.switch"}:
                continue
            sign_in(client, person)
            there = address(app, rule, 1)
            page = client.get(there)
            fields = values_of(page) if page.status_code == 200 else {"text": "", "reason": "", "code": "", "version": "1"}
            for name, text in NASTY.items() if page.status_code == 200 else [("NUL", NASTY["NUL"])]:
                typed = {key: value if key in {"version", "form_key"} else text for key, value in fields.items()}
                status = client.post(there, data=typed).status_code
                if status >= 500:
                    failed.append((there, name, status))
    assert failed == []


@pytest.mark.parametrize("body", ["json", "xml", "multipart without end", "no type"])
def test_other_content_types_are_answered(app: Flask, world: World, sign_in: Any, body: str) -> None:
    client = app.test_client()
    failed = []
    kinds = {
        "json": {"data": '{"reason": ["x", {}]}', "content_type": "application/json"},
        "xml": {"data": "<a/>", "content_type": "application/xml"},
        "multipart without end": {"data": b"--x\r\nContent-Dis", "content_type": "multipart/form-data; boundary=x"},
        "no type": {"data": b"\xff\xfe\x00", "content_type": None},
    }
    for rule in rules(app, "POST"):
        sign_in(client, world.owner)
        status = client.post(address(app, rule, 1), **kinds[body]).status_code
        if status >= 500:
            failed.append((rule.endpoint, status))
    assert failed == []


def test_a_body_that_is_too_large_is_said_to_be(app: Flask, world: World, sign_in: Any) -> None:
    client = app.test_client()
    sign_in(client, world.voucher.holder)
    answer = client.post(f"/vouchers/{world.voucher.id}/withdraw", data={"reason": "n" * 13 * 2**20})
    assert answer.status_code == 413
    assert "large" in answer.text


def test_guessed_ids_are_the_same_as_absent_ones(app: Flask, world: World, sign_in: Any) -> None:
    client = app.test_client()
    sign_in(client, world.stranger)
    for things in ("applications", "exchanges", "vouchers"):
        existing = client.get(f"/{things}/1")
        answers = [client.get(f"/{things}/{id}") for id in IDS]
        assert existing.status_code == 404
        assert {answer.status_code for answer in answers} <= {404, 400}
        assert answers[1].text.split("<main")[1] == existing.text.split("<main")[1]


QUERIES = ("page=999999999999", "page=-1", "page=%00", "q=%00", "sort=zzz&state=zzz&show=zzz", "from=31-31-31&to=x")


@pytest.mark.parametrize("query", QUERIES)
def test_strange_queries_of_every_page(app: Flask, world: World, sign_in: Any, query: str) -> None:
    client = app.test_client()
    sign_in(client, world.owner)
    failed = []
    for rule in rules(app, "GET"):
        answer = client.get(f"{address(app, rule, 1)}?{query}")
        if answer.status_code >= 500:
            failed.append((rule.endpoint, answer.status_code))
    assert failed == []




@pytest.mark.parametrize("name", ["elsewhere.example", "203.0.113.9:5000", "no such name", "[::1", "localhost.elsewhere.example"])
def test_a_name_that_is_not_ours_is_refused_in_words(app: Flask, world: World, sign_in: Any, name: str) -> None:
    """Whoever scans the internet asks by the address alone: that is no error of ours to log."""
    client = app.test_client()
    sign_in(client, world.owner)
    for path in ("/", "/healthz", "/nowhere", "/static/css/page.css"):
        answer = client.get(path, headers={"Host": name})
        assert (answer.status_code, answer.mimetype) == (400, "text/plain"), path
        assert "does not answer to this name" in answer.text
    assert client.post("/sign-in", headers={"Host": name}).status_code == 400


def test_a_database_that_does_not_answer_is_said_in_the_log(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Such as one whose tables were never made: the page alone would have one wait for ever."""

    def fail() -> None:
        raise OperationalError("SELECT theme", {"email": "a@example.org"}, Exception("no such table: theme"))

    monkeypatch.setitem(app.view_functions, "themes.index", fail)
    answer = app.test_client().get("/themes")
    assert answer.status_code == 503
    assert "The database is busy." in answer.text
    assert [record.getMessage() for record in caplog.records] == ["themes.index: the database: no such table: theme"]
