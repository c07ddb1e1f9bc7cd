"""`move-to`: from SQLite to PostgreSQL, with the demonstration in it; and what stands against it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import JSON, create_engine, make_url, select, text

from mobility.core.database import db, transaction
from mobility.people.models import Organisation, User
from mobility.upkeep import moving
from tests.support.databases import Databases
from tests.support.processes import flask

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def empty(databases_of: Callable[[str], Databases]) -> Iterator[str]:
    """An empty database of PostgreSQL."""
    databases = databases_of("postgresql")
    url = databases.store.create("moved_to")
    yield url
    databases.store.drop("moved_to")


def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, as texts that both kinds write alike."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: [
                tuple(str(value) if isinstance(column.type, JSON) else value for column, value in zip(table.c, row, strict=True))
                for row in connection.execute(select(table).order_by(table.c.id))
            ]
            for table in db.metadata.sorted_tables
        }
    engine.dispose()
    return found


def test_the_demonstration_moves(demo_url: str, empty: str, app_on: Callable[..., Flask]) -> None:
    before = Path(make_url(demo_url).database or "").read_bytes()
    said = flask(demo_url, "move-to", empty.replace("+psycopg", ""))
    assert "each compared; the ledger and the audit log are in order there" in said
    assert Path(make_url(demo_url).database or "").read_bytes() == before, "the source is only read"
    here, there = contents(demo_url), contents(empty)
    assert {name: len(rows) for name, rows in there.items()} == {name: len(rows) for name, rows in here.items()}
    assert sum(map(len, here.values())) > 1000
    assert there["user"] == here["user"]
    assert there["posting"] == here["posting"]
    assert "The ledger is in order" in flask(empty, "check-ledger", "--without-files")
    with app_on(empty).app_context(), transaction():  # the next id is free, and what refuses changes is there
        db.session.add(User(email="new@example.org", name="Somebody New"))
        keys = db.session.scalar(text("SELECT count(*) FROM pg_constraint WHERE contype = 'f'"))
        triggers = db.session.scalar(text("SELECT count(*) FROM pg_trigger WHERE tgname LIKE '%_unchanged'"))
    assert (keys or 0) > 50
    assert (triggers or 0) > 8


def test_what_is_not_empty_is_refused(demo_url: str, empty: str) -> None:
    flask(empty, "db", "upgrade")
    engine = create_engine(empty)
    with engine.begin() as connection:
        connection.execute(Organisation.__table__.insert(), {
            "name": "A", "name_key": "a", "kind": "provider", "country": "AT", "city": "Graz", "latitude": 47, "longitude": 15,
        })  # fmt: skip
    engine.dispose()
    with pytest.raises(AssertionError, match="The target is not empty: there are rows in organisation"):
        flask(demo_url, "move-to", empty)


def test_an_older_source_is_refused(fresh_database: str, empty: str, app_on: Callable[..., Flask]) -> None:
    with closing(sqlite3.connect(make_url(fresh_database).database or "")) as file:
        file.execute("UPDATE alembic_version SET version_num = '0030'")
        file.commit()
    with app_on(fresh_database).app_context(), pytest.raises(moving.CannotMove, match="is at migration 0030; run"):
        moving.move(make_url(empty))


def test_a_row_that_names_nothing_is_refused_and_nothing_is_kept(
    fresh_database: str, empty: str, app_on: Callable[..., Flask]
) -> None:
    """SQLite looks at foreign keys only where it is told to."""
    with closing(sqlite3.connect(make_url(fresh_database).database or "")) as file:
        file.execute("INSERT INTO membership (user_id, organisation_id, role, since) VALUES (7, 8, 'guest', '2027-03-01')")
        file.commit()
    with app_on(fresh_database).app_context(), pytest.raises(moving.CannotMove, match="The target refused"):
        moving.move(make_url(empty))
    engine = create_engine(empty)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM membership")) == 0
    engine.dispose()


def test_a_row_that_changes_on_the_way_is_seen(
    fresh_database: str, empty: str, app_on: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    with app_on(fresh_database).app_context():
        with transaction():
            db.session.add(User(email="ana@example.org", name="Ana Zupan"))
        bound = moving._bound
        monkeypatch.setattr(
            moving, "_bound", lambda table, row: bound(table, row) | ({"name": "Ana"} if table.name == "user" else {})
        )
        with pytest.raises(moving.CannotMove, match="The rows of user are not the same"):
            moving.move(make_url(empty))


def test_only_to_postgresql(fresh_database: str, app_on: Callable[..., Flask]) -> None:
    with app_on(fresh_database).app_context(), pytest.raises(moving.CannotMove, match="must be like postgresql://"):
        moving.move(make_url("sqlite:////tmp/other.db"))
