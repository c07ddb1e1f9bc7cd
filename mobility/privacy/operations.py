"""Asking for an erasure, stopping it, and doing what is due."""

from datetime import timedelta

from mobility.audit.operations import record
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.core.wording import HOME_ZONE
from mobility.people.models import User
from mobility.people.queries import locked_to_close
from mobility.privacy import erasing, messages, queries
from mobility.privacy.models import Erasure
from mobility.privacy.rules import GRACE_DAYS
from mobility.teams.operations import close_account


def ask(person: User, *, by: User, reason: str = "") -> Erasure:
    """After some days, in which it can be stopped; later if records of paid money have to be kept. `person` is locked."""
    if queries.was_erased(person):
        raise Refusal("This person has been erased already.")
    if queries.open_erasure(person):
        raise Refusal("This has been asked for already.")
    if against := queries.stands_against(person, own=by.id == person.id):
        raise Refusal(" ".join(against))
    day = clock.today(HOME_ZONE) + timedelta(days=GRACE_DAYS)
    until = queries.kept_until(person)
    erasure = Erasure(person=person, asked_by=by, reason=reason, due_on=max(day, until + timedelta(days=1)) if until else day)
    db.session.add(erasure)
    db.session.flush()
    record("erasure_asked", by=by, about=f"{person.name}: {reason}" if reason else person.name, person_id=person.id)
    if person.active:
        messages.asked(erasure)
    return erasure


def stop(person: User, *, by: User) -> bool:
    """Whether something was to be stopped."""
    erasure = queries.open_erasure(person)
    if erasure is None:
        return False
    erasure.stopped_at = clock.utc_now()
    record("erasure_stopped", by=by, about=person.name, person_id=person.id)
    return True


def carry_out(id: int) -> bool:
    """What is due, if nothing stands against it by now; else it waits for the next night."""
    erasure = queries.locked(id)
    if erasure is None or erasure.stopped_at or erasure.done_at or erasure.due_on > clock.today(HOME_ZONE):
        return False
    person = locked_to_close(erasure.person_id)
    if queries.reasons(person):
        return False
    if person.active:
        close_account(person, by=person)
    erasing.erase(erasure)
    return True
