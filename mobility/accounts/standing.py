"""An administrator who acts for somebody else in this browser. A later feature (administration/) decides it: see create_app."""

from datetime import datetime
from typing import NamedTuple, Protocol

from flask import g, session

from mobility.people.models import User

ACTING = "acting"  # in the session: which record of it


class Stand(NamedTuple):
    """For whom, and until when."""

    person: User
    ends_at: datetime


class StandIns(Protocol):
    def find(self, id: int, administrator: User) -> Stand | None:
        """What this administrator has begun, if it lasts."""

    def end(self, id: int) -> None:
        """In a transaction."""


STAND_INS: list[StandIns] = []


def set_to(stand_ins: StandIns) -> None:
    STAND_INS[:] = [stand_ins]


def whom(user: User) -> User:
    """The person of a request: whoever is signed in, or for whom they act. Costs nobody else a query."""
    if ACTING not in session:
        return user
    found = next((stand for each in STAND_INS if (stand := each.find(session[ACTING], user))), None)
    if found is None:
        return user
    found.person.stand_in = user  # type: ignore[assignment]
    g.acts_until = found.ends_at
    return found.person


def begin_here(id: int) -> None:
    session[ACTING] = id


def end_here() -> None:
    """In a transaction."""
    if (id := session.pop(ACTING, None)) is not None:
        for each in STAND_INS:
            each.end(id)


def is_over(person: User) -> bool:
    """The session still names it, but it lasts no longer: the request would be the administrator's own."""
    return ACTING in session and not person.stand_in
