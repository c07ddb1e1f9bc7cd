"""Questionnaires and their versions."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model
from mobility.people.models import User
from mobility.programmes.models import Programme
from mobility.questionnaires.items import (
    Item,
)


class Questionnaire(Model):
    """What is asked of whom, and when: so many `days` after the event, or so many months, each of `months` being a round.

    `answer_days` None: as long as the programme's questionnaires are open. `asks_from`: what would have been asked before that
    day is not asked any more. `draft` are the items as the owner is editing them; None: nothing has changed since the newest
    version. `version` counts changes, to notice two who edit.
    """

    __tablename__ = "questionnaire"
    __table_args__ = (UniqueConstraint("programme_id", "key"), CheckConstraint("days >= 0", name="days_not_negative"))

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    key: Mapped[str]
    position: Mapped[int]
    title: Mapped[str]
    introduction: Mapped[str] = mapped_column(default="")
    asked_of: Mapped[str]
    event: Mapped[str]
    days: Mapped[int] = mapped_column(default=0)
    months: Mapped[list[Any]] = mapped_column(default=list)
    answer_days: Mapped[int | None] = mapped_column(default=None)
    is_asked: Mapped[bool] = mapped_column(default=True)
    asks_from: Mapped[date] = mapped_column(Date)
    draft: Mapped[list[Any] | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(nullable=False)

    __mapper_args__ = {"version_id_col": version}

    programme: Mapped[Programme] = relationship()
    versions: Mapped[list["QuestionnaireVersion"]] = relationship(
        back_populates="questionnaire", order_by="QuestionnaireVersion.number"
    )

    @property
    def newest(self) -> "QuestionnaireVersion":
        """The version that is asked from now on."""
        return self.versions[-1]

    @property
    def rounds(self) -> Sequence[int]:
        """The months after the event of each round; one without months, by its days, is a single round."""
        return self.months or [0]

    @property
    def days_to_answer(self) -> int:
        return self.answer_days if self.answer_days is not None else self.programme.questionnaire_days

    @property
    def edited(self) -> list[Item]:
        """The items as the owner sees them: with what is not published yet."""
        return self.newest.items if self.draft is None else [Item.of(each) for each in self.draft]


class QuestionnaireVersion(Model):
    """The items as they were published; never changed, as answers keep their version."""

    __tablename__ = "questionnaire_version"
    __table_args__ = (UniqueConstraint("questionnaire_id", "number"),)

    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    number: Mapped[int]
    stored: Mapped[list[Any]] = mapped_column("items")
    published_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)

    questionnaire: Mapped[Questionnaire] = relationship(back_populates="versions")
    published_by: Mapped[User | None] = relationship()

    @property
    def items(self) -> list[Item]:
        return [Item.of(each) for each in self.stored]
