"""The mail to whom an administrator acts for."""

from mobility.administration.models import StandingIn
from mobility.core.links import path_of
from mobility.notifications.operations import post


def acted_for(stand: StandingIn) -> None:
    """At once, before anything is done."""
    path = path_of("home.index")
    post("acted_for", [stand.person], about=None, path=path, by=stand.administrator, reason=stand.reason, until=stand.ends_at)
