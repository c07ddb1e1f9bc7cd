"""What changes accounts, their roles and their mailed links. Organisations and administrators: administration.py."""

from datetime import timedelta
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import delete, select, update

from mobility.accounts import messages, queries
from mobility.accounts.models import MailedLink, Purpose, SignIn
from mobility.accounts.rules import INVITATION_LASTS, RESET_LASTS
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import NotAllowed, Refusal
from mobility.core.links import absolute, path_of, signer
from mobility.people.models import (
    ORGANISATION_ROLES,
    PROGRAMME_ROLES,
    ROLE_LABELS,
    Membership,
    Organisation,
    Role,
    User,
)
from mobility.people.queries import user_by_email

PAGES = {Purpose.INVITATION: "accounts.invitation", Purpose.PASSWORD: "accounts.new_password"}
LASTS: dict[Purpose, timedelta] = {Purpose.INVITATION: INVITATION_LASTS, Purpose.PASSWORD: RESET_LASTS}


def send_link(user: User, *, invited_by: User | None = None, to_what: str = "") -> None:
    """Mail a link under which this person sets a password: an invitation if there has never been one, else a reset."""
    link, address = make_link(user)
    if link.purpose == Purpose.PASSWORD:
        messages.password_reset(user, address, link.expires_at)
    else:
        messages.invitation(user, address, link.expires_at, invited_by=invited_by, to_what=to_what)


def make_link(user: User) -> tuple[MailedLink, str]:
    """A new single-use link and its whole address, which is not kept."""
    purpose = Purpose.PASSWORD if user.password_hash else Purpose.INVITATION
    token = signer("mailed link").dumps(token_urlsafe(24))
    link = MailedLink(
        token_hash=queries.token_hash(token),
        purpose=purpose.value,
        user_id=user.id,
        expires_at=clock.utc_now() + LASTS[purpose],
    )
    db.session.add(link)
    return link, absolute(path_of(PAGES[purpose], token=token))


def create_account(*, email: str, name: str, level: str = "", is_administrator: bool = False, by: User) -> User:
    """An account without a role yet; the invitation leaves by mail."""
    if user_by_email(email):
        raise Refusal("There is an account with this address already.", "email")
    user = User(email=email.strip().lower(), name=name, level=level or None, is_administrator=is_administrator)
    db.session.add(user)
    db.session.flush()
    send_link(user, invited_by=by)
    return user


def create_administrator(email: str, name: str) -> str:
    """For the command line: an administrator, new or made of an existing account; nothing is mailed.

    Returns the address under which the password is set.
    """
    if "@" not in email.strip("@ "):
        raise Refusal("Write an e-mail address such as ana.kovac@example.org.", "email")
    user = user_by_email(email)
    if user is None:
        user = User(email=email.strip().lower(), name=name)
        db.session.add(user)
    user.is_administrator = True
    user.active = True
    db.session.flush()
    return make_link(user)[1]


def ask_for_password(email: str) -> None:
    """Somebody forgot a password. Says nothing about whether there is such an account."""
    user = user_by_email(email)
    if user and user.active:
        send_link(user)


def set_password(token: str, purpose: Purpose, *, password_hash: str, **changes: str) -> User:
    """Use a mailed link: once, in time. Every browser that was signed in is signed out, every other link is used up.

    Raises `Refusal` (409) when somebody used it meanwhile.
    """
    link = queries.mailed_link(token, purpose, for_update=True)
    if link is None or link.used_at or link.expires_at <= clock.utc_now() or not link.user.active:
        raise Refusal("This link has just been used or has expired. Ask for a new one.")
    user = link.user
    user.password_hash = password_hash
    for name, value in changes.items():
        setattr(user, name, value)
    db.session.execute(
        update(MailedLink)
        .where(MailedLink.user_id == user.id, MailedLink.used_at.is_(None))
        .values(used_at=clock.utc_now())
    )
    sign_out_everywhere(user)
    return user


def change_password(user: User, *, password_hash: str) -> None:
    """Every other browser is signed out; whoever changed it signs in anew (session.start)."""
    user.password_hash = password_hash
    sign_out_everywhere(user)


def keep_rehashed(user: User, password_hash: str) -> None:
    """After the parameters of hashing changed: at the next sign-in."""
    user.password_hash = password_hash


def change_account(user: User, *, name: str, level: str, locale: str) -> None:
    user.name, user.level, user.locale = name, level or None, locale


def sign_out_everywhere(user: User) -> None:
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id))


def may_lead(user: Any, organisation: Organisation) -> bool:
    """Invite colleagues, end memberships, keep the organisation's page."""
    return bool(user.is_administrator or Role.COORDINATOR in user.roles_in(organisation.id))


def may_lead_programme(user: Any, programme: Any) -> bool:
    return bool(user.is_administrator or Role.OWNER in user.roles_in_programme(programme.id))


def invite_into_organisation(organisation: Organisation, *, by: User, email: str, name: str, role: str) -> User:
    """Give somebody a role in an organisation, with an account if need be, and tell them."""
    if not may_lead(by, organisation):
        raise NotAllowed("Only a coordinator of the organisation can invite colleagues.")
    if role not in ORGANISATION_ROLES:
        raise Refusal("Choose one of the roles of an organisation.", "role")
    return _invite(email, name, Membership(organisation_id=organisation.id, role=role), organisation.name, by)


def invite_into_programme(programme: Any, *, by: User, email: str, name: str, role: str) -> User:
    """The same for a programme: owners, assessors, finance officers, auditors."""
    if not may_lead_programme(by, programme):
        raise NotAllowed("Only an owner of the programme can invite people into it.")
    if role not in PROGRAMME_ROLES:
        raise Refusal("Choose one of the roles of a programme.", "role")
    return _invite(email, name, Membership(programme_id=programme.id, role=role), programme.name, by)


def end_membership(membership: Membership, *, by: User) -> None:
    """Take a role away. An organisation keeps at least one coordinator, a programme one owner.

    All roles of the place are locked first, so that of two last coordinators who end each other one stays.
    """
    _ensure_may_end(membership, by)
    in_same = Membership.organisation_id == membership.organisation_id
    if membership.programme_id:
        in_same = Membership.programme_id == membership.programme_id
    every = db.session.scalars(select(Membership).where(in_same).order_by(Membership.id).with_for_update()).all()
    if membership not in every:
        return  # somebody else was faster
    keeper = Role.OWNER if membership.programme_id else Role.COORDINATOR
    keepers = {each.user_id for each in every if each.role == keeper and each.user.active}
    if membership.role == keeper and keepers <= {membership.user_id}:
        label = ROLE_LABELS[keeper].lower()
        raise Refusal(f"{membership.user.name} is the only {label} left. Invite another one first.")
    db.session.delete(membership)


def _ensure_may_end(membership: Membership, by: User) -> None:
    place = membership.organisation or membership.programme
    allowed = may_lead(by, place) if membership.organisation_id else may_lead_programme(by, place)
    if not allowed:
        raise NotAllowed("Only a coordinator of the organisation, or an owner of the programme, can end this.")


def _invite(email: str, name: str, membership: Membership, place: str, by: User) -> User:
    user = user_by_email(email)
    if user is None:
        user = User(email=email.strip().lower(), name=name)
        db.session.add(user)
        db.session.flush()
    if not user.active:
        raise Refusal("This account is closed. Ask the administrator to open it again.", "email")
    label = ROLE_LABELS[Role(membership.role)].lower()
    if _has(user, membership):
        raise Refusal(f"{user.name} is {label} here already.", "email")
    membership.user_id = user.id
    db.session.add(membership)
    db.session.flush()
    if user.password_hash:
        messages.role_added(user, membership, label, place, by)
    else:
        send_link(user, invited_by=by, to_what=f"{label} of {place}")
    return user


def _has(user: User, wanted: Membership) -> bool:
    return any(
        (each.organisation_id, each.programme_id, each.role)
        == (wanted.organisation_id, wanted.programme_id, wanted.role)
        for each in db.session.scalars(select(Membership).where(Membership.user_id == user.id))
    )
