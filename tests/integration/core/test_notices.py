"""Notices wait in the session's cookie until a page shows them (core/web.py)."""

import sqlite3
from secrets import token_hex
from typing import Any

import pytest
from flask import Flask, flash, get_flashed_messages, session
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from mobility.core.database import db, is_writing, transaction
from mobility.core.web import NOTICES, say
from tests.integration.administration.test_administration import PORTO
from tests.support import factories
from tests.support.client import Visitor

COOKIE = 4093  # bytes that every browser keeps


@pytest.mark.databases("sqlite")  # no database is asked
def test_whoever_acts_often_without_looking_at_a_page_keeps_the_session(app: Flask) -> None:
    told = [token_hex(100) for _ in range(60)]  # no two alike, so that compressing does not help
    with app.test_request_context():
        for each in told:
            flash(each)
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        assert len(serializer.dumps(dict(session))) < COOKIE
        assert get_flashed_messages() == told[-NOTICES:]


def test_a_notice_is_about_what_is_stored(app: Flask, db_session: Any) -> None:
    with app.test_request_context():
        with transaction():
            say("The organisation is there.", "success")
            assert "_flashes" not in session
        assert get_flashed_messages() == ["The organisation is there."]


def say_and_fail() -> None:
    with transaction():
        say("The organisation is there.", "success")
        raise ZeroDivisionError


def test_what_is_not_stored_is_not_said(app: Flask, db_session: Any) -> None:
    with app.test_request_context():
        with pytest.raises(ZeroDivisionError):
            say_and_fail()
        assert "_flashes" not in session
        say("Nothing was stored.", "warning")
        assert get_flashed_messages() == ["Nothing was stored."]


def test_beside_nothing_was_saved_no_success_is_told(
    app: Flask, db_session: Any, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit itself can fail: "The organisation is there" stood on the page after "503 nothing was saved"."""
    browser = visitor(factories.make_user(is_administrator=True))
    db.session.commit()

    full = sqlite3.OperationalError("database or disk is full")
    commit = Session.commit

    def fail(held: Session) -> None:
        if is_writing():
            raise OperationalError("COMMIT", {}, full)
        commit(held)

    with monkeypatch.context() as patched:
        patched.setattr(Session, "commit", fail)
        answer = browser.post("/admin/organisations/new", data=PORTO)
    assert answer.status_code == 503
    assert "no room left" in answer.text
    page = browser.get("/admin/organisations").text
    assert "has been created" not in page
    assert PORTO["name"] not in page
