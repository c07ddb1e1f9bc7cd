"""Asking, answering, and what can come between. `by` is whoever acts: a `User`, the system, or somebody with a link."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import update

from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import NotReady, Problem, Refusal
from mobility.exchanges import operations as exchanges
from mobility.exchanges.models import Exchange
from mobility.exchanges.rules import manager_of, places_attended
from mobility.exchanges.states import CANCELLED
from mobility.followup import ends, messages, queries, rules
from mobility.followup.models import Answer, AnswerDraft, Asking, QuestionnaireRequest
from mobility.followup.rules import Asked
from mobility.followup.workflow import CALLED_OFF, MISSED, NOT_DELIVERED, OPEN, WORKFLOW
from mobility.keyfigures import operations as keyfigures
from mobility.people.models import User
from mobility.people.parts import has_left
from mobility.people.queries import people_in, user_by_email
from mobility.people.roles import Role
from mobility.questionnaires.items import (
    PREFIX,
    missing,
    to_send,
    without_seen,
)
from mobility.questionnaires.standard import (
    CONFIRMED_ITEM,
    DELEGATE,
    END_GUEST,
    GUEST,
    HOLDER,
    HOST,
    MANAGER,
    STATES_ITEM,
    TAKE_OVERS_ITEM,
)
from mobility.takeovers import operations as take_overs
from mobility.takeovers import queries as takeovers
from mobility.takeovers.rules import Move
from mobility.vouchers.models import Voucher
from mobility.workflows.table import SYSTEM, By, Done
from mobility.workflows.workflow import Actor

MEANWHILE = "On the board it has become “{state}” since you began to answer. Choose again."
NO_EXCHANGE = "The exchange does not take place."
ALL_DROPPED = "All that was to be confirmed has been dropped."
DROPPED_MEANWHILE = "“{what}” has been dropped since you opened this page, so there is nothing to say about it any more."
LEFT = "{name} no longer acts for {organisation}."


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
    db.session.add(asking)
    about: dict[str, Any] = {"exchange" if isinstance(subject, Exchange) else "voucher": subject}
    for name, value in about.items():
        setattr(asking, f"{name}_id", value.id)
    if claim := ends.open_claim_of(subject) if questionnaire.key == END_GUEST else None:
        return _ask(ends.report_as_asked(questionnaire, claim), asking)
    whom = _respondents(questionnaire.asked_of, subject)
    return sum(_ask(ends.as_asked(questionnaire, each, **about), asking) for each in whom)


def _ask(asked: QuestionnaireRequest, asking: Asking) -> int:
    asked.mailed_on = asked.programme.today
    _enter(asked, asking)
    if asked.has_left:
        report_undelivered(asked, by=SYSTEM)
    else:
        messages.asked(asked)
    return 1


def _enter(asked: QuestionnaireRequest, asking: Asking) -> None:
    asked.asking = asking
    db.session.add_all([asking, asked])
    db.session.flush()
    WORKFLOW.enter(asked, by=SYSTEM, acted_as=Actor.SYSTEM)


def _respondents(asked_of: str, subject: Any) -> Iterator[Asked]:
    """Whom a questionnaire about an exchange or a voucher is for: followup.md, "Ask once"."""
    if asked_of == GUEST:
        yield _person(subject.guest, subject.guest_organisation_id)
    elif asked_of == DELEGATE:
        yield from _delegates(subject)
    elif asked_of == HOLDER:
        yield _person(subject.holder, subject.holder_organisation_id)
    elif asked_of == MANAGER:
        yield from _manager(subject)
    elif asked_of == HOST:
        yield from _one_of(subject.host_id, subject.confirmed_by, Role.COORDINATOR, Role.HOST)
    elif subject.provider_id:
        yield from _one_of(subject.provider_id, None, Role.PROVIDER, Role.COORDINATOR)


def _person(person: User, organisation_id: int) -> Asked:
    return Asked(organisation_id, person.name, person.email, person)


def _manager(exchange: Exchange) -> Iterator[Asked]:
    """By name and address: a manager needs no account, nor a role in the organisation."""
    if named := manager_of(exchange):
        yield Asked(exchange.guest_organisation_id, *named)


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


def save_draft(asked: QuestionnaireRequest, answers: Mapping[str, Any]) -> None:
    """Keep what was typed, at any stage. The report of a claim that was not asked yet is asked by its first words."""
    if answers == asked.known:
        return
    _ask_with_claim(asked)
    if asked.draft is None:
        asked.draft = AnswerDraft(answers=dict(answers))
    else:
        asked.draft.answers = dict(answers)
    db.session.flush()


def _ask_with_claim(asked: QuestionnaireRequest) -> None:
    """Nobody is mailed about what they are at already, and the round counts as asked."""
    if asked.id is None and asked.exchange is not None:
        questionnaire = asked.questionnaire
        of = {"questionnaire_id": questionnaire.id, "round": questionnaire.rounds[0], "exchange_id": asked.exchange.id}
        _enter(asked, Asking(**of, asked_on=asked.programme.today))


def lacks(asked: QuestionnaireRequest) -> list[Problem]:
    """All that must be answered before it can be sent, and is not."""
    return missing(asked.asked_version.items, queries.lines_of(asked), asked.known)


def send(asked: QuestionnaireRequest, *, by: By) -> None:
    """Send what the draft says, by its own page or with the claim: the last sending counts. Raises NotReady with all it lacks."""
    _ask_with_claim(asked)
    WORKFLOW.check("answer", asked, by)
    typed = asked.known
    if problems := [*lacks(asked), *_moved_meanwhile(asked, typed)]:
        raise NotReady(problems)
    items, lines = asked.asked_version.items, queries.lines_of(asked)
    answers = to_send(items, lines, typed)
    if asked.answer is not None and asked.answer.answers == answers:
        return  # the same click, twice
    done = WORKFLOW.apply("answer", asked, by=by)
    asked.answers.append(
        Answer(
            asked_version_id=asked.asked_version_id,
            answers=answers,
            lines=lines.stored(),
            by_id=by.id,
            by_name=by.name,
            handed_over=asked.link > 1,
        )
    )
    if asked.exchange is not None:
        _carry(asked, asked.exchange, answers, rules.moves(typed), done)
    figures = rules.key_figures(items, answers)
    if figures is not None:
        keyfigures.record_from_answer(asked.subject, figures, request_id=asked.id, on=asked.programme.today, through=done)
    db.session.flush()


def _moved_meanwhile(asked: QuestionnaireRequest, typed: Mapping[str, Any]) -> list[Problem]:
    """What somebody has moved on the board since this answer was begun is not overwritten unseen: it is asked again."""
    found = takeovers.moved_meanwhile(asked.exchange.id, rules.moves(typed)) if asked.exchange else []
    return [Problem(f"{PREFIX}{STATES_ITEM}-{each.key}", MEANWHILE.format(state=each.state_label())) for each in found]


def _carry(asked: QuestionnaireRequest, exchange: Exchange, answers: Mapping[str, Any], moves: list[Move], done: Done) -> None:
    """What an answer changes beside: the take-overs."""
    if asked.questionnaire.key == END_GUEST and asked.asks_for(TAKE_OVERS_ITEM):
        take_overs.plan_from_answer(exchange, answers.get(TAKE_OVERS_ITEM) or [], through=done)
    if moves:
        take_overs.move_from_answer(exchange, moves, through=done)
        _settle_draft(asked)
    if asked.is_for_manager:
        take_overs.confirm_from_answer(exchange, asked.occasion, answers.get(CONFIRMED_ITEM) or {}, through=done)


def _settle_draft(asked: QuestionnaireRequest) -> None:
    """What was sent is on the board now: from there the draft goes on."""
    if asked.draft is not None:
        asked.draft.answers = without_seen(asked.draft.answers)


def confirm(asked: QuestionnaireRequest, *, by: By, take_over: str, said: str) -> None:
    """One of the manager's buttons about one take-over; what was pressed about the others stays. Raises as `send`."""
    if what := queries.dropped_meanwhile(asked, take_over):
        raise Refusal(DROPPED_MEANWHILE.format(what=what))
    options = {each.key for each in asked.options_of(CONFIRMED_ITEM)}
    if take_over not in queries.lines_of(asked).take_overs or said not in options:
        raise Refusal("Press one of the three buttons.")
    known: Mapping[str, Any] = asked.draft.answers if asked.draft else asked.answer.answers if asked.answer else {}
    save_draft(asked, {**known, CONFIRMED_ITEM: {**known.get(CONFIRMED_ITEM, {}), take_over: said}})
    send(asked, by=by)


# What can come between


def ask_again(asked: QuestionnaireRequest, *, by: By) -> None:
    """Mail it once more. What was not delivered has all the time again; the rest keeps its last day."""
    if asked.state == NOT_DELIVERED:
        WORKFLOW.check("ask_again", asked, by)
        if asked.has_left:
            raise Refusal(f"{_left(asked)} Their coordinator can hand it over to a colleague.")
        if asked.report_of is None:
            asked.answer_by = _whole_time(asked)
    WORKFLOW.apply("ask_again", asked, by=by)
    _mail(asked)


def hand_over(asked: QuestionnaireRequest, *, by: By, colleague: User, note: str = "") -> None:
    """A colleague answers instead, under a link of their own and with all the time; what the other has typed stays theirs."""
    WORKFLOW.check("hand_over", asked, by)
    if colleague not in asked.colleagues:
        raise Refusal("Choose a colleague of your organisation.", "colleague")
    _pass_to(asked, Asked(asked.organisation_id, colleague.name, colleague.email, colleague), by, note)


def _pass_to(asked: QuestionnaireRequest, whom: Asked, by: By, note: str = "", through: Done | None = None) -> None:
    words = f"From {asked.asked_name} to {whom.name}."

    def change() -> None:
        if asked.report_of is None:
            asked.answer_by = max(asked.answer_by, _whole_time(asked))
        _give_to(asked, whom)

    WORKFLOW.apply("hand_over", asked, by=by, note=f"{words} {note}".strip(), through=through, change=change)
    if asked.report_of is None:
        _mail(asked)  # whoever takes a voucher over is on its page


def _give_to(asked: QuestionnaireRequest, whom: Asked) -> None:
    asked.respondent, asked.name, asked.email = whom.person, whom.name, whom.email
    asked.link += 1
    if asked.draft is not None:
        db.session.delete(asked.draft)
        asked.draft = None


# With a claim


def follow_holder(voucher: Voucher, *, by: User) -> None:
    """Somebody else holds the voucher now, and so writes the report of its claim."""
    asked = ends.end_of(voucher.exchange, for_update=True)
    if asked is None or asked.report_of is not voucher or asked.respondent is voucher.holder:
        return
    if asked.state in OPEN:
        hand_over(asked, by=by, colleague=voucher.holder)
    else:
        _go_to_holder(asked, voucher, by, Actor.COORDINATOR)


def follow_claim(voucher: Voucher) -> None:
    """The last day to claim has moved, perhaps after it was over: the report has the same, and what was missed is asked again."""
    asked = ends.end_of(voucher.exchange, for_update=True)
    if asked is None or asked.state == CALLED_OFF or voucher.claim_due_on is None:
        return
    asked.report_of, asked.answer_by = voucher, voucher.claim_due_on
    if asked.state == MISSED or asked.waiting_for:
        WORKFLOW.apply("go_with_claim", asked, by=SYSTEM)
    if asked.respondent is not voucher.holder:
        _go_to_holder(asked, voucher, SYSTEM, Actor.SYSTEM)


def _go_to_holder(asked: QuestionnaireRequest, voucher: Voucher, by: By, acted_as: Actor) -> None:
    """Without a mail: whoever holds the voucher now is on its page."""
    note, state = f"From {asked.asked_name} to {voucher.holder.name}.", asked.state
    _give_to(asked, _person(voucher.holder, asked.organisation_id))
    asked.record("go_to_holder", by=by, acted_as=acted_as, from_state=state, to_state=state, note=note)


def name_manager(exchange: Exchange, *, by: User, name: str, email: str) -> None:
    """The exchange's act; what the manager before was asked and has not answered goes to the new one."""
    done = exchanges.name_manager(exchange, by=by, name=name, email=email)
    for asked in queries.open_to_manager(exchange):
        _pass_to(asked, Asked(asked.organisation_id, name, email), by, through=done)


def report_undelivered(asked: QuestionnaireRequest, *, by: By, reason: str = "") -> None:
    """It did not reach whoever is asked: the coordinators of the organisation can hand it over."""
    note = reason or asked.returned_mail or (_left(asked) if asked.has_left else "")
    WORKFLOW.apply("report_undelivered", asked, by=by, note=note)
    messages.not_delivered(asked)


def call_off(asked: QuestionnaireRequest, *, by: By, reason: str = "") -> None:
    """By the system without a reason: what it was about is gone."""
    gone = ALL_DROPPED if asked.exchange and asked.exchange.state != CANCELLED else NO_EXCHANGE
    WORKFLOW.apply("call_off", asked, by=by, note=reason or gone)


def miss(asked: QuestionnaireRequest, *, by: By = SYSTEM) -> None:
    """The last day is over; what was typed and not sent is kept, but does not count."""
    WORKFLOW.apply("miss", asked, by=by)


def close(exchange: Exchange, *, by: By = SYSTEM) -> None:
    """Both end questionnaires are in or over: nothing is awaited of the visit itself any more."""
    exchanges.close(
        exchange, by=by, note=rules.how_ends_came((each.title, each.state_label()) for each in ends.ends_of(exchange))
    )


def _mail(asked: QuestionnaireRequest) -> None:
    asked.mailed_on, asked.mailed_at = asked.programme.today, clock.utc_now()
    db.session.flush()
    messages.asked(asked)


def _whole_time(asked: QuestionnaireRequest) -> date:
    return rules.answer_by(asked.programme.today, asked.questionnaire.days_to_answer)


def _left(asked: QuestionnaireRequest) -> str:
    return LEFT.format(name=asked.asked_name, organisation=asked.organisation.name)


def follow_address(person: User, earlier: str) -> None:
    """What they are asked goes to the address they have now."""
    mine = (QuestionnaireRequest.respondent_id == person.id, QuestionnaireRequest.email == earlier)
    db.session.execute(update(QuestionnaireRequest).where(*mine).values(email=person.email))
