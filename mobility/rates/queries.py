"""Reading rate cards."""

from collections.abc import Sequence

from sqlalchemy import Select, select

from mobility.core.database import db
from mobility.core.web import or_404
from mobility.rates.models import RateCard
from mobility.vouchers.kinds import DEFAULT


def newest_rate_card(programme_id: int, voucher_kind: str = DEFAULT) -> RateCard | None:
    """The rates in force for a kind of voucher."""
    return db.session.scalar(_rate_cards(programme_id, voucher_kind).limit(1))


def rate_cards(programme_id: int, voucher_kind: str) -> Sequence[RateCard]:
    """All versions, the newest first."""
    return db.session.scalars(_rate_cards(programme_id, voucher_kind)).all()


def rate_card(programme_id: int, voucher_kind: str, number: int) -> RateCard:
    """One version, or 404."""
    return or_404(db.session.scalar(_rate_cards(programme_id, voucher_kind).where(RateCard.number == number)))


def _rate_cards(programme_id: int, voucher_kind: str) -> Select[RateCard]:
    return (
        select(RateCard)
        .where(RateCard.programme_id == programme_id, RateCard.voucher_kind == voucher_kind)
        .order_by(RateCard.number.desc())
    )
