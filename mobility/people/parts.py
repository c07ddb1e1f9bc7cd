"""The parts that recur: an organisation's coordinators and hosts, a programme's people. Pure."""

from collections.abc import Callable
from typing import Any

from mobility.people.roles import Role
from mobility.workflows.parts import Actor, Members, Only, Part, Person, Watch

OF_PROGRAMME = {
    Actor.OWNER: (Role.OWNER, "{name}"),
    Actor.ASSESSOR: (Role.ASSESSOR, "an assessor of {name}"),
    Actor.FINANCE_OFFICER: (Role.FINANCE_OFFICER, "finance at {name}"),
    Actor.AUDITOR: (Role.AUDITOR, "an auditor of {name}"),
}


def person(actor: Actor, path: str, watches: Watch | None = None) -> Part:
    """The one whom the subject names."""
    return Part(actor, Person(path), watches=watches)


def members(actor: Actor, path: str, *roles: Role, only: tuple[Only, ...] = (), watches: Watch | None = None) -> Part:
    """Those who have one of `roles` in an organisation."""
    return Part(actor, Members(path, "organisation", frozenset(roles)), only, watches)


def has_left(person: Any, organisation_id: int) -> bool:
    """Whose account is closed, or who has no role in the organisation any more, acts for it no longer."""
    return not person.active or not person.roles_in(organisation_id)


GOES_ON = "A coordinator there goes on."


def acts_still(who: str, organisation: str, then: str = GOES_ON) -> Callable[[Any, Any], str | None]:
    """A guard: the person whom the subject names binds an organisation only as long as they have a role in it.

    `then` says what is right instead.
    """

    def guard(subject: Any, by: Any) -> str | None:
        if by.id is None or by.id != getattr(subject, f"{who}_id") or by.roles_in(getattr(subject, f"{organisation}_id")):
            return None
        name = getattr(subject, organisation).name
        return f"You have no role in {name} any more, so you can read this, but not act for it. {then}"

    return guard


def host_side(path: str, only: tuple[Only, ...] = (), watches: Watch | None = None) -> tuple[Part, Part]:
    """The host's coordinators, for whom `watches` is, and its hosts: a coordinator is one of these, too."""
    return (
        members(Actor.HOST_COORDINATOR, path, Role.COORDINATOR, only=only, watches=watches),
        members(Actor.HOST, path, Role.HOST, Role.COORDINATOR, only=only),
    )


def programme_people(path: str, *actors: Actor, only: tuple[Only, ...] = (), watches: Watch | None = None) -> tuple[Part, ...]:
    """The people of a programme: all of them if no actor is named."""
    chosen = [(actor, *OF_PROGRAMME[actor]) for actor in actors or OF_PROGRAMME]
    return tuple(
        Part(actor, Members(path, "programme", frozenset({role})), only, watches, called) for actor, role, called in chosen
    )
