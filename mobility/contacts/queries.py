"""Whom to turn to about a theme or a programme, as a reader sees it."""

from dataclasses import dataclass
from typing import Any

from mobility.people.models import User
from mobility.people.queries import people_in, people_in_programme
from mobility.people.roles import Role
from mobility.themes.models import Theme

NAMES = ("contact_id", "contact_role", "contact_address", "contact_shown", "contact_public")
AT_HOST = (Role.COORDINATOR, Role.HOST)


@dataclass(frozen=True)
class Shown:
    """`names` are people, or one role; `address` what the reader may see of it. `stands_in`: whom was chosen has left."""

    names: tuple[str, ...]
    address: str = ""
    stands_in: bool = False


def team(of: Any) -> list[User]:
    """Those who can be chosen."""
    return people_in(of.host_id, *AT_HOST) if isinstance(of, Theme) else people_in_programme(of.id, Role.OWNER, Role.ASSESSOR)


def shown(of: Any, reader: Any) -> Shown | None:
    """What a reader sees; nothing of it in pages for everybody unless it was chosen so."""
    signed_in = reader.is_authenticated
    if not (signed_in or of.contact_public):
        return None
    if of.contact_address:
        return Shown((of.contact_role,), of.contact_address)
    chosen = _chosen(of)
    if chosen is not None:
        return Shown((chosen.name,), chosen.email if of.contact_shown else "")
    return Shown(tuple(each.name for each in _others(of)), stands_in=of.contact_id is not None) if signed_in else None


def _chosen(of: Any) -> User | None:
    """The person, as long as they are there."""
    person = of.contact if of.contact_id else None
    if person is None or not person.active:
        return None
    roles = person.roles_in(of.host_id) & set(AT_HOST) if isinstance(of, Theme) else person.roles_in_programme(of.id)
    return person if roles else None


def _others(of: Any) -> list[User]:
    if isinstance(of, Theme):
        return people_in(of.host_id, Role.COORDINATOR)
    return people_in_programme(of.id, Role.OWNER)
