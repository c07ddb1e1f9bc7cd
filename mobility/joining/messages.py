"""The mails of registering and joining."""

from typing import Any

from mobility.core.links import path_of
from mobility.joining import queries
from mobility.joining.goals import Goal
from mobility.joining.models import JoinRequest
from mobility.joining.rules import LINK_LASTS
from mobility.joining.workflow import ASKED
from mobility.notifications.operations import Addressee, post
from mobility.notifications.recipients import playing
from mobility.people.models import User
from mobility.people.queries import administrators
from mobility.people.roles import Role
from mobility.workflows.table import By
from mobility.workflows.workflow import Actor

TRAVELLING = (Role.GUEST, Role.COORDINATOR)  # for whom a theme is there to apply to
HOURS = int(LINK_LASTS.total_seconds() // 3600)


def confirm(nobody: Addressee, link: str, goal: Goal | None) -> None:
    """Somebody without an account shows by the link that the address is theirs."""
    post("registration", [nobody], about=None, path="", link=link, hours=HOURS, goal=goal)


def known(user: User, goal: Goal | None) -> None:
    """Somebody has an account already; nobody else learns that."""
    path = path_of("accounts.sign_in", next=goal.path) if goal else path_of("accounts.sign_in")
    post("registration_known", [user], about=None, path=path)


def closed(nobody: Addressee) -> None:
    post("registration_closed", [nobody], about=None, path=path_of("accounts.sign_in"))


def asked(request: JoinRequest) -> None:
    """To whoever decides."""
    _post("join_asked", request, *deciders(request))


def merged(request: JoinRequest, note: str) -> None:
    _post("join_merged", request, request.person, note=note)


def question(request: JoinRequest, by: By, question: str) -> None:
    _post("join_question", request, request.person, by=by, question=question)


def answered(request: JoinRequest, answer: str) -> None:
    _post("join_answered", request, *deciders(request), answer=answer)


def accepted(request: JoinRequest, note: str) -> None:
    """It leads back to what somebody came for, if the role lets them go on with it."""
    goal = queries.came_for(request) if request.role in TRAVELLING else None
    if goal and goal.host_id == request.organisation_id:
        goal = None
    path = goal.path if goal else _path(request)
    post("join_accepted", [request.person], about=request, path=path, joining=request, goal=goal, note=note)


def declined(request: JoinRequest, reason: str) -> None:
    _post("join_declined", request, request.person, reason=reason)


def withdrawn(request: JoinRequest) -> None:
    _post("join_withdrawn", request, *deciders(request))


def lapsed(request: JoinRequest) -> None:
    _post("join_lapsed", request, request.person)


def deciders(request: JoinRequest) -> list[User]:
    """The coordinators, or whoever checks; never whoever asks."""
    coordinators = playing(request, Actor.COORDINATOR)
    found = coordinators or playing(request, Actor.OWNER) or administrators()
    return [each for each in found if each.id != request.person_id]


def _post(kind: str, request: JoinRequest, *to: Any, **context: Any) -> None:
    post(kind, to, about=request, path=_path(request), joining=request, with_organisation=request.state == ASKED, **context)


def _path(request: JoinRequest) -> str:
    return path_of("joinings.show", id=request.id)
