"""Reading questionnaires, requests and answers; and what is due to be asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from flask import abort
from itsdangerous import BadSignature
from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from mobility.agreements.lines import PREFIXES, read, split
from mobility.core.clock import day_of
from mobility.core.database import db
from mobility.core.links import signer
from mobility.core.names import ERASED_DOMAIN
from mobility.core.paging import Page, paged
from mobility.core.web import or_404
from mobility.exchanges.models import AgreementVersion, Exchange, Signature
from mobility.exchanges.states import AGREED, CANCELLED, IN_PROGRESS, TOOK_PLACE
from mobility.followup import ends, rules
from mobility.followup.models import LINK, Asking, QuestionnaireRequest
from mobility.followup.workflow import ASKED, OPEN, PROMISE, WORKFLOW
from mobility.keyfigures import queries as keyfigures
from mobility.keyfigures.rules import label
from mobility.lists.columns import Column, Kind, Listing, Reached, state_of
from mobility.lists.loading import only
from mobility.notifications.models import OutboxMessage
from mobility.people.models import Membership, User
from mobility.programmes.models import Programme
from mobility.questionnaires.items import PER_KEY_FIGURE, Lines
from mobility.questionnaires.models import Questionnaire
from mobility.questionnaires.standard import CONFIRMED_ITEM, DELIVERY, END_GUEST, MANAGER, SIGNATURE, STATES_ITEM
from mobility.takeovers import queries as takeovers
from mobility.takeovers.models import TakeOver
from mobility.takeovers.workflow import DROPPED
from mobility.vouchers.kinds import keys_of
from mobility.vouchers.models import Voucher
from mobility.vouchers.states import LAPSED
from mobility.workflows.visibility import plays

WAITS_FOR_END = "month_3"  # until the guest's end questionnaire is in or over


# Requests


def find(id: int, user: Any, for_update: bool = False) -> QuestionnaireRequest:
    """A request with all that its pages need, or 404 if the person may not see it."""
    request = _request(id, for_update)
    if request is None or not request.workflow.may_see(user, request):
        abort(404)
    return request


def find_by_link(token: str, for_update: bool = False) -> QuestionnaireRequest:
    """The request of a personal link, or 404: altered, or no longer the link of whoever is asked."""
    try:
        found = signer(LINK).loads(token)
    except BadSignature:
        abort(404)
    match found:
        case [int(id), int(link)] if id < 2**31:
            request = _request(id, for_update)
        case _:
            request, link = None, 0
    return or_404(request if request is not None and request.link == link else None)


def _request(id: int, for_update: bool) -> QuestionnaireRequest | None:
    if for_update:
        db.session.execute(select(QuestionnaireRequest.id).where(QuestionnaireRequest.id == id).with_for_update())
    query = select(QuestionnaireRequest).where(QuestionnaireRequest.id == id).options(*_whole())
    return db.session.scalar(query.execution_options(populate_existing=True))


def _whole() -> tuple[Any, ...]:
    request = QuestionnaireRequest
    return (
        joinedload(request.programme, innerjoin=True),
        joinedload(request.questionnaire, innerjoin=True),
        joinedload(request.asked_version, innerjoin=True),
        joinedload(request.organisation, innerjoin=True),
        joinedload(request.respondent),
        joinedload(request.draft),
        joinedload(request.exchange).joinedload(Exchange.theme),
        joinedload(request.exchange).joinedload(Exchange.agreed_version),
        joinedload(request.voucher).joinedload(Voucher.provider),
        joinedload(request.report_of),
        selectinload(request.answers),
    )


def lines_of(request: QuestionnaireRequest) -> Lines:
    """What its items have lines about: the objectives of the agreement, what the guest took home, and what it is to serve."""
    exchange = request.exchange
    figures = _key_figures(request)
    if exchange is None:
        return Lines(key_figures=figures)
    version = exchange.agreed_version
    agreed = read(version.objectives) if version else split(exchange.application.objectives, PREFIXES["objectives"])
    found = _taken_home(request, exchange)
    states = {each.key: each.state for each in found} if request.asks_for(STATES_ITEM) else {}
    return Lines(dict(agreed), {each.key: each.what for each in found}, states, figures)


def _taken_home(request: QuestionnaireRequest, exchange: Exchange) -> Sequence[TakeOver]:
    """The manager is not bothered with what was dropped, unless they have said something about it."""
    found = takeovers.of_exchange(exchange.id)
    if not request.is_for_manager:
        return found
    said = {each.id for each in found if any(one.occasion == request.occasion for one in each.confirmations)}
    return [each for each in found if each.state != DROPPED or each.id in said]


def dropped_meanwhile(request: QuestionnaireRequest, key: str) -> str:
    """What this take-over is, if it is not asked about any more since it was dropped; else ""."""
    found = takeovers.of_exchange(request.exchange_id) if request.exchange_id and request.is_for_manager else ()
    asked_about = lines_of(request).take_overs
    return next((each.what for each in found if each.key == key and key not in asked_about), "")


def left_to_confirm(request: QuestionnaireRequest) -> list[str]:
    """The keys of the take-overs about which the manager has not pressed a button."""
    said = (request.answer.answers.get(CONFIRMED_ITEM) or {}) if request.answer else {}
    return [key for key in lines_of(request).take_overs if key not in said]


def _key_figures(request: QuestionnaireRequest) -> dict[str, str]:
    if not any(each.kind == PER_KEY_FIGURE for each in request.asked_version.items):
        return {}
    return {key: label(each.name, each.unit) for key, each in keyfigures.asked_of(request.subject).items()}


@dataclass(frozen=True)
class Filters:
    """What the owner's list shows, as it stands in the address."""

    state: str = ""
    key: str = ""


def listed(programme: Programme, filters: Filters, page: int) -> Page:
    """A programme's requests: those that are open first, by their last day."""
    query = _of(programme, filters)
    request = QuestionnaireRequest
    is_open = request.state.in_(OPEN)
    order = (~is_open, case((is_open, request.answer_by)), request.answer_by.desc(), request.id)
    return paged(query.order_by(*order), page, *_row(), whole=only(QuestionnaireRequest, LIST.ways))


def of_programme(programme: Programme, ids: Sequence[int]) -> Sequence[int]:
    """Those of these requests that are the programme's."""
    request = QuestionnaireRequest
    chosen = select(request.id).where(request.programme_id == programme.id, request.id.in_(ids))
    return db.session.scalars(chosen.order_by(request.id)).all()


def count_by_state(programme: Programme) -> dict[str, int]:
    request = QuestionnaireRequest
    query = select(request.state, func.count()).where(request.programme_id == programme.id).group_by(request.state)
    return {row[0]: row[1] for row in db.session.execute(query)}


def _of(programme: Programme, filters: Filters) -> Select[Any]:
    request = QuestionnaireRequest
    query = select(request).where(request.programme_id == programme.id)
    if filters.state:
        query = query.where(request.state == filters.state)
    if filters.key:
        query = query.join(request.questionnaire).where(Questionnaire.key == filters.key)
    return query


def _row() -> tuple[Any, ...]:
    request = QuestionnaireRequest
    return (
        joinedload(request.programme, innerjoin=True),
        joinedload(request.questionnaire, innerjoin=True),
        joinedload(request.organisation, innerjoin=True),
        joinedload(request.respondent),
        joinedload(request.exchange).joinedload(Exchange.theme),
        joinedload(request.voucher).joinedload(Voucher.provider),
    )


def about(user: Any, *, exchange: Exchange | None = None, voucher: Voucher | None = None) -> Sequence[QuestionnaireRequest]:
    """What was asked about an exchange or a voucher, as far as the reader may see it."""
    request = QuestionnaireRequest
    of = request.exchange_id == exchange.id if exchange else request.voucher_id == (voucher.id if voucher else None)
    return db.session.scalars(select(request).where(of, plays(request, user)).order_by(request.id).options(*_row())).all()


def open_to_manager(exchange: Exchange) -> Sequence[QuestionnaireRequest]:
    """What the guest's manager was asked about an exchange and has not answered, locked."""
    request = QuestionnaireRequest
    query = select(request).join(request.questionnaire).where(request.exchange_id == exchange.id, request.state.in_(OPEN))
    found = query.where(Questionnaire.asked_of == MANAGER).order_by(request.id).with_for_update(of=request)
    return db.session.scalars(found.execution_options(populate_existing=True)).all()


# What is due


class Due(NamedTuple):
    """A round of a questionnaire that is to be asked about an exchange or a voucher."""

    questionnaire_id: int
    round: int
    model: type[Exchange] | type[Voucher]
    id: int


def due() -> Iterator[Due]:
    """All that is to be asked today in its programme and has not been asked, in the order of the questionnaires."""
    query = select(Questionnaire).where(Questionnaire.is_asked)
    order = (Questionnaire.programme_id, Questionnaire.position, Questionnaire.id)
    for each in db.session.scalars(query.options(joinedload(Questionnaire.programme)).order_by(*order)).all():
        for round in each.rounds:
            yield from _due_of(each, round)


def _due_of(asked: Questionnaire, round: int, *only: Any) -> list[Due]:
    model = Voucher if asked.event == DELIVERY else Exchange
    found = db.session.execute(_events(asked, round).where(*only)).all()
    return [Due(asked.id, round, model, id) for id, event in found if is_due(asked, round, _day(event, asked))]


def _day(event: Any, asked: Questionnaire) -> date:
    return event if type(event) is date else day_of(event, asked.programme.timezone)


def is_due(asked: Questionnaire, round: int, event: date) -> bool:
    """By its programme's own day; what would have been asked before the questionnaire began is not asked any more.

    Where the next round has come, too (its manager was named late), nobody is asked the same twice at once.
    """
    came = [each for each in asked.rounds if rules.ask_on(event, asked.days, each) <= asked.programme.today]
    return round in came[-1:] and rules.ask_on(event, asked.days, round) >= asked.asks_from


def _events(asked: Questionnaire, round: int) -> Select[Any]:
    """(id, day or instant of the event) of what has not been asked yet: a few days more than are due."""
    today = asked.programme.today
    latest, earliest = today - rules.shortest(round, asked.days), asked.asks_from - rules.longest(round, asked.days)
    if asked.event == SIGNATURE:
        return _signed(asked, round)
    if asked.event == DELIVERY:
        day: Any = Voucher.delivered_on
        query = select(Voucher.id, day).where(Voucher.kind.in_(keys_of(lambda kind: kind.rests_on_price)))
        return query.where(*_open(asked, round, Voucher), day.between(earliest, latest)).order_by(Voucher.id)
    day = Exchange.actual_last_day
    when = (Exchange.state.in_(TOOK_PLACE), day.between(earliest, latest), *_besides(asked))
    return select(Exchange.id, day).where(*_open(asked, round, Exchange), *when).order_by(Exchange.id)


def _besides(asked: Questionnaire) -> Iterator[ColumnElement[bool]]:
    """What else must be: of the guest the end is in or over, of the manager there is one, and something to confirm."""
    if asked.key == WAITS_FOR_END:
        yield ~ends.is_asked(END_GUEST)
    if asked.asked_of == MANAGER:
        yield from (_has_manager(), takeovers.is_anything_to_confirm())


def _has_manager() -> ColumnElement[bool]:
    """exchanges.rules.manager_of; until somebody is named nobody is asked, and from then on what comes next."""
    in_agreement = exists().where(AgreementVersion.id == Exchange.agreed_version_id, _is_reached(AgreementVersion.manager_email))
    nobody_since = and_(Exchange.manager_email == "", in_agreement.correlate(Exchange))
    return or_(_is_reached(Exchange.manager_email), nobody_since)


def _is_reached(address: Any) -> ColumnElement[bool]:
    """There is one, and whoever it was of has not been erased."""
    return and_(address != "", ~address.endswith(f"@{ERASED_DOMAIN}", autoescape=True))


def _signed(asked: Questionnaire, round: int) -> Select[Any]:
    signed_at = func.max(Signature.signed_at, type_=Signature.signed_at.type)
    return (
        select(Exchange.id, signed_at)
        .join(Signature, Signature.agreement_version_id == Exchange.agreed_version_id)
        .where(*_open(asked, round, Exchange), Exchange.state.in_((AGREED, IN_PROGRESS)))
        .group_by(Exchange.id)
        .order_by(Exchange.id)
    )


def _open(asked: Questionnaire, round: int, model: type[Any]) -> tuple[ColumnElement[bool], ...]:
    """Of the programme, and not asked yet; nor in a round that the owner has moved since."""
    column = Asking.exchange_id if model is Exchange else Asking.voucher_id
    this_one = or_(Asking.round >= round, Asking.round.not_in(asked.rounds))
    done = exists().where(Asking.questionnaire_id == asked.id, this_one, column == model.id)
    return model.programme_id == asked.programme_id, ~done


def take(one: Due) -> tuple[Questionnaire, Any] | None:
    """What is due, locked; None if another is at it, has asked it, or it is not due any more."""
    locked = select(one.model).where(one.model.id == one.id).with_for_update(of=one.model, skip_locked=True)
    subject = db.session.scalar(locked.execution_options(populate_existing=True))
    if subject is None:
        return None
    asked = db.session.get_one(Questionnaire, one.questionnaire_id)
    return (asked, subject) if asked.is_asked and _due_of(asked, one.round, one.model.id == one.id) else None


def was_asked(one: Due) -> bool:
    """Whether another process has asked it since."""
    column = Asking.exchange_id if one.model is Exchange else Asking.voucher_id
    found = select(Asking.id).where(Asking.questionnaire_id == one.questionnaire_id, Asking.round == one.round, column == one.id)
    return db.session.scalar(found) is not None


# Who cannot be reached


def unreachable() -> tuple[ColumnElement[bool], ...]:
    """Asked, and the newest mail came back, or whoever was asked has left."""
    request, mail = QuestionnaireRequest, OutboxMessage
    came_back = exists().where(
        mail.subject_type == WORKFLOW.name,
        mail.subject_id == request.id,
        mail.state == "dead",
        mail.created_at >= request.mailed_at,
    )
    closed = exists().where(User.id == request.respondent_id, ~User.active)
    in_it = (Membership.organisation_id == request.organisation_id, Membership.current)
    member = exists().where(Membership.user_id == request.respondent_id, *in_it)
    left = request.respondent_id.is_not(None) & (request.place == 0) & ~member
    return request.state == ASKED, or_(came_back, closed, left)


def pointless() -> tuple[ColumnElement[bool], ...]:
    """Asked about an exchange that does not take place; or of the manager, about what has all been dropped since."""
    request = QuestionnaireRequest
    cancelled = exists().where(Exchange.id == request.exchange_id, Exchange.state == CANCELLED)
    of_manager = exists().where(Questionnaire.id == request.questionnaire_id, Questionnaire.asked_of == MANAGER)
    return request.state.in_(OPEN), or_(cancelled, of_manager & ~takeovers.is_anything_to_confirm(request.exchange_id))


def overdue(latest: date) -> ColumnElement[bool]:
    """Its last day is over; with a claim when that has lapsed, of which the voucher's own promise has the day."""
    request = QuestionnaireRequest
    lapsed = select(Voucher.id).where(Voucher.state == LAPSED)
    with_claim = (request.state == ASKED) & (request.answer_by < latest) & request.report_of_id.in_(lapsed)
    return ((request.waiting_for == PROMISE) & (request.due_on < latest)) | with_claim


LIST = Listing(
    "follow-up",
    "Follow-up",
    (
        Column("Questionnaire", "title"),
        Column("About", "what_for"),
        Column("Who is asked", "asked_name"),
        Column("Organisation", "organisation.name"),
        Column("State", state_of),
        Column("Asked", "mailed_on", Kind.DAY),
        Column("Answer by", "answer_by", Kind.DAY),
    ),
    reached=Reached("people who are asked", "respondent_id", "programme_id"),
    needs=(
        *("exchange.theme.title", "name", "questionnaire.title", "respondent.name", "state"),
        *("voucher.exchange_id", "voucher.kind", "voucher.provider.name"),
    ),
)
