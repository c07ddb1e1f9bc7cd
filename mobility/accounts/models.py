"""Signed-in browsers and the single-use links sent by mail."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model
from mobility.people.models import User


class SignIn(Model):
    """A signed-in browser. Signing out ends it here, so a copied cookie is worth nothing afterwards.

    `waits_for` is empty once the person is in; before that what is still asked: `FACTOR`, `SET_UP`. `proved_at` is when they
    last gave a password or a factor; `seen_at` when they last used it, to five minutes.
    """

    __tablename__ = "sign_in"

    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    expires_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    proved_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    device: Mapped[str] = mapped_column(default="")
    waits_for: Mapped[str] = mapped_column(default="")

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


FACTOR, SET_UP = "factor", "set_up"


class Identity(Model):
    """Somebody known to an identity provider (OpenID Connect), by its own name for them: addresses change hands."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("user_id", "issuer"))

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    issuer: Mapped[str]
    subject: Mapped[str]
    linked_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    used_at: Mapped[datetime | None] = mapped_column(default=None)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class Purpose(StrEnum):
    """What a mailed link is for."""

    INVITATION = "invitation"
    PASSWORD = "password"  # noqa: S105


class MailedLink(Model):
    """A single-use, expiring link sent by mail. The token itself is not stored."""

    __tablename__ = "mailed_link"

    token_hash: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime] = mapped_column(default=clock.utc_now)

    user: Mapped[User] = relationship()
