"""Who plays a part towards a subject, or towards many: what workflows declare (workflows/parts.py), read the other way round.

`Directory` needs four queries for any number of subjects, and one for administrators. Whoever has a part is found whatever state
the subject is in: if nobody else can be told that a draft is late, its programme's owner is. But nobody is found who has left
the organisation for which they acted: it would ask for what they may not do.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, lazyload, selectinload

from mobility.core.database import db
from mobility.people.models import Membership, User
from mobility.people.queries import administrators, people_in, people_in_programme
from mobility.people.roles import Role
from mobility.workflows.parts import Actor, ActsFor, Administrators, Members, Part, Person, id_at

Pair = tuple[int | None, int | None]


@dataclass(frozen=True)
class Recipient:
    """A person (or an addressee without an account), and since when they have the part; None: from the beginning."""

    person: Any
    since: date | None = None


def playing(subject: Any, *actors: Actor) -> list[User]:
    """The people who play one of these parts towards a subject, in the actors' order; members are active, and go by name.

    In place of whoever has left an organisation, its coordinators are told, who can go on.
    """
    found = (person for actor in actors for part in _parts(subject, {actor}) for person in _people(subject, part))
    return list(dict.fromkeys(found))


def _people(subject: Any, part: Part) -> list[User]:
    who = part.who
    if isinstance(who, Administrators):
        return administrators()
    if isinstance(who, Person):
        person = attrgetter(who.path)(subject)
        if part.acts_for is None or (person.active and part.acts_for.holds(person, subject)):
            return [person]
        return people_in(id_at(subject, part.acts_for.path) or 0, Role.COORDINATOR) or [person]
    id = id_at(subject, who.path)
    if id is None:
        return []
    return (people_in if who.place == "organisation" else people_in_programme)(id, *sorted(who.roles))


class Directory:
    """The active people who play any of `actors` towards any of `subjects`; `with_roles`: guards will ask for their roles."""

    def __init__(self, subjects: Iterable[Any], actors: Iterable[Actor], *, with_roles: bool = False) -> None:
        actors, load = set(actors), with_parts if with_roles else without_parts
        wanted = {(part.who, id_at(each, part.who.path)) for each in subjects for part in _parts(each, actors)}
        wanted |= {_leading(part.acts_for, each) for each in subjects for part in _parts(each, actors) if part.acts_for}
        self._people = {each.id: Recipient(each) for each in _active((id for who, id in wanted if isinstance(who, Person)), load)}
        running = any(isinstance(who, Administrators) for who, _ in wanted)
        self._administrators = _administrators(load) if running else []
        self._there = _in_their_organisations(_acting_for(subjects, actors))
        self._members = {
            "organisation": _members(Membership.organisation_id, "organisation", wanted, load),
            "programme": _members(Membership.programme_id, "programme", wanted, load),
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

    def instead(self, subject: Any, actors: Iterable[Actor]) -> list[Recipient]:
        """The coordinators of the organisation that whoever plays one of these parts has left: they can go on."""
        left = [part for part in _parts(subject, set(actors)) if not self._acts(part, subject)]
        found = [each for part in left if part.acts_for for each in self._found(*_leading(part.acts_for, subject))]
        return list({each.person.id: each for each in found}.values())

    def _playing(self, subject: Any, actor: Actor) -> list[Recipient]:
        return [
            found
            for part in _parts(subject, {actor})
            if self._acts(part, subject)
            for found in self._found(part.who, id_at(subject, part.who.path))
        ]

    def _acts(self, part: Part, subject: Any) -> bool:
        """Whoever has left does not."""
        return part.acts_for is None or subject.state in part.acts_for.own or _pair(part, part.acts_for, subject) in self._there

    def _found(self, who: Person | Members | Administrators, id: int | None) -> list[Recipient]:
        if isinstance(who, Administrators):
            return self._administrators
        if isinstance(who, Person):
            return [self._people[id]] if id in self._people else []
        members = self._members[who.place].get(id, [])
        return [Recipient(member.user, member.since) for member in members if member.role in who.roles]


def with_parts() -> list[Any]:
    """What tells whether somebody has a part in a case."""
    return [selectinload(User.memberships)]


def without_parts() -> list[Any]:
    return [lazyload(User.memberships)]


def _parts(subject: Any, actors: Container[Actor]) -> Iterator[Part]:
    """The parts towards this kind of subject: an actor that has none there is nobody."""
    known = (part for part in subject.workflow.parts if part.actor in actors)
    return (part for part in known if isinstance(part.who, Administrators) or id_at(subject, part.who.path) is not None)


def _pair(part: Part, acts_for: ActsFor, subject: Any) -> Pair:
    """The person whom a subject names, and the organisation for which they act."""
    return id_at(subject, part.who.path), id_at(subject, acts_for.path)


def _leading(acts_for: ActsFor, subject: Any) -> tuple[Members, int | None]:
    return Members(acts_for.path, "organisation", frozenset({Role.COORDINATOR})), id_at(subject, acts_for.path)


def _acting_for(subjects: Iterable[Any], actors: Container[Actor]) -> set[Pair]:
    return {_pair(part, part.acts_for, each) for each in subjects for part in _parts(each, actors) if part.acts_for}


def _in_their_organisations(pairs: set[Pair]) -> set[Pair]:
    """Those of these people who have a role in these organisations, and have not closed their account."""
    if not pairs:
        return set()
    people, places = ({pair[side] for pair in pairs} for side in (0, 1))
    who = (Membership.user_id, Membership.organisation_id)
    query = select(*who).join(Membership.user).where(User.active, Membership.current)
    rows = db.session.execute(query.where(who[0].in_(people), who[1].in_(places)))
    return {(person, place) for person, place in rows}


def _active(ids: Iterable[int | None], load: Any) -> Iterable[User]:
    wanted = set(ids) - {None}
    query = select(User).where(User.active, User.id.in_(wanted)).options(*load())
    return db.session.scalars(query) if wanted else ()


def _administrators(load: Any) -> list[Recipient]:
    query = select(User).where(User.active, User.is_administrator).options(*load()).order_by(User.name, User.id)
    return [Recipient(each) for each in db.session.scalars(query)]


def _members(
    column: Any, place: str, wanted: Iterable[tuple[Person | Members | Administrators, int | None]], load: Any
) -> dict[int | None, list[Membership]]:
    """By the id of the place: those with one of the wanted roles in one of the wanted places."""
    chosen = [(who, id) for who, id in wanted if isinstance(who, Members) and who.place == place and id is not None]
    if not chosen:
        return {}
    ids, roles = {id for _, id in chosen}, {role for who, _ in chosen for role in who.roles}
    query = (
        select(Membership)
        .join(Membership.user)
        .where(User.active, Membership.current, column.in_(ids), Membership.role.in_(roles))
        .options(contains_eager(Membership.user).options(*load()))
        .order_by(User.name, User.id)
    )
    found: dict[int | None, list[Membership]] = {}
    for member in db.session.scalars(query):
        found.setdefault(getattr(member, column.key), []).append(member)
    return found
