"""The mails about accounts."""

from datetime import datetime

from mobility.core import clock
from mobility.core.links import path_of
from mobility.notifications.operations import Addressee, post, row
from mobility.notifications.rendering import write
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


def as_if_reset(nobody: Addressee, address: str, expires_at: datetime) -> None:
    """The same letter, for nobody: it is thrown away. So an unknown address takes as long as a known one."""
    letter = write("password_reset", person=nobody, link=address, expires_at=expires_at, about=None)
    row("password_reset", nobody, letter, "nobody")


def identity_linked(user: User, provider: str) -> None:
    """From now on whoever opens the account there opens this one."""
    post("identity_linked", [user], about=None, path=path_of("security.index"), provider=provider, at=clock.utc_now())


def password_changed(user: User) -> None:
    """Whoever else changed it is noticed."""
    post("password_changed", [user], about=None, path=path_of("security.index"), at=clock.utc_now())
