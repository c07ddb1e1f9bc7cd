"""Asking, answering, and what can come between. `by` is whoever acts: a `User`, the system, or somebody with a link."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import NotReady, Refusal
from mobility.exchanges.models import Exchange
from mobility.exchanges.rules import places_attended
from mobility.followup import messages, queries, rules
from mobility.followup.items import missing, to_send
from mobility.followup.models import Answer, AnswerDraft, Asking, Questionnaire, QuestionnaireRequest, QuestionnaireVersion
from mobility.followup.rules import Asked
from mobility.followup.standard import DELEGATE, GUEST, HOLDER, HOST, STANDARD
from mobility.followup.workflow import NOT_DELIVERED, WORKFLOW
from mobility.people.models import User
from mobility.people.parts import has_left
from mobility.people.queries import people_in, user_by_email
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from mobility.workflows.table import SYSTEM, By
from mobility.workflows.workflow import Actor

LEFT = "{name} no longer acts for {organisation}."


def furnish(programme: Programme) -> None:
    """Give a new programme its copy of the standard set."""
    for position, each in enumerate(STANDARD, 1):
        asked = Questionnaire(
            programme=programme,
            key=each.key,
            position=position,
            title=each.title,
            introduction=each.introduction,
            asked_of=each.asked_of,
            event=each.event,
            days=each.days,
            months=list(each.months),
            asks_from=programme.today,
        )
        db.session.add(asked)
        asked.versions.append(QuestionnaireVersion(number=1, stored=[item.stored() for item in each.items]))
    db.session.flush()


# Asking


def ask(one: queries.Due) -> int:
    """Ask what is due of all whom it concerns, and mail it; returns how many were asked.

    A row that is there once for each round makes it happen once: of two processes the slower gets an IntegrityError.
    """
    taken = queries.take(one)
    if taken is None:
        return 0
    questionnaire, subject = taken
    asking = Asking(questionnaire_id=questionnaire.id, round=one.round, asked_on=questionnaire.programme.today)
    about: dict[str, Any] = {"exchange" if isinstance(subject, Exchange) else "voucher": subject}
    for name, value in about.items():
        setattr(asking, f"{name}_id", value.id)
    db.session.add(asking)
    db.session.flush()
    return sum(_ask(questionnaire, asking, each, about) for each in _respondents(questionnaire.asked_of, subject))


def _ask(questionnaire: Questionnaire, asking: Asking, whom: Asked, about: Mapping[str, Any]) -> int:
    today = questionnaire.programme.today
    request = QuestionnaireRequest(
        programme=questionnaire.programme,
        questionnaire=questionnaire,
        asked_version=questionnaire.newest,
        asking=asking,
        place=whom.place,
        organisation_id=whom.organisation_id,
        respondent=whom.person,
        name=whom.name,
        email=whom.email,
        answer_by=rules.answer_by(today, questionnaire.days_to_answer),
        mailed_on=today,
        **about,
    )
    db.session.add(request)
    db.session.flush()
    WORKFLOW.enter(request, by=SYSTEM, acted_as=Actor.SYSTEM)
    if request.has_left:
        report_undelivered(request, by=SYSTEM)
    else:
        messages.asked(request)
    return 1


def _respondents(asked_of: str, subject: Any) -> Iterator[Asked]:
    """Whom a questionnaire about an exchange or a voucher is for: followup.md, "Ask once"."""
    if asked_of == GUEST:
        yield _person(subject.guest, subject.guest_organisation_id)
    elif asked_of == DELEGATE:
        yield from _delegates(subject)
    elif asked_of == HOLDER:
        yield _person(subject.holder, subject.holder_organisation_id)
    elif asked_of == HOST:
        yield from _one_of(subject.host_id, subject.confirmed_by, Role.COORDINATOR, Role.HOST)
    elif subject.provider_id:
        yield from _one_of(subject.provider_id, None, Role.PROVIDER, Role.COORDINATOR)


def _person(person: User, organisation_id: int) -> Asked:
    return Asked(organisation_id, person.name, person.email, person)


def _one_of(organisation_id: int, first: User | None, *roles: Role) -> Iterator[Asked]:
    """One speaks for the organisation: whoever has acted for it, else the first who has one of the roles, in their order."""
    if first is not None and not has_left(first, organisation_id):
        yield _person(first, organisation_id)
        return
    for role in roles:
        if people := people_in(organisation_id, role):
            yield _person(people[0], organisation_id)
            return


def _delegates(exchange: Exchange) -> Iterator[Asked]:
    for each in rules.delegates_to_ask(exchange.delegates, places_attended(exchange), exchange.guest.email):
        account = user_by_email(each.email)
        if account is None or account.active:
            yield Asked(exchange.guest_organisation_id, each.name, each.email, account, each.position)


# Answering


def save_draft(request: QuestionnaireRequest, answers: Mapping[str, Any]) -> None:
    """Keep what was typed, at any stage."""
    if request.draft is None:
        request.draft = AnswerDraft(answers=dict(answers))
    elif request.draft.answers != answers:
        request.draft.answers = dict(answers)
    db.session.flush()


def send(request: QuestionnaireRequest, *, by: By) -> None:
    """Send what the draft says: the last sending counts. Raises NotReady with all that is missing."""
    WORKFLOW.check("answer", request, by)
    items, lines = request.asked_version.items, queries.lines_of(request)
    typed = request.draft.answers if request.draft else {}
    if problems := missing(items, lines, typed):
        raise NotReady(problems)
    answers = to_send(items, typed)
    if request.answer is not None and request.answer.answers == answers:
        return  # the same click, twice
    WORKFLOW.apply("answer", request, by=by)
    request.answers.append(
        Answer(
            asked_version_id=request.asked_version_id,
            answers=answers,
            lines={"objectives": dict(lines.objectives), "take_overs": dict(lines.take_overs)},
            by_id=by.id,
            by_name=by.name,
            handed_over=request.link > 1,
        )
    )
    db.session.flush()


# What can come between


def ask_again(request: QuestionnaireRequest, *, by: By) -> None:
    """Mail it once more. What was not delivered has all the time again; the rest keeps its last day."""
    if request.state == NOT_DELIVERED:
        WORKFLOW.check("ask_again", request, by)
        if request.has_left:
            raise Refusal(f"{_left(request)} Their coordinator can hand it over to a colleague.")
        request.answer_by = _whole_time(request)
    WORKFLOW.apply("ask_again", request, by=by)
    _mail(request)


def hand_over(request: QuestionnaireRequest, *, by: By, colleague: User, note: str = "") -> None:
    """A colleague answers instead, under a link of their own and with all the time; what the other has typed stays theirs."""
    WORKFLOW.check("hand_over", request, by)
    if colleague not in request.colleagues:
        raise Refusal("Choose a colleague of your organisation.", "colleague")
    words = f"From {request.asked_name} to {colleague.name}."

    def change() -> None:
        request.answer_by = max(request.answer_by, _whole_time(request))
        request.respondent, request.name, request.email = colleague, colleague.name, colleague.email
        request.link += 1
        if request.draft is not None:
            db.session.delete(request.draft)
            request.draft = None

    WORKFLOW.apply("hand_over", request, by=by, note=f"{words} {note}".strip(), change=change)
    _mail(request)


def report_undelivered(request: QuestionnaireRequest, *, by: By, reason: str = "") -> None:
    """It did not reach whoever is asked: the coordinators of the organisation can hand it over."""
    note = reason or request.returned_mail or (_left(request) if request.has_left else "")
    WORKFLOW.apply("report_undelivered", request, by=by, note=note)
    messages.not_delivered(request)


def call_off(request: QuestionnaireRequest, *, by: By, reason: str = "The exchange does not take place.") -> None:
    WORKFLOW.apply("call_off", request, by=by, note=reason)


def miss(request: QuestionnaireRequest, *, by: By = SYSTEM) -> None:
    """The last day is over; what was typed and not sent is kept, but does not count."""
    WORKFLOW.apply("miss", request, by=by)


def _mail(request: QuestionnaireRequest) -> None:
    request.mailed_on, request.mailed_at = request.programme.today, clock.utc_now()
    db.session.flush()
    messages.asked(request)


def _whole_time(request: QuestionnaireRequest) -> date:
    return rules.answer_by(request.programme.today, request.questionnaire.days_to_answer)


def _left(request: QuestionnaireRequest) -> str:
    return LEFT.format(name=request.asked_name, organisation=request.organisation.name)
