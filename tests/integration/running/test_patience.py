"""How long a page waits for a database that somebody else keeps busy."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from time import monotonic

import pytest
from flask import Flask
from sqlalchemy import make_url

from mobility.core.database import db, transaction
from mobility.running.patience import BATCHES, PATIENCE, Patience
from tests.support import factories
from tests.support.client import Client
from tests.support.forms import values_of


@pytest.mark.databases("sqlite")
def test_the_writer_of_sqlite_is_waited_for_as_long_as_the_setting_says(
    fresh_database: str, app_on: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PATIENCE, "seconds", PATIENCE.seconds)  # the application sets it, for all in this process
    app = app_on(fresh_database, DATABASE_TIMEOUT=1)
    with app.app_context():
        with transaction():
            person = factories.make_user()
        browser: Client = app.test_client()
        factories.sign_in(browser, person)
        form = values_of(browser.get("/account"))
        db.session.rollback()
    with closing(sqlite3.connect(make_url(fresh_database).database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = monotonic()
        answer = browser.post("/account", data=form | {"name": "Somebody Else"})
        assert 1 <= monotonic() - began < 10
        other.execute("ROLLBACK")
    assert (answer.status_code, "Somebody Else" in answer.text) == (503, True)


@pytest.mark.parametrize(("seconds", "milliseconds"), [(15.0, 15_000), (0.5, 500), (None, BATCHES * 1000)])
def test_never_no_time_at_all(seconds: float | None, milliseconds: int) -> None:
    """Migrations wait for PostgreSQL for ever: for SQLite 0 would be not at all."""
    assert Patience(seconds).for_the_writer == milliseconds
