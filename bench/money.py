"""Money in large numbers: the page of a budget line, 1,000 approvals in one batch, and `check-ledger` over all of it.

One voucher is made through the operations and then multiplied by SQL, with its ledger, so that the data follow the models.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from argon2 import PasswordHasher
from sqlalchemy import text

import config
from bench.browser import Browser, token_in
from bench.command import measured
from bench.data import PASSWORD, Database
from mobility import create_app
from mobility.core.database import Model, db, transaction
from mobility.people.roles import Role
from mobility.programmes.models import LedgerEntry, Posting
from mobility.vouchers import operations
from mobility.vouchers.models import Voucher
from tests import factories
from tests.support.cases import DECLARATIONS, make_case
from tests.support.processes import SECRET_KEY, flask, running_server

VOUCHERS, BATCH = 100_000, 1_000
BATCH_SECONDS, CHECK_SECONDS, CHECK_MEBIBYTES = 20, 30, 300
OWNER = "owner-of-the-batch@example.org"
# What happened to each of the many, in cents: 780 approved, 80 released, 700 paid, 200 recovered; and money added now and then.
EVENTS = {
    "appropriate": ("funding", "available", 100_000),
    "commit": ("available", "committed", 78_000),
    "release": ("committed", "available", 8_000),
    "spend": ("committed", "spent", 70_000),
    "recover": ("spent", "available", 20_000),
}


@dataclass(frozen=True)
class Checked:
    """`check-ledger` as a process of its own."""

    database: str
    seconds: float
    mebibytes: float
    said: str

    @property
    def problems(self) -> list[str]:
        found = []
        if self.seconds >= CHECK_SECONDS:
            found.append(f"{CHECK_SECONDS} seconds or more")
        if self.mebibytes >= CHECK_MEBIBYTES:
            found.append(f"{CHECK_MEBIBYTES} MB or more")
        return found


@dataclass(frozen=True)
class Batch:
    """So many approvals by one click, on SQLite, with all that is in the ledger already."""

    done: int
    seconds: float
    checked: Checked

    @property
    def problems(self) -> list[str]:
        return [f"{BATCH_SECONDS} seconds or more"] if self.seconds >= BATCH_SECONDS else []


def fill(database_url: str) -> tuple[int, int]:
    """A programme of its own with 100,000 recovered vouchers, 500,000 entries and 1,000 requests; its id and the line's."""
    factories._numbers = count(1_000_000)  # data.sql has given the lower ones to its own people
    app = create_app(config.from_env({"DATABASE_URL": database_url, "SECRET_KEY": SECRET_KEY}))
    with app.app_context():
        with transaction():
            case = make_case("light", Decimal(900_000), programme=_programme())
            owner = factories.make_member(case.programme, Role.OWNER, email=OWNER)
            owner.password_hash = PasswordHasher(1, 8 * 1024, 1).hash(PASSWORD)
            operations.request(case.voucher, by=case.holder, declarations=list(DECLARATIONS))
            found = case.programme.id, case.line.id, case.voucher.id
        programme_id, line_id, template = found
        with transaction():
            _multiply(template, line_id)
        for engine in db.engines.values():
            engine.dispose()
    return programme_id, line_id


def _programme() -> Any:
    programme = factories.make_programme(scheme="light", name="Programme of the large numbers")
    factories.make_rate_card(programme, lump_by_country={"amounts": {"PT": "780.00"}})
    return programme


def _multiply(template: int, line_id: int) -> None:
    requests = _copies(Voucher, template, BATCH - 1, {})
    paid = {"final_amount": "70000", "recovered_amount": "20000", "issued_at": "created_at"}
    ended = paid | {"state": "'recovered'", "waiting_for": "NULL", "waiting_since": "NULL", "due_on": "NULL"}
    first = _copies(Voucher, template, VOUCHERS, ended)
    assert first > requests
    entry, long_ago = _next_id(LedgerEntry), "(SELECT min(at) FROM ledger_entry)"
    for event, (source, target, cents) in EVENTS.items():
        of_voucher = "NULL" if event == "appropriate" else f"{first} + n.i"
        _run(
            "INSERT INTO ledger_entry (id, budget_line_id, event, voucher_id, key, by_id, at, note) "
            f"SELECT {entry} + n.i, {line_id}, '{event}', {of_voucher}, 'many ' || n.i || ':{event}', NULL, {long_ago}, '' FROM n"
        )
        for account, sign in ((source, "-"), (target, "")):
            _run(
                "INSERT INTO posting (id, entry_id, account, amount) "
                f"SELECT {_next_id(Posting)} + n.i, {entry} + n.i, '{account}', {sign}{cents} FROM n"
            )
        entry += VOUCHERS
    for account in ("available", "committed", "spent"):
        moved = sum(cents * ((target == account) - (source == account)) for source, target, cents in EVENTS.values())
        db.session.execute(text(f"UPDATE budget_line SET {account} = {account} + {moved * VOUCHERS} WHERE id = {line_id}"))
    _keep_counting()


def _copies(model: type[Model], template: int, copies: int, changed: dict[str, str]) -> int:
    """Copies of one row, the columns `changed` to other SQL; the id before the first of them."""
    before = _next_id(model) - 1
    values = {column.name: f't."{column.name}"' for column in model.__table__.columns}
    values |= {"id": f"{before} + n.i"} | changed
    names = ", ".join(f'"{name}"' for name in values)
    _run(f"INSERT INTO voucher ({names}) SELECT {', '.join(values.values())} FROM n, voucher t WHERE t.id = {template}", copies)
    return before


def _run(insert: str, most: int | None = None) -> None:
    """With the numbers 1 to `most` as n.i."""
    head, _, query = insert.partition(" SELECT ")
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most or VOUCHERS})"
    db.session.connection().exec_driver_sql(f"{head} {numbers} SELECT {query}")


def _next_id(model: type[Model]) -> int:
    return (db.session.scalar(db.select(db.func.max(model.id))) or 0) + 1


def _keep_counting() -> None:
    """PostgreSQL's own counters go on behind the copies."""
    if db.engine.dialect.name == "postgresql":
        for model in (Voucher, LedgerEntry, Posting):
            table = model.__tablename__
            db.session.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"))


def on_sqlite() -> Batch:
    """The batch through the web server as an owner sends it from the review page, then the check over all of it."""
    with _sqlite() as url:
        programme_id, _ = fill(url)
        with running_server(url) as server:
            owner = Browser(server.url).sign_in(OWNER)
            owner.connection.timeout = 600
            page = owner.get(f"/programmes/{programme_id}/desk/review?choice=all&show=decide").text
            chosen = _ticked(page)
            assert len(chosen) == BATCH, f"{len(chosen)} of {BATCH} are on the review page"
            body = urlencode([("csrf_token", token_in(page)), ("decision", "approve"), *(("chosen", each) for each in chosen)])
            begun = perf_counter()
            answer = owner._send("POST", f"/programmes/{programme_id}/desk", body)
            seconds = perf_counter() - begun
        assert f"{BATCH} of {BATCH} done" in answer.text, answer.text[:3000]
        return Batch(BATCH, seconds, checked("SQLite", url))


def _ticked(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('name="chosen" value="')[1:]]


@contextmanager
def _sqlite() -> Iterator[str]:
    with TemporaryDirectory(prefix="mobility-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        flask(url, "db", "upgrade")
        yield url


def checked(name: str, database_url: str) -> Checked:
    result = measured(database_url, "check-ledger")
    return Checked(name, result.seconds, result.mebibytes, result.said)


def on_postgresql(database: Database) -> tuple[str, Checked]:
    """Fill the large database further; the path of the line's page and the check over all of it."""
    programme_id, line_id = fill(database.url)
    with database.connect() as connection:
        connection.execute("VACUUM ANALYZE")
    return f"/programmes/{programme_id}/budget/{line_id}", checked("PostgreSQL", database.url)
