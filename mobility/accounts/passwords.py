"""Passwords: argon2id, and recognising somebody by one."""

from threading import BoundedSemaphore
from unicodedata import normalize

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from mobility.accounts import devices, throttle
from mobility.accounts.rules import LONGEST, network_of
from mobility.audit.keys import unknown_address
from mobility.audit.operations import record_alone
from mobility.core.errors import Refusal
from mobility.people import queries
from mobility.people.models import User

WRONG = "This address and this password do not match. Check both, or choose a new password."
PER_ADDRESS = {"most": 5, "minutes": 15}
PER_IP = {"most": 30, "minutes": 15}
FROM = "sign-in from"

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_at_once = BoundedSemaphore(1)  # of a process: a flood of sign-ins shall wait, and leave a thread to the others
_of_nobody = _hasher.hash("nobody has this password")


def hash_of(password: str) -> str:
    with _at_once:
        return _hasher.hash(_encoded(password))


def is_right(user: User | None, password: str) -> bool:
    """Takes as long for an unknown address as for a known one, so that nobody learns which exist."""
    known = user.password_hash if user else ""
    if len(password) > LONGEST:
        return False
    with _at_once:
        try:
            right = _hasher.verify(known or _of_nobody, _encoded(password))
        except (VerificationError, InvalidHashError):
            return False
    return right and bool(known)


def is_outdated(user: User) -> bool:
    """Whether the password was hashed with other parameters than today's."""
    return _hasher.check_needs_rehash(user.password_hash)


def recognise(email: str, password: str, ip: str) -> User:
    """The active person of this address and password; outside `transaction()`.

    Raises `Throttled`, or `Refusal` with the same words for an unknown address as for a wrong password.
    """
    email = email.strip().lower()
    tries = _tries(email, ip)
    try:
        for kind, key, most in tries:
            throttle.take_attempt(kind, key, **most)
    except throttle.Throttled:
        note_failure("sign_in_locked", queries.user_by_email(email), email)
        raise
    user = queries.user_by_email(email)
    if not is_right(user, password) or user is None or not user.active:
        note_failure("sign_in_failed", user, email)
        raise Refusal(WRONG)
    for kind, key, _most in tries:
        throttle.forget_attempts(kind, key, only_last=kind == FROM)
    return user


def note_failure(act: str, user: User | None, email: str) -> None:
    """In the audit log, outside `transaction()`; what was typed as an unknown address could be anything, also a password."""
    record_alone(act, by=None, about=user.name if user else unknown_address(email), person_id=user.id if user else None)


def _tries(email: str, ip: str) -> list[tuple[str, str, dict[str, int]]]:
    """How a try is counted. Of a browser the person has used before by itself: strangers lock out only strangers."""
    if known := devices.key_of(email):
        return [("sign-in by", known, PER_ADDRESS)]
    return [(FROM, network_of(ip), PER_IP), ("sign-in as", email, PER_ADDRESS)]


def _encoded(password: str) -> bytes:
    """The same letters typed on another keyboard are the same password."""
    return normalize("NFC", password).encode("utf-8", "surrogatepass")
