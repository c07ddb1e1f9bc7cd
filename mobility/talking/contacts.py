"""Whom to turn to about a theme or a programme: chosen by a host's coordinators, or a programme's owners."""

from dataclasses import dataclass
from typing import Any

from mobility.audit.operations import record
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.people.models import User
from mobility.people.queries import people_in, people_in_programme
from mobility.people.roles import Role
from mobility.talking import messages
from mobility.themes.models import Theme

PERSON, ADDRESS, TEAM = "person", "address", "team"
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


def choose(
    of: Any,
    *,
    by: User,
    kind: str,
    person: int | None = None,
    role: str = "",
    address: str = "",
    shown: bool = False,
    public: bool = False,
) -> None:
    """Raises Refusal at the field of what cannot be."""
    before = _now(of)
    chosen = next((each for each in team(of) if each.id == person), None)
    if kind == PERSON and chosen is None:
        raise Refusal("Choose somebody from the list.", "person")
    if kind == ADDRESS and not (role and address):
        raise Refusal("Enter what it is called and its address.", "address" if role else "role")
    of.contact_id = chosen.id if kind == PERSON and chosen else None
    of.contact_role, of.contact_address = (role, address) if kind == ADDRESS else ("", "")
    of.contact_shown, of.contact_public = kind == PERSON and shown, kind != TEAM and public
    if _now(of) == before:
        return
    db.session.flush()
    _tell(of, by, chosen if kind == PERSON else None, before)


def _tell(of: Any, by: User, chosen: User | None, before: dict[str, Any]) -> None:
    name = of.title if isinstance(of, Theme) else of.name
    programme_id = of.programme_id if isinstance(of, Theme) else of.id
    record("contact_changed", by=by, about=name, programme_id=programme_id, before=before, after=_now(of))
    if chosen is not None and chosen.id not in (by.id, before["contact_id"]):
        messages.contact_named(of, chosen, by, name)


def _now(of: Any) -> dict[str, Any]:
    names = ("contact_id", "contact_role", "contact_address", "contact_shown", "contact_public")
    return {name: getattr(of, name) for name in names}
