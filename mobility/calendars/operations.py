"""Making, replacing and ending a private address."""

from secrets import token_urlsafe

from mobility.audit.operations import record
from mobility.calendars import queries
from mobility.calendars.models import CalendarAddress
from mobility.core import clock
from mobility.core.database import db
from mobility.people.models import User
from mobility.people.queries import locked


def renew(user: User) -> str:
    """A new secret, which is told once; the one before leads nowhere from now on."""
    locked(User, user.id)
    token, address = token_urlsafe(32), queries.of_person(user)
    if address is None:
        address = CalendarAddress(user_id=user.id)
        db.session.add(address)
    address.token_hash, address.made_at, address.read_at = queries.hashed(token), clock.utc_now(), None
    record("calendar_address_made", by=user, about="a private calendar address", person_id=user.id)
    return token


def revoke(user: User) -> bool:
    """Whether there was one."""
    locked(User, user.id)
    address = queries.of_person(user)
    if address is None:
        return False
    db.session.delete(address)
    record("calendar_address_ended", by=user, about="a private calendar address", person_id=user.id)
    return True


def note_reading(address: CalendarAddress) -> None:
    address.read_at = clock.utc_now()
