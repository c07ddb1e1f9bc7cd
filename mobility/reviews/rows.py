"""The rows that an auditor works figures out from again: what belongs to a review, one sheet for each kind of thing.

As outcomes/facts.py has them. What guests and hosts answered is left out for those who must not read it yet, and where a
spreadsheet would have no room for it.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from mobility.documents.spreadsheets import Sheet
from mobility.findings.queries import facts_of
from mobility.outcomes.meetings import HOST_LEVELS
from mobility.outcomes.scope import Scope
from mobility.reviews.queries import Found

MOST_ANSWERS = 50_000
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
STATES = ("planned", "started", "in_use", "dropped")


def sheets(found: Found) -> Iterator[Sheet]:
    """Of the day of the review, but for what was changed since for that day."""
    scope = Scope(facts_of(found.programme, found.as_of), found.scope_call)
    yield Sheet("Exchanges", EXCHANGES, _exchanges(scope), (10, 18, 14, 18, 13, 20, 16, 12, 12, 12, 10, 30, 40, 14))
    yield Sheet("Applications", APPLICATIONS, _applications(scope), (12, 13, 13, 13, 10))
    yield Sheet("Vouchers", VOUCHERS, _vouchers(scope), (10, 12, 10, *(14,) * 11))
    yield Sheet("Take-overs", TAKE_OVERS, _take_overs(scope), (10, 10, 12, 12, 12, 12, 12))
    yield Sheet("Promises", PROMISES, _promises(scope), (20, 12, 10, 12, 14))
    yield Sheet("Requests", REQUESTS, _requests(scope), (10, 16, 12, 12, 10, 12, 14))
    if found.opinions and len(scope.sendings) <= MOST_ANSWERS:
        yield Sheet("Answers", ANSWERS, _answers(scope), (10, 16, 12, 10, 18, 12, 40))


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


def _take_overs(scope: Scope) -> Iterator[Row]:
    for each in scope.take_overs:
        days: Mapping[str, date] = dict(each.since)
        yield each.key, each.exchange, each.state_on(scope.as_of), *(days.get(state) for state in STATES)


def _promises(scope: Scope) -> Iterator[Row]:
    for records in scope.promise_records.values():
        for each in records:
            yield each.promise, *each.about, each.due_on, each.outcome or "open"


def _requests(scope: Scope) -> Iterator[Row]:
    for requests in scope.requests.values():
        for each in requests:
            yield each.key, each.questionnaire, each.occasion, *each.about, each.due_on, each.state


def _answers(scope: Scope) -> Iterator[Row]:
    """Of the sending that counts: one row for each answer, or for each of its lines."""
    for questionnaire in scope.requests:
        for request, sending in scope.answered(questionnaire):
            for item, answer in sending.answers.items():
                for line, value in _lines(answer):
                    yield request.key, questionnaire, *request.about, str(item), line, value


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
