"""The periods that administrators have set, and what each night found and did."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model
from mobility.people.models import User


class RetentionPeriod(Model):
    """Of one class (rules.CLASSES), from its first night on or since somebody set it; `days` None: for ever.

    `nights` is how many have reported since it was set or shortened; from the NIGHTS-th on, the next acts.
    """

    __tablename__ = "retention_period"
    __table_args__ = (UniqueConstraint("key"), CheckConstraint("days IS NULL OR days > 0", name="some_days"))

    key: Mapped[str]
    days: Mapped[int | None]
    nights: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    set_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)

    set_by: Mapped[User | None] = relationship()


class RetentionNight(Model):
    """One night of a class: what it found to be over, and what went. `version` is the period's it was begun with.

    While a row is `working`, the trigger of messages (core/records.py) lets their text be emptied: it is so within one
    transaction of the job, and seen by nobody else.
    """

    __tablename__ = "retention_night"
    __table_args__ = (UniqueConstraint("key", "on_day"), Index("ix_retention_night_open", "ended_at", "on_day"))

    key: Mapped[str]
    on_day: Mapped[date] = mapped_column(Date)
    version: Mapped[int]
    days: Mapped[int]
    found: Mapped[int]
    oldest: Mapped[date | None] = mapped_column(Date, default=None)
    acts: Mapped[bool]
    gone: Mapped[int] = mapped_column(default=0)
    files: Mapped[int] = mapped_column(default=0)
    working: Mapped[bool] = mapped_column(default=False)
    began_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
