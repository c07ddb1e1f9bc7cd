"""What the administrator does with accounts and other administrators."""

from typing import Any

from mobility.accounts.operations import end_links, send_link
from mobility.accounts.queries import has_ever_signed_in
from mobility.administration import messages
from mobility.audit.operations import record
from mobility.core.database import db, fingerprint
from mobility.core.errors import EditConflict, Refusal
from mobility.factors.queries import has_factor
from mobility.people import operations as people
from mobility.people.models import Organisation, User
from mobility.people.queries import user_by_email
from mobility.teams.operations import refuse_last_administrator


def create_organisation(*, by: User, **facts: Any) -> Organisation:
    made = people.create_organisation(**facts)
    record("organisation_opened", by=by, about=made.name, organisation_id=made.id)
    return made


def open_account(user: User, *, by: User) -> None:
    """The person can sign in again; roles begin anew, with an invitation."""
    user.active = True
    _record("account_reopened", user, by)


def mend_account(user: User, *, by: User, seen: str, name: str, email: str, level: str, reason: str) -> None:
    """Correct what stands wrong, told to the person, with both values and the reason in the audit log.

    `seen` is the fingerprint of what was on the page: if it is another by now, EditConflict. Whoever can change an address can
    have a password link sent to it: so only one under which nobody has signed in yet.
    """
    if seen != mended_fingerprint(user):
        raise EditConflict(user)
    before = _mendable(user)
    if email != user.email:
        _refuse_address(user, email)
    user.name, user.email, user.level = name, email, level or None
    after = _mendable(user)
    if after == before:
        raise Refusal("Nothing is different from what is stored.")
    act = "address_changed" if after["email"] != before["email"] else "account_changed"
    record(act, by=by, about=before["name"], person_id=user.id, before=before, after=after | {"reason": reason})
    if act == "address_changed":
        db.session.flush()
        end_links(user)
        send_link(user, invited_by=by)
    else:
        messages.account_mended(user, by=by, before=before, reason=reason)


def mended_fingerprint(user: User) -> str:
    return fingerprint(user, *MENDABLE)


MENDABLE = ("name", "email", "level")


def _mendable(user: User) -> dict[str, str]:
    return {name: getattr(user, name) or "" for name in MENDABLE}


def _refuse_address(user: User, email: str) -> None:
    if has_ever_signed_in(user) or has_factor(user):
        raise Refusal(f"{user.name} has signed in with this address already, so nobody else can change it.", "email")
    if user_by_email(email):
        raise Refusal("There is already an account with this address.", "email")


def make_administrator(user: User, *, by: User) -> None:
    if not user.active:
        raise Refusal("This account is closed. Open it first.")
    user.is_administrator = True
    _record("administrator_made", user, by)


def take_administration(user: User, *, by: User) -> None:
    """Make an ordinary account of an administrator's."""
    refuse_last_administrator(user)
    user.is_administrator = False
    _record("administrator_unmade", user, by)


def _record(act: str, user: User, by: User) -> None:
    record(act, by=by, about=f"{user.name}, {user.email}", person_id=user.id)
