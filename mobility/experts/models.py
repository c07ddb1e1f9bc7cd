"""Who agrees to be asked, when they were asked, and the mentorings."""

from collections.abc import Mapping
from datetime import date
from textwrap import shorten
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, joinedload, load_only, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model, fingerprint
from mobility.core.wording import HOME_ZONE
from mobility.exchanges.models import Exchange
from mobility.experts.workflow import ASKED, OPEN, WORKFLOW, read_until
from mobility.people.models import Organisation, User
from mobility.people.parts import has_left
from mobility.programmes.models import Programme
from mobility.themes.models import Theme
from mobility.workflows.history import Subject
from mobility.workflows.workflow import Workflow

SHORT = 80  # characters of what a mentoring is for, in lists
_IS_OPEN = text(f"state IN ({', '.join(repr(each) for each in sorted(OPEN))})")


class Expert(Model):
    """A person who agrees to be asked, until they stop: then the row goes. `not_before`: a pause, of which this is the first
    day after.

    They are listed under one of their organisations, as long as they have a role in it. `topics` are keys of people/topics.py,
    `sectors` of people/sectors.py, `languages` ISO 639-1 codes; `facets` are all three, for searching.
    """

    __tablename__ = "expert"
    __table_args__ = (CheckConstraint("as_reviewer OR as_mentor", name="as_something"),)
    searched = ("person.name", "organisation.name", "organisation.city", "about")

    person_id: Mapped[int] = mapped_column(ForeignKey("user.id"), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    as_reviewer: Mapped[bool] = mapped_column(default=False)
    as_mentor: Mapped[bool] = mapped_column(default=False)
    topics: Mapped[list[Any]] = mapped_column(default=list)
    sectors: Mapped[list[Any]] = mapped_column(default=list)
    languages: Mapped[list[Any]] = mapped_column(default=list)
    facets: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    not_before: Mapped[date | None] = mapped_column(Date, default=None)
    agreed_on: Mapped[date] = mapped_column(Date, default=lambda: clock.today(HOME_ZONE))

    person: Mapped[User] = relationship()
    organisation: Mapped[Organisation] = relationship()

    @property
    def fingerprint(self) -> str:
        """Changes with what its form shows."""
        return fingerprint(self)

    @property
    def pauses_until(self) -> date | None:
        """The day from which they can be asked again, while that is to come."""
        return self.not_before if self.not_before and self.not_before > clock.today(HOME_ZONE) else None

    @property
    def can_be_asked(self) -> bool:
        """As a mentor, now."""
        return self.as_mentor and self.pauses_until is None


class ExpertAsked(Model):
    """That somebody was asked, and for what: so that the same few are not asked again and again. It outlives their consent."""

    __tablename__ = "expert_asked"
    __table_args__ = (Index("ix_expert_asked_person_id_asked_on", "person_id", "asked_on"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    asked_on: Mapped[date] = mapped_column(Date)
    subject_type: Mapped[str]
    subject_id: Mapped[int]


class Mentoring(Subject, Model):
    """What an expert and a member of an organisation do together. `points`: three of {"text", "outcome", "words"}, once agreed.

    The programme is whose working days count and who keeps the records of its promises; an exchange it is about is optional.
    """

    __tablename__ = "mentoring"
    __table_args__ = (
        CheckConstraint("mentor_id <> mentee_id", name="between_two"),
        Index("ix_mentoring_open", "mentor_id", "mentee_id", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        Index("ix_mentoring_waiting_for_due_on", "waiting_for", "due_on"),
        Index("ix_mentoring_mentee_id_state", "mentee_id", "state"),
        Index("ix_mentoring_organisation_id_state", "organisation_id", "state"),
    )
    workflow: ClassVar[Workflow] = WORKFLOW
    searched = ("what_for", "mentor.name", "mentee.name", "organisation.name")

    state: Mapped[str] = mapped_column(default=ASKED)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    mentor_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    mentor_organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    mentee_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    exchange_id: Mapped[int | None] = mapped_column(ForeignKey("exchange.id"), index=True, default=None)
    what_for: Mapped[str]
    asked_on: Mapped[date] = mapped_column(Date)
    accepted_on: Mapped[date | None] = mapped_column(Date, default=None)
    talked_on: Mapped[date | None] = mapped_column(Date, default=None)
    points: Mapped[list[Any]] = mapped_column(default=list)
    look_back_on: Mapped[date | None] = mapped_column(Date, default=None)
    looked_back_on: Mapped[date | None] = mapped_column(Date, default=None)

    programme: Mapped[Programme] = relationship()
    mentor: Mapped[User] = relationship(foreign_keys=[mentor_id])
    mentor_organisation: Mapped[Organisation] = relationship(foreign_keys=[mentor_organisation_id])
    mentee: Mapped[User] = relationship(foreign_keys=[mentee_id])
    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id])
    exchange: Mapped[Exchange | None] = relationship()

    @property
    def timezone(self) -> str:
        return self.programme.timezone

    @property
    def title(self) -> str:
        return f"Mentoring of {self.mentee.name} by {self.mentor.name}"

    @property
    def about(self) -> str:
        return shorten(self.what_for, SHORT, placeholder=" …")

    @property
    def theme(self) -> Theme | None:
        return self.exchange.theme if self.exchange else None

    @property
    def between(self) -> str:
        return f"{self.mentee.name}, {self.organisation.name}, with {self.mentor.name}"

    @property
    def sides(self) -> Mapping[str, str]:
        return {"mentor": self.mentor.name, "mentee": self.mentee.name}

    @property
    def ends_on(self) -> date | None:
        """The last day before it ends by itself, once somebody has looked back."""
        return read_until(self.looked_back_on) if self.looked_back_on else None

    @property
    def shows_addresses(self) -> bool:
        """To the two of them, from the acceptance on and as long as it lasts."""
        return self.accepted_on is not None and self.state in OPEN

    @property
    def who_left(self) -> str:
        """Who has closed the account or acts for no organisation any more (the mentee: for theirs); "" while both are there."""
        if not self.mentor.active or not self.mentor.organisation_ids():
            return self.mentor.name
        return self.mentee.name if has_left(self.mentee, self.organisation_id) else ""

    @classmethod
    def brief(cls) -> tuple[Any, ...]:
        sides = (cls.mentor_id, cls.mentor_organisation_id, cls.mentee_id, cls.organisation_id)
        exchange = joinedload(cls.exchange)
        return (
            load_only(*cls.waiting_columns(), *sides, cls.programme_id, cls.exchange_id, cls.what_for, cls.looked_back_on),
            joinedload(cls.programme, innerjoin=True).load_only(*Programme.told()),
            joinedload(cls.mentor, innerjoin=True).options(*User.by_name()),
            joinedload(cls.mentee, innerjoin=True).options(*User.by_name()),
            joinedload(cls.organisation, innerjoin=True).load_only(Organisation.name),
            exchange.load_only(Exchange.theme_id),
            exchange.joinedload(Exchange.theme).load_only(Theme.title),
        )
