"""What the administrator does with accounts and other administrators."""

from sqlalchemy import select

from mobility.accounts.operations import sign_out_everywhere
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.people.models import User
from mobility.teams.operations import keep_one


def close_account(user: User) -> None:
    """Signed out everywhere at once. What the person did stays. The last coordinator or owner anywhere cannot go."""
    if user.is_administrator:
        _refuse_last_administrator(user)
    for membership in sorted(
        user.current_memberships, key=lambda each: (each.organisation_id or 0, each.programme_id or 0, each.id)
    ):
        keep_one(membership)
    user.active = False
    sign_out_everywhere(user)


def open_account(user: User) -> None:
    user.active = True


def make_administrator(user: User) -> None:
    if not user.active:
        raise Refusal("This account is closed. Open it first.")
    user.is_administrator = True


def take_administration(user: User) -> None:
    """Make an ordinary account of an administrator's."""
    _refuse_last_administrator(user)
    user.is_administrator = False


def _refuse_last_administrator(user: User) -> None:
    administrators = select(User).where(User.is_administrator, User.active).order_by(User.id).with_for_update()
    if not [each for each in db.session.scalars(administrators) if each.id != user.id]:
        raise Refusal(f"{user.name} is the only administrator left. Make somebody else one first.")
