"""What the administrator's acts tell the person concerned."""

from collections.abc import Mapping

from mobility.administration.models import StandingIn
from mobility.core.links import path_of
from mobility.notifications.operations import post
from mobility.people.models import User
from mobility.people.roles import LEVEL_LABELS


def account_mended(user: User, *, by: User, before: Mapping[str, str], reason: str) -> None:
    labels = {str(level): label for level, label in LEVEL_LABELS.items()}
    changes = [(name, before[name], getattr(user, name) or "") for name in ("name", "level")]
    told = [
        (name.capitalize(), labels.get(old, old) or "none", labels.get(new, new) or "none")
        for name, old, new in changes
        if old != new
    ]
    post("account_mended", [user], about=None, path=path_of("accounts.account"), by=by, changes=told, reason=reason)


def acted_for(stand: StandingIn) -> None:
    """At once, before anything is done."""
    path = path_of("home.index")
    post("acted_for", [stand.person], about=None, path=path, by=stand.administrator, reason=stand.reason, until=stand.ends_at)
