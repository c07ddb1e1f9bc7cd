"""The parts that recur: an organisation's coordinators and hosts, a programme's people. Pure."""

from typing import Any

from mobility.core.clock import day_of
from mobility.core.wording import either, format_day
from mobility.people.roles import Role
from mobility.workflows.parts import Actor, ActsFor, Administrators, Members, Only, Part, Person, Watch

MOST_NAMED = 3
OF_PROGRAMME = {
    Actor.OWNER: (Role.OWNER, "{name}"),
    Actor.ASSESSOR: (Role.ASSESSOR, "an assessor of {name}"),
    Actor.FINANCE_OFFICER: (Role.FINANCE_OFFICER, "finance at {name}"),
    Actor.AUDITOR: (Role.AUDITOR, "an auditor of {name}"),
}


def person(actor: Actor, path: str, watches: Watch | None = None, acts_for: ActsFor | None = None) -> Part:
    """The one whom the subject names."""
    return Part(actor, Person(path), watches=watches, acts_for=acts_for)


def members(actor: Actor, path: str, *roles: Role, only: tuple[Only, ...] = (), watches: Watch | None = None) -> Part:
    """Those who have one of `roles` in an organisation."""
    return Part(actor, Members(path, "organisation", frozenset(roles)), only, watches)


def administrators(watches: Watch | None = None) -> Part:
    """Those who run the installation."""
    return Part(Actor.ADMINISTRATOR, Administrators(), watches=watches, called="the administrator")


def has_left(person: Any, organisation_id: int) -> bool:
    """Whose account is closed, or who has no role in the organisation any more, acts for it no longer."""
    return not person.active or not person.roles_in(organisation_id)


def acts_for(organisation: str, *, then: str = "", own: frozenset[str] = frozenset()) -> ActsFor:
    """Whom the subject names binds an organisation only as long as they have a role in it. `then` says what is right instead,
    where no colleague can go on."""

    def words(subject: Any, person: Any, place: Any) -> str:
        return has_ended(person, place, subject.timezone, then)

    return ActsFor(organisation, words, own)


def has_ended(person: Any, organisation: Any, timezone: str, then: str = "") -> str:
    """Why somebody who has left acts for an organisation no longer, and who goes on."""
    return f"{_ended(person, organisation, timezone)} {then or _goes_on(person, organisation)}"


def _ended(person: Any, organisation: Any, timezone: str) -> str:
    ends = [each.until for each in person.ever_in({organisation.id}) if each.until]
    if not ends:
        return f"You have no role in {organisation.name}."
    return f"Your role in {organisation.name} ended on {format_day(day_of(max(ends), timezone))}."


def _goes_on(person: Any, organisation: Any) -> str:
    able = sorted(each.name for each in organisation.coordinators() if each.id != person.id)
    if able:
        return f"A colleague there can go on: {either(able[:MOST_NAMED])}."
    return "A coordinator there could go on, but there is none now: an administrator can invite one."


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
