"""Reading changes of address."""

from itsdangerous import BadSignature
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mobility.addresses.models import AddressChange
from mobility.core.database import db
from mobility.core.links import signer
from mobility.people.models import User

CONFIRM, STOP = "confirm address", "stop address"


def token(change: AddressChange, purpose: str) -> str:
    """What a mailed link ends in. Nothing of it is stored: it is signed."""
    return str(signer(purpose).dumps([change.id]))


def by_token(token: str, purpose: str, *, for_update: bool = False) -> AddressChange | None:
    """The change whose link this is; nothing if we never made it."""
    try:
        (id,) = signer(purpose).loads(token)
    except (BadSignature, TypeError, ValueError):
        return None
    query = select(AddressChange).where(AddressChange.id == id).options(joinedload(AddressChange.person, innerjoin=True))
    if for_update:
        query = query.with_for_update(of=AddressChange).execution_options(populate_existing=True)
    return db.session.scalar(query)


def open_change(user: User) -> AddressChange | None:
    """What waits to be confirmed; it may have expired."""
    mine = (AddressChange.person_id == user.id, AddressChange.confirmed_at.is_(None), AddressChange.ended_at.is_(None))
    return db.session.scalar(select(AddressChange).where(*mine))
