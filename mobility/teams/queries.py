"""Reading places and the roles in them.

A programme's model comes later in the order of features, so it is reached through the membership.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import joinedload

from mobility.accounts.models import MailedLink
from mobility.core import clock
from mobility.core.database import db
from mobility.core.web import or_404
from mobility.lists.columns import Column, Kind, Listing, Reached
from mobility.people.models import Membership, User
from mobility.people.queries import locked, people_in, people_in_programme
from mobility.people.roles import ROLE_LABELS, Role
from mobility.teams import affairs, rules
from mobility.teams.models import Answer, RoleInvitation


def programme(id: int) -> Any:
    """A programme, or 404. Programmes are public."""
    return or_404(db.session.get(_programme_model(), id))


def programme_as(id: int, user: User, *roles: str) -> Any:
    """A programme in which this person holds one of `roles` (any if none is named), or 404."""
    held = user.roles_in_programme(id)
    return or_404(programme(id) if held and (not roles or held.intersection(roles)) else None)


def lock_programme(id: int) -> Any:
    """A programme's row, locked and read again: for changing its rules and rates."""
    model = _programme_model()
    wanted = select(model).where(model.id == id).with_for_update(key_share=True)
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()


def membership(id: int) -> Membership | None:
    return db.session.get(Membership, id)


@dataclass(frozen=True)
class Departure:
    """A role that is to end: what is open of the person there, who leads the place beside, who has the same role, and what
    stands against it."""

    membership: Membership
    cases: list[Any]
    leaders: list[User]
    colleagues: list[User]
    reason: str | None


def departure(membership: Membership, *, own: bool) -> Departure:
    """For the pages that show it before; the operation asks again, with the roles of the place locked."""
    every = list(db.session.scalars(_roles_beside(membership).order_by(Membership.id)))
    keeper = Role.OWNER if membership.programme_id else Role.COORDINATOR
    reason = rules.nobody_left(membership, every, own=own) or affairs.stands_against(membership)
    others = [each for each in every if each.user_id != membership.user_id and each.user.active]
    leaders, colleagues = ([each.user for each in others if each.role == role] for role in (keeper, membership.role))
    return Departure(membership, affairs.open_cases(membership), leaders, colleagues, reason)


def departures(person: User, *, own: bool) -> list[Departure]:
    """Of all roles that last: what the closing of an account ends."""
    return [departure(each, own=own) for each in in_order_of_locking(person)]


def locked_roles(membership: Membership) -> list[Membership]:
    """All roles that last in the place of this one, locked and read again."""
    locked = _roles_beside(membership).order_by(Membership.id).with_for_update(of=Membership)
    return list(db.session.scalars(locked.execution_options(populate_existing=True)))


def _roles_beside(membership: Membership) -> Select[Membership]:
    """Those that last in the same place, with their people."""
    place = {"organisation_id": membership.organisation_id, "programme_id": membership.programme_id}
    people = joinedload(Membership.user, innerjoin=True).lazyload(User.memberships)
    return select(Membership).filter_by(**place).where(Membership.current).options(people)


def in_order_of_locking(user: User) -> list[Membership]:
    """The roles that last: two people whose accounts are closed at once lock their places in the same order."""
    places = func.coalesce(Membership.organisation_id, 0), func.coalesce(Membership.programme_id, 0)
    query = select(Membership).where(Membership.user_id == user.id, Membership.current)
    return list(db.session.scalars(query.order_by(*places, Membership.id)))


def leaders(held: Membership | RoleInvitation) -> list[User]:
    """Who coordinates the organisation, or owns the programme, of a role or an invitation."""
    if held.organisation_id:
        return people_in(held.organisation_id, Role.COORDINATOR)
    return people_in_programme(held.programme_id or 0, Role.OWNER)


# Invitations


def invitation(id: int, *, for_update: bool = False) -> RoleInvitation | None:
    """For update: of two who answer or withdraw at once, the second sees what the first did."""
    found = db.session.scalar(_invitations().where(RoleInvitation.id == id))
    if found and for_update:
        _lock(found)
    return found


def _lock(found: RoleInvitation) -> None:
    """The person, whose account may just be closed, and then the invitation: read again, in the order of all locks."""
    locked(User, found.person_id)
    db.session.refresh(found, with_for_update={"of": RoleInvitation})


def open_invitation(user: User, wanted: RoleInvitation) -> RoleInvitation | None:
    """To the same role in the same place, not answered; it may have expired."""
    place = {"organisation_id": wanted.organisation_id, "programme_id": wanted.programme_id}
    query = _invitations().filter_by(person_id=user.id, role=wanted.role, **place).where(RoleInvitation.open)
    return db.session.scalar(query.with_for_update(of=RoleInvitation).execution_options(populate_existing=True))


def sent_with(link: MailedLink) -> RoleInvitation | None:
    query = _invitations().where(RoleInvitation.link_hash == link.token_hash, RoleInvitation.person_id == link.user_id)
    return db.session.scalar(query.with_for_update(of=RoleInvitation).execution_options(populate_existing=True))


def open_ones_of(user: User) -> list[RoleInvitation]:
    """All that a person has not answered, also what has expired, locked: the person is locked already."""
    query = _invitations().where(RoleInvitation.person_id == user.id, RoleInvitation.open).order_by(RoleInvitation.id)
    return list(db.session.scalars(query.with_for_update(of=RoleInvitation).execution_options(populate_existing=True)))


def some_wait_for(reader: ColumnElement[int], now: ColumnElement[datetime]) -> Select[Any]:
    """The ids of what `waiting_for` reads, for a statement that is kept."""
    return select(RoleInvitation.id).where(
        RoleInvitation.person_id == reader, RoleInvitation.open, RoleInvitation.expires_at > now
    )


def waiting_for(user: User, *, expired: bool = False) -> list[RoleInvitation]:
    """What a person has been invited to and not answered, the newest last; `expired`: also what is over."""
    query = _invitations().where(RoleInvitation.person_id == user.id, RoleInvitation.open)
    if not expired:
        query = query.where(RoleInvitation.expires_at > clock.utc_now())
    return list(db.session.scalars(query.order_by(RoleInvitation.id)))


def open_invitations(**place: int) -> list[RoleInvitation]:
    """Those that nobody has answered in an organisation or a programme (`organisation_id` or `programme_id`), newest first."""
    query = _invitations().filter_by(**place).where(RoleInvitation.open)
    return list(db.session.scalars(query.order_by(RoleInvitation.id.desc())))


def roles_of(user: User) -> tuple[list[Membership], list[Membership]]:
    """What somebody is, and what they were, with the places at hand."""
    query = (
        select(Membership)
        .where(Membership.user_id == user.id)
        .options(joinedload(Membership.organisation), joinedload(Membership.programme))
        .order_by(Membership.since.desc(), Membership.id.desc())
    )
    every = list(db.session.scalars(query))
    return [each for each in every if each.current], [each for each in every if not each.current]


def taken_by_themselves(programme_id: int) -> list[RoleInvitation]:
    """Roles in a programme that last, and that somebody who leads it gave to themselves: how they came by them. One query."""
    same = (Membership.user_id == RoleInvitation.person_id, Membership.role == RoleInvitation.role)
    lasts = exists().where(Membership.programme_id == programme_id, *same, Membership.current)
    query = _invitations().filter_by(answer=Answer.ACCEPTED, programme_id=programme_id).where(lasts)
    newest = {(each.person_id, each.role): each for each in db.session.scalars(query.order_by(RoleInvitation.id))}
    return [each for each in newest.values() if each.by_oneself]


def _invitations() -> Select[RoleInvitation]:
    """With people and places at hand, and nobody's roles."""
    people = (RoleInvitation.person, RoleInvitation.invited_by)
    places = (RoleInvitation.organisation, RoleInvitation.programme)
    return select(RoleInvitation).options(
        *(joinedload(each).lazyload(User.memberships) for each in people), *(joinedload(each) for each in places)
    )


def _programme_model() -> Any:
    return Membership.programme.property.mapper.class_


TEAM = Listing(
    "people",
    "People",
    (
        Column("Name", lambda row: row[0].name),
        Column("Roles", lambda row: ", ".join(ROLE_LABELS[each.role] for each in row[1])),
    ),
)
LED = Listing(
    "people",
    "People",
    (
        *TEAM.columns,
        Column("E-mail", lambda row: row[0].email),
        Column("Since", lambda row: min(each.since for each in row[1]), Kind.DAY),
        Column("Open", lambda row: row[0].active, Kind.YES_NO),
    ),
    reached=Reached(
        "people",
        lambda row: row[0].id if row[0].active else None,
        lambda row: row[1][0].programme_id,
        lambda row: row[1][0].organisation_id,
        key=lambda row: row[0].id,
        of_case=False,
    ),
)
