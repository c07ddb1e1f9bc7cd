"""The database: base model, column types, and `transaction()`.

SQLite and PostgreSQL behave alike here: a write transaction is decided on before anything is read (SQLite: BEGIN IMMEDIATE;
PostgreSQL: rows that matter are locked by the queries), so two people acting at once meet one after the other.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache, wraps
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, BigInteger, Connection, DateTime, Dialect, Engine, MetaData, String, Table, TypeDecorator, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry, validates
from sqlalchemy.orm.exc import StaleDataError as StaleDataError  # for views: the slower of two

from mobility.core.clock import day_of
from mobility.core.money import from_cents, to_cents
from mobility.core.names import name_key, searchable
from mobility.running.patience import PATIENCE
from mobility.running.speed import quick_connection

LONGEST_KNOWN, MOST_KNOWN = 100, 50_000  # characters of a name, and names

Value = TypeVar("Value")

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

View = TypeVar("View", bound=Callable[..., Any])


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC instant. SQLite keeps no timezone, so it is put back on reading; a naive instant is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant needs a timezone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Cents(TypeDecorator[Decimal]):
    """Money: `Decimal` with two places in Python, integer cents in the database (SQLite would sum REAL otherwise)."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else to_cents(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else from_cents(value)


Json = JSON().with_variant(JSONB(), "postgresql")


_COLUMN_TYPES: dict[Any, Any] = {datetime: UTCDateTime, str: String, Decimal: Cents, dict[str, Any]: Json, list[Any]: Json}


class _Base(DeclarativeBase):
    """Strings are unbounded text unless a column says otherwise; forms bound what people type."""

    registry = registry(metadata=MetaData(naming_convention=NAMING), type_annotation_map=_COLUMN_TYPES)

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)


db: SQLAlchemy = SQLAlchemy(model_class=_Base)

if TYPE_CHECKING:
    Model = _Base
else:
    Model = db.Model


class Named:
    """What has a name. `name_key` (core/names.py) is kept with it: unique where two of the same name would be mistaken."""

    name: Mapped[str]
    name_key: Mapped[str]

    @validates("name")
    def _keep_key(self, _attribute: str, name: str) -> str:
        self.name_key = name_key(name)
        return name


def fingerprint(row: Model, *columns: str) -> str:
    """Changes whenever one of these columns changes, or any: tells a form that somebody changed it since it was opened."""
    values = [str(getattr(row, name)) for name in columns or table_of(type(row)).columns.keys()]
    return sha256("\n".join(values).encode()).hexdigest()[:16]


def table_of(model: type[Model]) -> Table:
    """For statements past the session: quicker where nothing of it needs to know."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 (for the type)
    return table


_writing: ContextVar[bool] = ContextVar("writing", default=False)
_whole: ContextVar[bool] = ContextVar("whole", default=False)
_later: ContextVar[list[Callable[[], object]] | None] = ContextVar("later", default=None)


def is_writing() -> bool:
    """Whether `transaction()` is open here: then SQLite's other writers wait, so no page is rendered."""
    return _writing.get()


@contextmanager
def transaction() -> Iterator[None]:
    """All or nothing: one commit stores the state, the history, the postings and the outgoing mail together.

    Opened by views and jobs, never by operations. Not to be nested, except in `whole()`.
    """
    if _whole.get():
        with _part():
            yield
        return
    if _writing.get():
        raise RuntimeError("transaction() is opened once, by the view or the job")
    _refuse_earlier_changes()
    db.session.rollback()  # ends the reading transaction: what follows reads what is true now
    later: list[Callable[[], object]] = []
    with _set(_writing, True), _set(_later, later):
        try:
            yield
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise
    for act in later:
        act()


def after_commit(act: Callable[[], object]) -> None:
    """`act()` once what `transaction()` does is stored, never if it is not; at once where none is open."""
    later = _later.get()
    if later is None:
        act()
    else:
        later.append(act)


@contextmanager
def whole() -> Iterator[None]:
    """Many transactions as one: those inside become savepoints, and a single commit at the end stores them all.

    For loading the demonstration. The jobs in it use this session too: another one would wait for it.
    """
    with transaction():
        outermost = db.session.begin()
        with _set(_whole, True):
            yield
        if db.session().get_transaction() is not outermost:
            raise RuntimeError("Something inside whole() has ended its transaction, so the whole is not kept")


@contextmanager
def _part() -> Iterator[None]:
    """One of the transactions in `whole()`."""
    _refuse_earlier_changes()
    with _set(_whole, False), db.session.begin_nested():
        yield
    db.session.expire_all()  # as a commit does


@contextmanager
def one_moment() -> Iterator[None]:
    """Many statements that read what was true at one moment, however long they take. Not inside `transaction()`."""
    _refuse_earlier_changes()
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":  # SQLite's transactions are so by themselves
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield
    finally:
        db.session.rollback()


def in_one_moment(view: View) -> View:
    """A page that reads some of what it shows while it is rendered: nothing is replaced in between."""

    @wraps(view)
    def shown(*args: Any, **kwargs: Any) -> Any:
        with one_moment():
            return view(*args, **kwargs)

    return shown  # type: ignore[return-value]


def _refuse_earlier_changes() -> None:
    if db.session.new or db.session.dirty or db.session.deleted:
        raise RuntimeError("Something was changed outside a transaction")


@contextmanager
def _set(variable: ContextVar[Value], value: Value) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


@contextmanager
def alone(*, writing: bool = False) -> Iterator[Connection]:
    """A small transaction beside the request's own, for what must stay even if that is rolled back (accounts/throttle.py).

    Not inside `transaction()`: on SQLite the two would wait for each other.
    """
    if _writing.get():
        raise RuntimeError("alone() has its own transaction, so it cannot be used inside transaction()")
    db.session.rollback()  # gives the connection back: a request holds one at a time
    with _set(_writing, writing), db.engine.begin() as connection:
        yield connection


event.listen(Engine, "do_connect", quick_connection)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None  # `_begin_sqlite` says BEGIN
        connection.create_function("searchable", 1, _searchable, deterministic=True)  # searching.py
        connection.create_function("day_in", 2, _day_in, deterministic=True)  # days.py
        for pragma in (
            "foreign_keys = ON",
            "secure_delete = ON",
            f"busy_timeout = {PATIENCE.for_the_writer}",
            "synchronous = NORMAL",
            "cache_size = -16000",
        ):
            connection.execute(f"PRAGMA {pragma}")


def _searchable(text: str | None) -> str | None:
    return None if text is None else _known(text) if len(text) <= LONGEST_KNOWN else searchable(text)


_known = lru_cache(maxsize=MOST_KNOWN)(searchable)  # SQLite asks for each name with an accent at each search


def _day_in(stored: str | None, timezone: str) -> str | None:
    return None if stored is None else day_of(datetime.fromisoformat(stored).replace(tzinfo=UTC), timezone).isoformat()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def write_back() -> None:
    """SQLite: what was replaced or deleted goes out of the database's files as well, not only out of its tables. A reader who is
    in the way puts it off until the next time."""
    if db.engine.dialect.name == "sqlite":
        with closing(db.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("PRAGMA busy_timeout = 1000")  # writers wait behind it
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute(f"PRAGMA busy_timeout = {PATIENCE.for_the_writer}")


def switch_to_wal() -> None:
    """Readers no longer wait for the writer. Done once, in the migrate step: several processes doing it at once fail."""
    if db.engine.dialect.name == "sqlite":
        with closing(db.engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA journal_mode = WAL")
