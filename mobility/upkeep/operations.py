"""Keeping what the jobs did, and telling administrators what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from socket import gethostname
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from mobility.core import clock
from mobility.core.database import db, table_of
from mobility.core.links import path_of
from mobility.notifications.operations import address_for, row, store
from mobility.notifications.rendering import write
from mobility.people.queries import administrators
from mobility.upkeep.models import Backup, JobRun, JobState
from mobility.upkeep.queries import OURS
from mobility.upkeep.rules import Trouble

LONGEST = 500  # characters of what is kept of an error


@dataclass(frozen=True)
class Ran:
    """One run of a job. `trace` is the id of its lines in the log."""

    job: str
    began_at: datetime
    seconds: float
    done: str = ""
    failed: int = 0
    error: str = ""
    trace: str = ""


def keep_run(ran: Ran) -> None:
    """The job's newest run; and a row of its own for one that did something or failed."""
    newest = {"job": ran.job, "began_at": ran.began_at, "seconds": ran.seconds, "done": ran.done, "failed": ran.failed}
    db.session.execute(_note_newest(db.engine.dialect.name), newest | {"runs": 1, "failures": int(ran.failed > 0)})
    if ran.done or ran.failed:
        db.session.add(JobRun(error=ran.error[:LONGEST], trace=ran.trace, host=gethostname(), **newest))


def _note_newest(dialect: str) -> Any:
    """Several schedulers may note the same job at once: one row, counted together."""
    table = table_of(JobState)
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    given = {name: insert.excluded[name] for name in ("began_at", "seconds", "done", "failed")}
    counted = {"runs": table.c.runs + 1, "failures": table.c.failures + insert.excluded.failures}
    return insert.on_conflict_do_update(index_elements=["job"], set_=given | counted)


def keep_backup(place: str, seconds: float, database_bytes: int, files: int) -> Backup:
    backup = Backup(place=place, seconds=seconds, database_bytes=database_bytes, files=files)
    db.session.add(backup)
    db.session.flush()
    return backup


def note_proof(id: int) -> None:
    """It was restored into a scratch database, and found right."""
    db.session.get_one(Backup, id).proved_at = clock.utc_now()


def tell_administrators(troubles: Sequence[Trouble]) -> int:
    """A mail to each about each trouble, once as long as it is the same; how many are new."""
    people = administrators()
    return store([_letter(trouble, person) for trouble in troubles for person in people])


def _letter(trouble: Trouble, person: Any) -> dict[str, Any]:
    link = address_for(person, path_of(trouble.endpoint))
    letter = write(OURS, person=person, link=link, about=None, trouble=trouble)
    return row(OURS, person, letter, f"{trouble.name}:{trouble.occasion}")
