"""Keys of the audit log: one that signs its heads, one that makes typed addresses unreadable."""

import hmac
from hashlib import sha256

from flask import current_app


def signing() -> list[bytes]:
    """The first signs; the others signed before, and still verify.

    AUDIT_KEY, or derived from SECRET_KEY: then a new SECRET_KEY makes a new one, and its FALLBACKS those before.
    """
    own = [current_app.config[name] for name in ("AUDIT_KEY",) if current_app.config.get(name)]
    return [_derived(key, "audit heads") for key in (*own, *_secrets())]


def unknown_address(typed: str) -> str:
    """Says of an address without an account whether it is the same as another time, and nothing else.

    What is typed there may be a password, or a stranger's address: neither is ours to keep.
    """
    mark = hmac.new(_derived(_secrets()[0], "audit addresses"), typed.strip().lower().encode("utf-8", "surrogatepass"), sha256)
    return f"an address without an account ({mark.hexdigest()[:10]})"


def _secrets() -> list[str]:
    return [current_app.config["SECRET_KEY"], *reversed(current_app.config.get("SECRET_KEY_FALLBACKS") or [])]


def _derived(key: str, purpose: str) -> bytes:
    return hmac.new(key.encode(), f"mobility {purpose}".encode(), sha256).digest()
