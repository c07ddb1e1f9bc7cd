"""The databases of the tests: one of each kind per pytest worker, emptied after each test, and fresh migrated ones."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Protocol

from flask import Flask
from sqlalchemy import make_url

from mobility.core.database import db, switch_to_wal
from tests.support.postgres import Cluster
from tests.support.processes import flask

KINDS = ("sqlite", "postgresql")


class Store(Protocol):
    """Where the databases of one kind are kept."""

    def create(self, name: str, template: str | None = None) -> str:
        """A new database, empty or a copy of the one named `template`; returns its URL."""

    def drop(self, name: str) -> None: ...

    def empty(self, name: str, tables: list[str]) -> None:
        """Delete all rows. Foreign keys are not looked at, so the order does not matter, nor do circles."""


class SqliteStore:
    """Files in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.db"

    def create(self, name: str, template: str | None = None) -> str:
        if template is not None:
            shutil.copy(self.path(template), self.path(name))  # nobody has the template open, so it is one whole file
        return f"sqlite:///{self.path(name)}"

    def drop(self, name: str) -> None:
        for path in self.folder.glob(f"{name}.db*"):
            path.unlink()

    def empty(self, name: str, tables: list[str]) -> None:
        connection = sqlite3.connect(self.path(name), timeout=5, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN IMMEDIATE")
            for table in tables:
                connection.execute(f'DELETE FROM "{table}"')
            connection.execute("COMMIT")
        finally:
            connection.close()


class PostgresStore:
    """Databases in the tests' own cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    def create(self, name: str, template: str | None = None) -> str:
        return self.cluster.create_database(name, template or "template0")

    def drop(self, name: str) -> None:
        self.cluster.drop_database(name)

    def empty(self, name: str, tables: list[str]) -> None:
        deletions = "".join(f'DELETE FROM "{table}";' for table in tables)
        with self.cluster.connect(name) as connection:
            connection.execute("SET lock_timeout = '5s'")
            connection.execute(f"BEGIN; SET LOCAL session_replication_role = replica; {deletions} COMMIT")


class Databases:
    """All of one kind. `shared` is the one that tests use one after the other."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.shared_url = store.create("shared")
        self._numbers = count(1)
        self._template: str | None = None

    def build_schema(self, app: Flask) -> None:
        """The tables of the shared database, from the models (another test holds models and migrations equal)."""
        with app.app_context():
            switch_to_wal()
            db.create_all()

    def empty(self, url: str) -> None:
        """Leave the tables of one of these databases without a row."""
        self.store.empty(_name_in(url), list(db.metadata.tables))

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a new, migrated, empty database."""
        if self._template is None:
            flask(self.store.create("migrated"), "db", "upgrade")
            self._template = "migrated"
        url = self.store.create(f"fresh_{next(self._numbers)}", self._template)
        try:
            yield url
        finally:
            with suppress(FileNotFoundError):
                self.store.drop(_name_in(url))


def _name_in(url: str) -> str:
    return Path(make_url(url).database or "").stem


def load_demo(sqlite_url: str) -> None:
    """A new SQLite database with the demonstration, in one file that can be copied."""
    flask(sqlite_url, "db", "upgrade")
    flask(sqlite_url, "demo", DEMO="1")
    connection = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
