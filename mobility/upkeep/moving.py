"""From SQLite to PostgreSQL: every table copied at one moment, compared row by row, and only then kept.

The source is only read, which the database itself sees to. Everything on the target is one transaction: all of it, or nothing.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    URL,
    Column,
    Connection,
    Engine,
    MetaData,
    Table,
    create_engine,
    func,
    insert,
    inspect,
    null,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError

from mobility.core.database import Json, db

ROOT = Path(__file__).parents[2]
AT_ONCE = 500
VERSIONS = "alembic_version"


class CannotMove(Exception):
    """Says what stands against it, and what to do."""


@dataclass(frozen=True)
class Moved:
    tables: int
    rows: int


def move(target: URL) -> Moved:
    """Copy the database of this application into an empty one. Raises CannotMove; nothing is left behind then."""
    if target.get_backend_name() != "postgresql":
        raise CannotMove("The target must be like postgresql://user:password@host/name.")
    source = db.engine
    if source.url.get_backend_name() != "sqlite":
        raise CannotMove("Only a SQLite database is moved; pg_dump and pg_restore copy PostgreSQL's.")
    tables = db.metadata.sorted_tables
    _ensure_known(source, tables)
    engine = create_engine(target)
    try:
        _ensure_empty(engine)
        _migrate(target)
        _ensure_empty(engine)
        with source.connect() as reading, engine.begin() as writing:
            rows = _copy_all(reading, writing, tables)
    except DBAPIError as error:
        raise CannotMove(f"The target refused: {str(error.orig).strip()}") from error
    finally:
        engine.dispose()
    _check(target)
    return Moved(len(tables), rows)


def newest_revision() -> str:
    """Of the code that runs."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def _ensure_known(source: Engine, tables: list[Table]) -> None:
    """The source has the newest migration, and no table that we would leave behind."""
    with source.connect() as connection:
        if VERSIONS not in inspect(connection).get_table_names():
            raise CannotMove("The source has no tables yet: there is nothing to move.")
        revision = connection.scalar(text(f"SELECT version_num FROM {VERSIONS}"))  # noqa: S608 (a name of ours)
        strange = set(inspect(connection).get_table_names()) - {each.name for each in tables} - {VERSIONS}
    if revision != newest_revision():
        raise CannotMove(f"The source is at migration {revision}; run `flask --app wsgi db upgrade` first.")
    if strange:
        raise CannotMove(f"The source has tables that Mobility does not know: {', '.join(sorted(strange))}.")


def _ensure_empty(engine: Engine) -> None:
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) - {VERSIONS}
        full = [name for name in sorted(names) if connection.scalar(select(func.count()).select_from(table(name)))]
    if full:
        raise CannotMove(f"The target is not empty: there are rows in {', '.join(full[:5])}. Make a new database for it.")


def _migrate(target: URL) -> None:
    """In a process of its own, with its address in the environment: a command line can be read by everybody on the machine."""
    if wrong := _flask(target, "db", "upgrade"):
        raise CannotMove(f"The target's tables could not be made:\n{wrong}")


def _check(target: URL) -> None:
    for command in (("check-ledger", "--without-files"), ("check-audit",)):
        if wrong := _flask(target, *command):
            raise CannotMove(f"All rows were copied, but {command[0]} finds the target wrong; do not use it:\n{wrong}")


def _flask(target: URL, *command: str) -> str:
    """What it says if it ends with a fault."""
    settings = os.environ | {"DATABASE_URL": target.set(drivername="postgresql").render_as_string(hide_password=False)}
    run = subprocess.run(  # noqa: S603 (ourselves)
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if run.returncode == 0 else (run.stdout + run.stderr).strip()


def _copy_all(reading: Connection, writing: Connection, tables: list[Table]) -> int:
    """Foreign keys are taken off and put on again, which looks at every row: tables may refer to each other in circles."""
    reading.exec_driver_sql("PRAGMA query_only = ON")
    try:
        keys = _take_off_keys(writing)
        total = sum(_copy(each, reading, writing) for each in tables)
        for name, key, words in keys:
            writing.exec_driver_sql(f'ALTER TABLE "{name}" ADD CONSTRAINT "{key}" {words}')
        return total
    finally:
        reading.exec_driver_sql("PRAGMA query_only = OFF")


def _take_off_keys(writing: Connection) -> list[tuple[str, str, str]]:
    """(table, name, how it is put on again) of each foreign key."""
    found = writing.exec_driver_sql(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY 1, 2"
    ).all()
    keys = [(name.strip('"'), key, words) for name, key, words in found]
    for name, key, _ in keys:
        writing.exec_driver_sql(f'ALTER TABLE "{name}" DROP CONSTRAINT "{key}"')
    return keys


def _copy(source: Table, reading: Connection, writing: Connection) -> int:
    """One table, row by row in the order of its ids; then counted, and compared by a sum over all that is in it."""
    target, count, digest = _like(source), 0, sha256()
    for rows in _chunks(source, reading):
        writing.execute(insert(target), [_bound(source, row) for row in rows])
        count += len(rows)
        _add(digest, source, rows)
    there = sha256()
    for rows in _chunks(source, writing):
        _add(there, source, rows)
    if there.digest() != digest.digest():
        raise CannotMove(f"The rows of {source.name} are not the same on the target. Nothing was kept.")
    if "id" in source.c:
        _set_sequence(source.name, writing)
    return count


def _set_sequence(name: str, writing: Connection) -> None:
    writing.exec_driver_sql(
        f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL) FROM \"{name}\""  # noqa: S608
    )


def _chunks(source: Table, connection: Connection) -> Iterator[list[Any]]:
    """Each column, and of those with JSON also whether nothing at all stands there, which is not the same as "null"."""
    empty = [each.is_(null()).label(f"no_{each.name}") for each in _json(source)]
    query = select(*source.c, *empty).order_by(*source.primary_key.columns)
    yield from map(list, connection.execute(query.execution_options(yield_per=AT_ONCE)).partitions())


def _json(source: Table) -> list[Column[Any]]:
    return [each for each in source.c if each.type is Json or isinstance(each.type, JSON)]


def _like(source: Table) -> Any:
    """The same columns; where nothing stands in a column with JSON, nothing is written."""
    json_names = {each.name for each in _json(source)}
    columns = [Column(each.name, JSONB(none_as_null=True) if each.name in json_names else each.type) for each in source.c]
    return Table(source.name, MetaData(), *columns)


def _bound(source: Table, row: Any) -> dict[str, Any]:
    values = {each.name: row._mapping[each.name] for each in source.c}
    for each in _json(source):
        if values[each.name] is None and not row._mapping[f"no_{each.name}"]:
            values[each.name] = JSON.NULL
    return values


def _add(digest: Any, source: Table, rows: list[Any]) -> None:
    """All values of all rows, written in one way whatever database they come from."""
    for row in rows:
        digest.update(json.dumps(list(row), sort_keys=True, default=_plain).encode() + b"\n")


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else repr(value)
