"""What can be wrong around us, and is known: a database that is stopped, empty, full, busy. Each has a sentence for people and
one for the log that says what to do about it, without a traceback. Anything else is a fault of ours.
"""

import logging
import sqlite3
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from mobility.running import logs
from mobility.running.logs import in_one_line

SOON = "Nothing was saved; please try again in a moment."


@dataclass(frozen=True)
class Cause:
    """`advice` is for the log, `said` for the page. `away`: nothing can be read either, so a page says only that."""

    name: str
    advice: str
    said: str
    away: bool = True


SILENT = f"The database does not answer. {SOON}"
AWAY = Cause("away", "the database does not answer: is it running, and is DATABASE_URL right?", SILENT)
REFUSES = Cause("refuses", "the database refuses the user, the password or the name in DATABASE_URL", SILENT)
TABLES = Cause(
    "tables",
    "the tables are not those of this version: run `flask --app wsgi db upgrade`",
    "Mobility is being set up or upgraded. Nothing was saved; please try again in a few minutes.",
)
FULL = Cause(
    "full",
    "there is no room left where the database is",
    "Nothing was saved: there is no room left for it.",
    away=False,
)
UNWRITABLE = Cause(
    "unwritable",
    "the file of the database, or its folder, cannot be written by this user",
    "Nothing can be saved at the moment. Whoever runs Mobility finds the reason in the log.",
    away=False,
)
UNREADABLE = Cause("unreadable", "the file of the database cannot be opened or read by this user", SILENT)
DAMAGED = Cause("damaged", "the file of the database is damaged: restore a backup (docs/deploy.md)", SILENT)
CROWDED = Cause("crowded", "no connection is free: raise DATABASE_POOL_SIZE, or the server's max_connections", SILENT)
BUSY = Cause("busy", "the database is busy", f"The database is busy. {SOON}", away=False)

BY_SQLSTATE = {  # the whole code, or its class
    "42P01": TABLES,
    "42703": TABLES,
    "53100": FULL,
    "53300": CROWDED,
    "25006": UNWRITABLE,
    "28": REFUSES,
    "3D": REFUSES,
    "08": AWAY,
    "57P": AWAY,
    "40": BUSY,
    "55P03": BUSY,
    "57014": BUSY,
}
BY_SQLITE_CODE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: UNREADABLE,
    sqlite3.SQLITE_PERM: UNREADABLE,
    sqlite3.SQLITE_IOERR: UNREADABLE,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
}
BY_WORDS = {  # where there is no code: before there is a connection, and in SQLite about tables
    "no such table": TABLES,
    "no such column": TABLES,
    "has no column named": TABLES,
    "password authentication failed": REFUSES,
    "no password supplied": REFUSES,
    "pg_hba.conf": REFUSES,
    "does not exist": REFUSES,
    "is not permitted to log in": REFUSES,
    "too many clients": CROWDED,
    "remaining connection slots": CROWDED,
    "too many connections": CROWDED,
    "disk is full": FULL,
    "locked": BUSY,
}


def cause_of(error: BaseException) -> Cause | None:
    """What is wrong around us when this was raised; None if it is a fault of ours."""
    if isinstance(error, NoConnection):
        return CROWDED
    if not isinstance(error, DBAPIError):
        return None
    cause = _by_code(error.orig) or _by_words(str(error.orig))
    return cause or (AWAY if error.connection_invalidated or _never_connected(error) else None)


def _by_code(fault: Any) -> Cause | None:
    if code := getattr(fault, "sqlstate", None):
        return next((cause for start, cause in BY_SQLSTATE.items() if code.startswith(start)), None)
    code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
    return BY_SQLITE_CODE.get(code)


def _by_words(words: str) -> Cause | None:
    return next((cause for part, cause in BY_WORDS.items() if part in words), None)


def _never_connected(error: DBAPIError) -> bool:
    """The driver's own words, of which only the beginning is always the same."""
    words = str(error.orig)
    return "connection" in words or "timeout" in words or "did not answer" in words


def tell(log: logging.Logger, where: str, error: BaseException) -> Cause | None:
    """Into the log: a known cause as one line a minute, whatever asks; else all of it, with where it was raised."""
    cause = cause_of(error)
    if cause is None:
        log.error("%s failed", where, exc_info=error)
        return None
    left_out = logs.SELDOM.left_out(cause.name)
    if left_out is not None:
        more = f" ({left_out} more lines like this were left out)" if left_out else ""
        log.error("%s: %s [%s]%s", where, cause.advice, words_of(error), more)
    return cause


def words_of(error: BaseException) -> str:
    """What the driver says, in one line; never the statement's values, which belong to people."""
    return in_one_line(" ".join(str(getattr(error, "orig", error)).split()))[:300]
