"""What a side of an exchange, or of a voucher, says about publishing it beside its questionnaire."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model
from mobility.exchanges.models import Exchange
from mobility.people.models import User
from mobility.vouchers.models import Voucher


class PublishConsent(Model):
    """What a side says about publishing an exchange, changed after its end questionnaire or without one; or what came of a
    voucher, where no questionnaire asks for it. `side` is guest or host: of a voucher its holder's and its provider's.

    `publish` is a key of the item `publish`: with_names, without, no. The last word of a side holds, wherever it was said; both
    sides have to agree.
    """

    __tablename__ = "publish_consent"
    __table_args__ = (
        Index("ix_publish_consent_exchange_id_side", "exchange_id", "side"),
        Index("ix_publish_consent_voucher_id_side", "voucher_id", "side"),
        CheckConstraint("(exchange_id IS NULL) <> (voucher_id IS NULL)", name="about_one"),
    )

    exchange_id: Mapped[int | None] = mapped_column(ForeignKey("exchange.id"), default=None)
    voucher_id: Mapped[int | None] = mapped_column(ForeignKey("voucher.id"), default=None)
    side: Mapped[str]
    publish: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    exchange: Mapped[Exchange | None] = relationship()
    voucher: Mapped[Voucher | None] = relationship()
    by: Mapped[User] = relationship()
