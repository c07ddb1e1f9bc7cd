"""Reads of a visit: the exchange is always locked before its voucher."""

from typing import Any

from sqlalchemy import select

from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.vouchers import queries as vouchers
from mobility.vouchers.models import Voucher


def find_voucher(id: int, user: Any, for_update: bool = False) -> Voucher:
    """As vouchers.queries.find, with the exchange locked first."""
    if for_update:
        lock_exchange(select(Voucher.exchange_id).where(Voucher.id == id).scalar_subquery())
    return vouchers.find(id, user, for_update)


def lock_exchange(id: Any) -> Exchange | None:
    statement = select(Exchange).where(Exchange.id == id).with_for_update(of=Exchange)
    return db.session.scalar(statement.execution_options(populate_existing=True))
