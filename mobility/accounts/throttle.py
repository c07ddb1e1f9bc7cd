"""Slowing guessing down: attempts are counted per kind and key (an address, an IP), in a table all processes share.

An attempt is stored in a small transaction of its own: it counts even when the request's own work is rolled back.
So these are called by views, outside `transaction()`.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, Index, and_, delete, func, insert, select, text
from sqlalchemy.orm import Mapped, mapped_column

from mobility.core import clock
from mobility.core.database import Model, alone
from mobility.core.errors import Refusal


class Attempt(Model):
    """A failed or limited attempt (sign-in, reset, code check). The key is kept hashed: it may be an address."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_kind_key_at", "kind", "key", "at"),)

    kind: Mapped[str]
    key: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=clock.utc_now)


class Throttled(Refusal):
    """Too many attempts (429). The message says how long to wait."""

    status = 429

    def __init__(self, seconds: float):
        minutes = max(1, -(-int(seconds) // 60))
        super().__init__(f"Too many attempts. Please wait {minutes} minute{'s' if minutes > 1 else ''} and try again.")
        self.seconds = max(1, int(seconds))


def record_attempt(kind: str, key: str) -> None:
    """Count one attempt."""
    with alone(writing=True) as connection:
        _record(connection, kind, key)


def ensure_not_throttled(kind: str, key: str, most: int, minutes: int) -> None:
    """Raises `Throttled` if there were `most` attempts in the last `minutes`."""
    with alone() as connection:
        _refuse_if_too_many(connection, kind, key, most, minutes)


def take_attempt(kind: str, key: str, most: int, minutes: int) -> None:
    """Check and count in one: of any number of attempts made at the same time, only `most` pass. Raises `Throttled`."""
    with alone(writing=True) as connection:
        if connection.dialect.name == "postgresql":
            number = int.from_bytes(sha256(f"{kind}:{key}".encode()).digest()[:8], signed=True)
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
        _refuse_if_too_many(connection, kind, key, most, minutes)
        _record(connection, kind, key)


def forget_attempts(kind: str, key: str, *, only_last: bool = False) -> None:
    """After a success: the tries before it no longer count (`only_last`: only the one that succeeded)."""
    mine = and_(Attempt.kind == kind, Attempt.key == _hashed(key))
    if only_last:
        mine = Attempt.id == select(func.max(Attempt.id)).where(mine).scalar_subquery()
    with alone(writing=True) as connection:
        connection.execute(delete(Attempt).where(mine))


def _record(connection: Connection, kind: str, key: str) -> None:
    connection.execute(insert(Attempt).values(kind=kind, key=_hashed(key), at=clock.utc_now()))


def _refuse_if_too_many(connection: Connection, kind: str, key: str, most: int, minutes: int) -> None:
    newest = select(Attempt.at).where(_recent(kind, key, minutes)).order_by(Attempt.at.desc()).limit(most)
    times = connection.scalars(newest).all()
    if len(times) >= most:
        raise Throttled((times[-1] + timedelta(minutes=minutes) - clock.utc_now()).total_seconds())


def _recent(kind: str, key: str, minutes: int) -> ColumnElement[bool]:
    since = clock.utc_now() - timedelta(minutes=minutes)
    return and_(Attempt.kind == kind, Attempt.key == _hashed(key), Attempt.at > since)


def _hashed(key: str) -> str:
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
