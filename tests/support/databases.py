"""The databases of the tests: one of each kind per pytest worker, emptied after each test, and fresh copies of templates."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from fcntl import LOCK_EX, flock
from itertools import count
from pathlib import Path
from typing import Protocol

import psycopg
from flask import Flask
from sqlalchemy import make_url

from mobility.core.database import db, switch_to_wal
from tests.support.postgres import Cluster
from tests.support.processes import flask

KINDS = ("sqlite", "postgresql")
TEMPLATES: dict[str, tuple[str | None, tuple[str, ...]]] = {  # what it is a copy of, and the command that makes the difference
    "migrated": (None, ("db", "upgrade")),
    "demo": ("migrated", ("demo",)),
}


class Store(Protocol):
    """Where the databases of one kind are kept, for all pytest workers."""

    def create(self, name: str, template: str | None = None) -> str:
        """A new database, empty or a copy of the one named `template`; returns its URL."""

    def drop(self, name: str) -> None: ...

    def empty(self, name: str, tables: list[str]) -> None:
        """Delete all rows. Foreign keys are not looked at, so the order does not matter, nor do circles."""

    def close(self) -> None: ...


class SqliteStore:
    """Files in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.db"

    def create(self, name: str, template: str | None = None) -> str:
        if template is not None:
            with closing(sqlite3.connect(self.path(template))) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # one whole file, as nobody has it open
            shutil.copy(self.path(template), self.path(name))
        return f"sqlite:///{self.path(name)}"

    def drop(self, name: str) -> None:
        for path in self.folder.glob(f"{name}.db*"):
            path.unlink()

    def empty(self, name: str, tables: list[str]) -> None:
        with closing(sqlite3.connect(self.path(name), timeout=5, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN IMMEDIATE")
            full = _not_empty(connection, tables)  # most are empty, and each trigger that goes has all statements prepared anew
            triggers = connection.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            refusing = [(name, sql) for table, name, sql in triggers if table in full]  # PostgreSQL's role switches its own off
            for name, _ in refusing:
                connection.execute(f"DROP TRIGGER {name}")
            for table in full:
                connection.execute(f'DELETE FROM "{table}"')
            for _, sql in refusing:
                connection.execute(sql)
            connection.execute("COMMIT")

    def close(self) -> None: ...


class PostgresStore:
    """Databases in the tests' own cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._emptying: dict[str, psycopg.Connection] = {}  # a new connection takes longer than emptying

    def create(self, name: str, template: str | None = None) -> str:
        return self.cluster.create_database(name, template or "template0")

    def drop(self, name: str) -> None:
        self.cluster.drop_database(name)

    def empty(self, name: str, tables: list[str]) -> None:
        deletions = "".join(f'DELETE FROM "{table}";' for table in tables)
        if name not in self._emptying:
            self._emptying[name] = self.cluster.connect(name)
            self._emptying[name].execute("SET lock_timeout = '5s'; SET session_replication_role = replica")
        self._emptying[name].execute(f"BEGIN; {deletions} COMMIT")

    def close(self) -> None:
        for connection in self._emptying.values():
            connection.close()


class Databases:
    """All of one kind that one pytest worker uses. `shared` is the one that its tests use one after the other.

    `folder` is that of all workers, `worker` what this one is called.
    """

    def __init__(self, store: Store, folder: Path, worker: str) -> None:
        self.store = store
        self._folder = folder
        self._worker = worker
        self._numbers = count(1)
        self.shared_url = store.create(f"{worker}_shared")

    def build_schema(self, app: Flask) -> None:
        """The tables of the shared database, from the models (another test holds models and migrations equal)."""
        with app.app_context():
            switch_to_wal()
            db.create_all()

    def empty(self, url: str) -> None:
        """Leave the tables of one of these databases without a row."""
        self.store.empty(_name_in(url), list(db.metadata.tables))

    @contextmanager
    def fresh(self, template: str | None = "migrated") -> Iterator[str]:
        """The URL of a new database: "migrated" is empty, "demo" has the whole demonstration, None has not even tables."""
        if template:
            self._provide(template)
        url = self.store.create(f"{self._worker}_{next(self._numbers)}", template)
        try:
            yield url
        finally:
            with suppress(FileNotFoundError):
                self.store.drop(_name_in(url))

    def _provide(self, template: str) -> None:
        """Making one takes a while, so whichever pytest worker comes first does it for all."""
        with (self._folder / f"{template}_{type(self.store).__name__}").open("a+") as note:
            flock(note, LOCK_EX)
            note.seek(0)
            if not note.read():
                basis, command = TEMPLATES[template]
                if basis:
                    self._provide(basis)
                flask(self.store.create(template, basis), *command, DEMO="1")
                note.write("made")


def _not_empty(connection: sqlite3.Connection, tables: list[str]) -> set[str]:
    asked = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in tables)
    return {table for (table,) in connection.execute(asked)}


def _name_in(url: str) -> str:
    return Path(make_url(url).database or "").stem
