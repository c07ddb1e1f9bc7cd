"""The mails about accounts."""

from datetime import datetime

from mobility.core.links import path_of
from mobility.notifications.operations import post
from mobility.people.models import Membership, User


def invitation(user: User, address: str, expires_at: datetime, *, invited_by: User | None, to_what: str) -> None:
    """Somebody got an account and sets a password at `address`, which is open to whoever holds it, once."""
    post(
        "invitation",
        [user],
        about=None,
        path="",
        link=address,
        expires_at=expires_at,
        invited_by=invited_by,
        to_what=to_what,
    )


def password_reset(user: User, address: str, expires_at: datetime) -> None:
    """Somebody, hopefully this person, asked for a new password."""
    post("password_reset", [user], about=None, path="", link=address, expires_at=expires_at)


def role_added(user: User, membership: Membership, label: str, place: str, by: User) -> None:
    """A person with an account got one more role."""
    path = path_of("home.index")
    if membership.organisation_id:
        path = path_of("people.organisation", id=membership.organisation_id)
    post("role_added", [user], about=None, path=path, role=label, place=place, by=by)
