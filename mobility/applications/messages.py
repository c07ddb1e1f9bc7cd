"""The mails about an application: one function and one folder of templates/mail for each."""

from datetime import date
from typing import Any

from mobility.applications.models import Application, FirstContact
from mobility.applications.rules import CONTACT_KINDS
from mobility.core.links import path_of
from mobility.notifications.operations import post
from mobility.notifications.recipients import playing
from mobility.people.models import User
from mobility.workflows.workflow import Actor


def application_submitted(application: Application) -> None:
    """To the host's coordinators: answer by."""
    _post("application_submitted", host_coordinators(application), application)


def contact_recorded(application: Application, contact: FirstContact, by: User) -> None:
    """To the other side: somebody says that you talked."""
    by_host = Actor.HOST in application.workflow.actors_on(by, application)
    to = [application.guest] if by_host else host_coordinators(application)
    kind = CONTACT_KINDS[contact.kind].lower()
    _post("application_contact_recorded", to, application, contact=contact, contact_kind=kind, by=by)


def application_accepted(application: Application, note: str) -> None:
    """To the guest: confirm by."""
    _post("application_accepted", [application.guest], application, note=note)


def acceptance_taken_back(application: Application, reason: str) -> None:
    """To the guest, who had been asked to confirm."""
    _post("acceptance_taken_back", [application.guest], application, reason=reason)


def application_declined(application: Application, reason: str) -> None:
    _post("application_declined", [application.guest], application, reason=reason)


def application_withdrawn(application: Application, reason: str) -> None:
    _post("application_withdrawn", host_coordinators(application), application, reason=reason)


def application_lapsed(application: Application, waited_for_host: bool, due_on: date | None) -> None:
    """To both sides, each with what they can do now."""
    to = [application.guest, *host_coordinators(application)]
    _post("application_lapsed", to, application, waited_for_host=waited_for_host, was_due_on=due_on)


def host_coordinators(application: Application) -> list[User]:
    return playing(application, Actor.HOST_COORDINATOR)


def _post(kind: str, to: list[User], application: Application, **context: Any) -> None:
    path = path_of("applications.show", id=application.id)
    post(kind, to, about=application, path=path, application=application, **context)
