"""How long the nightly job takes to queue 100,000 due reminders, and how much memory."""

from dataclasses import dataclass

from bench.command import measured
from bench.data import Database

SECONDS, MEBIBYTES = 60, 300
JOB = "queue-reminders"


@dataclass(frozen=True)
class Night:
    """`again` is how many a second run added."""

    queued: int
    seconds: float
    mebibytes: float
    again: int

    @property
    def problems(self) -> list[str]:
        found = []
        if self.seconds >= SECONDS:
            found.append(f"{SECONDS} seconds or more")
        if self.mebibytes >= MEBIBYTES:
            found.append(f"{MEBIBYTES} MB or more")
        if self.again:
            found.append(f"a second run queued {self.again} again")
        return found


def measure(database: Database) -> Night:
    """Every application waits for its host since a week, so each of them is due for one reminder to one person."""
    _make_due(database)
    first = measured(database.url, "run-job", JOB)
    queued = _queued(database)
    assert queued >= database.size.applications, f"{queued} reminders of {database.size.applications}"
    measured(database.url, "run-job", JOB)
    return Night(queued, first.seconds, first.mebibytes, _queued(database) - queued)


def _make_due(database: Database) -> None:
    with database.connect() as connection:
        connection.execute("UPDATE theme SET state = 'published' WHERE state = 'draft'")
        connection.execute(
            "UPDATE application SET state = 'submitted', waiting_for = 'host_answer', waiting_since = current_date - 7, "
            "due_on = current_date + 3"
        )
        connection.execute("VACUUM ANALYZE application")


def _queued(database: Database) -> int:
    return database.ask("SELECT count(*) FROM outbox_message WHERE kind = 'reminder'")[0][0]
