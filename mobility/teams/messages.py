"""The mails about roles."""

from collections.abc import Sequence
from typing import Any

from mobility.accounts.models import MailedLink
from mobility.accounts.operations import send_link
from mobility.accounts.rules import INVITATION_LASTS
from mobility.core.links import path_of
from mobility.notifications.operations import post
from mobility.people.models import Membership, User
from mobility.people.queries import administrators, people_in_programme
from mobility.people.roles import Role, a_role
from mobility.teams.models import RoleInvitation
from mobility.teams.queries import leaders


def offer(invitation: RoleInvitation, by: User) -> MailedLink | None:
    """Somebody is invited to a role. Returns the link that was made, for a person without a password."""
    person = invitation.person
    if not person.password_hash:
        return send_link(person, invited_by=by, to_what=invitation.what)
    path = path_of("teams.role_invitation", id=invitation.id)
    post("role_offered", [person], about=None, path=path, what=invitation.what, by=by, lasts=INVITATION_LASTS.days)
    return None


def answered(invitation: RoleInvitation) -> None:
    """It was accepted or declined: who invited is told, and all who lead the place where that was none of them.

    A programme's owners are all told: roles in it decide about money.
    """
    every = [each for each in leaders(invitation) if each.id != invitation.person_id]
    told = [each for each in every if each.id == invitation.invited_by_id and not invitation.programme_id] or every
    if invitation.invited_by and invitation.invited_by not in (*told, invitation.person):
        told = [*told, invitation.invited_by]
    if invitation.answer == "accepted" or invitation.invited_by_id:
        post("role_answered", told, about=None, path=team_path(invitation), invitation=invitation, what=invitation.what)


def taken(invitation: RoleInvitation) -> None:
    """Somebody who leads the place gave a role in it to themselves: tells all who lead it or pay there, and administrators."""
    officers = people_in_programme(invitation.programme_id, Role.FINANCE_OFFICER) if invitation.programme_id else []
    every = {each.id: each for each in (*leaders(invitation), *officers, *administrators())}
    told = [each for each in every.values() if each.id != invitation.person_id]
    post("role_taken", told, about=None, path=team_path(invitation), invitation=invitation, what=invitation.what)


def asked_again(invitation: RoleInvitation) -> None:
    """An invitation has expired, and the person asks for another."""
    told, path = leaders(invitation), team_path(invitation)
    post("role_invitation_wanted", told, about=None, path=path, invited=invitation.person, what=invitation.what)


def ended(membership: Membership, cases: Sequence[Any], *, by: User) -> None:
    """Somebody else has ended a person's role: tells the person, and what stays open."""
    path = path_of("teams.your_roles")
    post("role_ended", [membership.user], about=None, path=path, what=_what(membership), by=by, cases=cases)


def left(membership: Membership, cases: Sequence[Any], *, by: User) -> None:
    """Somebody has left, or their account is closed: tells those who go on, with what is open."""
    told = [each for each in leaders(membership) if each.id not in (membership.user_id, by.id)]
    context: dict[str, Any] = {"gone": membership.user, "what": _what(membership), "cases": cases}
    post("role_left", told, about=None, path=team_path(membership), **context)


def closed(user: User, *, by: User) -> None:
    """An account is closed: the last mail to its person."""
    post("account_closed", [user], about=None, path=path_of("home.index"), by=by, own=by.id == user.id)


def team_path(held: RoleInvitation | Membership) -> str:
    if held.organisation_id:
        return path_of("teams.organisation_team", id=held.organisation_id)
    return path_of("teams.programme_team", id=held.programme_id)


def _what(membership: Membership) -> str:
    """a guest of Mur Cluster"""
    return f"{a_role(membership.role)} of {membership.place_name}"
