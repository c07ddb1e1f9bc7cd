"""A hundred thousand vouchers more, with their ledger, and a thousand requests, in a programme of their own.

One voucher is made through the operations and then multiplied by SQL, so that the data follow the models. What the bench knows of
the application's inside, it knows here.
"""

from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from argon2 import PasswordHasher
from sqlalchemy import Connection, text

import config
from bench.data import PASSWORD
from mobility import create_app
from mobility.core.database import db, transaction
from mobility.payments.models import PaymentBatch
from mobility.workflows.parts import Actor
from tests.support import factories
from tests.support.cases import Case, make_account, make_case
from tests.support.processes import SECRET_KEY

VOUCHERS, BATCH = 100_000, 1_000
OWNER = "owner-of-the-batch@example.org"
# What happened to each of the many, in cents: 780 approved, 80 released, 700 paid, 200 recovered; and money added now and then.
EVENTS = {
    "appropriate": ("funding", "available", 100_000),
    "commit": ("available", "committed", 78_000),
    "release": ("committed", "available", 8_000),
    "spend": ("committed", "spent", 70_000),
    "recover": ("spent", "available", 20_000),
}
ENTRIES = VOUCHERS * len(EVENTS)


@dataclass(frozen=True)
class Many:
    """Where they are."""

    programme_id: int
    line_id: int
    template: int  # the voucher they are copies of
    batch_id: int
    account_id: int  # to which they were paid


def fill(database_url: str) -> Many:
    factories._numbers = count(1_000_000)  # data.sql has given the lower ones to its own people
    app = create_app(config.from_env({"DATABASE_URL": database_url, "SECRET_KEY": SECRET_KEY}))
    with app.app_context():
        with transaction():
            many = _template()
        with db.engine.begin() as connection:
            _multiply(connection, many)
        for engine in db.engines.values():
            engine.dispose()
    return many


def _template() -> Many:
    programme = factories.make_programme(scheme="light", name="Programme of the large numbers")
    factories.make_rate_card(programme, lump_by_country={"amounts": {"PT": "780.00"}})
    case: Case = make_case("light", Decimal(900_000), programme=programme)
    case.owner.email, case.owner.password_hash = OWNER, PasswordHasher(1, 8 * 1024, 1).hash(PASSWORD)
    case.take_to("requested")
    batch = PaymentBatch(programme=programme, collected_by=case.owner, message_id="many", state="settled")
    db.session.add(batch)
    batch.record("created", by=case.owner, acted_as=Actor.FINANCE_OFFICER, from_state="", to_state=batch.state, note="")
    db.session.flush()
    return Many(programme.id, case.line.id, case.voucher.id, batch.id, make_account(case.voucher.holder).id)


def _multiply(connection: Connection, many: Many) -> None:
    _copy_voucher(connection, many, BATCH - 1, {})
    paid = {"final_amount": "70000", "recovered_amount": "20000", "issued_at": "created_at", "paid_on": "'2026-01-30'"}
    ended = paid | {"state": "'paid'", "waiting_for": "NULL", "waiting_since": "NULL", "due_on": "NULL"}
    first = _copy_voucher(connection, many, VOUCHERS, ended)
    _pay(connection, many, first)
    for event in EVENTS:
        _post(connection, many.line_id, event, first)
    if connection.dialect.name == "postgresql":
        for table in ("voucher", "payment", "ledger_entry", "posting"):
            keep_counting(connection, table)


def _copy_voucher(connection: Connection, many: Many, copies: int, changed: dict[str, str]) -> int:
    """The columns `changed` to other SQL; returns the id before the first of them."""
    before = _last_id(connection, "voucher")
    values = {column.name: f't."{column.name}"' for column in db.metadata.tables["voucher"].columns}
    values |= {"id": f"{before} + n.i"} | changed
    names = ", ".join(f'"{name}"' for name in values)
    query = f"SELECT {', '.join(values.values())} FROM n, voucher t WHERE t.id = {many.template}"
    insert(connection, f"voucher ({names})", query, copies)
    return before


def _pay(connection: Connection, many: Many, before_first: int) -> None:
    """Each by one payment of a batch that the bank has carried out."""
    payment = _last_id(connection, "payment")
    columns = "id, batch_id, voucher_id, account_id, amount, end_to_end_id, outcome, reason, settled_on"
    values = f"{payment} + n.i, {many.batch_id}, {before_first} + n.i, {many.account_id}, 70000, 'many ' || n.i"
    insert(connection, f"payment ({columns})", f"SELECT {values}, 'paid', '', '2026-01-30' FROM n")


def _post(connection: Connection, line_id: int, event: str, before_first: int) -> None:
    """What happened to each of the vouchers once: an entry, its two postings, and the balances of the line."""
    source, target, cents = EVENTS[event]
    entry = _last_id(connection, "ledger_entry")
    of_voucher = "NULL" if event == "appropriate" else f"{before_first} + n.i"
    of = f"'line {line_id}:{event}:many ' || n.i" if event == "appropriate" else f"({of_voucher}) || ':{event}'"
    insert(
        connection,
        "ledger_entry (id, budget_line_id, event, voucher_id, key, by_id, at, note)",
        f"SELECT {entry} + n.i, {line_id}, '{event}', {of_voucher}, {of}, NULL, {LONG_AGO}, '' FROM n",
    )
    for account, amount in ((source, -cents), (target, cents)):
        posting = _last_id(connection, "posting")
        query = f"SELECT {posting} + n.i, {entry} + n.i, '{account}', {amount} FROM n"
        insert(connection, "posting (id, entry_id, account, amount)", query)
        if account != "funding":
            sum_ = amount * VOUCHERS
            connection.exec_driver_sql(f"UPDATE budget_line SET {account} = {account} + {sum_} WHERE id = {line_id}")


LONG_AGO = "(SELECT min(at) FROM ledger_entry)"


def insert(connection: Connection, into: str, query: str, most: int = VOUCHERS) -> None:
    """With the numbers 1 to `most` as n.i."""
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most})"
    connection.exec_driver_sql(f"INSERT INTO {into} {numbers} {query}")


def _last_id(connection: Connection, table: str) -> int:
    return connection.scalar(text(f"SELECT coalesce(max(id), 0) FROM {table}")) or 0


def keep_counting(connection: Connection, table: str) -> None:
    """PostgreSQL's own counter goes on behind the copies."""
    connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
