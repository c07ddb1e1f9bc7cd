"""The mails about questionnaires, each with a personal link, which works without a password. Reminders: mobility/reminders.py."""

from typing import Any
from urllib.parse import urlencode

from mobility.core.links import path_of
from mobility.followup import queries
from mobility.followup.models import QuestionnaireRequest
from mobility.followup.workflow import PROMISE
from mobility.notifications.operations import post, row, store
from mobility.notifications.rendering import Letter, write
from mobility.people.queries import people_in
from mobility.people.roles import Role
from mobility.questionnaires.standard import CONFIRMED_ITEM

MAIL = "questionnaire"


def asked(request: QuestionnaireRequest) -> None:
    """To whoever is asked, with their link. The mail of a claim's report hangs on no promise: what is promised is the claim."""
    person = request.addressee
    letter = _letter(request, person)
    occasion = f"{request.subject_type}:{request.id}:{request.link}:{request.mailed_on}"
    promise = None if request.report_of else PROMISE
    store([row(MAIL, person, letter, occasion, about=request, promise=promise, due_on=request.answer_by)])


def not_delivered(request: QuestionnaireRequest) -> None:
    """To the coordinators of the organisation: somebody else may answer."""
    coordinators = [each for each in people_in(request.organisation_id, Role.COORDINATOR) if each is not request.respondent]
    claim = request.report_of_id
    path = path_of("vouchers.show", id=claim) if claim else path_of("followups.hand_over", id=request.id)
    post("questionnaire_undelivered", coordinators, about=request, path=path, request=request)


def _letter(request: QuestionnaireRequest, person: Any) -> Letter:
    """With one link; to the guest's manager with three, the buttons for the first take-over."""
    given: dict[str, Any] = {"person": person, "about": request, "request": request, **_words(request)}
    lines, options = queries.lines_of(request).take_overs, request.options_of(CONFIRMED_ITEM)
    link = request.own_link(person)
    if not (request.is_for_manager and lines and options):
        return write("questionnaire", link=link, **given)
    buttons = [(each.label, f"{link}?{urlencode({'said': each.key})}") for each in options]
    return write("manager_asked", buttons=buttons, what=next(iter(lines.values())), more=len(lines) - 1, **given)


def _words(request: QuestionnaireRequest) -> dict[str, Any]:
    return {"theme": request.theme, "programme": request.programme}
