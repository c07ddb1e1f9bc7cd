"""Reading somebody's second factors."""

from sqlalchemy import func, select
from sqlalchemy.orm import lazyload

from mobility.core.database import db
from mobility.factors.models import AuthenticatorApp, Passkey, RecoveryCode
from mobility.people.models import User


def passkeys_of(user: User) -> list[Passkey]:
    query = select(Passkey).where(Passkey.user_id == user.id).options(lazyload(Passkey.user)).order_by(Passkey.id)
    return list(db.session.scalars(query))


def apps_of(user: User) -> list[AuthenticatorApp]:
    return list(
        db.session.scalars(select(AuthenticatorApp).where(AuthenticatorApp.user_id == user.id).order_by(AuthenticatorApp.id))
    )


def has_factor(user: User) -> bool:
    """A passkey or an app; recovery codes alone are none."""
    return bool(passkeys_of(user) or apps_of(user))


def passkey(credential_id: str) -> Passkey | None:
    """For whoever uses it: of two at once one comes after the other."""
    query = select(Passkey).where(Passkey.credential_id == credential_id).with_for_update(of=Passkey)
    return db.session.scalar(query.execution_options(populate_existing=True))


def codes_left(user: User) -> int:
    """Recovery codes that have not been used."""
    unused = select(func.count(RecoveryCode.id)).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(unused) or 0
