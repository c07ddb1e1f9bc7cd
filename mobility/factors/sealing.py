"""Secrets that must be read again (those of apps) are sealed with SECRET_KEY: a backup alone tells nothing."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app
from itsdangerous import BadSignature

from mobility.core import clock
from mobility.core.links import signer
from mobility.factors.rules import CHALLENGE_LASTS


def seal(secret: str) -> str:
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str | None:
    """Nothing if it was sealed with a key that is gone."""
    try:
        return _box().decrypt(sealed.encode("utf-8", "surrogatepass")).decode()
    except InvalidToken:
        return None


def new_challenge(purpose: str, user_id: int | None) -> str:
    """What a passkey is to sign: says by itself for what, for whom and since when, so nothing is stored."""
    return signer("passkey").dumps([purpose, user_id, token_urlsafe(16), clock.utc_now().timestamp()])


def challenged_at(challenge: str, purpose: str, user_id: int | None) -> float | None:
    """When we asked this, in seconds; nothing if we did not, or too long ago."""
    try:
        found: Any = signer("passkey").loads(challenge)
        was_for, of, _random, at = found
    except (BadSignature, TypeError, ValueError):
        return None
    fresh = clock.utc_now().timestamp() - at < CHALLENGE_LASTS.total_seconds()
    return float(at) if (was_for, of) == (purpose, user_id) and fresh else None


def _box() -> MultiFernet:
    """The present key seals, earlier ones still open."""
    keys = [current_app.config["SECRET_KEY"], *(current_app.config.get("SECRET_KEY_FALLBACKS") or [])]
    return MultiFernet([Fernet(urlsafe_b64encode(sha256(f"mobility-factor:{key}".encode()).digest())) for key in keys])
