"""The measure of work on many rows: plain statements through the driver, past SQLAlchemy, from this process."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import psycopg

from bench.data import Database
from bench.processor import own, postmaster, spent

ADDED_UP = "SELECT sum(abs(total)) FROM (SELECT sum(amount) AS total FROM posting GROUP BY entry_id) AS entries"
ANSWERS = "SELECT request_id, sent_at, answers FROM answer"
TEXT = "A letter of a few lines. " * 20


@dataclass(frozen=True)
class BareRows:
    """A connection, and in PostgreSQL the process that does all its work, and the one that has started all of them."""

    connection: psycopg.Connection | sqlite3.Connection
    backend: int | None = None
    server: int | None = None

    @property
    def processor(self) -> float:
        return time.process_time() + (own(self.backend) if self.backend else 0.0)

    def others(self) -> float:
        """The processor time of the database server for everybody else."""
        return spent(self.server) - own(self.backend) if self.server and self.backend else 0.0

    def add_up(self) -> float:
        """The postings of each entry, once; returns the processor time it took."""
        begun = self.processor
        self.connection.execute(ADDED_UP).fetchall()
        return self.processor - begun

    def read_answers(self) -> float:
        """All answers as they are stored, once; the processor time."""
        begun = self.processor
        for _ in self.connection.execute(ANSWERS):
            pass
        return self.processor - begun

    def insert_thousand(self) -> float:
        """Rows of a number and some text, each by a statement of its own, in one transaction; the processor time."""
        begun = self.processor
        self.connection.execute("BEGIN")
        for _ in range(1000):
            self.connection.execute("INSERT INTO bare_row (text) VALUES (%s)", [TEXT])
        self.connection.execute("COMMIT")
        return self.processor - begun


@contextmanager
def on_postgresql(database: Database) -> Iterator[BareRows]:
    with database.connect() as connection:
        connection.execute("SET max_parallel_workers_per_gather = 0")
        connection.execute("CREATE TABLE IF NOT EXISTS bare_row (id serial PRIMARY KEY, text text NOT NULL)")
        yield BareRows(connection, connection.info.backend_pid, postmaster(database))


@contextmanager
def on_sqlite(file: str) -> Iterator[BareRows]:
    with closing(sqlite3.connect(file)) as connection:
        yield BareRows(connection)
