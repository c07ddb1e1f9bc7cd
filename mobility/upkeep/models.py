"""What jobs have run, and which backups were made."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from mobility.core import clock
from mobility.core.database import Model


class JobState(Model):
    """One job, as it ran last. Runs that had nothing to do are noted here alone, once a minute."""

    __tablename__ = "job_state"

    job: Mapped[str] = mapped_column(unique=True)
    began_at: Mapped[datetime]
    seconds: Mapped[float]
    done: Mapped[str]
    failed: Mapped[int]  # of this run
    runs: Mapped[int]
    failures: Mapped[int]  # runs that failed, of all that are counted


class JobRun(Model):
    """One run that did something, or failed. `trace` is the id that its lines in the log have; `error` what is known of it."""

    __tablename__ = "job_run"
    __table_args__ = (Index("ix_job_run_job_id", "job", "id"), Index("ix_job_run_began_at", "began_at"))

    job: Mapped[str]
    began_at: Mapped[datetime]
    seconds: Mapped[float]
    done: Mapped[str]
    failed: Mapped[int]
    error: Mapped[str]
    trace: Mapped[str]
    host: Mapped[str]


class Backup(Model):
    """A backup that was made. `proved_at`: when it was restored into a scratch database and found right."""

    __tablename__ = "backup"

    made_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    place: Mapped[str]
    seconds: Mapped[float]
    database_bytes: Mapped[int] = mapped_column(BigInteger)
    files: Mapped[int]
    proved_at: Mapped[datetime | None] = mapped_column(default=None)
