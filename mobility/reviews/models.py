"""What an owner publishes of a review: snapshots of its figures, which are never changed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model
from mobility.outcomes.traces import Trace
from mobility.people.models import User
from mobility.programmes.models import Programme
from mobility.reviews.readings import Reading, from_json


class PublishedReview(Model):
    """A snapshot of a review, as everybody may read it. `number` counts a programme's snapshots, in the order of publishing:
    what is hidden in one rests on all before it, also on those that were withdrawn later.

    `programme_name` and `scope_name` are what programme and call were called; `call_id` is none for the programme's. `readings`,
    `tables`: what is public (readings.py; of a table what is shown, each [row, column, number]). `exchanges`: ids of those
    completed. `trace`: of what the shown figures rest on, for the next snapshot; never public (outcomes/traces.py).
    """

    __tablename__ = "published_review"
    __table_args__ = (
        UniqueConstraint("programme_id", "number"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn_by_somebody"),
        Index("ix_published_review_published_at_id", "published_at", "id"),
    )

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"), index=True, default=None)
    number: Mapped[int]
    programme_name: Mapped[str]
    scope_name: Mapped[str]
    currency: Mapped[str]
    as_of: Mapped[date] = mapped_column(Date)
    readings: Mapped[list[Any]]
    tables: Mapped[dict[str, Any]]
    exchanges: Mapped[list[Any]] = mapped_column(default=list)
    trace: Mapped[dict[str, Any]]
    published_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    published_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    withdrawn_at: Mapped[datetime | None] = mapped_column(default=None)
    withdrawn_because: Mapped[str] = mapped_column(default="")

    programme: Mapped[Programme] = relationship()
    published_by: Mapped[User] = relationship(foreign_keys=[published_by_id])
    withdrawn_by: Mapped[User | None] = relationship(foreign_keys=[withdrawn_by_id])

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def told(self) -> dict[str, Reading]:
        return from_json(self.readings)

    @property
    def remembered(self) -> Trace:
        return Trace.from_json(self.trace)
