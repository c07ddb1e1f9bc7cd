"""The mails about themes."""

from mobility.core.links import path_of
from mobility.notifications.operations import post
from mobility.people.queries import people_in
from mobility.people.roles import Role
from mobility.themes.models import Theme


def theme_closed(theme: Theme, reason: str) -> None:
    """To the host's coordinators, when the theme was closed automatically: look whether to offer more."""
    post(
        "theme_closed",
        people_in(theme.host_id, Role.COORDINATOR),
        about=theme,
        path=path_of("themes.show", id=theme.id),
        theme=theme,
        reason=reason,
    )
