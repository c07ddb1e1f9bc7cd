"""Opening a personal link: what it leads to now, or why it leads to nothing any more. Opening changes nothing."""

from datetime import datetime
from typing import NamedTuple

from flask import abort, request

from mobility.accounts.rules import network_of
from mobility.accounts.throttle import ensure_not_throttled, record_attempt, take_attempt
from mobility.delegates import queries, rules
from mobility.delegates.models import DelegateLink
from mobility.delegates.queries import Stay
from mobility.delegates.rules import Ended
from mobility.exchanges.models import Exchange

WRONG, WRONG_MINUTES = 20, 10  # unknown links from one network
READS, READ_MINUTES = 60, 10  # of one link
UNKNOWN = "This link is not complete, or was never made. Open it from the message itself."


class Known(NamedTuple):
    """What is asked of a link."""

    id: int
    exchange_id: int
    email: str
    ended_at: datetime | None


class LinkEnded(Exception):
    """It opened something once."""

    def __init__(self, why: Ended):
        super().__init__(why.value)
        self.why = why


def stay_of(token: str) -> Stay:
    """Raises LinkEnded, Throttled (for whoever guesses, or asks all the time), and answers 404 to what never was a link."""
    network = network_of(request.remote_addr or "")
    ensure_not_throttled("delegate", network, WRONG, WRONG_MINUTES)
    link = queries.by_token(token)
    if link is None:
        record_attempt("delegate", network)
        abort(404, UNKNOWN)
    known = Known(link.id, link.exchange_id, link.email, link.ended_at)  # counting ends the transaction, and what it has read
    take_attempt("delegate read", str(known.id), READS, READ_MINUTES)
    return _opened(known, queries.whole(known.exchange_id))


def locked(token: str) -> Stay:
    """The same for whoever changes something, without counting."""
    link = queries.by_token(token)
    if link is None:
        abort(404, UNKNOWN)
    exchange = queries.whole(link.exchange_id, for_update=True)
    return _opened(queries.by_token(token) or link, exchange)  # as it is, now that the exchange is locked


def _opened(link: DelegateLink | Known, exchange: Exchange) -> Stay:
    delegate = queries.under(exchange, link.email)
    newest = queries.newest(exchange, link.email) if link.ended_at else link  # a new one ends the one before
    if why := rules.why_ended(link, newest, exchange, delegate, exchange.programme.today):
        raise LinkEnded(why)
    assert delegate is not None  # noqa: S101 (why_ended)
    return Stay(exchange, delegate)
