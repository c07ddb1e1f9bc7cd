"""History: who did what, as what, when, from which state to which; on every object with a workflow."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Date, ForeignKey, Index, insert, select
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from mobility.core import clock
from mobility.core.database import Model, db, table_of
from mobility.core.workflow import Actor, Workflow


class HistoryEntry(Model):
    """Never changed, never deleted. `actor` None is the system; `version` is the object's version the act was made on."""

    __tablename__ = "history_entry"
    __table_args__ = (
        Index("ix_history_entry_subject", "subject_type", "subject_id", "id"),
        Index("ix_history_entry_actor_id_id", "actor_id", "id"),
    )

    subject_type: Mapped[str]
    subject_id: Mapped[int]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    acted_as: Mapped[str]
    action: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    version: Mapped[int]

    actor: Mapped[Any] = relationship("User", lazy="joined")


_ADD_ENTRY = insert(table_of(HistoryEntry)).inline()  # without asking for its id: nobody needs it


class Subject:
    """What an object with a workflow has: a state, a version, and what it waits for until when."""

    workflow: ClassVar[Workflow]

    id: Any
    state: Mapped[str]
    version: Mapped[int] = mapped_column(nullable=False)
    waiting_for: Mapped[str | None] = mapped_column(default=None)
    waiting_since: Mapped[date | None] = mapped_column(Date, default=None)
    due_on: Mapped[date | None] = mapped_column(Date, default=None)
    created_at: Mapped[datetime] = mapped_column(default=clock.utc_now)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 (a class method to SQLAlchemy)
        return {"version_id_col": cls.version}  # the slower of two gets StaleDataError, answered with 409

    @property
    def subject_type(self) -> str:
        return self.workflow.name

    def record(self, action: str, *, by: Any, acted_as: Actor, from_state: str, to_state: str, note: str) -> None:
        """Write one act down. Also raises the version, even where no column of the object changes."""
        flag_modified(self, "state")
        if self.id is None:
            db.session.flush()
        entry = {
            "subject_type": self.subject_type,
            "subject_id": self.id,
            "actor_id": by.id,
            "acted_as": acted_as.value,
            "action": action,
            "from_state": from_state,
            "to_state": to_state,
            "note": note or "",  # None: the form was sent without that field
            "version": self.version,
        }
        with db.session.no_autoflush:  # the act may still change more of the object: all of it is one UPDATE
            db.session.execute(_ADD_ENTRY, entry)

    def state_label(self, state: str = "") -> str:
        """What pages call its state, or another of its states."""
        return self.workflow.state(state or self.state).label

    def history(self) -> list[HistoryEntry]:
        """Newest first."""
        return list(db.session.scalars(_entries(self).order_by(HistoryEntry.id.desc())))

    def changes_since(self, version: int) -> list[HistoryEntry]:
        """What was done from `version` of the object on."""
        return list(db.session.scalars(_entries(self).where(HistoryEntry.version >= version).order_by(HistoryEntry.id)))


def _entries(subject: Subject) -> Any:
    return select(HistoryEntry).where(HistoryEntry.subject_type == subject.subject_type, HistoryEntry.subject_id == subject.id)


def recent_acts_of(person_id: int, most: int = 6) -> Sequence[Any]:
    """What a person did last, newest first: (subject_type, subject_id, action, at)."""
    acts = select(HistoryEntry.subject_type, HistoryEntry.subject_id, HistoryEntry.action, HistoryEntry.at)
    statement = acts.where(HistoryEntry.actor_id == person_id).order_by(HistoryEntry.id.desc()).limit(most)
    return db.session.execute(statement).all()
