"""Reading accounts and mailed links."""

from hashlib import sha256

from itsdangerous import BadSignature
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mobility.accounts.models import MailedLink, Purpose
from mobility.core.database import db
from mobility.core.links import signer
from mobility.people.models import User


def token_hash(token: str) -> str | None:
    """The hash under which a mailed link is kept; nothing if we never signed such a token."""
    try:
        secret = signer("mailed link").loads(token)
    except BadSignature:
        return None
    return sha256(secret.encode()).hexdigest() if isinstance(secret, str) else None


def mailed_link(token: str, purpose: Purpose, *, for_update: bool = False) -> MailedLink | None:
    """The link of a token, used or not. For update: two who use it at once come one after the other."""
    hashed = token_hash(token)
    if hashed is None:
        return None
    query = (
        select(MailedLink)
        .where(MailedLink.token_hash == hashed, MailedLink.purpose == purpose)
        .options(joinedload(MailedLink.user, innerjoin=True))
    )
    if for_update:
        query = query.with_for_update(of=MailedLink).execution_options(populate_existing=True)
    return db.session.scalar(query)


def user(id: int) -> User | None:
    return db.session.get(User, id)
