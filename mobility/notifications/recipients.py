"""Who plays a part towards many subjects: the same parts as `actors_on` of the workflows, read the other way round.

Three queries for any number of subjects. A part is a place where people have roles, or one person.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, lazyload

from mobility.core.database import db
from mobility.core.workflow import Actor
from mobility.people.models import Membership, User
from mobility.people.roles import Role


@dataclass(frozen=True)
class Place:
    """Those who have one of `roles` there."""

    where: str
    id: int | None
    roles: frozenset[str]


@dataclass(frozen=True)
class Recipient:
    """A person, and since when they have the part; None: they had it from the beginning."""

    person: User
    since: date | None = None


def _host(subject: Any) -> int | None:
    return subject.host_id if hasattr(subject, "host_id") else subject.theme.host_id


def _guest_organisation(subject: Any) -> int | None:
    holder = getattr(subject, "holder_organisation_id", None)
    return holder if holder is not None else subject.guest_organisation_id


def _programme(subject: Any) -> int:
    return subject.programme.id


def _place(where: str, id_of: Callable[[Any], int | None], *roles: str) -> Callable[[Any], Place]:
    return lambda subject: Place(where, id_of(subject), frozenset(roles))


PLACES: Mapping[Actor, Callable[[Any], Place]] = {
    Actor.HOST_COORDINATOR: _place("organisation", _host, Role.COORDINATOR),
    Actor.HOST: _place("organisation", _host, Role.HOST, Role.COORDINATOR),
    Actor.GUEST_COORDINATOR: _place("organisation", _guest_organisation, Role.COORDINATOR),
    Actor.PROVIDER: _place("organisation", lambda subject: subject.provider_id, Role.PROVIDER, Role.COORDINATOR),
    Actor.OWNER: _place("programme", _programme, Role.OWNER),
    Actor.ASSESSOR: _place("programme", _programme, Role.ASSESSOR),
    Actor.FINANCE_OFFICER: _place("programme", _programme, Role.FINANCE_OFFICER),
    Actor.AUDITOR: _place("programme", _programme, Role.AUDITOR),
}
PERSONS: Mapping[Actor, str] = {Actor.GUEST: "guest_id", Actor.HOLDER: "holder_id"}


class Directory:
    """The active people who play any of `actors` towards any of `subjects`."""

    def __init__(self, subjects: Iterable[Any], actors: Iterable[Actor]) -> None:
        subjects, actors = list(subjects), set(actors)
        places = {PLACES[actor](each) for actor in actors & PLACES.keys() for each in subjects}
        people = {getattr(each, PERSONS[actor]) for actor in actors & PERSONS.keys() for each in subjects}
        self._people = {each.id: Recipient(each) for each in _active(people)}
        self._members = {
            "organisation": _members(Membership.organisation_id, places, "organisation"),
            "programme": _members(Membership.programme_id, places, "programme"),
        }

    def of(self, subject: Any, actors: Iterable[Actor]) -> list[Recipient]:
        """Each person once, with the earliest day from which one of the parts was theirs, in the actors' order."""
        found: dict[int, Recipient] = {}
        for actor in actors:
            for each in self._playing(subject, actor):
                known = found.get(each.person.id)
                if known is None or (known.since and (each.since is None or each.since < known.since)):
                    found[each.person.id] = each
        return list(found.values())

    def _playing(self, subject: Any, actor: Actor) -> list[Recipient]:
        if actor in PERSONS:
            person = self._people.get(getattr(subject, PERSONS[actor]))
            return [person] if person else []
        place = PLACES[actor](subject)
        members = self._members[place.where].get(place.id, [])
        return [Recipient(member.user, member.since) for member in members if member.role in place.roles]


def _active(ids: Iterable[int]) -> Iterable[User]:
    wanted = set(ids)
    query = select(User).where(User.active, User.id.in_(wanted)).options(lazyload(User.memberships))
    return db.session.scalars(query) if wanted else ()


def _members(column: Any, places: Iterable[Place], where: str) -> dict[int | None, list[Membership]]:
    wanted = [place for place in places if place.where == where and place.id is not None]
    if not wanted:
        return {}
    roles = frozenset().union(*(place.roles for place in wanted))
    query = (
        select(Membership)
        .join(Membership.user)
        .where(User.active, column.in_({place.id for place in wanted}), Membership.role.in_(roles))
        .options(contains_eager(Membership.user).lazyload(User.memberships))
        .order_by(User.name, User.id)
    )
    found: dict[int | None, list[Membership]] = {}
    for member in db.session.scalars(query):
        found.setdefault(getattr(member, column.key), []).append(member)
    return found
