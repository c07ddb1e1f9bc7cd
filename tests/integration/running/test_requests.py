"""What is written down of a request, and the id that its page shows to be quoted."""

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError, OperationalError

from mobility.running import logs
from tests.support import factories
from tests.support.client import Visitor

EACH = re.compile(r"[0-9a-f]{8}")


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What has been logged so far, as text without the time."""
    caplog.set_level(logging.INFO, logger="mobility")
    said: list[str] = []
    handler = caplog.handler
    handler.setFormatter(logs.TextLines())
    before = handler.emit

    def emit(record: logging.LogRecord) -> None:
        said.append(handler.format(record).partition(" ")[2])
        before(record)

    caplog.handler.emit = emit  # type: ignore[method-assign]
    return lambda: said


@pytest.fixture(autouse=True)
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """No earlier test has told of any trouble."""
    monkeypatch.setattr(logs, "SELDOM", logs.Seldom())


def test_a_line_for_each_request_with_who_asked_how_long_and_how_many_queries(
    visitor: Visitor, db_session: Any, lines: Callable[[], list[str]]
) -> None:
    theme = factories.make_theme()
    person = factories.make_user()
    answer = visitor(person).get(f"/themes/{theme.id}?from=abroad")
    id = answer.headers["X-Request-ID"]
    assert EACH.fullmatch(id)
    pattern = rf"INFO {id} person {person.id}: GET /themes/{theme.id} \(status 200, \d+ ms, [1-9]\d* queries\)"
    assert re.fullmatch(pattern, lines()[-1]), lines()


def test_secret_links_are_not_written_down(app: Flask, db_session: Any, lines: Callable[[], list[str]]) -> None:
    app.test_client().get("/answers/a-secret-of-somebody?code=MOB-WXYZ")
    assert "secret" not in "".join(lines())
    assert "WXYZ" not in "".join(lines())
    assert re.search(r"GET /answers/<[a-z]*:?token>", lines()[-1]), lines()


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/themes/999999", 404), ("/themes?q=%00", 400)])
def test_an_error_page_shows_the_id_to_quote(app: Flask, db_session: Any, path: str, status: int) -> None:
    answer = app.test_client().get(path)
    assert answer.status_code == status
    assert f"quote <strong>{answer.headers['X-Request-ID']}</strong>" in answer.text


def test_a_name_that_is_not_ours_gets_the_id_too(app: Flask) -> None:
    answer = app.test_client().get("/themes", headers={"Host": "elsewhere.example"})
    assert f"as {answer.headers['X-Request-ID']}." in answer.text


def test_a_fault_of_ours_shows_the_id_and_leaves_a_traceback(
    app: Flask, db_session: Any, monkeypatch: pytest.MonkeyPatch, lines: Callable[[], list[str]]
) -> None:
    def fail() -> None:
        raise DBAPIError("SELEC theme", {"email": "a@example.org"}, Exception("syntax error"))

    monkeypatch.setitem(app.view_functions, "themes.index", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = app.test_client().get("/themes")
    assert answer.status_code == 500
    assert f"quote <strong>{answer.headers['X-Request-ID']}</strong>" in answer.text
    assert "Traceback" in "".join(lines())
    inside = ("SELEC", "a@example.org", "syntax error", "DBAPIError", "Traceback", ".py", "sqlalchemy", "line ")
    assert [each for each in inside if each in answer.text] == []


def away(*_arguments: Any, **_more: Any) -> None:
    raise OperationalError("SELECT", {}, Exception("connection failed: Connection refused"))


@pytest.mark.parametrize("path", ["/", "/themes", "/nowhere", "/themes/1"])
def test_without_a_database_every_page_says_so_and_one_line_a_minute_is_written(
    app: Flask, visitor: Visitor, db_session: Any, monkeypatch: pytest.MonkeyPatch, path: str, lines: Callable[[], list[str]]
) -> None:
    """Also where the page of an error would name who is signed in."""
    browser = visitor(factories.make_user())
    monkeypatch.setattr("sqlalchemy.engine.Connection._execute_context", away)
    answers = [browser.get(path) for _ in range(3)]
    for answer in answers:
        assert answer.status_code == 503
        assert "The database does not answer." in answer.text
        assert f"quote <strong>{answer.headers['X-Request-ID']}</strong>" in answer.text
    told = [line for line in lines() if line.startswith("ERROR")]
    assert len(told) == 1
    assert "the database does not answer: is it running, and is DATABASE_URL right?" in told[0]
    assert "Traceback" not in told[0]


def test_what_was_typed_is_still_there_when_the_database_goes_away(
    app: Flask, visitor: Visitor, db_session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = visitor(factories.make_user())
    data = {"name": "Somebody Else", "csrf_token": browser.token()}
    monkeypatch.setattr("sqlalchemy.engine.Connection._execute_context", away)
    answer = browser.post("/account", data=data)
    assert answer.status_code == 503
    assert "Somebody Else" in answer.text
