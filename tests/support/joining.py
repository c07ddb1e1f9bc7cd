"""Requests to join, on their way."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from mobility.core.database import db
from mobility.joining import operations
from mobility.joining.models import JoinRequest
from mobility.notifications.models import OutboxMessage
from mobility.people.models import Organisation, User
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from tests.support.factories import make_member, make_organisation, make_programme, make_user

NEW = {
    "name": "Donau Holz Cluster",
    "kind": "cluster_organisation",
    "country": "AT",
    "city": "Linz",
    "website": "https://www.donauholz.at",
    "words": "I manage it.",
}


@dataclass
class Case:
    """A request, and everybody around it."""

    request: JoinRequest
    person: User
    coordinator: User
    owner: User
    administrator: User
    organisation: Organisation
    programme: Programme


def make_joining(*, new: bool = False, role: str = Role.GUEST, first: str = "Mur Cluster", **said: Any) -> Case:
    """Ana asks to join Mur Cluster, or (`new`) to have a new one checked by a programme's owners."""
    organisation, programme = make_organisation(name=first), make_programme()
    case = {
        "person": make_user(name="Ana Zupan"),
        "coordinator": make_member(organisation, Role.COORDINATOR),
        "owner": make_member(programme, Role.OWNER),
        "administrator": make_user(is_administrator=True),
    }
    if new:
        request = operations.ask_for_new(case["person"], programme=programme, **NEW | said)
    else:
        request = operations.ask(case["person"], organisation=organisation, role=role, words="", **said)
    db.session.commit()
    return Case(request, **case, organisation=organisation, programme=programme)


def mails() -> list[tuple[str, str]]:
    """(kind, address) of all that was written about joining and registering, in order."""
    kinds = OutboxMessage.kind.startswith("join_") | OutboxMessage.kind.startswith("registration")
    rows = db.session.execute(select(OutboxMessage.kind, OutboxMessage.address).where(kinds).order_by(OutboxMessage.id))
    return [(kind, address) for kind, address in rows]
