"""What SQLite and PostgreSQL raise, and what is made of it."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from mobility.running import faults

ENGINES: dict[str, Any] = {
    "tables": ("sqlite:///{folder}/new.db", "SELECT * FROM voucher"),
    "unwritable": ("sqlite:///file:{folder}/made.db?mode=ro&uri=true", "CREATE TABLE other (id INTEGER)"),
    "unreadable": ("sqlite:///{folder}/nowhere/made.db", "SELECT 1"),
    "damaged": ("sqlite:///{folder}/letter.db", "SELECT * FROM voucher"),
    "away": ("postgresql+psycopg://mobility@127.0.0.1:1/mobility", "SELECT 1"),
}


def raised(url: str, statement: str) -> DBAPIError:
    with pytest.raises(DBAPIError) as caught, create_engine(url, poolclass=NullPool).connect() as connection:
        connection.execute(text(statement))
    return caught.value


@pytest.mark.parametrize("name", ENGINES)
def test_what_the_driver_raises_has_a_known_cause(name: str, tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "made.db").execute("CREATE TABLE here (id INTEGER)").connection.close()
    (tmp_path / "letter.db").write_text("Dear colleague, this is no database. " * 100)
    url, statement = ENGINES[name]
    cause = faults.cause_of(raised(url.format(folder=tmp_path), statement))
    assert cause is not None
    assert cause.name == name


def test_a_full_disk_is_full_and_not_busy(tmp_path: Path) -> None:
    with create_engine(f"sqlite:///{tmp_path}/full.db", poolclass=NullPool).connect() as connection:
        connection.execute(text("CREATE TABLE note (text TEXT)"))
        connection.execute(text("PRAGMA max_page_count = 3"))
        with pytest.raises(DBAPIError) as caught:
            connection.execute(text("INSERT INTO note VALUES (:text)"), {"text": "x" * 100_000})
    cause = faults.cause_of(caught.value)
    assert cause == faults.FULL
    assert "busy" not in cause.said


def test_a_lock_that_is_not_given_is_busy(tmp_path: Path) -> None:
    holder = sqlite3.connect(tmp_path / "held.db", isolation_level=None)
    holder.execute("CREATE TABLE here (id INTEGER)")
    holder.execute("BEGIN IMMEDIATE")
    engine = create_engine(f"sqlite:///{tmp_path}/held.db", poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 1")
        with pytest.raises(DBAPIError) as caught:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    holder.close()
    assert faults.cause_of(caught.value) == faults.BUSY


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("42P01", "tables"),  # undefined_table
        ("42703", "tables"),  # undefined_column
        ("53100", "full"),  # disk_full
        ("53300", "crowded"),  # too_many_connections
        ("28P01", "refuses"),  # invalid_password
        ("3D000", "refuses"),  # invalid_catalog_name
        ("08006", "away"),  # connection_failure
        ("57P01", "away"),  # admin_shutdown
        ("57P03", "away"),  # cannot_connect_now
        ("57014", "busy"),  # query_canceled: the statement took too long
        ("55P03", "busy"),  # lock_not_available
        ("40P01", "busy"),  # deadlock_detected
        ("25006", "unwritable"),  # read_only_sql_transaction
    ],
)
def test_codes_of_postgresql(code: str, name: str) -> None:
    fault = type("Fault", (Exception,), {"sqlstate": code})("said so")
    cause = faults.cause_of(DBAPIError("SELECT", {}, fault))
    assert cause is not None
    assert cause.name == name


def test_what_we_did_wrong_has_no_cause_around_us() -> None:
    assert faults.cause_of(ValueError("a fault")) is None
    unique = type("Fault", (Exception,), {"sqlstate": "23505"})("duplicate key")
    assert faults.cause_of(IntegrityError("INSERT", {}, unique)) is None
    syntax = type("Fault", (Exception,), {"sqlstate": "42601"})("syntax error")
    assert faults.cause_of(DBAPIError("SELEC", {}, syntax)) is None


def test_no_value_of_a_statement_is_told() -> None:
    error = DBAPIError("SELECT :email", {"email": "a@example.org"}, Exception("no such\ntable: theme"))
    assert faults.words_of(error) == "no such table: theme"
