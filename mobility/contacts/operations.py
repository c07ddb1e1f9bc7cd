"""Choosing it: a host's coordinators for a theme, a programme's owners for the programme."""

from typing import Any

from mobility.audit.operations import record
from mobility.contacts import messages
from mobility.contacts.queries import NAMES, team
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.people.models import User
from mobility.themes.models import Theme

PERSON, ADDRESS, TEAM = "person", "address", "team"


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
    return {name: getattr(of, name) for name in NAMES}
