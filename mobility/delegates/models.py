"""The personal links of those who travel: their hash alone is kept."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from mobility.core import clock
from mobility.core.database import Model


class DelegateLink(Model):
    """One link to one stay, for whoever travels under `email` (lower case). Of an address the newest counts, as a new one ends
    the one before; if the newest has ended, too, somebody has revoked it. `number` counts the links of the exchange. Without
    `email` it opens nothing for ever: it was made for somebody who was erased, or its time is over.
    """

    __tablename__ = "delegate_link"
    __table_args__ = (UniqueConstraint("exchange_id", "number"), Index("ix_delegate_link_email", "email"))

    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchange.id"))
    number: Mapped[int]
    email: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)

    @validates("email")
    def _lower(self, key: str, email: str) -> str:
        return email.lower()
