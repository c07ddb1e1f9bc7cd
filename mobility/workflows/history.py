"""What is remembered of every object with a workflow: who did what, as what, when; and what was promised, and how that ended."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, bindparam, insert, select, text, update
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from mobility.core import clock
from mobility.core.database import Model, db, table_of
from mobility.core.records import keep
from mobility.workflows.promises import outcome
from mobility.workflows.table import By, Owed, Promise
from mobility.workflows.workflow import Actor, Workflow


class HistoryEntry(Model):
    """Never changed, never deleted. `actor` None is the system; `actor_name` is what it was called on that day; `version` is the
    object's version the act was made on. `stand_in_id`: an administrator did it for the actor, and both are in `actor_name`."""

    __tablename__ = "history_entry"
    __table_args__ = (
        Index("ix_history_entry_subject", "subject_type", "subject_id", "id"),
        Index("ix_history_entry_actor_id_id", "actor_id", "id"),
    )

    subject_type: Mapped[str]
    subject_id: Mapped[int]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    actor_name: Mapped[str] = mapped_column(default="")
    stand_in_id: Mapped[int | None] = mapped_column(default=None)
    acted_as: Mapped[str]
    action: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    version: Mapped[int]

    actor: Mapped[Any] = relationship("User")


keep(table_of(HistoryEntry), erasable="actor_name note")

_OPEN = text("ended_on IS NULL")


class PromiseRecord(Model):
    """One promise made: since, due, and how it ended (workflows/promises.py). Written by the workflow alone.

    `owed_by` are the parts that answer for it, as words. `programme_id` is empty where no programme has to.
    `from_history`: the migration worked it out from the history, with the periods that the programme had when it ran.
    """

    __tablename__ = "promise_record"
    __table_args__ = (
        CheckConstraint("(ended_on IS NULL) = (outcome IS NULL)", name="ended_somehow"),
        Index("ix_promise_record_open", "subject_type", "subject_id", unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_promise_record_tally", "programme_id", "promise", "owed_by", "outcome", "due_on"),  # all that a tally reads
    )

    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), default=None)
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    promise: Mapped[str]
    owed_by: Mapped[str]
    since: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date, default=None)
    outcome: Mapped[str | None] = mapped_column(default=None)
    from_history: Mapped[bool] = mapped_column(default=False)


# On the tables, so past the session, which need not be flushed for them: the act may still change more of the object, and all
# of it is one UPDATE. Without asking for ids: nobody needs them.
_ADD_ENTRY = insert(table_of(HistoryEntry)).inline()
_RECORDS = table_of(PromiseRecord)
_BEGIN = insert(_RECORDS).inline()
_END = update(_RECORDS).where(_RECORDS.c.subject_type == bindparam("of_type"), _RECORDS.c.subject_id == bindparam("of_id"), _OPEN)


class Subject:
    """What an object with a workflow has: a state, a version, and what it waits for until when; and how tasks, reminders and
    lists tell of it. Its `programme`'s day counts; without one it says `timezone` and `holidays_of` itself."""

    workflow: ClassVar[Workflow]
    searched: ClassVar[tuple[str, ...]] = ()  # ways to the texts one can search it by, such as "theme.title" (searching.py)
    numbered: ClassVar[str] = ""  # what stands before its number where it is called by that: "V-"

    id: Any
    programme: Any
    timezone: Any
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

    @property
    def holidays_of(self) -> str | None:
        """The country whose working days count."""
        country: str | None = self.programme.country
        return country

    @property
    def about(self) -> str:
        """What it is about, in a list of many things."""
        return f"{self.workflow.label.capitalize()} {self.id}"

    @property
    def between(self) -> str:
        """Who is on its two sides, in one line."""
        return ""

    @property
    def sides(self) -> Mapping[str, str]:
        """The names that the words of its promises ask for."""
        return {}

    def words_for(self, promise: Promise) -> tuple[str, str]:
        """What a reminder asks of those who owe it, and what that is in the eyes of others."""
        return promise.reminds, promise.reminds_others or promise.reminds

    def without_account(self, promise: Promise) -> Sequence[Any]:
        """Those who owe a promise and have no account: known by name and address."""
        return ()

    def own_link(self, person: Any) -> str | None:
        """The link in a mail to a person, where that is not the page for whoever is signed in."""
        return None

    @classmethod
    def waiting_columns(cls) -> tuple[Any, ...]:
        return cls.state, cls.version, cls.waiting_for, cls.waiting_since, cls.due_on

    @classmethod
    def brief(cls) -> tuple[Any, ...]:
        """Options to load no more than tasks and reminders tell."""
        return ()

    @classmethod
    def named(cls) -> tuple[Any, ...]:
        """Options to load no more than what it is about, and between whom."""
        return cls.brief()

    def record(self, action: str, *, by: By, acted_as: Actor, from_state: str, to_state: str, note: str) -> None:
        """Write one act down. Also raises the version, even where no column of the object changes."""
        flag_modified(self, "state")
        if self.id is None:
            db.session.flush()
        stand_in = getattr(by, "stand_in", None)
        entry = {
            "subject_type": self.subject_type,
            "subject_id": self.id,
            "actor_id": by.id,
            "actor_name": getattr(by, "acting_name", by.name),
            "stand_in_id": stand_in.id if stand_in else None,
            "acted_as": acted_as.value,
            "action": action,
            "from_state": from_state,
            "to_state": to_state,
            "note": note or "",  # None: the form was sent without that field
            "version": self.version,
        }
        db.session.execute(_ADD_ENTRY, entry)

    def begin_promise(self, owed: Owed) -> None:
        """Write down what is owed from now on."""
        parts = owed.promise.answers_for_it or owed.promise.owing(self)
        record = {
            "programme_id": self.programme.id if self.programme else None,
            "subject_type": self.subject_type,
            "subject_id": self.id,
            "promise": owed.promise.name,
            "owed_by": ", ".join(parts),
            "since": owed.since,
            "due_on": owed.due_on,
        }
        db.session.execute(_BEGIN, record)

    def end_promise(self, owed: Owed, kept_on: date | None) -> None:
        """Write down how it ended: kept, or today by something else."""
        ended_on = kept_on or clock.today(self.timezone)
        how = outcome(owed.due_on, ended_on, kept=kept_on is not None)
        key = {"of_type": self.subject_type, "of_id": self.id}
        db.session.execute(_END, {**key, "ended_on": ended_on, "outcome": how.value})

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
