"""What belongs to a call or to the whole programme (review_example.md, 1 and 5), sorted once for all figures. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from mobility.core.money import NOTHING
from mobility.outcomes.facts import (
    APPLICATION,
    EXCHANGE,
    VOUCHER,
    Application,
    Case,
    Claim,
    Exchange,
    Facts,
    Key,
    PromiseRecord,
    Request,
    Sending,
    TakeOver,
    Voucher,
)

ANSWERED, MISSED, NOT_DELIVERED = "answered", "missed", "not_delivered"


@dataclass(frozen=True)
class Response:
    """How many of those who were asked have answered; who still has time, or was never reached, is on neither side."""

    answered: int
    asked: int
    not_delivered: int = 0

    @property
    def is_low(self) -> bool:
        """Below 40 %, exactly: 2 of 5 are enough."""
        return self.answered * 5 < self.asked * 2


class Scope:
    """A call's things, or with `call=None` the programme's. Every list is gone through once; what is asked for again is kept."""

    def __init__(self, facts: Facts, call: Key | None = None) -> None:
        self.facts, self.call = facts, call

    @property
    def as_of(self) -> date:
        return self.facts.as_of

    @property
    def of_call(self) -> bool:
        return self.call is not None

    # What belongs to it

    @cached_property
    def newest_voucher(self) -> dict[Key, Voucher]:
        """Each exchange's newest voucher that was ever requested; in all of the programme."""
        newest: dict[Key, Voucher] = {}
        for voucher in self.facts.vouchers:
            if voucher.exchange is None or voucher.first_requested_on is None:
                continue
            known = newest.get(voucher.exchange)
            if known is None or known.first_requested_on is None or known.first_requested_on <= voucher.first_requested_on:
                newest[voucher.exchange] = voucher
        return newest

    @cached_property
    def exchanges(self) -> dict[Key, Exchange]:
        """Of a call those whose newest requested voucher draws on it."""
        return {each.key: each for each in self.facts.exchanges if not self.of_call or self._draws_on_it(each.key)}

    def _draws_on_it(self, exchange: Key) -> bool:
        voucher = self.newest_voucher.get(exchange)
        return voucher is not None and voucher.call == self.call

    @cached_property
    def completed(self) -> list[Exchange]:
        return [each for each in self.exchanges.values() if each.completed]

    @cached_property
    def vouchers(self) -> dict[Key, Voucher]:
        """Of every kind; of a call those whose budget line is the call's."""
        return {each.key: each for each in self.facts.vouchers if not self.of_call or each.call == self.call}

    @cached_property
    def applications(self) -> list[Application]:
        sent = (each for each in self.facts.applications if each.submitted_on is not None)
        return [each for each in sent if not self.of_call or self._call_of(each) == self.call]

    def _call_of(self, application: Application) -> Key | None:
        """By its exchange's voucher; without one the call that was open when it was sent, the last to open if several were."""
        voucher = None if application.exchange is None else self.newest_voucher.get(application.exchange)
        if voucher is not None:
            return voucher.call
        if application.self_funded or application.submitted_on is None:
            return None
        open_then = [each for each in self.facts.calls if each.is_open(application.submitted_on)]
        return max(open_then, key=lambda each: each.opens_on).key if open_then else None

    def holds(self, case: Case) -> bool:
        """Is this exchange, voucher or application of the scope?"""
        return case.key in self._keys.get(case.kind, ())

    @cached_property
    def _keys(self) -> dict[str, Collection[Key]]:
        return {EXCHANGE: self.exchanges, VOUCHER: self.vouchers, APPLICATION: {each.key for each in self.applications}}

    @cached_property
    def take_overs(self) -> list[TakeOver]:
        return [each for each in self.facts.take_overs if each.exchange in self.exchanges]

    @cached_property
    def take_overs_by_state(self) -> dict[str, list[TakeOver]]:
        """By what they are now; those that were planned later are not among them."""
        found: dict[str, list[TakeOver]] = defaultdict(list)
        for each in self.take_overs:
            if (state := each.state_on(self.as_of)) is not None:
                found[state].append(each)
        return found

    @cached_property
    def promise_records(self) -> dict[str, list[PromiseRecord]]:
        """By promise."""
        found: dict[str, list[PromiseRecord]] = defaultdict(list)
        for each in self.facts.promise_records:
            if self.holds(each.about):
                found[each.promise].append(each)
        return found

    # Money

    @cached_property
    def claims(self) -> dict[Key, tuple[Claim, Claim]]:
        """Of each voucher of the programme the first and the last filing."""
        found: dict[Key, tuple[Claim, Claim]] = {}
        for each in self.facts.claims:
            first, last = found.get(each.voucher, (each, each))
            found[each.voucher] = (min(first, each, key=_filed), each if each.filed_on >= last.filed_on else last)
        return found

    @cached_property
    def spent(self) -> dict[Key, Decimal]:
        """Of each voucher of the programme that was paid: what was paid less what has come back."""
        recovered: dict[Key, Decimal] = defaultdict(lambda: NOTHING)
        for each in self.facts.recoveries:
            recovered[each.voucher] += each.amount
        paid = {each.voucher for each in self.facts.claims if each.paid_on is not None}
        return {each.key: (each.amount or NOTHING) - recovered[each.key] for each in self.facts.vouchers if each.key in paid}

    @cached_property
    def vouchers_of_exchange(self) -> dict[Key, list[Voucher]]:
        """All vouchers of each exchange, whatever call they draw on."""
        found: dict[Key, list[Voucher]] = defaultdict(list)
        for each in self.facts.vouchers:
            if each.exchange is not None:
                found[each.exchange].append(each)
        return found

    # Answers

    @cached_property
    def sendings(self) -> dict[Key, Sending]:
        """The last sending in answer to each request."""
        last: dict[Key, Sending] = {}
        for each in self.facts.sendings:
            known = last.get(each.request)
            if known is None or known.sent_on <= each.sent_on:
                last[each.request] = each
        return last

    @cached_property
    def requests(self) -> dict[str, list[Request]]:
        """By questionnaire, whatever became of the exchange."""
        found: dict[str, list[Request]] = defaultdict(list)
        for each in self.facts.requests:
            if self.holds(each.about):
                found[each.questionnaire].append(each)
        return found

    def answered(self, questionnaire: str) -> Iterator[tuple[Request, Sending]]:
        """The requests that were answered, each with the sending that counts."""
        for each in self.requests.get(questionnaire, ()):
            sending = self.sendings.get(each.key)
            if each.state == ANSWERED and sending is not None:
                yield each, sending

    def given(self, questionnaire: str, item: str) -> dict[Case, Any]:
        """The answers to one item that were given, by what they are about."""
        return self._given.get((questionnaire, item), {})

    @cached_property
    def _given(self) -> dict[tuple[str, str], dict[Case, Any]]:
        found: dict[tuple[str, str], dict[Case, Any]] = defaultdict(dict)
        for questionnaire in self.requests:
            for request, sending in self.answered(questionnaire):
                for item, answer in sending.answers.items():
                    if is_answer(answer):
                        found[questionnaire, item][request.about] = answer
        return found

    def response(self, questionnaire: str) -> Response:
        return self._responses.get(questionnaire, Response(0, 0))

    @cached_property
    def _responses(self) -> dict[str, Response]:
        found = {}
        for questionnaire, requests in self.requests.items():
            states = Counter(each.state for each in requests)
            asked = states[ANSWERED] + states[MISSED]
            found[questionnaire] = Response(states[ANSWERED], asked, states[NOT_DELIVERED])
        return found

    def item_response(self, questionnaire: str, item: str) -> Response:
        """Of those who were asked, how many have answered this very item."""
        return Response(len(self.given(questionnaire, item)), self.response(questionnaire).asked)


def is_answer(answer: Any) -> bool:
    """An empty list of changes says that there were none; an empty text or no objective at all says nothing."""
    return answer is not None and answer != "" and answer != {}


def _filed(claim: Claim) -> date:
    return claim.filed_on
