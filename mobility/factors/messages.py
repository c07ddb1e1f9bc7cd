"""The mails about second factors: whoever changes them for somebody else is noticed."""

from mobility.core.links import path_of
from mobility.notifications.operations import post
from mobility.people.models import User

PAGE = "security.index"


def factor_added(user: User, what: str) -> None:
    post("factor_added", [user], about=None, path=path_of(PAGE), what=what)


def factor_removed(user: User, name: str, *, last: bool) -> None:
    post("factor_removed", [user], about=None, path=path_of(PAGE), name=name, last=last)


def code_used(user: User, left: int) -> None:
    post("recovery_code_used", [user], about=None, path=path_of(PAGE), left=left)


def reset_asked(user: User, *, by: User, reason: str) -> None:
    """An administrator takes somebody's factors away, a day from now."""
    post("factors_reset", [user], about=None, path=path_of(PAGE), by=by, reason=reason, ends_at=user.factors_end_at)
