"""Entries as a chain: each has the hash of the one before it in its own, so that none is changed or taken out unseen.

The chain has one end, so whoever adds to it waits until the one before has committed. Entries therefore wait in the session
until all else is written, and are added as the last of a transaction: the lock is held for the commit alone, and whoever holds
it waits for nothing else.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, event, insert, select, text
from sqlalchemy.orm import Session, SessionTransaction

from mobility.audit.models import AuditEntry
from mobility.core.database import db, table_of

LOCK = int.from_bytes(sha256(b"mobility audit log").digest()[:8], signed=True)
TABLE = table_of(AuditEntry)
WAITING = "audit entries"
EMPTY: tuple[Any, ...] = (None, "", {})


def canonical(value: Any) -> bytes:
    """The same bytes for the same values, whichever database they were read from."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def hash_of(entry: Mapping[str, Any]) -> str:
    """Over all columns but the hash itself. What is empty is left out, so that a column that is added later changes no hash."""
    content = {name: value for name, value in entry.items() if name != "hash" and value not in EMPTY}
    return sha256(canonical(content | {"at": entry["at"].isoformat()})).hexdigest()


def lock(connection: Connection) -> None:
    """PostgreSQL's writers queue here until the commit."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def append(connection: Connection, entries: Iterable[Mapping[str, Any]]) -> None:
    """Number and chain them. On SQLite the transaction is the only one that writes; PostgreSQL's writers queue here."""
    lock(connection)
    last = connection.execute(select(TABLE.c.id, TABLE.c.hash).order_by(TABLE.c.id.desc()).limit(1)).first()
    length, earlier = last or (0, "")
    rows = []
    for number, entry in enumerate(entries, length + 1):
        row = {**entry, "id": number, "earlier_hash": earlier}
        earlier = row["hash"] = hash_of(row)
        rows.append(row)
    connection.execute(insert(TABLE), rows)


def wait(entry: Mapping[str, Any]) -> None:
    """Keep it for the commit. It is forgotten with the savepoint or transaction in which it was made, if that is rolled back."""
    session = db.session()
    part = session.get_nested_transaction() or session.get_transaction() or session.begin()
    session.info.setdefault(WAITING, []).append((part, entry))


@event.listens_for(db.session, "before_commit")
def append_waiting(session: Session) -> None:
    """As the last of a transaction."""
    if not session.info.get(WAITING) or session.in_nested_transaction():
        return
    session.flush()  # takes the last locks of others' rows, before the chain's
    append(session.connection(), [entry for _part, entry in session.info.pop(WAITING)])


def settle() -> None:
    """Add what waits now, before the commit, and let nobody else add anything until then: for who reads the whole log."""
    session = db.session()
    lock(session.connection())
    append_waiting(session)


@event.listens_for(db.session, "after_soft_rollback")
def _forget(session: Session, ended: SessionTransaction) -> None:
    if waiting := session.info.get(WAITING):
        session.info[WAITING] = [(part, entry) for part, entry in waiting if ended.nested and not _within(part, ended)]


def _within(part: SessionTransaction | None, ended: SessionTransaction) -> bool:
    while part is not None and part is not ended:
        part = part.parent
    return part is ended
