"""How long this process waits for the database: for SQLite's one writer, and for a statement of PostgreSQL. That server ends
what takes too long by itself; one that is frozen, or gone without a word, ends nothing: then we do, and hang up.

Once it has not answered, one thread at a time asks again, and all others are refused at once: so pages say what is wrong, and
/healthz answers, instead of every thread waiting.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

import psycopg

Answer = TypeVar("Answer")

CONNECTING = 5  # seconds, also for asking again
LONGER = 5  # seconds that we wait longer than the server does, so that its own words arrive
BATCHES = 600.0  # seconds for a statement of a command or a job, for which nobody waits


class Patience:
    """`seconds` for a statement; None waits for ever, as a migration may take long."""

    def __init__(self, seconds: float | None = 15.0) -> None:
        self.seconds = seconds
        self.silent = False
        self._asking = Lock()

    @property
    def ours(self) -> float | None:
        """Seconds until we hang up."""
        return None if self.seconds is None else CONNECTING if self.silent else self.seconds + LONGER

    @property
    def for_the_writer(self) -> int:
        """Milliseconds, for SQLite's busy_timeout: 0 would not wait at all."""
        return round((BATCHES if self.seconds is None else self.seconds) * 1000)

    def at_connection(self) -> dict[str, Any]:
        """For psycopg: what the server is to know."""
        limit = f"-c statement_timeout={round((self.seconds or 0) * 1000)}"
        return {"connect_timeout": CONNECTING, "options": limit, "keepalives_idle": 30, "tcp_user_timeout": 30_000}

    def ask(self, act: Callable[[], Answer]) -> Answer:
        """`act()`; of a silent server only one at a time, the others are refused."""
        if not self.silent:
            return act()
        if not self._asking.acquire(blocking=False):
            raise psycopg.OperationalError("the server did not answer a moment ago, and is being asked again")
        try:
            answer = act()
            self.silent = False
            return answer
        finally:
            self._asking.release()

    def lost(self) -> psycopg.OperationalError:
        """It has not answered in time: what to raise."""
        waited, self.silent = self.ours, True
        return psycopg.OperationalError(f"the server did not answer within {waited:g} seconds")


PATIENCE = Patience()
