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


def application_lapsed(application: Application, late: str, due_on: date | None) -> None:
    """To both sides, each with what they can do now. `late` says what did not happen in time."""
    to = [application.guest, *host_coordinators(application)]
    _post("application_lapsed", to, application, late=late, was_due_on=due_on)


def place_offered(application: Application) -> None:
    """To the first in the queue: take the place by."""
    _post("place_offered", [application.guest], application)


def offer_lapsed(application: Application, due_on: date | None) -> None:
    """To the guest who did not take the place; the host had not heard of it."""
    _post("offer_lapsed", [application.guest], application, was_due_on=due_on)


def waiting_ended(application: Application) -> None:
    """To whoever waited in vain: where else to look."""
    _post("waiting_ended", [application.guest], application)


def last_place_gone(application: Application) -> None:
    """To whoever had applied, at once: what became of it, and what they can do."""
    _post("last_place_gone", [application.guest], application)


def place_free_again(application: Application) -> None:
    """To those who had been told that the last place went."""
    _post("place_free_again", [application.guest], application)


def host_coordinators(application: Application) -> list[User]:
    return playing(application, Actor.HOST_COORDINATOR)


def _post(kind: str, to: list[User], application: Application, **context: Any) -> None:
    path = path_of("applications.show", id=application.id)
    post(kind, to, about=application, path=path, application=application, **context)
