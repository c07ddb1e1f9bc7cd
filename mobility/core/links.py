"""Addresses built outside a request, for mails and documents."""

from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from itsdangerous import URLSafeSerializer


def path_of(endpoint: str, **values: Any) -> str:
    """The path of a page, e.g. "/vouchers/12"."""
    site: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    if type(id := values.get("id")) is int and len(values) == 1:
        before, after = site.around("", endpoint)
        return f"{before}{id}{after}"
    return site.url_map.bind("").build(endpoint, values)


def absolute(path: str) -> str:
    """The whole address of a path, below BASE_URL."""
    base = urlsplit(current_app.config["BASE_URL"])
    return f"{base.scheme}://{base.netloc}{base.path.rstrip('/')}{path}"


def link_for(user: Any, path: str) -> str:
    """The address in a mail to `user` that leads to `path`. It names its addressee, so that whoever opens it with
    another account learns for whom it is (accounts/views.go). It opens nothing by itself, so it need not expire.
    """
    site: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    before, after = site.around("", "accounts.go", "token", "any")
    return absolute(before + signer("link").dumps([user.id, path]) + after)


def signer(purpose: str) -> URLSafeSerializer:
    """Signs what travels in addresses; earlier keys (SECRET_KEY_FALLBACKS) still verify."""
    keys = (*reversed(current_app.config.get("SECRET_KEY_FALLBACKS") or []), current_app.config["SECRET_KEY"])
    return _signer(keys, purpose)


@lru_cache(maxsize=32)
def _signer(keys: tuple[str, ...], purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(keys, salt=f"mobility-{purpose}", signer_kwargs={"digest_method": sha256})
