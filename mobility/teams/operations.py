"""Who plays which role in an organisation or a programme: inviting, and ending roles."""

from typing import Any

from sqlalchemy import select

from mobility.accounts.operations import send_link
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import NotAllowed, Refusal
from mobility.people.models import Membership, Organisation, User
from mobility.people.operations import create_person
from mobility.people.queries import user_by_email
from mobility.people.roles import ORGANISATION_ROLES, PROGRAMME_ROLES, ROLE_LABELS, Role
from mobility.teams import messages


def may_lead(user: Any, organisation: Organisation) -> bool:
    """Invite colleagues, end memberships, keep the organisation's page."""
    return bool(user.is_administrator or Role.COORDINATOR in user.roles_in(organisation.id))


def may_lead_programme(user: Any, programme: Any) -> bool:
    return bool(user.is_administrator or Role.OWNER in user.roles_in_programme(programme.id))


def invite_into_organisation(organisation: Organisation, *, by: User, email: str, name: str, role: str) -> User:
    """Give somebody a role in an organisation, with an account if need be, and tell them."""
    if not may_lead(by, organisation):
        raise NotAllowed("Only a coordinator of the organisation can invite colleagues.")
    if role not in ORGANISATION_ROLES:
        raise Refusal("Choose one of the roles of an organisation.", "role")
    return _invite(email, name, Membership(organisation_id=organisation.id, role=role), organisation.name, by)


def invite_into_programme(programme: Any, *, by: User, email: str, name: str, role: str) -> User:
    """The same for a programme: owners, assessors, finance officers, auditors."""
    if not may_lead_programme(by, programme):
        raise NotAllowed("Only an owner of the programme can invite people into it.")
    if role not in PROGRAMME_ROLES:
        raise Refusal("Choose one of the roles of a programme.", "role")
    return _invite(email, name, Membership(programme_id=programme.id, role=role), programme.name, by)


def end_membership(membership: Membership, *, by: User) -> None:
    """A role ends, and stays on record. An organisation keeps at least one coordinator, a programme one owner."""
    _ensure_may_end(membership, by)
    if keep_one(membership):
        membership.until = clock.utc_now()


def invite_again(membership: Membership, *, by: User) -> None:
    """The invitation was lost, or has expired: another one, with a new link."""
    _ensure_may_end(membership, by)
    user, place = membership.user, membership.organisation or membership.programme
    if not membership.current:
        raise Refusal(f"This role of {user.name} has ended. Invite them anew.")
    if user.password_hash:
        raise Refusal(f"{user.name} has accepted the invitation meanwhile.")
    if not user.active:
        raise Refusal("This account is closed. Ask the administrator to open it again.")
    send_link(user, invited_by=by, to_what=f"{ROLE_LABELS[Role(membership.role)].lower()} of {place.name}")


def keep_one(membership: Membership) -> bool:
    """Raises Refusal if nobody else would be left to coordinate the organisation, or own the programme. False: it has ended.

    All roles of the place are locked first, so that of two last coordinators who end each other one stays.
    """
    in_same = Membership.organisation_id == membership.organisation_id
    if membership.programme_id:
        in_same = Membership.programme_id == membership.programme_id
    locked = select(Membership).where(in_same, Membership.current).order_by(Membership.id).with_for_update()
    every = db.session.scalars(locked.execution_options(populate_existing=True)).all()
    if membership not in every:
        return False  # somebody else was first
    keeper = Role.OWNER if membership.programme_id else Role.COORDINATOR
    keepers = {each.user_id for each in every if each.role == keeper and each.user.active}
    if membership.role == keeper and keepers <= {membership.user_id}:
        label = ROLE_LABELS[keeper].lower()
        raise Refusal(f"{membership.user.name} is the only {label} left. Invite another one first.")
    return True


def _ensure_may_end(membership: Membership, by: User) -> None:
    place = membership.organisation or membership.programme
    allowed = may_lead(by, place) if membership.organisation_id else may_lead_programme(by, place)
    if not allowed:
        raise NotAllowed("Only a coordinator of the organisation, or an owner of the programme, can end this.")


def _invite(email: str, name: str, membership: Membership, place: str, by: User) -> User:
    user = user_by_email(email)
    if user is None:
        user = create_person(email=email, name=name)
    if not user.active:
        raise Refusal("This account is closed. Ask the administrator to open it again.", "email")
    label = ROLE_LABELS[Role(membership.role)].lower()
    if _has(user, membership):
        raise Refusal(f"{user.name} is already {label} here.", "email")
    membership.user_id = user.id
    db.session.add(membership)
    db.session.flush()
    if user.password_hash:
        messages.role_added(user, membership, label, place, by)
    else:
        send_link(user, invited_by=by, to_what=f"{label} of {place}")
    return user


def _has(user: User, wanted: Membership) -> bool:
    return any(
        (each.organisation_id, each.programme_id, each.role) == (wanted.organisation_id, wanted.programme_id, wanted.role)
        for each in db.session.scalars(select(Membership).where(Membership.user_id == user.id, Membership.current))
    )
