"""Rate cards."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model, table_of
from mobility.core.records import keep
from mobility.vouchers.kinds import DEFAULT


class RateCard(Model):
    """A version of a programme's rates for one kind of voucher, as data (money.md).

    A voucher keeps the version it was computed with.
    """

    __tablename__ = "rate_card"
    __table_args__ = (UniqueConstraint("programme_id", "voucher_kind", "number"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    voucher_kind: Mapped[str] = mapped_column(default=DEFAULT)
    number: Mapped[int]
    name: Mapped[str]
    components: Mapped[list[Any]]
    created_at: Mapped[datetime] = mapped_column(default=clock.utc_now)

    programme: Mapped[Any] = relationship("Programme", back_populates="rate_cards")


keep(table_of(RateCard))
