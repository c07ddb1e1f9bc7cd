"""Sending a personal link anew, and ending it. The exchange is locked."""

from sqlalchemy import update

from mobility.audit.operations import record
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.delegates import links, messages, queries
from mobility.delegates.models import DelegateLink
from mobility.delegates.queries import Going, Stay
from mobility.exchanges.models import Exchange
from mobility.notifications.operations import Addressee
from mobility.people.models import User


def send(exchange: Exchange, *, by: User, place: int, seen: str) -> str:
    """A new link to whoever travels at this place of the delegation; the one before ends. Returns their name."""
    going = _going(exchange, place, seen)
    if not isinstance(going.person, Addressee):
        raise Refusal(f"{going.delegate.name} has an account, or no address: a link is for whoever has an address alone.")
    messages.link(exchange, going.person, links.renew(exchange, going.person.email).number)
    _record("delegate_link_sent", exchange, by, going)
    return going.delegate.name


def end(exchange: Exchange, *, by: User, place: int, seen: str) -> str:
    """Their link opens nothing from now on, and no message brings another one. Returns their name."""
    going = _going(exchange, place, seen)
    if not links.end(exchange, going.delegate.email):
        raise Refusal(f"{going.delegate.name} has no link that opens anything.")
    _record("delegate_link_ended", exchange, by, going)
    return going.delegate.name


def renew(stay: Stay) -> None:
    """Whoever has the link asks for another one: it goes to the address that travels, to nobody else."""
    person = Addressee(stay.delegate.name, stay.delegate.email)
    messages.link(stay.exchange, person, links.renew(stay.exchange, person.email).number)


def follow_address(person: User, earlier: str) -> None:
    """Links go with whom they were made for."""
    db.session.execute(update(DelegateLink).where(DelegateLink.email == earlier).values(email=person.email))


def _going(exchange: Exchange, place: int, seen: str) -> Going:
    """Raises Refusal if it is not as the page has shown it."""
    for each in queries.going(exchange):
        if each.delegate.position == place and each.delegate.email and each.seen == seen:
            return each
    raise Refusal("This has been done meanwhile, perhaps by your first click. The page shows how it is now.")


def _record(act: str, exchange: Exchange, by: User, going: Going) -> None:
    about = f"the personal link of {going.delegate.name} to exchange E-{exchange.id:06d}"
    record(act, by=by, about=about, organisation_id=exchange.guest_organisation_id, programme_id=exchange.programme_id)
