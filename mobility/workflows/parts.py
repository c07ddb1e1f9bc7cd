"""The parts people play towards a subject, declared once beside its workflow: whose column, or who is a member of what.

From this one declaration come the check (`actors_on`), the condition in SQL (workflows/visibility.py), the recipients of
reminders (notifications/recipients.py), the sources of the first page (tasks.py), and whom a subject waits for by name. Pure.

A *path* leads from a subject to a person or a place: "guest" is its relationship `guest` with the column `guest_id`,
"theme.host" the host of its theme.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any, Literal


class Actor(StrEnum):
    """The part a person plays towards one object. The same person may play several."""

    HOST_COORDINATOR = "host coordinator"
    HOST = "host"
    GUEST = "guest"
    GUEST_COORDINATOR = "guest coordinator"
    HOLDER = "holder"
    PROVIDER = "provider"
    OWNER = "programme owner"
    ASSESSOR = "assessor"
    FINANCE_OFFICER = "finance officer"
    AUDITOR = "auditor"
    RESPONDENT = "respondent"
    REVIEWER = "reviewer"
    COORDINATOR = "coordinator"
    MEMBER = "member"
    MENTOR = "mentor"
    MENTEE = "mentee"
    REQUESTER = "requester"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


@dataclass(frozen=True)
class Person:
    """The one person to whom `path` leads."""

    path: str

    def ids(self, person: Any) -> list[int]:
        """What stands in the column where it is this person."""
        return [person.id]


@dataclass(frozen=True)
class Members:
    """Those who have one of `roles` in the organisation or programme to which `path` leads."""

    path: str
    place: Literal["organisation", "programme"]
    roles: frozenset[str]

    def ids(self, person: Any) -> list[int]:
        """The places where this person has one of the roles."""
        found = person.organisation_ids if self.place == "organisation" else person.programme_ids
        return list(found(*sorted(self.roles)))


@dataclass(frozen=True)
class Administrators:
    """Those who run the installation: towards every subject, so no path leads to them."""

    path = ""

    def ids(self, person: Any) -> list[int]:
        """Something, if this person is one of them."""
        return [person.id] if person.is_administrator else []


@dataclass(frozen=True)
class Only:
    """A part is played only where the subject's `column` has one of `values`, or (`unless`) none of them."""

    column: str
    values: Callable[[], Collection[str]]
    unless: bool = False

    def holds(self, subject: Any) -> bool:
        return (getattr(subject, self.column) in self.values()) is not self.unless


def unless(*states: str) -> Only:
    """Not while the subject is in one of these states."""
    return Only("state", lambda: states, unless=True)


@dataclass(frozen=True)
class ActsFor:
    """The organisation to which `path` leads: the person whom a subject names acts for it, with a role there that lasts.

    Whoever has left keeps reading, and does what a table keeps for them (`kept` of a transition). In the states `own` the
    subject is still the person's alone. `words(subject, person, organisation)` say who goes on.
    """

    path: str
    words: Callable[[Any, Any, Any], str]
    own: frozenset[str] = frozenset()

    def holds(self, person: Any, subject: Any) -> bool:
        return subject.state in self.own or bool(person.roles_in(id_at(subject, self.path)))

    def refusal(self, person: Any, subject: Any) -> str:
        return self.words(subject, person, attrgetter(self.path)(subject))


@dataclass(frozen=True)
class Watch:
    """What stands on the first page of those who play a part: what waits under one of `promises` (None: under any), and what is
    in one of `states`."""

    promises: frozenset[str] | None = None
    states: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Part:
    """What makes somebody an actor; `only` where all these conditions hold.

    `watches` is what their first page shows; None: it shows nothing for this part's sake. `called` is how others read whom a
    subject waits for. `acts_for`: towards what one acts as long as one has a role in that organisation.
    """

    actor: Actor
    who: Person | Members | Administrators
    only: tuple[Only, ...] = ()
    watches: Watch | None = None
    called: str = "{name}"
    acts_for: ActsFor | None = None

    def acted_by(self, person: Any, subject: Any) -> bool:
        """Whoever plays it may still see; to act, one must not have left."""
        return self.played_by(person, subject) and (self.acts_for is None or self.acts_for.holds(person, subject))

    def played_by(self, person: Any, subject: Any) -> bool:
        if not all(condition.holds(subject) for condition in self.only):
            return False
        if isinstance(self.who, Administrators):
            return bool(self.who.ids(person))
        id = id_at(subject, self.who.path)
        if id is None and (isinstance(self.who, Members) or "." in self.who.path):
            return False  # it leads nowhere; a column that is empty fits whoever has no account
        if isinstance(self.who, Person):
            return bool(person.id == id)
        roles = person.roles_in(id) if self.who.place == "organisation" else person.roles_in_programme(id)
        return not self.who.roles.isdisjoint(roles)

    def name_on(self, subject: Any) -> str:
        if isinstance(self.who, Administrators):
            return self.called
        whom = attrgetter(self.who.path)(subject)
        return self.called.format(name=whom.name if whom else subject.asked_name)


def id_at(subject: Any, path: str) -> int | None:
    """The id of the person or place to which the path leads, without loading it; None where it leads nowhere."""
    if not path:
        return None
    way, _, last = path.rpartition(".")
    holder = attrgetter(way)(subject) if way else subject
    id: int | None = getattr(holder, f"{last}_id") if holder is not None else None
    return id


def actors_on(parts: Iterable[Part], person: Any, subject: Any) -> frozenset[Actor]:
    """The parts that a person plays towards a subject."""
    return frozenset(part.actor for part in parts if part.played_by(person, subject))


def acting_on(parts: Iterable[Part], person: Any, subject: Any) -> frozenset[Actor]:
    """Those of these parts in which the person may act now."""
    return frozenset(part.actor for part in parts if part.acted_by(person, subject))
