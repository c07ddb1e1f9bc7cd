"""What every answer carries, and what nobody can make us believe by what a request carries."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request

from mobility.accounts import operations as accounts
from mobility.accounts import passwords
from mobility.core.access import public
from tests.support import factories
from tests.support.client import Client, Visitor
from tests.support.forms import values_in

pytestmark = pytest.mark.databases("sqlite")
PASSWORD = "three unrelated words"


def faults_of(answer: Any) -> list[str]:
    """Of the headers that every answer has."""
    policy = dict(part.partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split("; "))
    wrong = [
        policy.get("default-src") == "'none'",
        policy.get("frame-ancestors") == "'none'",
        "unsafe" not in answer.headers["Content-Security-Policy"],
        answer.headers["X-Content-Type-Options"] == "nosniff",
        answer.headers["Referrer-Policy"] == "same-origin",
        not answer.mimetype.startswith("text/") or "charset=utf-8" in answer.headers["Content-Type"],
    ]
    return [f"{answer.request.path}: {answer.headers}"] if not all(wrong) else []


def test_every_page_has_the_headers_that_protect_it(app: Flask, visitor: Visitor, db_session: Any) -> None:
    """Each that has no number in its address, to nobody and to an administrator; and what is no page at all."""
    paths = sorted({rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments})
    assert len(paths) >= 30
    robin = factories.make_user(is_administrator=True, password_hash="x")
    browsers = [app.test_client(), visitor(robin)]
    answers = [browser.get(path) for browser in browsers for path in paths]
    strange = [browsers[0].get(path) for path in ("/nowhere", "/themes/999999", "/themes?q=%00", "/static/none.css")]
    strange.append(browsers[0].get("/themes", headers={"Host": "elsewhere.example"}))
    strange.append(browsers[0].post("/themes"))
    assert {each.status_code for each in strange} == {400, 404, 405}
    assert [fault for answer in (*answers, *strange) for fault in faults_of(answer)] == []


def test_files_of_our_own_have_them_too(app: Flask, db_session: Any) -> None:
    for path in ("/static/img/logo.svg", "/static/css/accounts.css"):
        answer = app.test_client().get(path)
        assert answer.status_code == 200
        assert faults_of(answer) == []
        answer.close()


@pytest.mark.parametrize("https", [True, False])
def test_each_cookie_is_ours_alone(app: Flask, db_session: Any, monkeypatch: pytest.MonkeyPatch, https: bool) -> None:
    """Of the session, and the one by which a browser is known again, whatever the request says of itself."""
    monkeypatch.setitem(app.config, "SESSION_COOKIE_SECURE", https)
    monkeypatch.setitem(app.config, "SESSION_COOKIE_NAME", "__Host-mobility" if https else "mobility")
    person = factories.make_user(password_hash=passwords.hash_of(PASSWORD))
    db_session.commit()
    browser = app.test_client()
    base = "https://localhost" if https else "http://localhost"
    fields = values_in(browser.get("/sign-in", base_url=base).text) | {"email": person.email, "password": PASSWORD}
    answer = browser.post("/sign-in", base_url=base, data=fields, headers={"Referer": f"{base}/sign-in"})
    assert answer.status_code in (302, 303), answer.text
    cookies = answer.headers.getlist("Set-Cookie")
    prefix = "__Host-" if https else ""
    assert {each.partition("=")[0] for each in cookies} == {f"{prefix}mobility", f"{prefix}mobility_known"}
    for each in cookies:
        parts = [part.strip() for part in each.split(";")][1:]
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(parts), each
        assert ("Secure" in parts) is https, each
        assert not [part for part in parts if part.startswith("Domain")], each


FORGED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "elsewhere.example",
    "Forwarded": "for=203.0.113.9;proto=https;host=elsewhere.example",
    "X-Real-IP": "203.0.113.9",
    "X-HTTP-Method-Override": "DELETE",
    "X-Original-URL": "/admin/people",
    "X-Rewrite-URL": "/admin/people",
}


def asked(app: Flask, **headers: str) -> Any:
    """What the application believes of a request: who asks, how, for which address."""

    @public
    def believed() -> dict[str, Any]:
        return {"from": request.remote_addr, "scheme": request.scheme, "host": request.host, "path": request.path}

    if "believed" not in app.view_functions:
        app.add_url_rule("/believed", "believed", believed, methods=["GET"])
    return app.test_client().get("/believed", headers=headers)


def test_without_a_proxy_nobody_is_believed(shared_app: Flask, app_on: Callable[..., Flask], db_session: Any) -> None:
    app = app_on(shared_app.config["SQLALCHEMY_DATABASE_URI"])
    answer = asked(app, **FORGED)
    assert answer.json == {"from": "127.0.0.1", "scheme": "http", "host": "localhost", "path": "/believed"}


def test_of_a_proxy_only_what_the_nearest_wrote(shared_app: Flask, app_on: Callable[..., Flask], db_session: Any) -> None:
    """Whatever a client puts before it is not looked at."""
    app = app_on(shared_app.config["SQLALCHEMY_DATABASE_URI"], PROXY_HOPS=1)
    written = {
        "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
        "X-Forwarded-Proto": "http, https",
        "X-Forwarded-Host": "elsewhere.example, localhost",
        "Forwarded": "for=203.0.113.9",
    }
    assert asked(app, **written).json == {
        "from": "198.51.100.7",
        "scheme": "https",
        "host": "localhost",
        "path": "/believed",
    }
    assert asked(app, **{"X-Forwarded-Host": "elsewhere.example"}).status_code == 400, "a name that is not ours"


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "PROPFIND", "CONNECT", "DELETE", "PUT", "PATCH", "ANY"])
@pytest.mark.parametrize("path", ["/", "/sign-in", "/static/img/logo.svg"])
def test_other_methods_are_refused_and_nothing_is_sent_back(app: Flask, db_session: Any, method: str, path: str) -> None:
    answer = app.test_client().open(path, method=method, headers={"X-Probe": "looking-glass"}, data=b"looking-glass")
    assert answer.status_code == 405
    assert "looking-glass" not in answer.text + str(answer.headers)


OUTSIDE = """/.git/config /.git/ /static/ /static/css/ /static/../config.py /static/..%2fconfig.py /instance/ /config.py /.env
    /static/%2e%2e/wsgi.py /migrations/ /static/....//config.py""".split()


@pytest.mark.parametrize("path", OUTSIDE)
def test_nothing_but_files_for_pages_is_handed_out(app: Flask, db_session: Any, path: str) -> None:
    assert app.test_client().get(path).status_code == 404


def test_nothing_switches_debugging_on(
    app: Flask, app_on: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch, db_session: Any
) -> None:
    """Not even the framework's own variable."""
    monkeypatch.setenv("FLASK_DEBUG", "1")
    another = app_on(app.config["SQLALCHEMY_DATABASE_URI"])
    for each in (app, another):
        assert not each.debug
        assert not each.config.get("PROPAGATE_EXCEPTIONS")


def test_a_field_that_comes_twice_or_in_the_address_is_not_taken(app: Flask, db_session: Any) -> None:
    """The first one counts, and what stands in the address is no field."""
    person = factories.make_user(password_hash=passwords.hash_of(PASSWORD))
    db_session.commit()
    address = f"/sign-in?email={person.email}&password=three+unrelated+words"
    assert app.test_client().post(address, data={"email": person.email}).status_code == 422
    twice = {"email": [person.email], "password": ["a wrong one, first", PASSWORD]}
    assert app.test_client().post("/sign-in", data=twice).status_code == 422


def password_fields(page: str) -> set[tuple[str, str, str]]:
    """(name, type, what a manager fills in) of each field whose name says that it is one."""
    tags = re.findall(r"<input\b[^>]*\bname=\"([^\"]*password[^\"]*)\"[^>]*>", page)
    wholes = re.findall(r"<input\b[^>]*\bname=\"[^\"]*password[^\"]*\"[^>]*>", page)
    parts = [[re.search(rf'\b{part}="([^"]*)"', each) for part in ("type", "autocomplete")] for each in wholes]
    return {(name, *(found[1] if found else "" for found in each)) for name, each in zip(tags, parts, strict=True)}  # type: ignore[misc]


def test_passwords_are_hidden_and_managers_may_fill_them(client: Client, app: Flask, clock: Any, db_session: Any) -> None:
    """Wherever one is typed: signing in, the account, a mailed link, and where one is asked again."""
    person = factories.make_user(password_hash=passwords.hash_of(PASSWORD))
    _, link = accounts.make_link(person)
    pages = [client.get("/sign-in"), app.test_client().get(link)]
    client.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    clock.move(minutes=11)
    pages += [client.get("/account/password"), client.post("/account/security/browsers/end")]
    now, new = ("password", "current-password"), ("password", "new-password")
    assert [password_fields(page.text) for page in pages] == [
        {("password", *now)},
        {("password", *new)},
        {("current_password", *now), ("password", *new)},
        {("proof_password", *now)},
    ]
    assert all("onpaste" not in page.text for page in pages)
    scripts = Path(app.static_folder or "").glob("js/*.js")
    assert [script.name for script in scripts if '"paste"' in script.read_text()] == []
