"""Reading accounts and mailed links."""

from hashlib import sha256

from itsdangerous import BadSignature
from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload, lazyload

from mobility.accounts.models import FACTOR, Identity, MailedLink, Purpose, SignIn
from mobility.accounts.rules import asks_for_factor, idle_limit
from mobility.core import clock
from mobility.core.database import db
from mobility.core.links import signer
from mobility.people.models import Membership, User
from mobility.people.queries import locked


def token_hash(token: str) -> str | None:
    """The hash under which a mailed link is kept; nothing if we never signed such a token."""
    try:
        secret = signer("mailed link").loads(token)
    except BadSignature:
        return None
    return sha256(secret.encode()).hexdigest() if isinstance(secret, str) else None


def mailed_link(token: str, purpose: Purpose) -> MailedLink | None:
    """The link of a token, used or not."""
    hashed = token_hash(token)
    if hashed is None:
        return None
    query = (
        select(MailedLink)
        .where(MailedLink.token_hash == hashed, MailedLink.purpose == purpose)
        .options(joinedload(MailedLink.user, innerjoin=True))
    )
    return db.session.scalar(query)


def mailed_link_to_use(token: str, purpose: Purpose) -> MailedLink | None:
    """Its person is locked, and it is read again: two who use it at once, or correct or close the account meanwhile, come one
    after the other."""
    link = mailed_link(token, purpose)
    if link is not None:
        locked(User, link.user_id)
        db.session.refresh(link)
    return link


def sign_ins_of(user: User) -> list[SignIn]:
    """The browsers in which the person is signed in, the one used last first."""
    now = clock.utc_now()
    open_ones = (SignIn.user_id == user.id, SignIn.waits_for != FACTOR, SignIn.expires_at > now)
    query = select(SignIn).where(*open_ones, SignIn.seen_at > now - idle_limit(user)).options(lazyload(SignIn.user))
    return list(db.session.scalars(query.order_by(SignIn.seen_at.desc(), SignIn.id.desc())))


def needs_factor(user: User) -> bool:
    """Whether this person must have a second factor: administrators, and whom a programme asks for one."""
    mine = select(Membership).where(Membership.user_id == user.id, Membership.current, Membership.programme_id.is_not(None))
    roles = db.session.scalars(mine.options(joinedload(Membership.programme))).all()
    return user.is_administrator or any(asks_for_factor(each.programme.second_factor, each.role) for each in roles)


def identity(issuer: str, subject: str) -> Identity | None:
    """Whom a provider knows by this name."""
    return db.session.scalar(select(Identity).where(Identity.issuer == issuer, Identity.subject == subject))


def identity_at(user: User, issuer: str) -> Identity | None:
    return db.session.scalar(select(Identity).where(Identity.user_id == user.id, Identity.issuer == issuer))


def identities_of(user: User) -> list[Identity]:
    return list(db.session.scalars(select(Identity).where(Identity.user_id == user.id).order_by(Identity.id)))


def user(id: int) -> User | None:
    return db.session.get(User, id)


def has_ever_signed_in(user: User) -> bool:
    """With a password, at a provider, or as somebody of the demonstration."""
    known = exists().where(Identity.user_id == user.id)
    return bool(user.password_hash or user.demo_note or db.session.scalar(select(known)))
