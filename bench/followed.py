"""A programme of 20,000 exchanges with all that was asked, answered and taken over: the worked example, so many times over.

It is loaded through the models and then multiplied by SQL, so that the data follow the models, and its shares are the example's.
"""

from dataclasses import dataclass
from datetime import date
from itertools import count
from time import process_time

from argon2 import PasswordHasher
from sqlalchemy import Column, Connection, text

import config
from bench.data import PASSWORD
from bench.many import insert, keep_counting
from mobility import create_app
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.findings.queries import review_of
from mobility.people.roles import Role
from mobility.programmes.models import Call, Programme
from tests.support import factories
from tests.support.loaded import Loaded
from tests.support.outcomes import example
from tests.support.processes import SECRET_KEY
from tests.support.queries import queries

EXCHANGES = 20_000
OF_EXAMPLE = 13
COPIES = -(-EXCHANGES // OF_EXAMPLE)
OFTEN, MORE_TAKEN = 4, 3
OWNER = "owner-of-the-review@example.org"
SUBJECTS = {each: each for each in ("application", "exchange", "voucher")} | {
    "followup": "questionnaire_request",
    "takeover": "take_over",
}
TABLES = (  # in the order in which they rest on each other
    "application",
    "delegate",
    "exchange",
    "voucher",
    "payment",
    "ledger_entry",
    "posting",
    "asking",
    "questionnaire_request",
    "answer",
    "take_over",
    "promise_record",
    "history_entry",
)
UNIQUE = {"payment": "end_to_end_id", "ledger_entry": "key"}


@dataclass(frozen=True)
class Followed:
    """Where it is, and how much."""

    programme_id: int
    call_id: int
    exchanges: int
    answers: int
    take_overs: int


@dataclass(frozen=True)
class Range:
    """The rows of a table that are copied; the copies follow them."""

    first: int
    last: int

    @property
    def step(self) -> int:
        return self.last - self.first + 1


def fill(database_url: str) -> Followed:
    factories._numbers, factories._ids = count(2_000_000), count(2_000_000, 1000)
    app = create_app(config.from_env({"DATABASE_URL": database_url, "SECRET_KEY": SECRET_KEY}))
    with app.app_context():
        with db.engine.connect() as connection:
            before = {table: _last(connection, table) for table in TABLES}
        loaded = Loaded(example())
        with transaction():
            secret = PasswordHasher(1, 8 * 1024, 1).hash(PASSWORD)
            factories.make_member(loaded.programme, Role.OWNER, email=OWNER, password_hash=secret)
        with db.engine.begin() as connection:
            _multiply(connection, {table: Range(before[table] + 1, _last(connection, table)) for table in TABLES})
            many = [_number(connection, before, table) for table in ("exchange", "answer", "take_over")]
        followed = Followed(loaded.programme.id, loaded.ids["c1"], *many)
        for engine in db.engines.values():
            engine.dispose()
    return followed


def read(database_url: str, followed: Followed) -> tuple[float, int]:
    """The processor time of reading the kept review of the call, the second time; in how many statements."""
    app = create_app(config.from_env({"DATABASE_URL": database_url, "SECRET_KEY": SECRET_KEY}))
    with app.app_context(), clock.at(clock.noon_of(date(2028, 11, 15))):
        programme, call = db.session.get_one(Programme, followed.programme_id), db.session.get_one(Call, followed.call_id)
        for _ in range(2):
            begun = process_time()
            with queries() as seen:
                review = review_of(programme, call)
            shown = [each.shown for each in review.figures.values()]
            took = process_time() - begun
        assert review.is_kept, "The review is computed when it is read"
        assert review.figures["objectives_met.yes"].shown == "62 %", shown
        for engine in db.engines.values():
            engine.dispose()
    return took, seen.count


def _multiply(connection: Connection, ranges: dict[str, Range]) -> None:
    for table in TABLES:
        _copy(connection, table, ranges, COPIES - 1)
    _send_again(connection)
    for table in TABLES if connection.dialect.name == "postgresql" else ():
        keep_counting(connection, table)


def _copy(connection: Connection, table: str, ranges: dict[str, Range], copies: int) -> None:
    values = {column.name: _value(column, ranges) for column in db.metadata.tables[table].columns}
    names = ", ".join(f'"{name}"' for name in values)
    rows = f"t.id BETWEEN {ranges[table].first} AND {ranges[table].last}"
    insert(connection, f"{table} ({names})", f"SELECT {', '.join(values.values())} FROM n, {table} t WHERE {rows}", copies)


def _value(column: Column, ranges: dict[str, Range]) -> str:
    name, table = column.name, column.table.name
    if name == "id":
        return f"t.id + n.i * {ranges[table].step}"
    if name == "subject_id":
        steps = (f"WHEN '{kind}' THEN {ranges[of].step}" for kind, of in SUBJECTS.items())
        return f"t.subject_id + n.i * CASE t.subject_type {' '.join(steps)} END"
    if UNIQUE.get(table) == name:
        return f"t.{name} || ' ' || n.i"
    copied = [of for key in column.foreign_keys if (of := key.column.table.name) in ranges]
    return f't."{name}" + n.i * {ranges[copied[0]].step}' if copied else f't."{name}"'


def _send_again(connection: Connection) -> None:
    """Each answer was sent before with the same words, and a quarter of them twice; each take-over stands for three."""
    columns = "request_id, asked_version_id, sent_at, answers, lines, by_id, by_name, handed_over"
    for only in ("id > 0", f"request_id % {OFTEN} = 0 AND id <= {_last(connection, 'answer')}"):
        again = f"SELECT id + {_last(connection, 'answer')}, {columns} FROM answer WHERE {only}"
        connection.execute(text(f"INSERT INTO answer (id, {columns}) {again}"))
    originals = "SELECT id FROM take_over WHERE key NOT LIKE '%x%'"
    of_it = "state, programme_id, exchange_id, organisation_id, what, who, by_when, objective, since, reason, answered, version"
    of_act = "actor_id, actor_name, acted_as, action, from_state, to_state, note, at, version"
    for number in range(2, MORE_TAKEN + 1):
        last, act = _last(connection, "take_over"), _last(connection, "history_entry")
        into = f"INSERT INTO take_over (id, key, created_at, {of_it})"
        values = f"id + {last}, key || 'x{number}', created_at, {of_it}"
        connection.execute(text(f"{into} SELECT {values} FROM take_over WHERE id IN ({originals})"))
        into = f"INSERT INTO history_entry (id, subject_type, subject_id, {of_act})"
        of_originals = f"subject_type = 'takeover' AND subject_id IN ({originals})"
        values = f"id + {act}, subject_type, subject_id + {last}, {of_act}"
        connection.execute(text(f"{into} SELECT {values} FROM history_entry WHERE {of_originals}"))


def _number(connection: Connection, before: dict[str, int], table: str) -> int:
    """How many were made here."""
    return connection.scalar(text(f"SELECT count(*) FROM {table} WHERE id > {before[table]}")) or 0


def _last(connection: Connection, table: str) -> int:
    return connection.scalar(text(f"SELECT coalesce(max(id), 0) FROM {table}")) or 0
