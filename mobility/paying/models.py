"""The accounts that programmes paid, pay or may pay from. None is changed: another one is proposed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.banking.models import masked
from mobility.core import clock
from mobility.core.database import Model, table_of
from mobility.core.records import keep
from mobility.people.models import User
from mobility.programmes.models import Programme

PROPOSED = text("confirmed_at IS NULL AND closed_at IS NULL")


class Closed(StrEnum):
    """Why an account does not come into use."""

    WITHDRAWN = "withdrawn"
    DECLINED = "declined"


class PayingAccount(Model):
    """`iban` and `bic` have no spaces; pages show `masked` only. Nobody has proposed or confirmed what a migration found.

    Of those that are confirmed and not closed the programme pays from the newest whose `usable_from` has come.
    """

    __tablename__ = "paying_account"
    __table_args__ = (
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> proposed_by_id", name="confirmed_by_another"),
        CheckConstraint("(confirmed_at IS NULL) = (usable_from IS NULL)", name="usable_once_confirmed"),
        CheckConstraint("(closed_at IS NULL) = (closed_as = '')", name="closed_somehow"),
        Index("ix_paying_account_programme_id", "programme_id"),
        Index(
            "ix_paying_account_programme_id_proposed",
            "programme_id",
            unique=True,
            sqlite_where=PROPOSED,
            postgresql_where=PROPOSED,
        ),
    )

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    holder_name: Mapped[str]
    iban: Mapped[str]
    bic: Mapped[str] = mapped_column(default="")
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    proposed_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    usable_from: Mapped[datetime | None] = mapped_column(default=None)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_as: Mapped[str] = mapped_column(default="")
    closed_because: Mapped[str] = mapped_column(default="")

    programme: Mapped[Programme] = relationship()
    proposed_by: Mapped[User | None] = relationship(foreign_keys=[proposed_by_id])
    confirmed_by: Mapped[User | None] = relationship(foreign_keys=[confirmed_by_id])
    closed_by: Mapped[User | None] = relationship(foreign_keys=[closed_by_id])

    @property
    def masked(self) -> str:
        """AT61 •••• 3201"""
        return masked(self.iban)

    @property
    def is_proposed(self) -> bool:
        """It waits for somebody to confirm it."""
        return self.confirmed_at is None and self.closed_at is None

    @property
    def waits(self) -> bool:
        """It is confirmed, and its day has not passed yet."""
        return self.closed_at is None and self.usable_from is not None and clock.utc_now() < self.usable_from

    def __repr__(self) -> str:
        return f"<PayingAccount {self.id} {self.masked}>"  # never the whole number in a log


keep(
    table_of(PayingAccount),
    # it is confirmed once and closed once; which account it is never changes
    erasable="holder_name closed_because",
    allowed="""NEW.id = OLD.id AND NEW.programme_id = OLD.programme_id AND NEW.holder_name = OLD.holder_name
        AND NEW.iban = OLD.iban AND NEW.bic = OLD.bic AND NEW.proposed_at = OLD.proposed_at
        AND coalesce(NEW.proposed_by_id, 0) = coalesce(OLD.proposed_by_id, 0) AND OLD.closed_at IS NULL
        AND (OLD.confirmed_at IS NULL OR (NEW.confirmed_at = OLD.confirmed_at AND NEW.usable_from = OLD.usable_from
            AND coalesce(NEW.confirmed_by_id, 0) = coalesce(OLD.confirmed_by_id, 0)))""",
)
