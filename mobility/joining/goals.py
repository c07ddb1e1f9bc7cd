"""What somebody came for who registers or asks to join: a page that a later feature can name. create_app names those features.

It travels as a path through the address of each page and the signed link of the mail, so that it survives another browser; the
request keeps it in the first note of its history.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mobility.accounts.session import own_path


@dataclass(frozen=True)
class Goal:
    """`path` is one of this application, `title` the name of what is there. Whoever is only of `host_id` cannot go on with it."""

    path: str
    title: str
    host_id: int | None = None

    @property
    def note(self) -> str:
        """For the history of a request; `told_in` reads it."""
        return f"To go on with “{self.title}”: {self.path}"


Naming = Callable[[str], Goal | None]
NAMINGS: list[Naming] = []


def set_to(namings: Sequence[Naming]) -> None:
    NAMINGS[:] = namings


def goal_at(address: str | None) -> Goal | None:
    """What is at this address; nothing at another site's, nor where everybody may not read."""
    path = own_path(address)
    return next((found for naming in NAMINGS if path and (found := naming(path))), None)


def told_in(note: str) -> Goal | None:
    """As it is called now: it may have been renamed, or put away."""
    return goal_at(note.rpartition(": ")[2])
