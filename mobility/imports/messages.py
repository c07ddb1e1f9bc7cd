"""The mail about what was moved in."""

from collections.abc import Sequence

from mobility.core.links import path_of
from mobility.notifications.operations import post
from mobility.people.models import User
from mobility.people.queries import people_in
from mobility.people.roles import Role
from mobility.themes.models import Theme

MOST_NAMED = 10


def themes_moved_in(themes: Sequence[Theme], by: User) -> None:
    """To the coordinators of one host, once: drafts of theirs are here, which somebody else has written."""
    theme = themes[0]
    to = [each for each in people_in(theme.host_id, Role.COORDINATOR) if each.id != by.id]
    path, named = path_of("themes.mine"), themes[:MOST_NAMED]
    post("themes_moved_in", to, about=theme, path=path, theme=theme, named=named, count=len(themes), by=by)
