"""A wish for another address, and what came of it."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model
from mobility.people.models import User

CONFIRM_LASTS = timedelta(hours=48)
STOP_LASTS = timedelta(days=7)  # after asking, and again after it has been confirmed
_OPEN = text("confirmed_at IS NULL AND ended_at IS NULL")


class AddressChange(Model):
    """It is confirmed by a link mailed to `wanted`; a link mailed to `earlier` stops it, or puts it back for some days.

    `ended_at`: stopped, put back, or a later wish took its place.
    """

    __tablename__ = "address_change"
    __table_args__ = (
        Index("ix_address_change_open", "person_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_address_change_person_id", "person_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    earlier: Mapped[str]
    wanted: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)

    person: Mapped[User] = relationship()

    @property
    def expires_at(self) -> datetime:
        return self.asked_at + CONFIRM_LASTS

    @property
    def stops_until(self) -> datetime:
        return (self.confirmed_at or self.asked_at) + STOP_LASTS

    @property
    def can_be_confirmed(self) -> bool:
        return not (self.confirmed_at or self.ended_at) and clock.utc_now() < self.expires_at

    @property
    def can_be_stopped(self) -> bool:
        return self.ended_at is None and clock.utc_now() < self.stops_until
