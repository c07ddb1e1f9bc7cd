"""What the nightly job takes to queue 100,000 due reminders, as a multiple of bare INSERTs, and how much memory."""

from bench.bare_rows import on_postgresql
from bench.command import measured
from bench.data import Database
from bench.promises import NIGHT, NIGHT_MEMORY, Result
from tests.support.processes import flask

JOB = "queue-reminders"


def measure(database: Database) -> list[Result]:
    """Every application waits for its host since a week, so each of them is due for one reminder to one person."""
    _make_due(database)
    with on_postgresql(database) as bare:
        night = measured(database.url, "run-job", JOB, bare=bare.insert_thousand, others=bare.others)
        queued = _queued(database)
    flask(database.url, "run-job", JOB)
    assert queued >= database.size.applications, f"{queued} reminders of {database.size.applications}"
    again = _queued(database) - queued
    assert not again, f"a second run queued {again} again"
    figures = NIGHT.of(night.times * 1000 / queued), NIGHT_MEMORY.of(night.mebibytes)
    return [
        Result("The nightly job", figures, f"{queued:,} reminders, {night.seconds:.1f} s of processor time; 0 when run again")
    ]


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
