"""The databases the bench works on: in a PostgreSQL cluster of its own, migrated, and filled by data.sql."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

import psycopg
from argon2 import PasswordHasher
from sqlalchemy import make_url

from tests.support.postgres import Cluster, running_cluster
from tests.support.processes import flask

PASSWORD = "a password of the bench"
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "256MB"}


@dataclass(frozen=True)
class Size:
    """How much there is. Each host has 50 themes with ten applications each, each guest twenty applications."""

    themes: int
    applications: int
    vouchers: int

    @property
    def hosts(self) -> int:
        return self.themes // 50

    @property
    def guests(self) -> int:
        return self.applications // 20


FULL = Size(themes=10_000, applications=100_000, vouchers=20_000)
SMALL = Size(themes=500, applications=5_000, vouchers=1_000)


@dataclass(frozen=True)
class Database:
    """A filled database: `url` for SQLAlchemy, `connect()` past it."""

    url: str
    size: Size

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)

    def empty(self, name: str) -> "Database":
        """Another of the same server, migrated, with nothing in it."""
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
            connection.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
        other = Database(make_url(self.url).set(database=name).render_as_string(hide_password=False), Size(0, 0, 0))
        flask(other.url, "db", "upgrade")
        return other

    def ask(self, sql: str, *values: object) -> list[tuple]:
        """The rows a statement returns."""
        with self.connect() as connection:
            return connection.execute(sql, values).fetchall()


@contextmanager
def databases() -> Iterator[tuple[Database, Database]]:
    """A full and a small one, in a cluster that keeps its promises (fsync), unlike the tests' own.

    BENCH_DATABASE_URL names a database to use as the full one; it is filled if it is empty. The bench changes what is in it.
    """
    with running_cluster(**DURABLE) as cluster:
        flask(cluster.create_database("migrated"), "db", "upgrade")
        given = os.environ.get("BENCH_DATABASE_URL")
        if given:
            flask(given, "db", "upgrade")
        yield _filled(given or _fresh(cluster, "full"), FULL), _filled(_fresh(cluster, "small"), SMALL)


@contextmanager
def small_database() -> Iterator[Database]:
    with running_cluster(**DURABLE) as cluster:
        flask(cluster.create_database("migrated"), "db", "upgrade")
        yield _filled(_fresh(cluster, "small"), SMALL)


def _fresh(cluster: Cluster, name: str) -> str:
    return cluster.create_database(name, template="migrated")


def _filled(url: str, size: Size) -> Database:
    database = Database(url, size)
    first = database.ask('SELECT email FROM "user" WHERE id = 1')
    if first and first != [("person1@example.org",)]:
        raise SystemExit("There are real people in BENCH_DATABASE_URL. The bench changes things: give it an empty database.")
    if not first:
        with database.connect() as connection:
            connection.execute(_sql(size))
            connection.execute("VACUUM ANALYZE")
    return database


def _sql(size: Size) -> str:
    text = Path(__file__).with_name("data.sql").read_text()
    numbers = {name: getattr(size, name) for name in ("themes", "applications", "vouchers", "hosts", "guests")}
    return Template(text).substitute(numbers, password=PasswordHasher(1, 8 * 1024, 1).hash(PASSWORD))
