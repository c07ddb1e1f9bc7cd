"""Making and ending personal links. The exchange is locked by whoever calls, so of two at once each sees what the other did.

What is mailed is made of the exchange's id and a number, signed: so every message about the stay can hold the same link, and
nobody who reads the database has it. What is looked for is its hash: a signature alone opens nothing that was not made here.
"""

from mobility.core import clock
from mobility.core.database import db
from mobility.core.links import absolute, path_of, signer
from mobility.delegates import queries
from mobility.delegates.models import DelegateLink
from mobility.exchanges.models import Exchange

LINK = "delegate"


def address_for(exchange: Exchange, email: str) -> str | None:
    """The address of somebody's page; None if their link was revoked: only a person makes another one."""
    link = queries.newest(exchange, email)
    if link is None:
        link = _made(exchange, email)
    if link.ended_at is not None:
        return None
    token = _token(link)
    link.token_hash = queries.hashed(token)  # another one since SECRET_KEY was changed
    return absolute(path_of("delegates.by_link", token=token))


def renew(exchange: Exchange, email: str) -> DelegateLink:
    """Another one; the one before opens nothing from now on."""
    end(exchange, email)
    return _made(exchange, email)


def end(exchange: Exchange, email: str) -> bool:
    """Whether there was one to end."""
    link = queries.newest(exchange, email)
    if link is None or link.ended_at is not None:
        return False
    link.ended_at = clock.utc_now()
    db.session.flush()
    return True


def _made(exchange: Exchange, email: str) -> DelegateLink:
    link = DelegateLink(exchange_id=exchange.id, number=queries.count(exchange) + 1, email=email)
    link.token_hash = queries.hashed(_token(link))
    db.session.add(link)
    db.session.flush()
    return link


def _token(link: DelegateLink) -> str:
    return str(signer(LINK).dumps([link.exchange_id, link.number]))
