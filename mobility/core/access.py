"""Who may call a route. Every route carries exactly one of these; a test reads them from the routes. Pages of actions ask
`whoever_is_signed_in` themselves, inside their transaction (workflows/actions.py).

They answer "may this person ask at all"; what a person may see of an object is its workflow's `may_see`, answered with 404.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import abort
from flask_login import current_user

from mobility.core.errors import NotSignedIn

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Anybody, signed in or not."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def whoever_is_signed_in() -> Any:
    """The person. Raises `NotSignedIn` (core/errors.py), which is answered with the way to sign in."""
    if not current_user.is_authenticated:
        raise NotSignedIn
    return current_user._get_current_object()


def requires(name: str, predicate: Callable[[Any], bool]) -> Callable[[View], View]:
    """Signed-in people for whom `predicate(user)` holds; for others the page does not exist."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not predicate(whoever_is_signed_in()):
                abort(404)
            return view(*args, **kwargs)

        guarded.access = name  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


signed_in = requires("signed in", lambda user: True)
administrator = requires("administrator", lambda user: user.is_administrator)
