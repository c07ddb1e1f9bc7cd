"""What changes accounts and their mailed links."""

from datetime import timedelta
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import delete, update

from mobility.accounts import messages, queries, throttle, uptake
from mobility.accounts.models import Identity, MailedLink, Purpose, SignIn
from mobility.accounts.oidc import Came
from mobility.accounts.rules import INVITATION_LASTS, RESET_LASTS, hidden_address
from mobility.audit.keys import unknown_address
from mobility.audit.operations import record
from mobility.audit.rules import changes
from mobility.core import clock
from mobility.core.database import db, fingerprint
from mobility.core.errors import EditConflict, Refusal
from mobility.core.links import absolute, path_of, signer
from mobility.notifications.operations import Addressee
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
    return link, _address(purpose, token)


def _address(purpose: Purpose, token: str) -> str:
    return absolute(path_of(PAGES[purpose], token=token))


def create_account(*, email: str, name: str, level: str = "", is_administrator: bool = False, by: User) -> User:
    """An account without a role yet; the invitation leaves by mail."""
    if user_by_email(email):
        raise Refusal("There is already an account with this address.", "email")
    user = create_person(email=email, name=name, level=level or None, is_administrator=is_administrator)
    record("account_opened", by=by, about=user.name, person_id=user.id, after={"is_administrator": is_administrator})
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
    record("administrator_made", by=None, about=f"{user.name}, by the command line", person_id=user.id)
    return make_link(user)[1]


def ask_for_password(email: str) -> None:
    """Somebody forgot a password. Says nothing about whether there is such an account, also not by how long it takes."""
    user = user_by_email(email)
    known = user if user and user.active else None
    about = known.name if known else unknown_address(email)
    record("password_reset_asked", by=None, about=about, person_id=known.id if known else None)
    if known:
        send_link(known)
    else:
        _as_if_sent(email)


def _as_if_sent(email: str) -> None:
    """What a link takes, for nobody: a token, a letter, a row."""
    nobody = Addressee(hidden_address(email), email)
    address = _address(Purpose.PASSWORD, signer("mailed link").dumps(token_urlsafe(24)))
    messages.as_if_reset(nobody, address, clock.utc_now() + RESET_LASTS)
    db.session.add(throttle.Attempt(kind="password for nobody", key=""))
    db.session.flush()


def set_password(token: str, purpose: Purpose, *, password_hash: str, **changes: str) -> User:
    """Use a mailed link: once, in time. Every browser that was signed in is signed out, every other link is used up.

    Raises `Refusal` (409) when somebody used it meanwhile.
    """
    link = queries.mailed_link_to_use(token, purpose)
    if link is None or link.used_at or link.expires_at <= clock.utc_now() or not link.user.active:
        raise Refusal("This link has just been used or has expired. Ask for a new one.")
    user, first = link.user, not link.user.password_hash
    user.password_hash = password_hash
    for name, value in changes.items():
        setattr(user, name, value)
    end_links(user)
    sign_out_everywhere(user)
    record("password_set", by=user, person_id=user.id)
    if purpose == Purpose.PASSWORD:
        messages.password_changed(user)
    if first:
        uptake.take_up(link)
    return user


def end_links(user: User) -> None:
    """What was mailed to the earlier address opens nothing any more."""
    unused = update(MailedLink).where(MailedLink.user_id == user.id, MailedLink.used_at.is_(None))
    db.session.execute(unused.values(used_at=clock.utc_now()))


def change_password(user: User, *, password_hash: str) -> None:
    """Every other browser is signed out; whoever changed it signs in again (session.start)."""
    user.password_hash = password_hash
    sign_out_everywhere(user)
    record("password_changed", by=user, person_id=user.id)
    messages.password_changed(user)


def person_known_as(came: Came) -> User:
    """The account of somebody whom a provider has named: linked before, or now, by an address that it vouches for.

    Raises `Refusal`: there is no such account, and none is made.
    """
    identity = queries.identity(came.issuer, came.subject)
    if identity is None:
        identity = _link(came)
    if not identity.user.active:
        raise Refusal("This account is closed. Ask whoever runs this site to open it again.")
    identity.used_at = clock.utc_now()
    return identity.user


def _link(came: Came) -> Identity:
    if not came.email:
        raise Refusal(f"{came.provider} did not say that your e-mail address is yours, so we cannot find your account by it.")
    user = user_by_email(came.email) if came.email.isascii() else None  # no other letter whose small one is a "k"
    if user is None:
        raise Refusal(
            f"There is no account for {hidden_address(came.email)} here. A coordinator of your organisation can invite you."
        )
    if queries.identity_at(user, came.issuer):
        raise Refusal(f"Your account is linked to somebody else at {came.provider}. Remove that link under My account, Security.")
    identity = Identity(user=user, issuer=came.issuer, subject=came.subject)
    db.session.add(identity)
    record("provider_linked", by=user, about=came.provider, person_id=user.id)
    if user.active:
        messages.identity_linked(user, came.provider)
    return identity


def unlink(user: User, id: int) -> bool:
    """Take the link to a provider away; whether there was one."""
    done: Any = db.session.execute(delete(Identity).where(Identity.user_id == user.id, Identity.id == id))
    if done.rowcount:
        record("provider_unlinked", by=user, person_id=user.id)
    return bool(done.rowcount)


def keep_rehashed(user: User, password_hash: str) -> None:
    """After the parameters of hashing changed: at the next sign-in."""
    user.password_hash = password_hash


def change_account(user: User, *, seen: str, name: str, level: str, locale: str) -> None:
    """`seen` is the fingerprint of what was on the page: if it is another by now, EditConflict."""
    if seen != account_fingerprint(user):
        raise EditConflict(user)
    was, now = changes({"name": user.name, "level": user.level}, {"name": name, "level": level or None})
    if was:  # others know somebody by these
        record("account_changed", by=user, about=user.name, person_id=user.id, before=was, after=now)
    user.name, user.level, user.locale = name, level or None, locale


def account_fingerprint(user: User) -> str:
    """Of what a person sets in the own account."""
    return fingerprint(user, "name", "level", "locale")


def sign_out_everywhere(user: User, *, but: int | None = None) -> int:
    """How many browsers that were; `but` is the sign-in that stays."""
    done: Any = db.session.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.id != (but or 0)))
    return int(done.rowcount)


def end_sign_in(user: User, id: int) -> bool:
    """One of the person's own browsers; whether it was still signed in."""
    done: Any = db.session.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.id == id))
    if done.rowcount:
        record("session_ended", by=user, person_id=user.id)
    return bool(done.rowcount)


def end_other_sign_ins(user: User, *, but: int) -> int:
    """All browsers of the person except this one."""
    count = sign_out_everywhere(user, but=but)
    record("sessions_ended", by=user, person_id=user.id, after={"browsers": count})
    return count


def note_proof(user: User, sign_in_id: int) -> None:
    """The person has just given a password or a factor in this browser."""
    record("signed_in_again", by=user, person_id=user.id)
    db.session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(proved_at=clock.utc_now()))
