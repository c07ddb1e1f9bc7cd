"""Adding, using and taking away second factors."""

from datetime import timedelta
from typing import Any

from pyotp import TOTP, random_base32
from sqlalchemy import delete, select, update

from mobility.audit.operations import record
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.factors import messages, passkeys, queries
from mobility.factors.models import AuthenticatorApp, Passkey, RecoveryCode
from mobility.factors.rules import RESET_WAITS, as_typed, code_hash, new_recovery_codes, step_shown
from mobility.factors.sealing import seal, unseal
from mobility.people.models import User

WRONG_CODE = (
    "This code is not right. Apps show a new one every half minute, and each works once. Is your telephone's clock right?"
)
KINDS: dict[str, Any] = {"passkey": Passkey, "app": AuthenticatorApp}


def new_secret() -> str:
    """For an app that is being set up; sealed, as it travels in the form."""
    return seal(random_base32())


def address_of(user: User, secret: str) -> str:
    """What an app reads from the QR code."""
    return TOTP(secret).provisioning_uri(name=user.email, issuer_name="Mobility")


def add_app(user: User, *, name: str, sealed: str, code: str) -> list[str]:
    """The app shows the right code, so both have the secret. Returns the recovery codes if there were none."""
    secret = unseal(sealed)
    if secret is None:
        raise Refusal("This page was open for too long. Load it again, and scan the new QR code.")
    if db.session.scalar(select(AuthenticatorApp.id).where(AuthenticatorApp.sealed_secret == sealed)):
        raise Refusal("This app is set up already. Load the page again for another one.")
    step = step_shown(secret, as_typed(code), clock.utc_now())
    if step is None:
        raise Refusal(WRONG_CODE, "code")
    db.session.add(AuthenticatorApp(user_id=user.id, name=name, sealed_secret=sealed, last_step=step))
    record("second_factor_added", by=user, about=name, person_id=user.id)
    return _added(user, f"The authenticator app “{name}”")


def add_passkey(user: User, *, name: str, challenge: str, answer: str) -> list[str]:
    """Returns the recovery codes if there were none."""
    passkeys.add(user, name=name, challenge=challenge, answer=answer)
    record("passkey_added", by=user, about=name, person_id=user.id)
    return _added(user, f"The passkey “{name}”")


def use_code(user: User, code: str) -> None:
    """Six digits of an app, or a recovery code; each once, also of many tries at the same time. Raises Refusal."""
    typed = as_typed(code)
    of_app = typed.isdigit() and any(_use_step(app, typed) for app in queries.apps_of(user))
    if not of_app and not _use_recovery_code(user, typed):
        raise Refusal(WRONG_CODE, "code")
    stop_reset(user)


def use_passkey(user: User | None, *, challenge: str, answer: str) -> User:
    """The person whose passkey it is. Raises Refusal."""
    person = passkeys.use(user, challenge=challenge, answer=answer)
    stop_reset(person)
    return person


def remove(user: User, kind: str, id: int, *, needed: bool) -> str | None:
    """Take a passkey or an app away; its name, or nothing if it was gone. The last one stays where one is `needed`."""
    every = [*queries.passkeys_of(user), *queries.apps_of(user)]
    found = next((each for each in every if isinstance(each, KINDS[kind]) and each.id == id), None)
    if found is None:
        return None
    if len(every) == 1 and needed:
        raise Refusal("You need a second factor for what you do here. Add another one first, then remove this one.")
    db.session.delete(found)
    if len(every) == 1:
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    act = "passkey_removed" if kind == "passkey" else "second_factor_removed"
    record(act, by=user, about=found.name, person_id=user.id)
    messages.factor_removed(user, found.name, last=len(every) == 1)
    return str(found.name)


def renew_codes(user: User) -> list[str]:
    """Ten new recovery codes, shown once; those before are worth nothing."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = new_recovery_codes()
    record("recovery_codes_made", by=user, person_id=user.id)
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=code_hash(user.id, code)) for code in codes)
    return codes


def ask_for_reset(user: User, *, by: User, reason: str) -> None:
    """Somebody has lost every factor: after a day they are gone. Until then the person is told and can stop it."""
    if user.id == by.id:
        raise Refusal("Somebody else who administers this site must do it for you.")
    if not queries.has_factor(user):
        raise Refusal(f"{user.name} has no second factor.")
    if user.factors_end_at is not None:
        raise Refusal("This has been asked for already.")
    user.factors_end_at = clock.utc_now() + RESET_WAITS
    record("factor_reset_asked", by=by, about=user.name, person_id=user.id, after={"reason": reason})
    messages.reset_asked(user, by=by, reason=reason)


def stop_reset(user: User) -> None:
    """Who still has a factor needs no reset, and perhaps did not ask for it."""
    if user.factors_end_at is not None:
        user.factors_end_at = None
        record("factor_reset_stopped", by=user, person_id=user.id)


def reset_if_due(user: User) -> bool:
    """At sign-in: the day is over, so the factors go. Whoever needs one sets it up at once."""
    if user.factors_end_at is None or user.factors_end_at > clock.utc_now():
        return False
    for model in (Passkey, AuthenticatorApp, RecoveryCode):
        db.session.execute(delete(model).where(model.user_id == user.id))
    user.factors_end_at, user.factor_due_at = None, clock.utc_now()
    record("factors_reset", by=user, person_id=user.id)
    return True


def due_at(user: User, grace: timedelta) -> Any:
    """Until when somebody who needs a second factor may do without one: counted from the first sign-in that asked for it."""
    if user.factor_due_at is None:
        user.factor_due_at = clock.utc_now() + grace
    return user.factor_due_at


def _added(user: User, what: str) -> list[str]:
    user.factors_end_at = user.factor_due_at = None
    messages.factor_added(user, what)
    return [] if queries.codes_left(user) else renew_codes(user)


def _use_step(app: AuthenticatorApp, digits: str) -> bool:
    secret = unseal(app.sealed_secret)
    step = step_shown(secret, digits, clock.utc_now()) if secret else None
    if step is None:
        return False
    newer = update(AuthenticatorApp).where(AuthenticatorApp.id == app.id, AuthenticatorApp.last_step < step)
    return _changed(newer.values(last_step=step, used_at=clock.utc_now()))


def _use_recovery_code(user: User, typed: str) -> bool:
    unused = update(RecoveryCode).where(
        RecoveryCode.user_id == user.id, RecoveryCode.code_hash == code_hash(user.id, typed), RecoveryCode.used_at.is_(None)
    )
    if not _changed(unused.values(used_at=clock.utc_now())):
        return False
    record("recovery_code_used", by=user, person_id=user.id)
    messages.code_used(user, queries.codes_left(user))
    return True


def _changed(statement: Any) -> bool:
    done: Any = db.session.execute(statement)
    return bool(done.rowcount)
