"""Programmes, their calls and budget lines, and the ledger of the money."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model, Named, fingerprint, table_of
from mobility.core.records import keep
from mobility.people.contacts import Contacted
from mobility.people.models import Membership
from mobility.rates.models import RateCard


class ProgrammeLevel(StrEnum):
    REGIONAL = "regional"
    NATIONAL = "national"
    EUROPEAN = "european"


class Scheme(StrEnum):
    """`light`: one decision, lump sum. `full`: assessment, four eyes, claim with evidence (P7)."""

    LIGHT = "light"
    FULL = "full"


def standard_score_sheet() -> list[dict[str, Any]]:
    """What an assessor looks at, until the owner says otherwise: 100 points in all."""
    return [
        {"criterion": "Learning that the organisation needs", "points": 30},
        {"criterion": "Benefit for both sides", "points": 30},
        {"criterion": "A plan that can be carried out", "points": 20},
        {"criterion": "Use at home afterwards", "points": 20},
    ]


class SecondFactor(StrEnum):
    """Who of a programme's team needs a second factor to sign in."""

    NOBODY = "nobody"
    MONEY = "money"  # who decides and pays: owners, finance officers
    TEAM = "team"


class EndorsementRule(StrEnum):
    """What a programme asks of the guest's organisation before a stay (issue 14)."""

    OFF = "off"
    INFORMED = "informed"  # its coordinators are told, and may object
    REQUIRED = "required"  # they endorse the agreement, or there is no stay


class Programme(Contacted, Named, Model):
    """Rules and promises of a programme; every default is from workflows.md.

    Days are calendar days unless the name says working. `de_minimis_ceiling` None: no de minimis aid. `provider_share_limit`
    is in percent of all redemptions. `score_sheet` is a list of {"criterion": ..., "points": most}.
    """

    __tablename__ = "programme"
    __table_args__ = (UniqueConstraint("name_key"),)

    about: Mapped[str] = mapped_column(default="")
    level: Mapped[str]
    scheme: Mapped[str]
    timezone: Mapped[str] = mapped_column(default="Europe/Brussels")
    country: Mapped[str | None] = mapped_column(default=None)
    currency: Mapped[str] = mapped_column(default="EUR")
    eligible_countries: Mapped[list[Any]] = mapped_column(default=list)
    eligible_levels: Mapped[list[Any]] = mapped_column(default=list)
    minimum_days: Mapped[int] = mapped_column(default=2)
    maximum_days: Mapped[int] = mapped_column(default=14)
    open_applications_cap: Mapped[int] = mapped_column(default=5)
    host_answer_days: Mapped[int] = mapped_column(default=10)
    guest_confirmation_days: Mapped[int] = mapped_column(default=7)
    signature_days: Mapped[int] = mapped_column(default=14)
    voucher_request_days: Mapped[int] = mapped_column(default=14)
    answer_days: Mapped[int] = mapped_column(default=14)
    decision_working_days: Mapped[int] = mapped_column(default=10)
    validity_months: Mapped[int] = mapped_column(default=12)
    extension_months: Mapped[int] = mapped_column(default=6)
    attendance_days: Mapped[int] = mapped_column(default=7)
    claim_days: Mapped[int] = mapped_column(default=30)
    payment_days: Mapped[int] = mapped_column(default=10)
    questionnaire_days: Mapped[int] = mapped_column(default=14)
    de_minimis_ceiling: Mapped[Decimal | None] = mapped_column(default=None)
    provider_share_limit: Mapped[int] = mapped_column(default=30)
    score_sheet: Mapped[list[Any]] = mapped_column(default=standard_score_sheet)
    second_factor: Mapped[str] = mapped_column(default=SecondFactor.MONEY)
    endorsement: Mapped[str] = mapped_column(default=EndorsementRule.OFF)
    endorsement_days: Mapped[int] = mapped_column(default=7)
    created_at: Mapped[datetime] = mapped_column(default=clock.utc_now)

    team: Mapped[list[Membership]] = relationship(viewonly=True)
    calls: Mapped[list["Call"]] = relationship(back_populates="programme", order_by="Call.opens_on")
    rate_cards: Mapped[list["RateCard"]] = relationship(back_populates="programme", order_by="RateCard.number")

    @classmethod
    def told(cls) -> tuple[Any, ...]:
        """The columns that tasks and reminders tell or count by."""
        return cls.name, cls.scheme, cls.timezone, cls.country

    @property
    def today(self) -> date:
        return clock.today(self.timezone)

    @property
    def open_calls(self) -> list["Call"]:
        return [call for call in self.calls if call.is_open(self.today)]


class Call(Named, Model):
    """An intake of a programme; rolling when it never closes."""

    __tablename__ = "call"
    __table_args__ = (UniqueConstraint("programme_id", "name_key"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    opens_on: Mapped[date] = mapped_column(Date)
    closes_on: Mapped[date | None] = mapped_column(Date, default=None)

    programme: Mapped[Programme] = relationship(back_populates="calls")
    budget_lines: Mapped[list["BudgetLine"]] = relationship(back_populates="call", order_by="BudgetLine.id")

    @property
    def fingerprint(self) -> str:
        """Changes with what its form shows."""
        return fingerprint(self, "name", "opens_on", "closes_on")

    def is_open(self, day: date) -> bool:
        return self.opens_on <= day and (self.closes_on is None or day <= self.closes_on)


class BudgetLine(Model):
    """Money for one kind of voucher in a call.

    The balances are the sums of the postings; whoever moves money locks this row first.
    """

    __tablename__ = "budget_line"
    __table_args__ = (
        UniqueConstraint("call_id", "voucher_kind"),
        CheckConstraint("available >= 0", name="available_not_negative"),
        CheckConstraint("committed >= 0", name="committed_not_negative"),
    )

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    voucher_kind: Mapped[str]
    name: Mapped[str]
    available: Mapped[Decimal] = mapped_column(default=Decimal(0))
    committed: Mapped[Decimal] = mapped_column(default=Decimal(0))
    spent: Mapped[Decimal] = mapped_column(default=Decimal(0))

    call: Mapped[Call] = relationship(back_populates="budget_lines")


class Account(StrEnum):
    FUNDING = "funding"
    AVAILABLE = "available"
    COMMITTED = "committed"
    SPENT = "spent"


class LedgerEvent(StrEnum):
    APPROPRIATE = "appropriate"
    COMMIT = "commit"
    RELEASE = "release"
    SPEND = "spend"
    RECOVER = "recover"
    COME_BACK = "come_back"
    WITHDRAW = "withdraw"


class LedgerEntry(Model):
    """One movement of money, never changed afterwards. `key` is unique: an event makes one entry for each time it can be."""

    __tablename__ = "ledger_entry"
    __table_args__ = (Index("ix_ledger_entry_budget_line_id_id", "budget_line_id", "id"),)

    budget_line_id: Mapped[int] = mapped_column(ForeignKey("budget_line.id"))
    event: Mapped[str]
    voucher_id: Mapped[int | None] = mapped_column(ForeignKey("voucher.id"), index=True, default=None)
    key: Mapped[str] = mapped_column(unique=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    note: Mapped[str] = mapped_column(default="")

    postings: Mapped[list["Posting"]] = relationship(back_populates="entry", lazy="selectin")
    budget_line: Mapped[BudgetLine] = relationship()


class Posting(Model):
    """An amount into an account (negative: out of it). The postings of an entry sum to zero."""

    __tablename__ = "posting"

    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), index=True)
    account: Mapped[str]
    amount: Mapped[Decimal]

    entry: Mapped[LedgerEntry] = relationship(back_populates="postings")


keep(table_of(LedgerEntry), unique="key", erasable="note")
keep(table_of(Posting))
