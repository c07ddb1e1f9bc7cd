"""The private addresses of calendars: their hash alone is kept."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model
from mobility.people.models import User


class CalendarAddress(Model):
    """One for each person; a new one ends the one before. `read_at` is when a calendar last asked."""

    __tablename__ = "calendar_address"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), unique=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    read_at: Mapped[datetime | None] = mapped_column(default=None)

    user: Mapped[User] = relationship()
