"""Addresses built outside a request, for mails and documents."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app


def path_of(endpoint: str, **values: Any) -> str:
    """The path of a page, e.g. "/vouchers/12"."""
    return current_app.url_map.bind("").build(endpoint, values)


def absolute(path: str) -> str:
    """The whole address of a path, below BASE_URL."""
    base = urlsplit(current_app.config["BASE_URL"])
    return f"{base.scheme}://{base.netloc}{base.path.rstrip('/')}{path}"
