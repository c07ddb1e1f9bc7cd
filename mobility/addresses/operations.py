"""Asking for another address, confirming it, and stopping that."""

from sqlalchemy import delete, update

from mobility.accounts.models import Identity
from mobility.accounts.operations import end_links, send_link, sign_out_everywhere
from mobility.addresses import following, messages, queries
from mobility.addresses.models import AddressChange
from mobility.audit.operations import record
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.factors.models import AuthenticatorApp, Passkey
from mobility.notifications.readdressing import readdress
from mobility.people.models import User
from mobility.people.queries import user_by_email

NO_PASSWORD = "!"  # noqa: S105 (no hash: nothing that is typed is right)


def ask(user: User, *, email: str) -> AddressChange:
    """Of any address it is answered alike: whoever has it is told by mail, as is the one there was."""
    if email == user.email:
        raise Refusal("This is your address already.", "email")
    if earlier := queries.open_change(user):
        earlier.ended_at = clock.utc_now()
        db.session.flush()
    change = AddressChange(person=user, earlier=user.email, wanted=email)
    db.session.add(change)
    db.session.flush()
    record("address_change_asked", by=user, about=f"{user.name}, {user.email}", person_id=user.id, after={"email": email})
    taken_by = user_by_email(email)
    messages.confirm(change) if taken_by is None else messages.taken(taken_by)
    messages.asked(change)
    return change


def call_off(user: User) -> bool:
    """By the person, on the page; whether something waited."""
    change = queries.open_change(user)
    if change is None:
        return False
    change.ended_at = clock.utc_now()
    record("address_change_stopped", by=user, about=f"{user.name}, {user.email}", person_id=user.id)
    return True


def confirm(change: AddressChange, *, sign_in_id: int) -> None:
    """From now on everything goes to the new address, and every other browser is signed out."""
    if not change.can_be_confirmed:
        raise Refusal("This link has been used or has expired. Ask for the change again.")
    if user_by_email(change.wanted):
        raise Refusal("Another account has this address by now.")
    user, change.confirmed_at = change.person, clock.utc_now()
    _move(user, change.wanted)
    sign_out_everywhere(user, but=sign_in_id)
    _record(user, change.earlier, change.wanted, by=user)
    messages.moved(change)


def stop(change: AddressChange) -> None:
    """By whoever reads the earlier address: called off, or put back with all that was added since to sign in with."""
    if not change.can_be_stopped:
        raise Refusal("This link has been used or has expired. Write to whoever runs this site.")
    user, change.ended_at = change.person, clock.utc_now()
    if change.confirmed_at is None:
        record("address_change_stopped", by=None, about=f"{user.name}, {user.email}", person_id=user.id)
        return
    if not user.active:  # closed, or made one with another, which it would lead to
        raise Refusal("This account is closed by now. Write to whoever runs this site.")
    if (taken_by := user_by_email(change.earlier)) and taken_by != user:
        raise Refusal("Another account has your earlier address by now. Write to whoever runs this site.")
    was = user.email
    _end_later(change)
    _move(user, change.earlier)
    _lock_out(user, change)
    _record(user, was, change.earlier, by=None)
    send_link(user)


def _end_later(change: AddressChange) -> None:
    """Whoever took the account may have gone on to a third address: that does not help them, nor do the links they got by it."""
    later = (AddressChange.person_id == change.person_id, AddressChange.id > change.id, AddressChange.ended_at.is_(None))
    db.session.execute(update(AddressChange).where(*later).values(ended_at=clock.utc_now()))


def _move(user: User, email: str) -> None:
    earlier, user.email = user.email, email
    db.session.flush()
    end_links(user)
    readdress(user, earlier)
    following.follow(user, earlier)


def _lock_out(user: User, change: AddressChange) -> None:
    """Whoever changed it may have set a password, too."""
    sign_out_everywhere(user)
    user.password_hash = NO_PASSWORD
    for model, when in (
        (Identity, Identity.linked_at),
        (Passkey, Passkey.added_at),
        (AuthenticatorApp, AuthenticatorApp.added_at),
    ):
        db.session.execute(delete(model).where(model.user_id == user.id, when >= change.asked_at))


def _record(user: User, was: str, now: str, *, by: User | None) -> None:
    record("address_changed", by=by, about=user.name, person_id=user.id, before={"email": was}, after={"email": now})
