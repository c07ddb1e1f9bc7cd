"""Take-overs, what shows them, and what the guest's manager says of them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, joinedload, load_only, mapped_column, relationship

from mobility.agreements.lines import read
from mobility.core import clock
from mobility.core.database import Model
from mobility.exchanges.models import Exchange
from mobility.people.models import Organisation, User
from mobility.programmes.models import Programme
from mobility.takeovers.workflow import PLANNED, WORKFLOW
from mobility.workflows.history import Subject
from mobility.workflows.workflow import Workflow


class TakeOver(Subject, Model):
    """One thing that a guest brought home. It belongs to their organisation, whoever stays there.

    `key` is that of its line in the answers ("t1"), `objective` that of a line of the agreement, or "". `since` is the day of the
    programme on which its state began (those before are in its history), `reason` why it was dropped, while it is. `answered`
    is its row of the end questionnaire as it was last sent; None: it was added by hand.
    """

    __tablename__ = "take_over"
    __table_args__ = (
        UniqueConstraint("exchange_id", "key"),
        Index("ix_take_over_organisation_id_state", "organisation_id", "state"),
        Index("ix_take_over_programme_id_state", "programme_id", "state"),
        {"sqlite_autoincrement": True},  # one that was left out again is deleted: no other may come to its id and history
    )
    workflow: ClassVar[Workflow] = WORKFLOW
    searched = ("what", "who", "organisation.name")

    state: Mapped[str] = mapped_column(default=PLANNED)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchange.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    key: Mapped[str]
    what: Mapped[str]
    who: Mapped[str] = mapped_column(default="")
    by_when: Mapped[date | None] = mapped_column(Date, default=None)
    objective: Mapped[str] = mapped_column(default="")
    since: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(default="")
    answered: Mapped[dict[str, Any] | None] = mapped_column(default=None)

    programme: Mapped[Programme] = relationship()
    exchange: Mapped[Exchange] = relationship()
    organisation: Mapped[Organisation] = relationship()
    evidence: Mapped[list["TakeOverEvidence"]] = relationship(
        back_populates="take_over", order_by="TakeOverEvidence.id", cascade="all, delete-orphan"
    )
    confirmations: Mapped[list["Confirmation"]] = relationship(
        back_populates="take_over", order_by="Confirmation.on.desc(), Confirmation.id.desc()", cascade="all, delete-orphan"
    )

    @property
    def timezone(self) -> str:
        return self.programme.timezone

    @property
    def title(self) -> str:
        return self.what

    @property
    def about(self) -> str:
        return self.what

    @property
    def between(self) -> str:
        return self.organisation.name

    @property
    def sides(self) -> Mapping[str, str]:
        return {"guest": self.organisation.name}

    @property
    def objective_text(self) -> str:
        """The objective of the agreement that it is for; "" if none was named, or it is not in the agreement any more."""
        version = self.exchange.agreed_version
        return dict(read(version.objectives)).get(self.objective, "") if version else ""

    @property
    def confirmed(self) -> "Confirmation | None":
        """What the manager said when asked the last time."""
        return max(self.confirmations, key=lambda each: each.on, default=None)

    @classmethod
    def brief(cls) -> tuple[Any, ...]:
        return (
            load_only(*cls.waiting_columns(), cls.what, cls.programme_id, cls.exchange_id, cls.organisation_id),
            joinedload(cls.programme, innerjoin=True).load_only(*Programme.told()),
            joinedload(cls.organisation, innerjoin=True).load_only(Organisation.name),
        )


class TakeOverEvidence(Model):
    """What shows it: a link (`url`), or a file, whose `key` is its random name in the store (uploads/files.py)."""

    __tablename__ = "take_over_evidence"
    __table_args__ = (
        UniqueConstraint("take_over_id", "url"),
        UniqueConstraint("take_over_id", "sha256"),
        CheckConstraint("(url IS NULL) <> (key IS NULL)", name="link_or_file"),
    )

    take_over_id: Mapped[int] = mapped_column(ForeignKey("take_over.id"))
    name: Mapped[str]
    url: Mapped[str | None] = mapped_column(default=None)
    content_type: Mapped[str | None] = mapped_column(default=None)
    size: Mapped[int | None] = mapped_column(default=None)
    sha256: Mapped[str | None] = mapped_column(default=None)
    key: Mapped[str | None] = mapped_column(unique=True, default=None)
    added_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    added_at: Mapped[datetime] = mapped_column(default=clock.utc_now)

    take_over: Mapped[TakeOver] = relationship(back_populates="evidence")
    added_by: Mapped[User] = relationship()


class Confirmation(Model):
    """What the guest's manager said of it when asked on one `occasion` ("month_6", "month_12"): the last press counts.

    `said` is "in_use", "not_yet" or "dropped", `on` the programme's day. It changes no state of the take-over.
    """

    __tablename__ = "take_over_confirmation"
    __table_args__ = (UniqueConstraint("take_over_id", "occasion"),)

    take_over_id: Mapped[int] = mapped_column(ForeignKey("take_over.id"))
    occasion: Mapped[str]
    said: Mapped[str]
    on: Mapped[date] = mapped_column(Date)
    by_name: Mapped[str]

    take_over: Mapped[TakeOver] = relationship(back_populates="confirmations")
