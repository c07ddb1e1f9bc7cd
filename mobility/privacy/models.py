"""Wishes that a person be erased, and what came of them."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model, table_of
from mobility.core.records import keep
from mobility.people.models import User

_OPEN = text("stopped_at IS NULL AND done_at IS NULL")


class Erasure(Model):
    """Asked for by the person, or by an administrator with a reason; done by a job from `due_on` on.

    While a row is `working`, the triggers of kept records (core/records.py) let names be replaced: it is so within the one
    transaction of the job, and seen by nobody else. The row stays, as what was done is to be answered for.
    """

    __tablename__ = "erasure"
    __table_args__ = (
        Index("ix_erasure_open", "person_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_erasure_due_on", "due_on"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    due_on: Mapped[date] = mapped_column(Date)
    stopped_at: Mapped[datetime | None] = mapped_column(default=None)
    done_at: Mapped[datetime | None] = mapped_column(default=None)
    working: Mapped[bool] = mapped_column(default=False)

    person: Mapped[User] = relationship(foreign_keys=[person_id])
    asked_by: Mapped[User] = relationship(foreign_keys=[asked_by_id])

    @property
    def is_of_stranger(self) -> bool:
        """Of an address without an account: the person's row was made with it, closed."""
        return not self.person.active and self.person.created_at == self.asked_at

    @property
    def by_rule(self) -> bool:
        """Nobody has asked: the account came to nothing (retention/)."""
        return self.asked_by_id == self.person_id and bool(self.reason)

    @property
    def pseudonym(self) -> str:
        return f"Person {self.person_id}"


keep(
    table_of(Erasure),  # it is stopped or done, once; who asked for whom, and when, never changes
    erasable="reason",
    allowed="""NEW.id = OLD.id AND NEW.person_id = OLD.person_id AND NEW.asked_by_id = OLD.asked_by_id
        AND NEW.asked_at = OLD.asked_at AND OLD.done_at IS NULL AND OLD.stopped_at IS NULL""",
)
