"""The two end questionnaires of an exchange: the guest's is the report of a claim, and both together close the exchange."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import joinedload, selectinload

from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import COMPLETED
from mobility.followup import rules
from mobility.followup.models import Asking, QuestionnaireRequest
from mobility.followup.rules import Asked
from mobility.followup.workflow import ASKED, CALLED_OFF, NOT_DELIVERED
from mobility.questionnaires.models import Questionnaire
from mobility.questionnaires.standard import END_GUEST, END_HOST, GUEST, HOST, STAY
from mobility.vouchers import queries as vouchers
from mobility.vouchers.models import Voucher
from mobility.vouchers.states import DELIVERED

# The report of a claim


def report_of(voucher: Voucher, for_update: bool = False) -> QuestionnaireRequest | None:
    """What the voucher's claim reports by: the guest's end questionnaire as it was asked, else as it would be asked now (not
    stored before something is answered). None where a claim needs no report: decision 19.
    """
    exchange = voucher.exchange
    if exchange is None or voucher.traits.by_invoice:
        return None
    if found := end_of(exchange, for_update):
        return None if found.state == CALLED_OFF else found
    asked = _questionnaire(exchange, END_GUEST)
    if asked is None or not asked.is_asked or was_asked(asked, exchange):
        return None
    return report_as_asked(asked, voucher)


def end_of(exchange: Exchange | None, for_update: bool = False) -> QuestionnaireRequest | None:
    """The guest's end questionnaire about an exchange, if it has been asked."""
    if exchange is None:
        return None
    request = QuestionnaireRequest
    ids = select(request.id).join(request.questionnaire)
    ids = ids.where(request.exchange_id == exchange.id, Questionnaire.key == END_GUEST).order_by(request.id).limit(1)
    id = db.session.scalar(ids)
    if id is None:
        return None
    if for_update:
        db.session.execute(select(request.id).where(request.id == id).with_for_update())
    whole = select(request).where(request.id == id)
    whole = whole.options(joinedload(request.draft), joinedload(request.asked_version), selectinload(request.answers))
    return db.session.scalar(whole.execution_options(populate_existing=True))


def open_claim_of(exchange: Exchange) -> Voucher | None:
    """The voucher whose claim is still to be filed, so that its report is asked for."""
    voucher = vouchers.newest_of_exchange(exchange.id)
    if voucher is None or voucher.state != DELIVERED or voucher.claim_due_on is None:
        return None
    return voucher if voucher.claim_due_on >= voucher.programme.today else None


def report_as_asked(questionnaire: Questionnaire, voucher: Voucher) -> QuestionnaireRequest:
    """The end questionnaire as it is asked of whoever holds the voucher, until the last day to claim."""
    whom = Asked(voucher.holder_organisation_id, voucher.holder.name, voucher.holder.email, voucher.holder)
    made = as_asked(questionnaire, whom, exchange=voucher.exchange, report_of=voucher)
    made.answer_by = voucher.claim_due_on or made.answer_by
    return made


def as_asked(questionnaire: Questionnaire, whom: Asked, **about: Any) -> QuestionnaireRequest:
    """A request as it is asked today; not stored."""
    return QuestionnaireRequest(
        programme=questionnaire.programme,
        questionnaire=questionnaire,
        asked_version=questionnaire.newest,
        place=whom.place,
        organisation_id=whom.organisation_id,
        respondent=whom.person,
        name=whom.name,
        email=whom.email,
        answer_by=rules.answer_by(questionnaire.programme.today, questionnaire.days_to_answer),
        link=1,
        **about,
    )


def was_asked(questionnaire: Questionnaire, exchange: Exchange) -> bool:
    """Whether its round is over, even where that asked nobody."""
    found = select(Asking.id).where(Asking.questionnaire_id == questionnaire.id, Asking.exchange_id == exchange.id).limit(1)
    return db.session.scalar(found) is not None


def _questionnaire(exchange: Exchange, key: str) -> Questionnaire | None:
    query = select(Questionnaire).where(Questionnaire.programme_id == exchange.programme_id, Questionnaire.key == key)
    return db.session.scalar(query)


# Closing an exchange


def to_close() -> tuple[ColumnElement[bool], ...]:
    """Completed, and nobody is asked an end questionnaire just now."""
    return Exchange.state == COMPLETED, ~is_asked(END_GUEST, END_HOST)


def is_asked(*keys: str) -> ColumnElement[bool]:
    """The condition on exchanges that one of these end questionnaires is neither in nor over."""
    request = QuestionnaireRequest
    asked = exists().where(
        request.exchange_id == Exchange.id,
        request.questionnaire_id == Questionnaire.id,
        Questionnaire.key.in_(keys),
        request.state == ASKED,
    )
    return asked.correlate(Exchange)


def are_over(exchange: Exchange) -> bool:
    """Both end questionnaires are in or over: answered, missed, called off, not delivered in time, or not to be asked at all."""
    found = ends_of(exchange)
    keys = {each.questionnaire.key for each in found}
    awaited = [_questionnaire(exchange, key) for key in (END_GUEST, END_HOST) if key not in keys]
    return not _open(found, exchange.programme.today) and not any(each and _is_to_come(each, exchange) for each in awaited)


def ends_of(exchange: Exchange) -> Sequence[QuestionnaireRequest]:
    """What both sides were asked about an exchange."""
    request = QuestionnaireRequest
    query = select(request).join(request.questionnaire).options(joinedload(request.questionnaire))
    of = (request.exchange_id == exchange.id, Questionnaire.key.in_((END_GUEST, END_HOST)))
    return db.session.scalars(query.where(*of).order_by(request.id)).all()


def _open(found: Iterable[QuestionnaireRequest], today: date) -> bool:
    return any(each.state == ASKED or (each.state == NOT_DELIVERED and each.answer_by >= today) for each in found)


def _is_to_come(questionnaire: Questionnaire, exchange: Exchange) -> bool:
    """It will be asked: neither is it switched off, nor began it too late, nor was there nobody to ask."""
    last_day = exchange.actual_last_day or exchange.last_day
    day = rules.ask_on(last_day, questionnaire.days, questionnaire.rounds[0])
    return questionnaire.is_asked and day >= questionnaire.asks_from and not was_asked(questionnaire, exchange)


# For the journey


def asked_about(exchange: Exchange) -> Sequence[QuestionnaireRequest]:
    """What was asked about the stay since it ended, by its last day."""
    request = QuestionnaireRequest
    query = select(request).join(request.questionnaire).where(request.exchange_id == exchange.id, Questionnaire.event == STAY)
    options = (joinedload(request.questionnaire), joinedload(request.programme), joinedload(request.respondent))
    return db.session.scalars(query.order_by(request.answer_by, request.id).options(*options)).all()


def more_to_come(exchange: Exchange) -> bool:
    """Whether somebody is still to be asked about the stay: after 3, 6 or 12 months."""
    query = select(Questionnaire).where(
        Questionnaire.programme_id == exchange.programme_id, Questionnaire.event == STAY, Questionnaire.is_asked
    )
    last_day, today = exchange.actual_last_day or exchange.last_day, exchange.programme.today
    found = db.session.scalars(query.where(Questionnaire.asked_of.in_((GUEST, HOST)))).all()
    days = [(each, rules.ask_on(last_day, each.days, months)) for each in found for months in each.rounds]
    return any(day >= max(today, each.asks_from) for each, day in days)
