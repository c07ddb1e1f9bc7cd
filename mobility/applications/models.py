"""Applications, their delegations and first contacts."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Date, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, joinedload, load_only, mapped_column, relationship, validates

from mobility.applications.workflow import DRAFT, WORKFLOW, without_place
from mobility.core.database import Model
from mobility.people.models import Organisation, User
from mobility.programmes.models import Programme
from mobility.themes.models import Theme
from mobility.workflows.history import Subject
from mobility.workflows.table import Promise
from mobility.workflows.workflow import Workflow

_OPEN = text("state IN ('draft', 'waiting', 'submitted', 'in_dialogue', 'accepted')")
_WAITING = text("waiting_for IS NOT NULL")


class Application(Subject, Model):
    """A guest's wish to come to a theme. `first_day`..`last_day` are preferred, `offered_*` are what the host offers.

    `queued_at` is when the guest began to wait for a place; `place_offered_on` the day on which one was offered from the queue,
    as long as it is kept for this application; `place_gone_on` the day on which an applicant was told that the last one went.
    `moved_in`: it was agreed on elsewhere (movingin/).
    """

    __tablename__ = "application"
    __table_args__ = (
        Index("uq_application_open", "theme_id", "guest_id", unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_application_waiting_for_due_on", "waiting_for", "due_on"),
        Index("ix_application_theme_id_state", "theme_id", "state"),
        Index("ix_application_waiting", "theme_id", "due_on", postgresql_where=_WAITING, sqlite_where=_WAITING),  # home
        Index("ix_application_guest_id_state", "guest_id", "state"),
    )
    workflow: ClassVar[Workflow] = WORKFLOW
    searched = ("theme.title", "guest.name", "guest_organisation.name", "theme.host.name", "motivation", "objectives", "brings")

    state: Mapped[str] = mapped_column(default=DRAFT)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"))
    guest_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    guest_organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    motivation: Mapped[str] = mapped_column(default="")
    objectives: Mapped[str] = mapped_column(default="")
    brings: Mapped[str] = mapped_column(default="")
    first_day: Mapped[date | None] = mapped_column(Date, default=None)
    last_day: Mapped[date | None] = mapped_column(Date, default=None)
    self_funded: Mapped[bool] = mapped_column(default=False)
    know_each_other: Mapped[bool] = mapped_column(default=False)
    offered_first_day: Mapped[date | None] = mapped_column(Date, default=None)
    offered_last_day: Mapped[date | None] = mapped_column(Date, default=None)
    submitted_on: Mapped[date | None] = mapped_column(Date, default=None)
    queued_at: Mapped[datetime | None] = mapped_column(default=None)
    place_offered_on: Mapped[date | None] = mapped_column(Date, default=None)
    place_gone_on: Mapped[date | None] = mapped_column(Date, default=None)
    moved_in: Mapped[bool] = mapped_column(default=False)

    theme: Mapped[Theme] = relationship(back_populates="applications")
    guest: Mapped[User] = relationship()
    guest_organisation: Mapped[Organisation] = relationship()
    delegates: Mapped[list["Delegate"]] = relationship(
        back_populates="application", order_by="Delegate.position", cascade="all, delete-orphan"
    )
    first_contacts: Mapped[list["FirstContact"]] = relationship(back_populates="application", order_by="FirstContact.id")
    exchange: Mapped[Any] = relationship("Exchange", back_populates="application", uselist=False, viewonly=True)

    @property
    def programme(self) -> Programme:
        return self.theme.programme

    @property
    def timezone(self) -> str:
        return self.theme.programme.timezone

    @property
    def about(self) -> str:
        return self.theme.title

    @property
    def between(self) -> str:
        return f"{self.guest.name}, {self.guest_organisation.name}, with {self.theme.host.name}"

    @property
    def sides(self) -> Mapping[str, str]:
        return {"guest": self.guest.name, "host": self.theme.host.name}

    def words_for(self, promise: Promise) -> tuple[str, str]:
        """Nobody can confirm what went to another. The day follows: "... look for another theme by 3 May"."""
        if promise.name == "guest_confirmation" and without_place(self):
            return "The last place with {host} went to another, so look for another theme", promise.reminds_others
        return super().words_for(promise)

    @classmethod
    def brief(cls) -> tuple[Any, ...]:
        theme = joinedload(cls.theme, innerjoin=True)
        return (
            load_only(*cls.waiting_columns(), cls.theme_id, cls.guest_id, cls.guest_organisation_id, cls.place_offered_on),
            theme.load_only(Theme.title, Theme.apply_by, Theme.host_id, Theme.programme_id, *Theme.counted()),
            theme.joinedload(Theme.programme, innerjoin=True).load_only(*Programme.told()),
            theme.joinedload(Theme.host, innerjoin=True).load_only(Organisation.name),
            joinedload(cls.guest, innerjoin=True).options(*User.by_name()),
            joinedload(cls.guest_organisation, innerjoin=True).load_only(Organisation.name),
        )


class Delegate(Model):
    """One of the 1 to 3 travelling guests; the first is the applicant. `email` is in lower case, as that of an account."""

    __tablename__ = "delegate"
    __table_args__ = (
        UniqueConstraint("application_id", "position"),
        Index("ix_delegate_email", "email"),  # whether somebody travels, by address or by name
        Index("ix_delegate_name", "name"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    position: Mapped[int]
    name: Mapped[str]
    email: Mapped[str] = mapped_column(default="")
    level: Mapped[str]

    application: Mapped[Application] = relationship(back_populates="delegates")

    @validates("email")
    def _lower(self, key: str, email: str) -> str:
        return email.lower()


class FirstContact(Model):
    """The conversation before acceptance (P9). Kinds: call, video, message, meeting."""

    __tablename__ = "first_contact"

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    held_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    application: Mapped[Application] = relationship(back_populates="first_contacts")
    recorded_by: Mapped[User] = relationship()
