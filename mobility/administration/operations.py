"""What the administrator does with accounts and other administrators."""

from typing import Any

from mobility.accounts.standing import Stand
from mobility.administration import messages, queries
from mobility.administration.models import StandingIn
from mobility.administration.rules import LASTS
from mobility.audit.operations import record
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.people import operations as people
from mobility.people.models import Organisation, User
from mobility.teams.operations import refuse_last_administrator


def create_organisation(*, by: User, **facts: Any) -> Organisation:
    made = people.create_organisation(**facts)
    record("organisation_opened", by=by, about=made.name, organisation_id=made.id)
    return made


def open_account(user: User, *, by: User) -> None:
    """The person can sign in again; roles begin anew, with an invitation."""
    user.active = True
    _record("account_reopened", user, by)


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
