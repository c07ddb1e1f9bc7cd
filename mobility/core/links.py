"""Addresses built outside a request, for mails and documents."""

from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, has_request_context, request
from itsdangerous import URLSafeSerializer
from itsdangerous.encoding import base64_encode

ANY_ID = 2_147_483_646  # fits the addresses' bounded ids


class Site(Flask):
    """Flask with quick addresses: a page has a hundred of them, nearly all of a page, a static file, or an object's id."""

    def url_for(self, endpoint: str, **values: Any) -> str:
        if has_request_context() and not endpoint.startswith("."):
            if type(id := values.get("id")) is int and len(values) == 1:
                before, after = _around(self, request.script_root, endpoint)
                return f"{before}{id}{after}"
            if not values or endpoint == "static":
                return _address(self, request.script_root, endpoint, **values)
        return super().url_for(endpoint, **values)


@lru_cache(maxsize=1024)
def _around(site: Site, script_root: str, endpoint: str, name: str = "id", any_value: Any = ANY_ID) -> tuple[str, str]:
    """What stands before and after the only value in the addresses of an endpoint."""
    address = site.url_map.bind("", script_name=script_root or "/").build(endpoint, {name: any_value})
    before, _, after = address.rpartition(str(any_value))
    return before, after


@lru_cache(maxsize=1024)
def _address(site: Site, script_root: str, endpoint: str, **values: Any) -> str:
    return Flask.url_for(site, endpoint, **values)


def path_of(endpoint: str, **values: Any) -> str:
    """The path of a page, e.g. "/vouchers/12"."""
    site: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    if type(id := values.get("id")) is int and len(values) == 1:
        before, after = _around(site, "", endpoint)
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
    before, after = _around(site, "", "accounts.go", "token", "any")
    return absolute(before + signer("link").dumps([user.id, path]) + after)


class _Signer(URLSafeSerializer):
    """Packs nothing: for a few words that takes longer than all the rest, and saves nothing."""

    def dump_payload(self, obj: Any) -> bytes:
        return base64_encode(self.serializer.dumps(obj).encode())


def signer(purpose: str) -> URLSafeSerializer:
    """Signs what travels in addresses; earlier keys (SECRET_KEY_FALLBACKS) still verify."""
    keys = (*reversed(current_app.config.get("SECRET_KEY_FALLBACKS") or []), current_app.config["SECRET_KEY"])
    return _signer(keys, purpose)


@lru_cache(maxsize=32)
def _signer(keys: tuple[str, ...], purpose: str) -> URLSafeSerializer:
    return _Signer(keys, salt=f"mobility-{purpose}", signer_kwargs={"digest_method": sha256})
