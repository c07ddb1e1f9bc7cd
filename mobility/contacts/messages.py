"""The mail to whom others turn to from now on."""

from typing import Any

from mobility.core.links import path_of
from mobility.notifications.operations import post
from mobility.people.models import User


def contact_named(of: Any, person: User, by: User, name: str) -> None:
    """To whoever others turn to from now on, if somebody else chose them."""
    kind = "themes" if hasattr(of, "host_id") else "programmes"
    path = path_of(f"{kind}.show", id=of.id)
    post("contact_named", [person], about=None, path=path, name=name, by=by, of=of)
