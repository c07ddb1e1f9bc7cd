"""What changes accounts and their mailed links."""

from datetime import timedelta
from secrets import token_urlsafe

from sqlalchemy import delete, update

from mobility.accounts import messages, queries, uptake
from mobility.accounts.models import MailedLink, Purpose, SignIn
from mobility.accounts.rules import INVITATION_LASTS, RESET_LASTS
from mobility.core import clock
from mobility.core.database import db, fingerprint
from mobility.core.errors import EditConflict, Refusal
from mobility.core.links import absolute, path_of, signer
from mobility.people.models import User
from mobility.people.operations import create_person
from mobility.people.queries import user_by_email

PAGES = {Purpose.INVITATION: "accounts.invitation", Purpose.PASSWORD: "accounts.new_password"}
LASTS: dict[Purpose, timedelta] = {Purpose.INVITATION: INVITATION_LASTS, Purpose.PASSWORD: RESET_LASTS}


def send_link(user: User, *, invited_by: User | None = None, to_what: str = "") -> MailedLink:
    """Mail a link under which this person sets a password: an invitation if there has never been one, else a reset."""
    link, address = make_link(user)
    if link.purpose == Purpose.PASSWORD:
        messages.password_reset(user, address, link.expires_at)
    else:
        messages.invitation(user, address, link.expires_at, invited_by=invited_by, to_what=to_what)
    return link


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
        raise Refusal("There is already an account with this address.", "email")
    user = create_person(email=email, name=name, level=level or None, is_administrator=is_administrator)
    send_link(user, invited_by=by)
    return user


def create_administrator(email: str, name: str) -> str:
    """For the command line: an administrator, new or made of an existing account; nothing is mailed.

    Returns the address under which the password is set.
    """
    user = user_by_email(email) or create_person(email=email, name=name)
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
    user, first = link.user, not link.user.password_hash
    user.password_hash = password_hash
    for name, value in changes.items():
        setattr(user, name, value)
    db.session.execute(
        update(MailedLink).where(MailedLink.user_id == user.id, MailedLink.used_at.is_(None)).values(used_at=clock.utc_now())
    )
    sign_out_everywhere(user)
    if first:
        uptake.take_up(link)
    return user


def change_password(user: User, *, password_hash: str) -> None:
    """Every other browser is signed out; whoever changed it signs in again (session.start)."""
    user.password_hash = password_hash
    sign_out_everywhere(user)


def keep_rehashed(user: User, password_hash: str) -> None:
    """After the parameters of hashing changed: at the next sign-in."""
    user.password_hash = password_hash


def change_account(user: User, *, seen: str, name: str, level: str, locale: str) -> None:
    """`seen` is the fingerprint of what was on the page: if it is another by now, EditConflict."""
    if seen != account_fingerprint(user):
        raise EditConflict(user)
    user.name, user.level, user.locale = name, level or None, locale


def account_fingerprint(user: User) -> str:
    """Of what a person sets in the own account."""
    return fingerprint(user, "name", "level", "locale")


def sign_out_everywhere(user: User) -> None:
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id))
