"""Counting SQL statements: a list page issues the same number for 1, 3 and 300 rows, written as a literal."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import has_app_context
from sqlalchemy import Engine, event

from mobility.audit.chain import append_waiting
from mobility.core.database import db

HOUSEKEEPING = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "SET ")
WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass
class Queries:
    """The statements issued so far, transactions' own left out: the same on SQLite and PostgreSQL."""

    statements: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.statements)

    @property
    def writes(self) -> list[str]:
        return [statement for statement in self.statements if statement.lstrip().upper().startswith(WRITES)]

    def __str__(self) -> str:
        """Numbered, to be read when a count is wrong: `assert q.count == 7, q`."""
        return "\n".join(f"{number}. {' '.join(each.split())}" for number, each in enumerate(self.statements, 1))


@contextmanager
def queries() -> Iterator[Queries]:
    """Collect the statements of all engines of this process during a block."""
    seen = Queries()
    if has_app_context():
        append_waiting(db.session())  # what the test has prepared waits for its commit, which may be the client's

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().upper().startswith(HOUSEKEEPING):
            seen.statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
