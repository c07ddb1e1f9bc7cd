"""After an erasure the bytes of a SQLite database hold nothing of the person: neither its file nor its log, nor a backup."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import make_url

from mobility import jobs
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.people.roles import Role
from mobility.privacy import operations
from tests.support.factories import make_member, make_organisation, make_user

NAME, ADDRESS = "Zdenka Quirinova", "zdenka.quirinova@example.org"


def traces(file: Path) -> list[str]:
    files = (file, file.with_name(f"{file.name}-wal"))
    return [each.name for each in files if each.exists() and b"quirinova" in each.read_bytes().lower()]


@pytest.fixture
def file(fresh_database: str, app_on: Callable[..., Flask], tmp_path: Path) -> Iterator[Path]:
    """The database's, with somebody in it whose day has come; in the application's context."""
    if not fresh_database.startswith("sqlite"):
        pytest.skip("the bytes of PostgreSQL are its own; a dump holds rows")
    app = app_on(fresh_database, AUDIT_HEADS=(tmp_path / "heads").as_uri(), FILES_URL=(tmp_path / "files").as_uri())
    with app.app_context():
        place = make_organisation(name="Mur Cluster", about=f"Ask {NAME}, {ADDRESS}.")
        make_member(place, Role.COORDINATOR)
        person = make_user(name=NAME, email=ADDRESS)
        db.session.commit()
        with transaction():
            operations.ask(db.session.merge(person), by=db.session.merge(person))
        clock.move(days=31)
        yield Path(make_url(fresh_database).database or "")


def test_nothing_is_left_in_any_file(file: Path, tmp_path: Path) -> None:
    assert traces(file)
    assert str(jobs.erase_people()) == "1 people erased"
    assert traces(file) == []
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(tmp_path / "backup.db")) as copy:
        source.backup(copy)
    assert traces(tmp_path / "backup.db") == []


def test_the_control(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That no row holds it is not enough."""
    monkeypatch.setattr(jobs, "write_back", lambda: None)
    assert str(jobs.erase_people()) == "1 people erased"
    assert traces(file)
