"""Databases with their demonstration, as the versions of their day made them, go up to today's tables and down again."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import MetaData, NullPool, create_engine, select

from mobility.applications.models import Application
from mobility.budgets.checks import check_ledger
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.people.models import User
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher
from tests.support.databases import Databases
from tests.support.factories import coordinator_of, sign_in
from tests.support.kept import FOLDER, REVISIONS, restore
from tests.support.processes import ROOT, flask

MADE_AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
# Landed together with a later one, so no database has stopped there
BETWEEN = (range(5, 8), range(9, 23), range(24, 30), range(31, 38), range(39, 44))
ON_THE_WAY = {f"{number:04}" for numbers in BETWEEN for number in numbers}
OWN = {"alembic_version"}  # what is not of the demonstration
MIGRATIONS = sorted(path.name.partition("_")[0] for path in (ROOT / "migrations" / "versions").glob("0*.py"))
OBJECTS: dict[str, tuple[Any, Callable[[Any], User]]] = {
    "themes": (Theme, coordinator_of),
    "applications": (Application, lambda application: application.guest),
    "exchanges": (Exchange, lambda exchange: exchange.guest),
    "vouchers": (Voucher, lambda voucher: voucher.holder),
}
Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(params=REVISIONS)
def revision(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def kept(revision: str, database_kind: str, databases_of: Callable[[str], Databases], clock: ModuleType) -> Iterator[str]:
    """The URL of the database as it was."""
    clock.set_to(MADE_AT)
    with databases_of(database_kind).fresh(None) as url:
        restore(url, revision)
        yield url


def rows_of(url: str) -> Rows:
    """All there is, by table; columns by name, as going down puts those that went back at the end."""
    tables = MetaData()
    with create_engine(url, poolclass=NullPool).connect() as connection:
        tables.reflect(connection)
        return {name: _rows(connection.execute(select(table)).mappings()) for name, table in tables.tables.items()}


def _rows(found: Iterable[Any]) -> list[tuple[Any, ...]]:
    return sorted((tuple(sorted(row.items())) for row in found), key=repr)


def counts(rows: Rows, tables: Rows) -> dict[str, int]:
    return {name: len(rows[name]) for name in tables if name not in OWN}


def test_every_migration_but_the_newest_has_its_database(database_kind: str) -> None:
    """`python -m tests.support.kept` makes it, before the next migration lands."""
    assert {*MIGRATIONS[:-1]} - ON_THE_WAY <= {*REVISIONS}
    assert {path.name for path in FOLDER.iterdir()} >= {f"{each}.{database_kind}.sql.xz" for each in REVISIONS}


def test_nothing_is_lost_on_the_way_up_and_down_and_up_again(kept: str, revision: str) -> None:
    before = rows_of(kept)
    assert len(before["voucher"]) >= 60
    flask(kept, "db", "upgrade")
    flask(kept, "db", "check")
    assert counts(rows_of(kept), before) == counts(before, before)
    flask(kept, "db", "downgrade", revision, "--yes-delete")
    assert rows_of(kept) == before
    flask(kept, "db", "upgrade")
    flask(kept, "db", "check")


def test_what_was_made_then_can_be_seen_now(kept: str, app_on: Callable[..., Flask]) -> None:
    flask(kept, "db", "upgrade")
    app = app_on(kept)
    with app.app_context():
        assert check_ledger() == []
        client = app.test_client()
        for person, address in [*first_pages(), *objects()]:
            sign_in(client, person)
            page = client.get(address, follow_redirects=True)  # a draft leads to its form
            assert (page.status_code, page.request.path.startswith("/sign-in")) == (200, False), (person.name, address)


def test_who_came_back_is_there_once_in_the_version_before(
    database_kind: str, databases_of: Callable[[str], Databases], clock: ModuleType
) -> None:
    """Its roles had no end: those that ended go, those that last stay (0012)."""
    clock.set_to(MADE_AT)
    columns = "user_id, organisation_id, programme_id, role, since"
    with databases_of(database_kind).fresh(None) as url:
        restore(url, "0008")
        before = rows_of(url)["membership"]
        flask(url, "db", "upgrade")
        with create_engine(url, poolclass=NullPool).begin() as connection:
            connection.exec_driver_sql("UPDATE membership SET until = '2026-11-22 09:00:00+00:00' WHERE id < 6")
            connection.exec_driver_sql(f"INSERT INTO membership ({columns}) SELECT {columns} FROM membership WHERE id < 4")
        flask(url, "db", "downgrade", "0008", "--yes-delete")
        after = rows_of(url)["membership"]
        gone = [row for row in before if dict(row)["id"] in (4, 5)]
        assert without_id(before) - without_id(after) == without_id(gone)
        assert len(after) == len(before) - 2
        flask(url, "db", "upgrade")
        flask(url, "db", "check")


def without_id(rows: Iterable[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    return {tuple(each for each in row if each[0] != "id") for row in rows}


def first_pages() -> Iterator[tuple[User, str]]:
    """Of everybody whom the sign-in page offers."""
    yield from ((person, "/") for person in db.session.scalars(select(User).where(User.demo_note != "")).all())


def objects() -> Iterator[tuple[User, str]]:
    """One in each state, and a person whom it concerns."""
    for name, (model, concerned) in OBJECTS.items():
        for state in db.session.scalars(select(model.state).distinct()).all():
            found = db.session.scalars(select(model).where(model.state == state).order_by(model.id)).first()
            yield concerned(found), f"/{name}/{found.id}"
