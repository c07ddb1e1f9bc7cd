"""Two people who make the same thing at once: the slower one tries again, and is told that it exists."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from mobility.core.database import transaction
from mobility.core.forms import CreateForm, create_once

Made = TypeVar("Made")


def retried(act: Callable[[], Made]) -> Made:
    """`act()` in a transaction; once more if something unique was taken in the meantime."""
    try:
        return _transacted(act)
    except IntegrityError:
        return _transacted(act)


def create_and_retry(form: CreateForm, create: Callable[[], str]) -> Response:
    """`create_once`, once more if something unique was taken in the meantime."""
    try:
        return create_once(form, create)
    except IntegrityError:
        return create_once(form, create)


def _transacted(act: Callable[[], Made]) -> Made:
    with transaction():
        return act()
