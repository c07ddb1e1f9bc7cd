"""Asking for an erasure, stopping it, and doing what is due."""

from datetime import timedelta

from mobility.audit.operations import record
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.core.wording import HOME_ZONE
from mobility.people.models import User
from mobility.people.queries import locked_to_close, user_by_email
from mobility.privacy import erasing, messages, queries, strangers
from mobility.privacy.models import Erasure
from mobility.privacy.rules import BY_RULE, GRACE_DAYS, Traces
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


def ask_by_rule(person: User) -> Erasure:
    """Once an account has come to nothing (retention/). Whoever can sign in is told, and can stop it; nobody else could."""
    can_stop_it = person.active and queries.can_sign_in(person)
    days = GRACE_DAYS if can_stop_it else 0
    due_on = clock.today(HOME_ZONE) + timedelta(days=days)
    erasure = Erasure(person=person, asked_by=person, reason=BY_RULE, due_on=due_on)
    db.session.add(erasure)
    db.session.flush()
    record("erasure_asked", by=None, about=f"{person.name}: {BY_RULE}", person_id=person.id)
    if can_stop_it:
        messages.asked(erasure)
    return erasure


def ask_for_address(email: str, *, by: User, name: str, reason: str) -> Erasure:
    """Of somebody without an account, in the next night. What stands in the database about them is found by the address, and by
    the names that stand beside it. Raises Refusal at the field."""
    address, now = email.strip().lower(), clock.utc_now()
    person = user_by_email(address)
    if person and queries.open_erasure(person):
        raise Refusal("This has been asked for already: see the list.", "email")
    if person:
        raise Refusal(f"{person.name} has an account under this address. Erase the person on their page.", "email")
    if against := strangers.stands_against(address):
        raise Refusal(" ".join(against), "email")
    person = User(name=name, email=address, active=False, created_at=now)
    db.session.add(person)
    db.session.flush()
    erasure = Erasure(person=person, asked_by=by, reason=reason, asked_at=now, due_on=clock.today(HOME_ZONE))
    db.session.add(erasure)
    db.session.flush()
    record("erasure_asked", by=by, about=f"{address}: {reason}", person_id=person.id)
    return erasure


def stop(person: User, *, by: User | None) -> bool:
    """Whether something was to be stopped."""
    erasure = queries.open_erasure(person)
    if erasure is None:
        return False
    erasure.stopped_at = clock.utc_now()
    if erasure.is_of_stranger:  # the row was made for the erasure alone: the address is free to register
        person.name, person.email = erasure.pseudonym, Traces(person.id, (), ()).address
    record("erasure_stopped", by=by, about=person.name, person_id=person.id)
    return True


def carry_out(id: int) -> bool:
    """What is due, if nothing stands against it by now; else it waits for the next night."""
    erasure = queries.locked(id)
    if erasure is None or erasure.stopped_at or erasure.done_at or erasure.due_on > clock.today(HOME_ZONE):
        return False
    person = locked_to_close(erasure.person_id)
    if erasure.by_rule and queries.has_come_back(erasure):
        stop(person, by=None)
        return False
    if queries.reasons(person):
        return False
    if person.active:
        close_account(person, by=person)
    before = queries.bereft_of(person)
    erasing.erase(erasure)
    for exchange in queries.exchanges(queries.bereft_of(person) - before):
        messages.manager_erased(exchange)
    return True
