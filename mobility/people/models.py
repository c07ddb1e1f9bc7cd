"""Organisations, accounts, and what a person is in an organisation or a programme."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, lazyload, load_only, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model, Named, table_of
from mobility.core.names import ERASED_DOMAIN
from mobility.core.records import keep
from mobility.people.roles import Role

_LASTS = text("until IS NULL")


class Organisation(Named, Model):
    """`country` is an ISO 3166-1 alpha-2 code; coordinates are degrees of its city; `sectors`: people/sectors.py.
    `topics` are what a provider's services are about (people/topics.py), up to five.

    `region` is a code of people/regions.py, which has public holidays of its own; empty: none is known.
    """

    __tablename__ = "organisation"
    __table_args__ = (UniqueConstraint("name_key"),)

    kind: Mapped[str]
    country: Mapped[str]
    city: Mapped[str]
    latitude: Mapped[float]
    longitude: Mapped[float]
    region: Mapped[str] = mapped_column(default="")
    sectors: Mapped[list[Any]] = mapped_column(default=list)
    topics: Mapped[list[Any]] = mapped_column(default=list)
    about: Mapped[str] = mapped_column(default="")
    website: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    merged_into_id: Mapped[int | None] = mapped_column(default=None)  # merging/

    memberships: Mapped[list["Membership"]] = relationship(back_populates="organisation")

    def coordinators(self) -> "set[User]":
        """Who coordinates it now."""
        return {each.user for each in self.memberships if each.current and each.role == Role.COORDINATOR and each.user.active}


class User(UserMixin, Model):
    """An account. `email` is kept in lower case; `password_hash` is empty until the invitation is taken up.

    `memberships` are all roles the person ever held; what the person may do rests on `current_memberships`. From
    `factor_due_at` on, a second factor is needed to sign in; at `factors_end_at` an administrator's reset takes those there are.
    """

    __tablename__ = "user"

    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str] = mapped_column(default="")
    level: Mapped[str | None] = mapped_column(default=None)
    locale: Mapped[str] = mapped_column(default="en_GB")
    is_administrator: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    demo_note: Mapped[str] = mapped_column(default="")
    factor_due_at: Mapped[datetime | None] = mapped_column(default=None)
    factors_end_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    merged_into_id: Mapped[int | None] = mapped_column(default=None)  # merging/

    memberships: Mapped[list["Membership"]] = relationship(back_populates="user", lazy="selectin")
    bank_accounts: Mapped[list[Any]] = relationship("BankAccount", foreign_keys="BankAccount.user_id", viewonly=True)

    @property
    def was_erased(self) -> bool:
        """Nobody is behind the account any more (privacy/), or behind the one with which it was made one."""
        return self.email.endswith(f"@{ERASED_DOMAIN}")

    stand_in = None  # in a request in which an administrator acts for this person: the administrator (accounts/standing.py)

    @property
    def acting_name(self) -> str:
        """Who acts, for what is recorded: "Robin Keller for Ana Zupan" where somebody stands in."""
        return f"{self.stand_in.name} for {self.name}" if self.stand_in else self.name

    @classmethod
    def by_name(cls) -> tuple[Any, ...]:
        """Options to load no more than the name."""
        return load_only(cls.name), lazyload(cls.memberships)

    @property
    def is_active(self) -> bool:
        return self.active

    @property
    def is_authenticated(self) -> bool:
        """Only who is active is loaded; asking for it again would read the account anew once a transaction has ended."""
        return True

    @property
    def current_memberships(self) -> list["Membership"]:
        return [each for each in self.memberships if each.current]

    def roles_in(self, organisation_id: int | None) -> set[str]:
        """The roles this person holds in an organisation."""
        return {each.role for each in self.current_memberships if organisation_id and each.organisation_id == organisation_id}

    def roles_in_programme(self, programme_id: int | None) -> set[str]:
        return {each.role for each in self.current_memberships if programme_id and each.programme_id == programme_id}

    def ever_in(self, organisation_ids: Collection[int]) -> list["Membership"]:
        """The roles this person holds or held in some organisations: those that last first, then the latest."""
        found = [each for each in self.memberships if each.organisation_id in organisation_ids]
        return sorted(found, key=lambda each: (each.current, each.until or each.since), reverse=True)

    def organisation_ids(self, *roles: str) -> list[int]:
        """The organisations in which this person holds one of `roles` (any role if none is named)."""
        return sorted(
            {
                each.organisation_id
                for each in self.current_memberships
                if each.organisation_id and (not roles or each.role in roles)
            }
        )

    def programme_ids(self, *roles: str) -> list[int]:
        return sorted(
            {each.programme_id for each in self.current_memberships if each.programme_id and (not roles or each.role in roles)}
        )


def _once(*columns: str) -> Index:
    """Unique among the roles that last."""
    return Index(
        f"ix_membership_{'_'.join(columns)}_current", *columns, unique=True, sqlite_where=_LASTS, postgresql_where=_LASTS
    )


class Membership(Model):
    """One role of one person in one organisation or programme; reminders due before `since` do not reach them.

    It ends at the instant `until` and is never deleted: who comes back gets another row.
    """

    __tablename__ = "membership"
    __table_args__ = (
        _once("user_id", "organisation_id", "role"),
        _once("user_id", "programme_id", "role"),
        CheckConstraint("(organisation_id IS NULL) <> (programme_id IS NULL)", name="in_one"),
        Index("ix_membership_organisation_id_role", "organisation_id", "role"),
        Index("ix_membership_programme_id_role", "programme_id", "role"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), default=None)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), default=None)
    role: Mapped[str]
    since: Mapped[date] = mapped_column(default=lambda: clock.today())
    until: Mapped[datetime | None] = mapped_column(default=None)

    user: Mapped[User] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation | None] = relationship(back_populates="memberships")
    programme: Mapped[Any] = relationship("Programme")

    @hybrid_property
    def current(self) -> bool:
        """It lasts; in a query, the condition that says so."""
        return self.until is None

    @current.inplace.expression
    @classmethod
    def _is_current(cls) -> ColumnElement[bool]:
        return cls.until.is_(None)

    @property
    def place_name(self) -> str:
        """Of the organisation or the programme."""
        place = self.organisation or self.programme
        return str(place.name)


keep(
    table_of(Membership),  # it ends, once; who held what, and since when, never changes
    allowed="""NEW.id = OLD.id AND NEW.user_id = OLD.user_id AND NEW.role = OLD.role AND NEW.since = OLD.since
        AND coalesce(NEW.organisation_id, 0) = coalesce(OLD.organisation_id, 0)
        AND coalesce(NEW.programme_id, 0) = coalesce(OLD.programme_id, 0)
        AND OLD.until IS NULL AND NEW.until IS NOT NULL""",
)
