"""`flask --app wsgi backup FOLDER`: both parts, proved by restoring; and what is said when it cannot be."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask
from sqlalchemy import make_url, select

from mobility.claims.models import Evidence
from mobility.core.database import db, transaction
from mobility.upkeep import backups
from mobility.upkeep.models import Backup
from mobility.uploads import files
from tests.support.databases import Databases
from tests.support.postgres import Cluster
from tests.support.processes import flask


@pytest.fixture
def lived(
    database_kind: str, databases_of: Callable[[str], Databases], app_on: Callable[..., Flask], tmp_path: Path
) -> Iterator[tuple[str, Path]]:
    """A database with the demonstration, and a file for each row of its evidence."""
    kept = tmp_path / "kept"
    with databases_of(database_kind).fresh("demo") as url:
        with app_on(url, FILES_URL=kept.as_uri()).app_context(), transaction():
            for each in db.session.scalars(select(Evidence)):
                content = f"Evidence {each.id}".encode()
                each.key, each.sha256, each.size = files.store().save(content), sha256(content).hexdigest(), len(content)
        yield url, kept


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def back_up(lived: tuple[str, Path], folder: Path, *options: str, **settings: str) -> str:
    url, kept = lived
    return flask(url, "backup", str(folder), *options, FILES_URL=kept.as_uri(), BASE_URL="http://localhost", **settings)


def places(folder: Path) -> list[Path]:
    return sorted(each.parent for each in folder.glob("2*/backup.json"))


def test_both_parts_are_there_and_proved(lived: tuple[str, Path], folder: Path, app_on: Callable[..., Flask]) -> None:
    said = back_up(lived, folder)
    (place,) = places(folder)
    assert f"Backed up to {place}: " in said
    assert "Proved: restored into a scratch database, where the ledger and all files are in order." in said
    about = json.loads((place / "backup.json").read_text())
    assert (place / about["database"]).stat().st_size > 100_000
    assert (place / about["database"]).stat().st_mode & 0o077 == 0, "for the eyes of this user alone"
    copied = {each.name for each in (folder / "files").glob("??/*")}
    assert copied == {each.name for each in lived[1].glob("??/*")}
    assert len(copied) >= 3
    assert {each.name for each in folder.iterdir()} == {place.name, "files"}, "nothing of the proof is left"
    with app_on(lived[0]).app_context():
        noted = db.session.scalars(select(Backup)).one()
        assert (noted.place, noted.files, noted.proved_at is not None) == (str(place), len(copied), True)


def test_files_are_copied_once_and_old_databases_go(lived: tuple[str, Path], folder: Path, clock: ModuleType) -> None:
    count = len(list(lived[1].glob("??/*")))
    assert f"{count} files, {count} of them new" in back_up(lived, folder, "--without-proof", "--keep", "2")
    for _ in range(2):
        clock.move(days=1)
        assert f"{count} files, 0 of them new" in back_up(lived, folder, "--without-proof", "--keep", "2")
    assert [each.name for each in places(folder)] == ["2027-03-02T090000Z", "2027-03-03T090000Z"]


def test_a_file_that_is_missing_is_found_by_the_proof(lived: tuple[str, Path], folder: Path) -> None:
    gone = sorted(lived[1].glob("??/*"))[0]
    gone.unlink()
    with pytest.raises(AssertionError) as caught:
        back_up(lived, folder)
    assert "ended with 1" in str(caught.value)
    assert "The backup was made, but is not right" in str(caught.value)
    assert f"is not in the store, or cannot be read there: {gone.name}" in str(caught.value)


def test_a_copy_that_has_changed_is_found_by_the_proof(lived: tuple[str, Path], folder: Path, clock: ModuleType) -> None:
    back_up(lived, folder, "--without-proof")
    clock.move(days=1)
    copy = sorted((folder / "files").glob("??/*"))[0]
    copy.write_bytes(b"other")
    with pytest.raises(AssertionError, match="has changed since it was handed in"):
        back_up(lived, folder)


def test_a_damaged_database_is_found_by_the_proof(lived: tuple[str, Path], folder: Path, app_on: Callable[..., Flask]) -> None:
    with app_on(lived[0], FILES_URL=lived[1].as_uri()).app_context():
        made = backups.make(folder, db.engine.url)
        content = made.database.read_bytes()
        made.database.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert backups.prove(made, db.engine.url) == "The file of the database is not what was written."


def test_where_nothing_can_be_written_it_is_said(fresh_database: str) -> None:
    with pytest.raises(AssertionError) as caught:
        flask(fresh_database, "backup", "/proc/sys/backup", BASE_URL="http://localhost")
    assert "Error: /proc/sys/backup cannot be written" in str(caught.value)
    assert "Traceback" not in str(caught.value)


@pytest.mark.databases("postgresql")
def test_without_the_tools_of_postgresql_it_is_said(
    database_kind: str, fresh_database: str, tmp_path: Path, app_on: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(Path, "glob", lambda self, pattern: iter(()))
    with app_on(fresh_database).app_context(), pytest.raises(backups.CannotBackUp, match="pg_dump is missing: apt-get install"):
        backups.make(tmp_path, db.engine.url)


@pytest.mark.databases("postgresql")
def test_who_may_not_create_databases_is_told_how(
    database_kind: str, fresh_database: str, tmp_path: Path, app_on: Callable[..., Flask], postgres: Cluster
) -> None:
    name = make_url(fresh_database).database or ""
    with postgres.connect(name) as connection:
        connection.execute("CREATE ROLE plain LOGIN; GRANT pg_read_all_data TO plain")
    try:
        with app_on(fresh_database).app_context():
            plain = db.engine.url.set(username="plain")
            made = backups.make(tmp_path, plain)
            with pytest.raises(backups.CannotBackUp, match="ALTER ROLE plain CREATEDB"):
                backups.prove(made, plain)
    finally:
        with postgres.connect(name) as connection:
            connection.execute("DROP OWNED BY plain; DROP ROLE plain")
