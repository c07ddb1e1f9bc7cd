"""The demonstration, grown until its longest lists have some 20,000 rows; who reads them, and where they are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from argon2 import PasswordHasher
from sqlalchemy import Connection, create_engine, event, text

from bench.data import PASSWORD
from bench.multiplied import multiply
from tests.support.processes import flask

PROGRAMME = 3  # of the demonstration: the one with assessors, a ceiling and most exchanges
ROWS = 20_000
GUESTS = (
    f'SELECT id FROM "user" u WHERE id IN (SELECT guest_id FROM exchange WHERE programme_id = {PROGRAMME}) AND NOT EXISTS '
    "(SELECT 1 FROM membership m WHERE m.user_id = u.id AND m.role NOT IN ('guest', 'coordinator'))"
)
EXPERTS = "SELECT person_id FROM expert"
LEFT_OUT = frozenset({"outbox_message"})
# In this order: the rows one begins from by their tables, how many copies, and what is not copied with them.
GROUPS: tuple[tuple[Mapping[str, str], int, Collection[str]], ...] = (
    (
        {
            "theme": f"SELECT id FROM theme WHERE programme_id = {PROGRAMME}",
            "user": GUESTS,
            "membership": f"SELECT id FROM membership WHERE user_id IN ({GUESTS})",
            "payment_batch": f"SELECT id FROM payment_batch WHERE programme_id = {PROGRAMME}",
            "voucher": f"SELECT id FROM voucher WHERE programme_id = {PROGRAMME}",
        },
        313,  # 64 exchanges
        LEFT_OUT | {"audit_entry", "form_receipt"},
    ),
    (
        {
            "user": EXPERTS,
            "membership": f"SELECT id FROM membership WHERE user_id IN ({EXPERTS})",
            "expert": "SELECT id FROM expert",
        },
        ROWS // 6,
        LEFT_OUT | {"expert_asked", "history_entry"},
    ),
    ({"organisation": "SELECT min(id) FROM organisation"}, ROWS, ()),
    ({"take_over": "SELECT id FROM take_over WHERE id <= 34"}, ROWS // 34, LEFT_OUT),
    ({"outbox_message": "SELECT id FROM outbox_message WHERE id <= 2000"}, ROWS // 2000, ()),
    ({"mailing": "SELECT min(id) FROM mailing"}, ROWS, LEFT_OUT | {"mailing_letter"}),
    ({"audit_entry": "SELECT id FROM audit_entry WHERE id <= 50"}, ROWS // 50, ()),
)
READERS = {
    "owner": f"SELECT user_id FROM membership WHERE programme_id = {PROGRAMME} AND role = 'owner' AND until IS NULL ORDER BY id",
    "finance": f"SELECT user_id FROM membership WHERE programme_id = {PROGRAMME} AND role = 'finance_officer' ORDER BY id",
    "host": "SELECT m.user_id FROM membership m JOIN exchange e ON e.host_id = m.organisation_id "
    f"WHERE e.programme_id = {PROGRAMME} AND m.role = 'coordinator' AND m.until IS NULL "
    "GROUP BY m.user_id ORDER BY count(*) DESC, m.user_id",
    "guest": "SELECT guest_id FROM exchange WHERE guest_id > 60 GROUP BY guest_id ORDER BY count(*) DESC, guest_id",
    "administrator": 'SELECT id FROM "user" WHERE is_administrator ORDER BY id',
    "writer": "SELECT by_id FROM mailing ORDER BY id",
}


@dataclass(frozen=True)
class Grown:
    """`people`: the addresses of those who read, by what they are; `line` is the budget line with most movements."""

    people: Mapping[str, str]
    line: int


def grow(url: str) -> Grown:
    flask(url, "db", "upgrade")
    flask(url, "demo")
    engine = create_engine(url)
    event.listen(engine, "connect", lambda connection, _: _at_will(connection, engine.dialect.name))
    with engine.begin() as connection:
        for rows, copies, without in GROUPS:
            chosen = {table: set(connection.scalars(text(query))) for table, query in rows.items()}
            multiply(connection, copies, chosen, without)
        grown = _readers(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()
    return grown


def _at_will(connection, dialect: str) -> None:
    """Copies point to each other, so that nothing is checked before all are there, however long that takes."""
    with_it = connection.cursor()
    checks = "session_replication_role = replica; SET statement_timeout = 0"
    with_it.execute("PRAGMA foreign_keys = OFF" if dialect == "sqlite" else f"SET {checks}")
    with_it.close()


def _readers(connection: Connection) -> Grown:
    ids = {who: connection.scalar(text(f"{query} LIMIT 1")) for who, query in READERS.items()}
    secret = PasswordHasher(1, 8 * 1024, 1).hash(PASSWORD)
    for id in ids.values():
        connection.execute(text('UPDATE "user" SET password_hash = :secret WHERE id = :id'), {"secret": secret, "id": id})
    addresses = {who: connection.scalar(text('SELECT email FROM "user" WHERE id = :id'), {"id": id}) for who, id in ids.items()}
    busiest = "SELECT budget_line_id FROM ledger_entry GROUP BY budget_line_id ORDER BY count(*) DESC LIMIT 1"
    return Grown(addresses, connection.scalar(text(busiest)))
