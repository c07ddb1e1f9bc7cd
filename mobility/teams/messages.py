"""The mails about roles."""

from mobility.core.links import path_of
from mobility.notifications.operations import post
from mobility.people.models import Membership, User


def role_added(user: User, membership: Membership, label: str, place: str, by: User) -> None:
    """A person with an account got one more role."""
    path = path_of("home.index")
    if membership.organisation_id:
        path = path_of("people.organisation", id=membership.organisation_id)
    post("role_added", [user], about=None, path=path, role=label, place=place, by=by)
