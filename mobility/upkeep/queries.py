"""What is known of the running installation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cache

from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import func, select, text

from mobility.core import clock
from mobility.core.database import db
from mobility.core.paging import Page, paged
from mobility.lists.columns import Column, Kind, Listing
from mobility.notifications.models import OutboxMessage, is_held
from mobility.running import faults
from mobility.subjects import SUBJECTS
from mobility.upkeep.models import Backup, JobRun, JobState
from mobility.upkeep.rules import LATEST_TICK, Known, Trouble, in_words, troubles
from mobility.uploads import files

OURS = "upkeep"  # the kind of our own mails, which are not told of again


def current_troubles() -> list[Trouble]:
    """What somebody should see to now."""
    return troubles(_known())


def _known() -> Known:
    count, newest = db.session.execute(
        select(func.count(), func.max(OutboxMessage.id)).where(OutboxMessage.state == "dead", OutboxMessage.kind != OURS)
    ).one()
    failing = select(JobState.job, JobState.began_at).where(JobState.failed > 0).order_by(JobState.job)
    return Known(
        now=clock.utc_now(),
        last_tick=last_tick(),
        dead_mail=count,
        newest_dead=newest or 0,
        failing=[(job, at) for job, at in db.session.execute(failing)],
        last_backup=db.session.scalar(select(func.max(Backup.made_at)).where(Backup.proved_at.is_not(None))),
        backup_days=current_app.config.get("BACKUP_DAYS", 0),
    )


def last_tick() -> datetime | None:
    """When any scheduler last ran any job."""
    return db.session.scalar(select(func.max(JobState.began_at)))


def states() -> list[JobState]:
    """Each job, as it ran last."""
    return list(db.session.scalars(select(JobState).order_by(JobState.job)))


def runs(job: str, failed: bool, number: int) -> Page:
    """Runs that did something, newest first; of one job, or only those that failed."""
    query = select(JobRun).order_by(JobRun.id.desc())
    query = query.where(JobRun.job == job) if job else query
    return paged(query.where(JobRun.failed > 0) if failed else query, number)


def backups() -> list[Backup]:
    """The newest few."""
    return list(db.session.scalars(select(Backup).order_by(Backup.id.desc()).limit(5)))


@dataclass(frozen=True)
class Outbox:
    """How many messages wait, could not be sent, and since when the one that waits longest is there."""

    waiting: int
    dead: int
    oldest: datetime | None


def outbox() -> Outbox:
    query = select(OutboxMessage.state, func.count(), func.min(OutboxMessage.created_at))
    found = db.session.execute(
        query.where(OutboxMessage.state.in_(("waiting", "sending", "dead")), ~is_held()).group_by(OutboxMessage.state)
    )
    by_state = {state: (count, oldest) for state, count, oldest in found}
    waits = [by_state[state] for state in ("waiting", "sending") if state in by_state]
    oldest = min((each for _, each in waits), default=None)
    return Outbox(sum(count for count, _ in waits), by_state.get("dead", (0, None))[0], oldest)


def overdue() -> dict[str, int]:
    """Open promises whose day is over, by the name of the workflow; in UTC, as a figure for a machine."""
    today = clock.today()
    return {
        model.workflow.name: db.session.scalar(
            select(func.count()).select_from(model).where(model.waiting_for.is_not(None), model.due_on < today)
        )
        or 0
        for model in SUBJECTS
    }


def database() -> str:
    """SQLite 3.40.1, PostgreSQL 15.6."""
    version = ".".join(map(str, db.session.connection().dialect.server_version_info or ()))
    return f"{'PostgreSQL' if db.engine.dialect.name == 'postgresql' else 'SQLite'} {version}"


# Whether it can work


@dataclass(frozen=True)
class Check:
    """`stops`: without it no page works, so that no request should be sent here."""

    name: str
    fine: bool
    said: str
    stops: bool = True


def checks() -> list[Check]:
    """What pages need: asked anew each time."""
    try:
        return [_tables(), _files(), _tick()]
    except Exception as error:
        cause = faults.cause_of(error)
        if cause is None:
            raise
        return [Check("database", False, cause.advice)]


def _tables() -> Check:
    there = set(db.session.scalars(text("SELECT version_num FROM alembic_version")))
    wanted = newest_revisions()
    said = f"the tables are those of {_listed(there)}, the code wants those of {_listed(wanted)}: `flask --app wsgi db upgrade`"
    return Check("tables", there == wanted, f"as of {_listed(there)}" if there == wanted else said)


def _listed(revisions: Iterable[str]) -> str:
    return ", ".join(sorted(revisions)) or "no migration"


def newest_revisions() -> set[str]:
    """Of the code: one, unless two branches of it have met."""
    return _heads(current_app.extensions["migrate"].directory)


@cache
def _heads(folder: str) -> set[str]:
    return set(ScriptDirectory(folder).get_heads())


def _files() -> Check:
    try:
        store = files.store()
        store.delete(store.save(b"Can anything be kept here?"))
    except (files.Unavailable, OSError):
        return Check("files", False, "nothing can be kept at FILES_URL; the log says why")
    return Check("files", True, "can be kept")


def _tick() -> Check:
    last = last_tick()
    if last is None:
        return Check("scheduler", False, "has not run yet", stops=False)
    age = clock.utc_now() - last
    return Check("scheduler", age <= LATEST_TICK, f"ran {in_words(age)} ago", stops=False)


LIST = Listing(
    "runs-of-jobs",
    "Runs of jobs",
    (
        Column("Number", "id", Kind.NUMBER),
        Column("Job", "job"),
        Column("Began", "began_at", Kind.INSTANT),
        Column("Seconds", lambda each: Fraction(each.seconds).limit_denominator(1000), Kind.NUMBER),
        Column("Done", "done"),
        Column("Failed", "failed", Kind.NUMBER),
        Column("Error", "error"),
        Column("Trace", "trace"),
        Column("Host", "host"),
    ),
)
