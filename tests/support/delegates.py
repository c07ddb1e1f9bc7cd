"""Stays to which somebody travels along, and the links that are mailed to them."""

import re
from typing import Any
from urllib.parse import urlsplit

from mobility.core import clock
from mobility.core.database import db
from mobility.exchanges import operations
from mobility.exchanges.models import Exchange
from mobility.exchanges.rules import Terms
from mobility.notifications.models import OutboxMessage
from mobility.visits import operations as visits
from tests.support.factories import coordinator_of, make_exchange, make_guest
from tests.support.lines import typed

BIA = "bia@elsewhere.example"


def make_stay(*others: tuple[str, str], agreed: bool = True, **values: Any) -> Exchange:
    """Gil acts for the guests; with him travel `others` (name, address), or Bia Ünal, who has no account."""
    guest = values.pop("guest", None) or make_guest(name="Gil Prado")
    travelling = [(guest.name, guest.email), *(others or [("Bia Ünal", BIA)])]
    delegates = [(*each, "cluster_manager") for each in travelling]
    exchange = make_exchange(guest=guest, delegates=delegates, **{"self_funded": True} | values)
    if agreed:
        sign(exchange)
    db.session.commit()
    return exchange


def sign(exchange: Exchange) -> None:
    for by in (coordinator_of(exchange.theme), exchange.guest):
        visits.sign(exchange, by=by, number=exchange.newest_version.number)
    db.session.commit()


def amend(exchange: Exchange, **changes: Any) -> None:
    operations.amend(exchange, by=exchange.guest, **Terms.of(exchange.newest_version).written() | typed(**changes))
    db.session.commit()


def begin(exchange: Exchange) -> None:
    """It is the last day, and everybody was checked in on the first."""
    clock.set_to(clock.noon_of(exchange.first_day))
    visits.start(exchange)
    clock.set_to(clock.noon_of(exchange.last_day))
    db.session.commit()


def confirm(exchange: Exchange, *places: int) -> None:
    """Those at these places of the delegation came, on all days."""
    days = {"first_day": exchange.first_day, "last_day": exchange.last_day}
    visits.confirm_attendance(exchange, by=coordinator_of(exchange.theme), attended=list(places), **days)
    db.session.commit()


def mails(kind: str) -> list[OutboxMessage]:
    return list(db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)))


def link_in(mail: OutboxMessage) -> str:
    """The path of the personal link in a mail; "" if it has none."""
    found = re.search(r"https?://\S+/stays/\S+", mail.text)
    return urlsplit(found[0]).path if found else ""


def link_of(address: str = BIA) -> str:
    """That of the newest mail to an address that has one."""
    query = db.select(OutboxMessage).where(OutboxMessage.address == address).order_by(OutboxMessage.id.desc())
    return next(link for link in map(link_in, db.session.scalars(query)) if link)
