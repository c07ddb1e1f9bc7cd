"""What else names somebody by their address. Later features know it; create_app names it here."""

from collections.abc import Callable, Sequence

from mobility.people.models import User

Follow = Callable[[User, str], None]  # (person, the address before), once the person has the new one
FOLLOWERS: list[Follow] = []


def set_to(followers: Sequence[Follow]) -> None:
    FOLLOWERS[:] = followers


def follow(user: User, earlier: str) -> None:
    for each in FOLLOWERS:
        each(user, earlier)
