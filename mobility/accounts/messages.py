"""The mails about accounts."""

from datetime import datetime

from mobility.notifications.operations import post
from mobility.people.models import User


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
