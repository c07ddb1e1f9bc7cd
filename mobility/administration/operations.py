"""What the administrator does with accounts and other administrators."""

from typing import Any

from mobility.accounts.operations import end_links, send_link, sign_out_everywhere
from mobility.accounts.queries import has_ever_signed_in
from mobility.accounts.standing import Stand
from mobility.administration import messages, queries
from mobility.administration.models import StandingIn
from mobility.administration.rules import LASTS
from mobility.audit.operations import record
from mobility.core import clock
from mobility.core.database import db, fingerprint
from mobility.core.errors import EditConflict, Refusal
from mobility.factors.queries import has_factor
from mobility.people import operations as people
from mobility.people.models import Organisation, User
from mobility.people.queries import user_by_email
from mobility.teams.operations import invite_anew, refuse_last_administrator

ERASED = (
    "{name} was erased: nobody is behind this account any more, and it stays closed. "
    "If the person comes back, they register, or are invited, as somebody new."
)


def create_organisation(*, by: User, **facts: Any) -> Organisation:
    made = people.create_organisation(**facts)
    record("organisation_opened", by=by, about=made.name, organisation_id=made.id)
    return made


def open_account(user: User, *, by: User) -> None:
    """The person can sign in again; roles begin anew, with an invitation."""
    if user.active:
        return
    if user.was_erased:
        raise Refusal(ERASED.format(name=user.name))
    if user.merged_into_id:
        raise Refusal("This account was made one with another, which is used instead.")
    user.active = True
    _record("account_reopened", user, by)


def sign_out(user: User, *, by: User) -> None:
    """Everywhere, at once: a telephone was lost, or somebody else sits at it. The account stays open."""
    count = sign_out_everywhere(user)
    record("sessions_ended", by=by, about=user.name, person_id=user.id, after={"browsers": count})


def send_password_link(user: User, *, by: User) -> None:
    """By mail to the person alone, who chooses a password with it."""
    if not user.active:
        raise Refusal("This account is closed. Open it first.")
    send_link(user)
    _record("link_sent", user, by)


def mend_account(user: User, *, by: User, seen: str, name: str, email: str, level: str, reason: str) -> None:
    """Correct what stands wrong, told to the person, with both values and the reason in the audit log.

    `seen` is the fingerprint of what was on the page: if it is another by now, EditConflict. Whoever can change an address can
    have a password link sent to it: so only one under which nobody has signed in yet.
    """
    if user.was_erased:
        raise Refusal(ERASED.format(name=user.name))
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
        if not invite_anew(user, by=by):
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
    if user.is_administrator:
        return  # the audit log tells only what was done
    user.is_administrator = True
    _record("administrator_made", user, by)


def take_administration(user: User, *, by: User) -> None:
    """Make an ordinary account of an administrator's."""
    if not user.is_administrator:
        return
    refuse_last_administrator(user)
    user.is_administrator = False
    _record("administrator_unmade", user, by)


# Acting for somebody else


def act_for(person: User, *, by: User, reason: str) -> StandingIn:
    """Begin to act for somebody: for an hour at most. The person is told at once."""
    if person.id == by.id or person.is_administrator:
        raise Refusal("Nobody acts for an administrator.")
    if not person.active:
        raise Refusal("This account is closed.")
    if not person.password_hash and not person.demo_note:
        raise Refusal(f"{person.name} has not taken up the invitation yet, so there is nothing to do in their name.")
    stand = StandingIn(administrator=by, person=person, reason=reason, ends_at=clock.utc_now() + LASTS)
    db.session.add(stand)
    db.session.flush()
    messages.acted_for(stand)
    record("acting_begun", by=by, about=f"{person.name}: {reason}", person_id=person.id)
    return stand


class Acting:
    """As sign-ins know it (accounts/standing.py)."""

    def find(self, id: int, administrator: User) -> Stand | None:
        stand = queries.standing_in(id, administrator)
        return Stand(stand.person, stand.ends_at) if stand else None

    def end(self, id: int) -> None:
        stand = db.session.get(StandingIn, id, with_for_update=True)
        if stand and stand.ended_at is None:
            stand.ended_at = min(clock.utc_now(), stand.ends_at)
            record("acting_ended", by=stand.administrator, about=stand.person.name, person_id=stand.person_id)


def _record(act: str, user: User, by: User) -> None:
    record(act, by=by, about=f"{user.name}, {user.email}", person_id=user.id)
