"""What an owner writes about a call. No version is ever changed."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model
from mobility.people.models import User
from mobility.programmes.models import Call


class Lessons(Model):
    """One version of a call's lessons: what to keep, to change, to stop. `is_closed`: with this version the review was closed,
    else opened again, for the `reason`; the texts are then those of before."""

    __tablename__ = "lessons"
    __table_args__ = (UniqueConstraint("call_id", "number"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    number: Mapped[int]
    is_closed: Mapped[bool]
    keep: Mapped[str] = mapped_column(default="")
    change: Mapped[str] = mapped_column(default="")
    stop: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(default=clock.utc_now)

    call: Mapped[Call] = relationship()
    by: Mapped[User] = relationship()
