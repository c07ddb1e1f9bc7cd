"""Invitations to a role: the role begins when the person accepts."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model, table_of
from mobility.core.records import keep
from mobility.people.models import Organisation, User
from mobility.people.roles import a_role

_OPEN = text("answer IS NULL")


class Answer(StrEnum):
    """How an invitation ended. One whose time is over without an answer has expired: it can be sent again."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


def _once(place: str) -> Index:
    """Of one person, place and role at most one invitation waits for an answer."""
    columns = ("person_id", f"{place}_id", "role")
    name = f"ix_role_invitation_{place}_open"
    return Index(name, *columns, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)


class RoleInvitation(Model):
    """Who invited whom to which role where, and what came of it. It stays; only its sending and its one answer change.

    `link_hash` is that of the mailed link (accounts/models.py) under which somebody without a password accepts it by setting one.
    `asked_on`: the person asked for another, as this one had expired. `invited_by` is empty where a migration wrote it.
    """

    __tablename__ = "role_invitation"
    __table_args__ = (
        _once("organisation"),
        _once("programme"),
        CheckConstraint("(organisation_id IS NULL) <> (programme_id IS NULL)", name="in_one"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_at_some_time"),
        Index("ix_role_invitation_link_hash", "link_hash"),
        Index("ix_role_invitation_organisation_id", "organisation_id"),
        Index("ix_role_invitation_programme_id", "programme_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), default=None)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), default=None)
    role: Mapped[str]
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    invited_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    sent_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    expires_at: Mapped[datetime]
    link_hash: Mapped[str] = mapped_column(default="")
    asked_on: Mapped[date | None] = mapped_column(Date, default=None)
    answer: Mapped[str | None] = mapped_column(default=None)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)

    person: Mapped[User] = relationship(foreign_keys=[person_id])
    invited_by: Mapped[User | None] = relationship(foreign_keys=[invited_by_id])
    organisation: Mapped[Organisation | None] = relationship()
    programme: Mapped[Any] = relationship("Programme")

    @hybrid_property
    def open(self) -> bool:
        """Nobody has answered or withdrawn it; it may have expired. In a query, the condition that says so."""
        return self.answer is None

    @open.inplace.expression
    @classmethod
    def _is_open(cls) -> Any:
        return cls.answer.is_(None)

    @property
    def expired(self) -> bool:
        return self.answer is None and self.expires_at <= clock.utc_now()

    @property
    def by_oneself(self) -> bool:
        """Whoever leads the place gave the role to themselves."""
        return self.invited_by_id == self.person_id

    @property
    def place(self) -> Any:
        return self.organisation or self.programme

    @property
    def what(self) -> str:
        """a guest of Mur Cluster"""
        return f"{a_role(self.role)} of {self.place.name}"


keep(
    table_of(RoleInvitation),  # it is sent again until it is answered, once; who invited whom to what never changes
    allowed="""NEW.id = OLD.id AND NEW.person_id = OLD.person_id AND NEW.role = OLD.role AND NEW.invited_at = OLD.invited_at
        AND coalesce(NEW.organisation_id, 0) = coalesce(OLD.organisation_id, 0)
        AND coalesce(NEW.programme_id, 0) = coalesce(OLD.programme_id, 0)
        AND coalesce(NEW.invited_by_id, 0) = coalesce(OLD.invited_by_id, 0)
        AND OLD.answer IS NULL""",
)
