"""Bank accounts. One owner has one in force; those before it stay, because payments were made to them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model, table_of
from mobility.core.records import keep
from mobility.people.models import Organisation, User

IN_FORCE = text("ended_at IS NULL")


def masked(iban: str) -> str:
    """PT50 •••• 0154: country, check digits and the last four. Nothing is shown of what is no IBAN."""
    return f"{iban[:4]} •••• {iban[-4:]}" if len(iban) >= 15 else ""


class BankAccount(Model):
    """Of a person or of an organisation. `iban` and `bic` have no spaces; pages show `masked` only.

    `usable_from` is the instant from which it can be paid: at once if it is its owner's first, else a day later.
    """

    __tablename__ = "bank_account"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (organisation_id IS NULL)", name="of_one"),
        Index("ix_bank_account_user_in_force", "user_id", unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE),
        Index(
            "ix_bank_account_organisation_in_force",
            "organisation_id",
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
    )

    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), default=None)
    holder_name: Mapped[str]
    iban: Mapped[str]
    bic: Mapped[str] = mapped_column(default="")
    added_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    added_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    usable_from: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)

    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    organisation: Mapped[Organisation | None] = relationship(foreign_keys=[organisation_id])
    added_by: Mapped[User] = relationship(foreign_keys=[added_by_id])

    @property
    def masked(self) -> str:
        """PT50 •••• 0154"""
        return masked(self.iban)

    @property
    def in_force(self) -> bool:
        return self.ended_at is None

    @property
    def waits(self) -> bool:
        """It replaced another less than a day ago, so nothing is paid to it yet."""
        return clock.utc_now() < self.usable_from

    def __repr__(self) -> str:
        return f"<BankAccount {self.id} {self.masked}>"  # never the whole number in a log


keep(
    table_of(BankAccount),
    # it ends, and may have to wait longer; whose it is and which never changes
    erasable="holder_name iban bic",
    allowed="""NEW.id = OLD.id AND NEW.holder_name = OLD.holder_name AND NEW.iban = OLD.iban AND NEW.bic = OLD.bic
        AND coalesce(NEW.user_id, 0) = coalesce(OLD.user_id, 0)
        AND coalesce(NEW.organisation_id, 0) = coalesce(OLD.organisation_id, 0)""",
)
