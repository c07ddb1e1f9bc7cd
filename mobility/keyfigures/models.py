"""Own key figures, their values, and what serves them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, joinedload, load_only, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model, db
from mobility.core.wording import HOME_ZONE
from mobility.keyfigures.workflow import CURRENT, WORKFLOW
from mobility.people.models import Organisation, User
from mobility.workflows.history import Subject
from mobility.workflows.workflow import Workflow


class KeyFigure(Subject, Model):
    """What an organisation measures of itself: where it starts, where it wants to be. Numbers have up to two decimals.

    `kind` is its key in the menu (rules.MENU), or "" in own words. `strategy` is the one it serves, in own words.
    """

    __tablename__ = "key_figure"
    __table_args__ = (
        Index("ix_key_figure_organisation_id_state", "organisation_id", "state"),
        CheckConstraint("(target IS NULL) = (target_on IS NULL)", name="target_with_day"),
    )
    workflow: ClassVar[Workflow] = WORKFLOW
    searched = ("name", "strategy", "organisation.name")
    programme = None
    timezone = HOME_ZONE  # of an organisation no programme's day counts

    state: Mapped[str] = mapped_column(default=CURRENT)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(default="")
    name: Mapped[str]
    unit: Mapped[str] = mapped_column(default="")
    baseline: Mapped[Decimal]
    baseline_on: Mapped[date] = mapped_column(Date)
    target: Mapped[Decimal | None] = mapped_column(default=None)
    target_on: Mapped[date | None] = mapped_column(Date, default=None)
    strategy: Mapped[str] = mapped_column(default="")

    organisation: Mapped[Organisation] = relationship()
    values: Mapped[list["KeyFigureValue"]] = relationship(
        back_populates="key_figure", order_by="KeyFigureValue.on, KeyFigureValue.id"
    )

    @property
    def title(self) -> str:
        return self.name

    @property
    def about(self) -> str:
        return self.name

    @property
    def between(self) -> str:
        return self.organisation.name

    @property
    def sides(self) -> Mapping[str, str]:
        return {"guest": self.organisation.name}

    @property
    def measured(self) -> list["KeyFigureValue"]:
        """The values that count, by day: one for each."""
        return [each for each in self.values if each.counts]

    @property
    def newest(self) -> "KeyFigureValue | None":
        return self.measured[-1] if self.measured else None

    @property
    def others_current(self) -> int:
        """How many others of the organisation are current."""
        others = (KeyFigure.organisation_id == self.organisation_id, KeyFigure.state == CURRENT, KeyFigure.id != self.id)
        return db.session.scalar(select(func.count()).select_from(KeyFigure).where(*others)) or 0

    @classmethod
    def brief(cls) -> tuple[Any, ...]:
        return (
            load_only(*cls.waiting_columns(), cls.name, cls.organisation_id),
            joinedload(cls.organisation, innerjoin=True).load_only(Organisation.name),
        )


class KeyFigureValue(Model):
    """What was measured on a day. Rows stay: one that was wrong `ended_at` an instant, and another may stand in its place.

    `request_id` is the questionnaire in which it was answered. `by_name` is who entered it, as they were called.
    """

    __tablename__ = "key_figure_value"
    __table_args__ = (Index("ix_key_figure_value_key_figure_id_on", "key_figure_id", "on"),)

    key_figure_id: Mapped[int] = mapped_column(ForeignKey("key_figure.id"))
    value: Mapped[Decimal]
    on: Mapped[date] = mapped_column(Date)
    note: Mapped[str] = mapped_column(default="")
    entered_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    by_name: Mapped[str]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by_name: Mapped[str] = mapped_column(default="")
    request_id: Mapped[int | None] = mapped_column(ForeignKey("questionnaire_request.id"), index=True, default=None)

    key_figure: Mapped[KeyFigure] = relationship(back_populates="values")
    by: Mapped[User | None] = relationship()

    @property
    def counts(self) -> bool:
        return self.ended_at is None


class Serving(Model):
    """A subject of any kind (an exchange, a voucher, a story; by the name of its workflow) is to serve a key figure."""

    __tablename__ = "serving"
    __table_args__ = (
        UniqueConstraint("key_figure_id", "subject_type", "subject_id"),
        Index("ix_serving_subject", "subject_type", "subject_id"),
    )

    key_figure_id: Mapped[int] = mapped_column(ForeignKey("key_figure.id"))
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    chosen_on: Mapped[date] = mapped_column(Date)

    key_figure: Mapped[KeyFigure] = relationship()
