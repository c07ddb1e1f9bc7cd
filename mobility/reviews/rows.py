"""The rows that an auditor works figures out from again: what belongs to a review, one sheet for each kind of thing.

As outcomes/facts.py has them. What people answered and put to use is left out for those who must not read it one by one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from mobility.core.database import db
from mobility.documents.spreadsheets import Sheet
from mobility.findings.given import given
from mobility.findings.reading import Reading
from mobility.findings.then import AT_ONCE
from mobility.followup.models import Answer, QuestionnaireRequest
from mobility.outcomes.answers import QUESTIONNAIRES
from mobility.outcomes.facts import EXCHANGE, VOUCHER, Case, Facts
from mobility.outcomes.meetings import HOST_LEVELS
from mobility.outcomes.scope import Scope
from mobility.questionnaires.models import Questionnaire
from mobility.reviews.queries import Found

MOST = 1_000
SUBMITTED, REQUESTED = "pipeline.applications_submitted", "pipeline.vouchers_requested"
Row = tuple[Any, ...]
EXCHANGES = (
    "Exchange",
    "Guest organisation",
    "Guest country",
    "Host organisation",
    "Host country",
    "Host kind",
    "Host level",
    "Agreed on",
    "First day",
    "Last day",
    "Completed",
    "Levels who attended",
    "Theme",
    "Newest voucher",
)
APPLICATIONS = ("Application", "Submitted on", "Accepted on", "Confirmed on", "Exchange")
VOUCHERS = (
    "Voucher",
    "Kind",
    "Exchange",
    "First requested on",
    "Last requested on",
    "Decided on",
    "Approved",
    "Issued on",
    "Redeemed on",
    "Ended unused",
    "First claim on",
    "Last claim on",
    "Paid on",
    "Paid less recovered",
)
TAKE_OVERS = ("Take-over", "Exchange", "State now", "Planned on", "Started on", "In use on", "Dropped on")
PROMISES = ("Promise", "About", "Number", "Due on", "Outcome")
REQUESTS = ("Request", "Questionnaire", "Occasion", "About", "Number", "Due on", "State")
ANSWERS = ("Request", "Questionnaire", "About", "Number", "Item", "Line", "Answer")
COUNTING = ("Figure", "About", "Number", "Counts", "Of")
STATES = ("planned", "started", "in_use", "dropped")


@dataclass(frozen=True)
class _Source:
    """What belongs to a review, and where the rest is read from: row by row, as there may be hundreds of thousands."""

    scope: Scope
    reading: Reading


def sheets(found: Found) -> Iterator[Sheet]:
    """Of the day of the review, but for what was changed since for that day."""
    source = _source(found)
    scope = source.scope
    yield Sheet("Exchanges", EXCHANGES, _exchanges(scope), (10, 18, 14, 18, 13, 20, 16, 12, 12, 12, 10, 30, 40, 14))
    yield Sheet("Applications", APPLICATIONS, _applications(scope), (12, 13, 13, 13, 10))
    yield Sheet("Vouchers", VOUCHERS, _vouchers(scope), (10, 12, 10, *(14,) * 11))
    if found.answers:
        yield Sheet("Take-overs", TAKE_OVERS, _take_overs(source), (10, 10, 12, 12, 12, 12, 12))
    yield Sheet("Promises", PROMISES, _promises(source), (20, 12, 10, 12, 14))
    yield Sheet("Requests", REQUESTS, _requests(source), (10, 16, 12, 12, 10, 12, 14))
    if found.answers:
        yield Sheet("Answers", ANSWERS, _answers(source), (10, 16, 12, 10, 18, 12, 40))
    if not are_many(found):
        yield Sheet("Which count", COUNTING, _counting(found), (34, 12, 10, 10, 10))


def are_many(found: Found) -> bool:
    """More than a spreadsheet opens with ease."""
    return any(found.figures[key].n > MOST for key in (SUBMITTED, REQUESTED))


def _source(found: Found) -> _Source:
    rows = Reading(found.programme, found.as_of)
    facts = Facts(
        as_of=rows.as_of,
        calls=tuple(rows.calls()),
        applications=tuple(rows.applications()),
        exchanges=tuple(rows.exchanges()),
        organisations={each.key: each for each in rows.organisations()},
        vouchers=tuple(rows.vouchers()),
        claims=tuple(rows.claims()),
        recoveries=tuple(rows.recoveries()),
    )
    return _Source(Scope(facts, found.scope_call), Reading(found.programme, found.as_of))  # without what the first has kept


def _exchanges(scope: Scope) -> Iterator[Row]:
    for each in scope.exchanges.values():
        guest, host = (scope.facts.organisations[key] for key in (each.guest, each.host))
        attended = ", ".join(sorted({delegate.level.value for delegate in each.delegates if delegate.attended}))
        newest = scope.newest_voucher.get(each.key)
        yield (
            each.key,
            each.guest,
            guest.country,
            each.host,
            host.country,
            host.kind.value,
            HOST_LEVELS.get(host.kind, ""),
            each.agreed_on,
            each.first_day,
            each.last_day,
            int(each.completed),
            attended,
            each.theme,
            newest.key if newest else None,
        )


def _applications(scope: Scope) -> Iterator[Row]:
    for each in scope.applications:
        yield each.key, each.submitted_on, each.accepted_on, each.confirmed_on, each.exchange


def _vouchers(scope: Scope) -> Iterator[Row]:
    for each in scope.vouchers.values():
        first, last = scope.claims.get(each.key, (None, None))
        yield (
            each.key,
            "knowledge" if each.exchange is None else "mobility",
            each.exchange,
            each.first_requested_on,
            each.requested_on,
            each.decided_on,
            int(each.approved),
            each.issued_on,
            each.redeemed_on,
            int(each.ended),
            first.filed_on if first else None,
            last.filed_on if last else None,
            last.paid_on if last else None,
            scope.spent.get(each.key),
        )


def _take_overs(source: _Source) -> Iterator[Row]:
    for each in source.reading.take_overs():
        if each.exchange in source.scope.exchanges:
            days: Mapping[str, date] = dict(each.since)
            yield each.key, each.exchange, each.state_on(source.scope.as_of), *(days.get(state) for state in STATES)


def _promises(source: _Source) -> Iterator[Row]:
    for each in source.reading.promise_records():
        if source.scope.holds(each.about):
            yield each.promise, *each.about, each.due_on, each.outcome or "open"


def _requests(source: _Source) -> Iterator[Row]:
    for each in source.reading.requests():
        if source.scope.holds(each.about):
            yield each.key, each.questionnaire, each.occasion, *each.about, each.due_on, each.state


def _answers(source: _Source) -> Iterator[Row]:
    """Of the sending that counts: one row for each answer, or for each of its lines."""
    for sent in db.session.execute(_sent(source)):
        about = Case(EXCHANGE, sent.exchange_id) if sent.exchange_id else Case(VOUCHER, sent.voucher_id)
        if source.scope.holds(about):
            for item, answer in given(sent.answers).items():
                yield from ((sent.request_id, sent.key, *about, str(item), *line) for line in _lines(answer))


def _counting(found: Found) -> Iterator[Row]:
    """Of each percentage its cases, with how much of each counts: of a large review these are lists of their own."""
    for key, reading in found.readings.items():
        for case, share in ({} if reading.is_hidden else found.figures[key].shares or {}).items():
            yield key, *case, *share


def _sent(source: _Source) -> Any:
    """The last sending of each request up to the day; a few at a time."""
    asked = QuestionnaireRequest
    last = select(func.max(Answer.id)).join(asked, Answer.request_id == asked.id).group_by(Answer.request_id)
    last = last.where(asked.programme_id == source.reading.programme_id, Answer.sent_at < source.reading.end)
    found = (
        select(Answer.request_id, Answer.answers, asked.exchange_id, asked.voucher_id, Questionnaire.key)
        .join(asked, Answer.request_id == asked.id)
        .join(Questionnaire, asked.questionnaire_id == Questionnaire.id)
        .where(Answer.id.in_(last), Questionnaire.key.in_(QUESTIONNAIRES))
    )
    return found.order_by(Answer.request_id).execution_options(yield_per=AT_ONCE)


def _lines(answer: Any) -> Iterator[tuple[str, Any]]:
    """(line, answer): lines of objectives and take-overs by their keys, rows of a list by their number."""
    if isinstance(answer, Mapping):
        yield from ((str(key), _plain(value)) for key, value in answer.items())
    elif isinstance(answer, list | tuple):
        yield from [(str(number), _plain(value)) for number, value in enumerate(answer, 1)] or [("", "none")]
    else:
        yield "", _plain(answer)


def _plain(value: Any) -> Any:
    """Numbers as numbers."""
    return value if isinstance(value, int | Decimal | date) and not isinstance(value, bool) else str(value)
