"""What the administrator does with accounts and other administrators."""

from mobility.core.errors import Refusal
from mobility.people.models import User
from mobility.teams.operations import refuse_last_administrator


def open_account(user: User) -> None:
    """The person can sign in again; roles begin anew, with an invitation."""
    user.active = True


def make_administrator(user: User) -> None:
    if not user.active:
        raise Refusal("This account is closed. Open it first.")
    user.is_administrator = True


def take_administration(user: User) -> None:
    """Make an ordinary account of an administrator's."""
    refuse_last_administrator(user)
    user.is_administrator = False
