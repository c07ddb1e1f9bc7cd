"""Who may call a route. Every route carries exactly one of these; a test reads them from the routes.

They answer "may this person ask at all"; what one may see of an object is its workflow's `may_see`, answered with 404.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import abort, current_app
from flask_login import current_user

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Anybody, signed in or not."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def requires(name: str, predicate: Callable[[Any], bool]) -> Callable[[View], View]:
    """Signed-in people for whom `predicate(user)` holds; for others the page does not exist."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
            if not predicate(current_user):
                abort(404)
            return view(*args, **kwargs)

        guarded.access = name  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


signed_in = requires("signed in", lambda user: True)
administrator = requires("administrator", lambda user: user.is_administrator)
