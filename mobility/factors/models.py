"""What somebody proves beside a password, or instead of one."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model
from mobility.people.models import User


class Passkey(Model):
    """A key in somebody's telephone, computer or security key: it opens the door alone, or is the second factor.

    The id and the public key are base64url, as browsers send them; what is stored opens nothing.
    """

    __tablename__ = "passkey"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str]
    credential_id: Mapped[str] = mapped_column(unique=True)
    public_key: Mapped[str]
    sign_count: Mapped[int] = mapped_column(default=0)
    added_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    used_at: Mapped[datetime | None] = mapped_column(default=None)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class AuthenticatorApp(Model):
    """An app that shows six digits. The secret is sealed with SECRET_KEY; `last_step` is the newest half minute that was used."""

    __tablename__ = "authenticator_app"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str]
    sealed_secret: Mapped[str]
    last_step: Mapped[int] = mapped_column(default=0)
    added_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    used_at: Mapped[datetime | None] = mapped_column(default=None)


class RecoveryCode(Model):
    """Written on paper, it stands in for a lost factor, once. Only a hash is kept."""

    __tablename__ = "recovery_code"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    code_hash: Mapped[str] = mapped_column(unique=True)
    used_at: Mapped[datetime | None] = mapped_column(default=None)
