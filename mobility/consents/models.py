"""What a side of an exchange says about publishing it beside its questionnaire."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model
from mobility.exchanges.models import Exchange
from mobility.people.models import User


class PublishConsent(Model):
    """What a side of an exchange (guest or host) says about publishing it, changed after its end questionnaire or without one.

    `publish` is a key of the item `publish`: with_names, without, no. The last word of a side holds, wherever it was said; both
    sides have to agree.
    """

    __tablename__ = "publish_consent"
    __table_args__ = (Index("ix_publish_consent_exchange_id_side", "exchange_id", "side"),)

    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchange.id"))
    side: Mapped[str]
    publish: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    exchange: Mapped[Exchange] = relationship()
    by: Mapped[User] = relationship()
