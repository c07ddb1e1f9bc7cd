"""Themes and their hosting windows."""

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, load_only, mapped_column, relationship

from mobility.core.database import Model
from mobility.people.contacts import Contacted
from mobility.people.models import Organisation
from mobility.programmes.models import Programme
from mobility.themes.workflow import DRAFT, WORKFLOW
from mobility.workflows.history import Subject
from mobility.workflows.workflow import Workflow


class Theme(Contacted, Subject, Model):
    """What a host offers to share. A place takes one delegation; `places_taken` counts the confirmed ones.

    `places_offered` are held for those who had waited for one, from the offer until they confirm or give it up.
    `closed_full`: closed because the last place went, so one may wait for another.
    `search_text` is title, summary and offer as core/names.py has them for searching, `facets`
    is " level:policy_maker sector:food topic:skills language:de ... ": both are for the catalogue's search; operations keep them.
    `first_day`..`last_day` span all windows; `apply_by` is the last window's application deadline: for its filters.
    """

    __tablename__ = "theme"
    __table_args__ = (
        CheckConstraint("places_taken <= places", name="places_suffice"),
        CheckConstraint("places_taken >= 0", name="places_taken_not_negative"),
        Index("ix_theme_state_apply_by_id", "state", "apply_by", "id"),
    )
    workflow: ClassVar[Workflow] = WORKFLOW
    searched = ("title", "summary", "host.name", "programme.name")

    state: Mapped[str] = mapped_column(default=DRAFT)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    learning_offered: Mapped[str] = mapped_column(default="")
    benefit_wanted: Mapped[str] = mapped_column(default="")
    practical: Mapped[str] = mapped_column(default="")
    levels: Mapped[list[Any]] = mapped_column(default=list)
    sectors: Mapped[list[Any]] = mapped_column(default=list)
    topics: Mapped[list[Any]] = mapped_column(default=list)
    languages: Mapped[list[Any]] = mapped_column(default=list)
    minimum_days: Mapped[int] = mapped_column(default=2)
    maximum_days: Mapped[int] = mapped_column(default=14)
    places: Mapped[int] = mapped_column(default=1)
    places_taken: Mapped[int] = mapped_column(default=0)
    places_offered: Mapped[int] = mapped_column(default=0)
    closed_full: Mapped[bool] = mapped_column(default=False)
    search_text: Mapped[str] = mapped_column(default="")
    facets: Mapped[str] = mapped_column(default="")
    first_day: Mapped[date | None] = mapped_column(Date, default=None)
    last_day: Mapped[date | None] = mapped_column(Date, default=None)
    apply_by: Mapped[date | None] = mapped_column(Date, default=None)

    programme: Mapped[Programme] = relationship()
    host: Mapped[Organisation] = relationship()
    windows: Mapped[list["HostingWindow"]] = relationship(
        back_populates="theme", order_by="HostingWindow.first_day", cascade="all, delete-orphan"
    )
    applications: Mapped[list[Any]] = relationship("Application", back_populates="theme", viewonly=True)

    @property
    def timezone(self) -> str:
        return self.programme.timezone

    @property
    def about(self) -> str:
        return self.title

    @property
    def free_places(self) -> int:
        """What is free for a newcomer: neither taken nor held for somebody who had waited."""
        return self.places - self.places_taken - self.places_offered

    @property
    def all_taken(self) -> bool:
        return self.places_taken >= self.places

    @classmethod
    def counted(cls) -> tuple[Any, ...]:
        """The columns that say how many places are free."""
        return cls.places, cls.places_taken, cls.places_offered

    @classmethod
    def brief(cls) -> tuple[Any, ...]:
        return (load_only(*cls.waiting_columns(), cls.title, cls.host_id, cls.programme_id),)


class HostingWindow(Model):
    """Days within which a host can receive; one applies until `apply_by`."""

    __tablename__ = "hosting_window"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="days_in_order"),)

    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"), index=True)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    apply_by: Mapped[date] = mapped_column(Date)

    theme: Mapped[Theme] = relationship(back_populates="windows")
