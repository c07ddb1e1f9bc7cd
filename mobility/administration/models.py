"""When an administrator acted for somebody else, and why."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model, table_of
from mobility.core.records import keep
from mobility.people.models import User


class StandingIn(Model):
    """It lasts until `ends_at`, or until it was ended before. The browser's session names it; nothing prolongs it."""

    __tablename__ = "standing_in"
    __table_args__ = (
        CheckConstraint("administrator_id <> person_id", name="for_another"),
        Index("ix_standing_in_administrator_id", "administrator_id"),
        Index("ix_standing_in_person_id", "person_id"),
    )

    administrator_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str]
    began_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)

    administrator: Mapped[User] = relationship(foreign_keys=[administrator_id])
    person: Mapped[User] = relationship(foreign_keys=[person_id])


keep(
    table_of(StandingIn),
    # it ends, once; who acted for whom, when and why never changes
    erasable="reason",
    allowed="""NEW.id = OLD.id AND NEW.administrator_id = OLD.administrator_id AND NEW.person_id = OLD.person_id
        AND NEW.reason = OLD.reason AND NEW.began_at = OLD.began_at AND NEW.ends_at = OLD.ends_at
        AND OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL""",
)
