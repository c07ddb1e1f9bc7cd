"""What the administrator does with accounts and other administrators."""

from typing import Any

from mobility.audit.operations import record
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


def _record(act: str, user: User, by: User) -> None:
    record(act, by=by, about=f"{user.name}, {user.email}", person_id=user.id)
