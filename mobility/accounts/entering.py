"""The last step of every way to sign in: in, or on to what is still asked."""

from flask import current_app, url_for
from flask_login import current_user

from mobility.accounts import devices, queries, session, throttle
from mobility.accounts.models import FACTOR, SET_UP
from mobility.accounts.passwords import PER_ADDRESS, note_failure
from mobility.accounts.rules import FACTOR_GRACE, PROOF_LASTS
from mobility.core import clock
from mobility.core.database import transaction
from mobility.core.errors import Refusal
from mobility.factors import operations as factors
from mobility.factors.queries import has_factor
from mobility.people.models import User


def enter(user: User, goes_to: str, *, with_factor: bool = False) -> str:
    """Sign in, inside a transaction, after a password, or after a factor that needs nothing else. Where to go then."""
    factors.reset_if_due(user)
    if not with_factor and has_factor(user):
        session.start(user, waits_for=FACTOR)
        return url_for("accounts.second", next=goes_to)
    if with_factor or not queries.needs_factor(user):
        session.start(user)
        return goes_to
    overdue = clock.utc_now() >= factors.due_at(user, FACTOR_GRACE)
    session.start(user, waits_for=SET_UP if overdue else "")
    return url_for("security.start", next=goes_to)


def recently_proved() -> bool:
    """In this browser, within ten minutes. People of the demonstration have nothing to prove it with."""
    if current_app.config["DEMO"] and current_user.demo_note:
        return True
    here = session.here()
    return here is not None and clock.utc_now() - here.proved_at <= PROOF_LASTS


def take_try(kind: str, user: User) -> None:
    """Count a try at somebody's password or factor, as at the sign-in page. Raises `Throttled`; outside `transaction()`."""
    throttle.take_attempt(kind, devices.key_of(user.email) or str(user.id), **PER_ADDRESS)


def forget_tries(kind: str, user: User) -> None:
    throttle.forget_attempts(kind, devices.key_of(user.email) or str(user.id))


def use_factor(user: User, *, code: str, challenge: str, answer: str) -> None:
    """A code, or what a passkey answered. Raises `Throttled` or `Refusal`; has its own transaction."""
    id, email = user.id, user.email
    try:
        take_try("factor of", user)
        with transaction():
            person = queries.user(id)
            assert person is not None  # noqa: S101 (accounts are never deleted)
            if answer:
                factors.use_passkey(person, challenge=challenge, answer=answer)
            else:
                factors.use_code(person, code)
    except Refusal:
        note_failure("second_factor_failed", queries.user(id), email)
        raise
    throttle.forget_attempts("factor of", devices.key_of(email) or str(id))
