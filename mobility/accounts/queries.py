"""Reading accounts, mailed links and, for the administrator, everybody."""

from hashlib import sha256
from typing import Any

from itsdangerous import BadSignature
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, lazyload

from mobility.accounts.models import MailedLink, Purpose
from mobility.core.database import db
from mobility.core.links import signer
from mobility.core.pages import PER_PAGE, Page
from mobility.people.models import Membership, Organisation, User

SHOWN_ROLES = 200


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


def programme(id: int) -> Any | None:
    """A programme. Its model comes later in the order of features, so it is reached through the membership."""
    return db.session.get(Membership.programme.property.mapper.class_, id)


def membership(id: int) -> Membership | None:
    return db.session.get(Membership, id)


def user(id: int) -> User | None:
    return db.session.get(User, id)


def organisation_list(words: str, number: int) -> Page:
    """Organisations whose name or city has every word, by name."""
    query = select(Organisation)
    for word in words.split()[:6]:
        query = query.where(
            or_(Organisation.name.icontains(word, autoescape=True), Organisation.city.icontains(word, autoescape=True))
        )
    return _page(query.order_by(func.lower(Organisation.name), Organisation.id), number)


def people_list(words: str, number: int) -> Page:
    """Accounts whose name or address has every word, by name."""
    query = select(User).options(lazyload(User.memberships))
    for word in words.split()[:6]:
        query = query.where(
            or_(User.name.icontains(word, autoescape=True), User.email.icontains(word, autoescape=True))
        )
    return _page(query.order_by(func.lower(User.name), User.id), number)


def _page(query: Select[Any], number: int) -> Page:
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    items = db.session.scalars(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return Page(items, number, total)
