"""A programme's rows as facts: one statement for each kind of row, of columns only, so that 20,000 exchanges are read in seconds.

What cannot be told of an earlier day is in docs/decisions/0023-kept-figures.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from sys import intern
from typing import Any, TypeVar

from sqlalchemy import func, select, union

from mobility.applications.models import Application, Delegate
from mobility.applications.workflow import ACCEPTED, CONFIRMED
from mobility.core.clock import day_of, zone_of
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.exchanges.workflow import AGREED, CLOSED, COMPLETED
from mobility.findings.given import MANAGERS, given
from mobility.followup.leave import ASKED_IN
from mobility.followup.models import Answer, Asking, PublishConsent, QuestionnaireRequest
from mobility.followup.workflow import WORKFLOW as FOLLOWUP
from mobility.outcomes import facts
from mobility.outcomes.answers import QUESTIONNAIRES
from mobility.outcomes.facts import APPLICATION, EXCHANGE, VOUCHER, Case
from mobility.outcomes.process import PROMISES
from mobility.outcomes.review import DEFINITIONS
from mobility.payments.models import PAID, RETURNED, Payment
from mobility.people.models import Organisation
from mobility.people.regions import region_name
from mobility.people.roles import Level, OrganisationKind
from mobility.programmes.models import Account, BudgetLine, Call, LedgerEntry, LedgerEvent, Posting, Programme
from mobility.questionnaires.models import Questionnaire
from mobility.takeovers.models import TakeOver
from mobility.takeovers.workflow import WORKFLOW as TAKE_OVER
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher
from mobility.vouchers.states import EXPIRED, REJECTED, REVOKED, WITHDRAWN
from mobility.workflows.history import HistoryEntry, PromiseRecord

AT_ONCE = 1_000
TOOK_PLACE = {COMPLETED, CLOSED}
ENDED = {EXPIRED, WITHDRAWN, REVOKED}
MEASURED = [each.key.removeprefix("kept.") for each in PROMISES]
END = frozenset(ASKED_IN.values())
HEARD = END.union(key for each in DEFINITIONS for key, _ in (*each.rests_on, *each.with_those_of))
"""The questionnaires whose answers figures rest on; of the others it counts only whether they were answered."""
Rows = Iterator[Any]
T = TypeVar("T")


class Reading:
    """One programme at the end of one of its days. Each method reads one kind of row."""

    def __init__(self, programme: Programme, as_of: date) -> None:
        self.programme_id, self.timezone, self.as_of = programme.id, programme.timezone, as_of
        self.is_past = as_of < programme.today
        self._said: dict[tuple[int | None, str], datetime] = {}  # (exchange, end questionnaire) -> when it was last sent
        self._known: dict[Any, Any] = {}  # of the days and cases that come again and again, each once
        self.end = datetime.combine(as_of + timedelta(days=1), time(), zone_of(self.timezone)).astimezone(UTC)

    def once(self, value: T) -> T:
        """The same object for all that are equal: 200,000 answers were sent on a few hundred days."""
        found: T = self._known.setdefault(value, value)
        return found

    def _same(self, answers: dict[str, Any]) -> dict[str, Any]:
        """Likewise for answers, whose parts `given` has once: they are known by where they lie, as long as they are kept here."""
        parts = tuple((item, id(part) if isinstance(part, dict | list) else part) for item, part in answers.items())
        found: dict[str, Any] = self._known.setdefault(parts, answers)
        return found

    def day(self, instant: datetime) -> date:
        return self.once(day_of(instant, self.timezone))

    def until(self, day: date | None) -> date | None:
        """The day, if it had come."""
        return self.once(day) if day is not None and day <= self.as_of else None

    # What became of things later

    @cached_property
    def _undone(self) -> Mapping[tuple[str, int], str]:
        """(kind, id) -> the state at the end of the day, of what was acted on afterwards; "" if it was not there yet."""
        if not self.is_past:
            return {}
        entry = HistoryEntry
        first = select(func.min(entry.id)).where(entry.at >= self.end).group_by(entry.subject_type, entry.subject_id)
        later = select(entry.subject_type, entry.subject_id, entry.from_state).where(entry.id.in_(first))
        return {(kind, id): state for kind, id, state in _rows(later)}

    def state(self, kind: str, id: int, now: str) -> str:
        return self._undone.get((kind, id), now)

    # Calls, organisations, applications

    def calls(self) -> Iterator[facts.Call]:
        query = select(Call.id, Call.opens_on, Call.closes_on).where(Call.programme_id == self.programme_id).order_by(Call.id)
        for id, opens_on, closes_on in _rows(query):
            yield facts.Call(key=id, opens_on=opens_on, closes_on=closes_on)

    def organisations(self) -> Iterator[facts.Organisation]:
        """Both sides of every exchange."""
        of_programme = Exchange.programme_id == self.programme_id
        ids = union(select(Exchange.guest_organisation_id).where(of_programme), select(Exchange.host_id).where(of_programme))
        query = select(Organisation.id, Organisation.kind, Organisation.country, Organisation.region)
        for id, kind, country, region in _rows(query.where(Organisation.id.in_(ids)).order_by(Organisation.id)):
            name = region_name(region) if region else ""
            yield facts.Organisation(key=id, kind=OrganisationKind(kind), country=country, region=name)

    def applications(self) -> Iterator[facts.Application]:
        reached = self._first_days(
            select(HistoryEntry.subject_id, HistoryEntry.to_state, func.min(HistoryEntry.at, type_=HistoryEntry.at.type))
            .join(Application, HistoryEntry.subject_id == Application.id)
            .join(Theme)
            .where(HistoryEntry.subject_type == APPLICATION, Theme.programme_id == self.programme_id)
            .where(HistoryEntry.to_state.in_((ACCEPTED, CONFIRMED)))
            .group_by(HistoryEntry.subject_id, HistoryEntry.to_state)
        )
        self_funded = func.coalesce(Exchange.self_funded, Application.self_funded)
        query = (
            select(Application.id, Application.submitted_on, Exchange.id, self_funded)
            .join(Theme, Application.theme_id == Theme.id)
            .outerjoin(Exchange, Exchange.application_id == Application.id)
            .where(Theme.programme_id == self.programme_id)
        )
        for id, submitted_on, exchange, unfunded in _rows(query.order_by(Application.id)):
            yield facts.Application(
                key=id,
                submitted_on=self.until(submitted_on),
                accepted_on=reached.get((id, ACCEPTED)),
                confirmed_on=reached.get((id, CONFIRMED)),
                exchange=exchange,
                self_funded=bool(unfunded),
            )

    def _first_days(self, query: Any) -> dict[tuple[int, str], date]:
        """(id, state) -> the first day in it, if that had come."""
        days = ((id, state, self.until(self.day(at))) for id, state, at in _rows(query))
        return {(id, state): day for id, state, day in days if day is not None}

    # Exchanges

    def exchanges(self) -> Iterator[facts.Exchange]:
        delegations = self._delegations()
        agreed = self._first_days(
            select(HistoryEntry.subject_id, HistoryEntry.to_state, func.min(HistoryEntry.at, type_=HistoryEntry.at.type))
            .join(Exchange, HistoryEntry.subject_id == Exchange.id)
            .where(HistoryEntry.subject_type == EXCHANGE, Exchange.programme_id == self.programme_id)
            .where(HistoryEntry.to_state == AGREED)
            .group_by(HistoryEntry.subject_id, HistoryEntry.to_state)
        )
        first_day = func.coalesce(Exchange.actual_first_day, Exchange.first_day, type_=Exchange.first_day.type)
        last_day = func.coalesce(Exchange.actual_last_day, Exchange.last_day, type_=Exchange.last_day.type)
        who = (Exchange.guest_organisation_id, Exchange.host_id, Exchange.application_id, Exchange.attended)
        query = select(Exchange.id, Exchange.state, first_day, last_day, *who, Theme.title).join(Theme)
        query = query.where(Exchange.programme_id == self.programme_id)
        for id, state, first, last, guest, host, application, attended, theme in _rows(query.order_by(Exchange.id)):
            yield facts.Exchange(
                key=id,
                guest=self.once(guest),
                host=self.once(host),
                first_day=self.once(first),
                last_day=self.once(last),
                completed=self.state(EXCHANGE, id, state) in TOOK_PLACE,
                agreed_on=agreed.get((id, AGREED)),
                delegates=tuple(_delegates(delegations[application], attended)),
                theme=self.once(theme),
            )

    def _delegations(self) -> Mapping[int, list[tuple[str, str]]]:
        """Application -> (name, level) of those who were to travel."""
        query = (
            select(Delegate.application_id, Delegate.name, Delegate.level)
            .join(Exchange, Exchange.application_id == Delegate.application_id)
            .where(Exchange.programme_id == self.programme_id)
            .order_by(Delegate.application_id, Delegate.position)
        )
        found: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for application, name, level in _rows(query):
            found[application].append((name, level))
        return found

    # Vouchers and their money

    def vouchers(self) -> Iterator[facts.Voucher]:
        again = {id: days[-1] for id, days in self._voucher_days("resubmit").items()}
        columns = (Voucher.id, BudgetLine.call_id, Voucher.exchange_id, Voucher.state, Voucher.requested_on)
        dates = (Voucher.decided_on, Voucher.issued_at, Voucher.redeemed_on, Voucher.final_amount)
        query = select(*columns, *dates).outerjoin(BudgetLine).where(Voucher.programme_id == self.programme_id)
        for id, call, exchange, state, requested, decided, issued, redeemed, amount in _rows(query.order_by(Voucher.id)):
            first_requested, decided_on = self.until(requested), self.until(decided)
            yield facts.Voucher(
                key=id,
                call=call,
                exchange=exchange,
                first_requested_on=first_requested,
                requested_on=again.get(id, first_requested),
                decided_on=decided_on,
                approved=decided_on is not None and state != REJECTED,
                issued_on=self.until(self.day(issued)) if issued else None,
                redeemed_on=self.until(redeemed),
                ended=self.state(VOUCHER, id, state) in ENDED,
                amount=amount,
            )

    def _voucher_days(self, action: str) -> dict[int, list[date]]:
        """Voucher -> the days on which this was done, in order."""
        return self._voucher_acts.get(action, {})

    @cached_property
    def _voucher_acts(self) -> dict[str, dict[int, list[date]]]:
        query = (
            select(HistoryEntry.action, HistoryEntry.subject_id, HistoryEntry.at)
            .join(Voucher, HistoryEntry.subject_id == Voucher.id)
            .where(HistoryEntry.subject_type == VOUCHER, Voucher.programme_id == self.programme_id)
            .where(HistoryEntry.action.in_(("resubmit", "claim", "came_back")), HistoryEntry.at < self.end)
        )
        found: dict[str, dict[int, list[date]]] = defaultdict(lambda: defaultdict(list))
        for action, id, at in _rows(query.order_by(HistoryEntry.id)):
            found[action][id].append(self.day(at))
        return found

    def claims(self) -> Iterator[facts.Claim]:
        """One for each filing; what was paid is paid for the last."""
        filed, paid = self._voucher_days("claim"), self._paid_on()
        for id in sorted({*filed, *paid}):
            *earlier, last = filed.get(id) or [paid[id]]
            for day in earlier:
                yield facts.Claim(voucher=id, filed_on=day)
            yield facts.Claim(voucher=id, filed_on=last, paid_on=paid.get(id))

    def _paid_on(self) -> dict[int, date]:
        """Voucher -> the bank's day of the payment that has not come back."""
        query = (
            select(Payment.voucher_id, Payment.outcome, Payment.settled_on)
            .join(Voucher)
            .where(Voucher.programme_id == self.programme_id, Payment.outcome.in_((PAID, RETURNED)))
        )
        found: dict[int, date] = {}
        returned: dict[int, int] = defaultdict(int)
        for id, outcome, day in _rows(query.order_by(Payment.id)):
            returned[id] += outcome == RETURNED
            if self.until(day) and (outcome == PAID or self._came_back_later(id, returned[id])):
                found[id] = day
        return found

    def _came_back_later(self, voucher: int, time: int) -> bool:
        """What came back for the first, second ... time was still paid then."""
        return self.is_past and len(self._voucher_days("came_back").get(voucher, ())) < time

    def recoveries(self) -> Iterator[facts.Recovery]:
        query = (
            select(LedgerEntry.voucher_id, Posting.amount)
            .join(Posting, Posting.entry_id == LedgerEntry.id)
            .join(Voucher, LedgerEntry.voucher_id == Voucher.id)
            .where(LedgerEntry.event == LedgerEvent.RECOVER, Posting.account == Account.AVAILABLE)
            .where(Voucher.programme_id == self.programme_id, LedgerEntry.at < self.end)
        )
        for voucher, amount in _rows(query.order_by(LedgerEntry.id)):
            yield facts.Recovery(voucher=voucher, amount=amount)

    # Questions and answers

    def requests(self) -> Iterator[facts.Request]:
        request, asked = QuestionnaireRequest, Questionnaire
        about = (request.exchange_id, request.voucher_id)
        query = (
            select(request.id, request.state, request.answer_by, *about, asked.key, Asking.round)
            .join(asked, request.questionnaire_id == asked.id)
            .join(Asking, request.asking_id == Asking.id)
            .where(request.programme_id == self.programme_id, asked.key.in_(QUESTIONNAIRES))
        )
        for id, state, due_on, exchange, voucher, key, round in _rows(query.order_by(request.id)):
            case = self.once(Case(EXCHANGE, exchange) if exchange else Case(VOUCHER, voucher))
            if then := self.state(FOLLOWUP.name, id, state):
                occasion = f"month_{round}" if key == "manager" else ""
                what = {"questionnaire": intern(key), "state": intern(then), "occasion": intern(occasion)}
                yield facts.Request(key=id, about=case, due_on=self.once(due_on), **what)

    def sendings(self) -> Iterable[facts.Sending]:
        """The last in answer to each request; a manager's by take-over."""
        request, asked, take_overs = QuestionnaireRequest, Questionnaire, self._by_line()
        query = (
            select(Answer.request_id, Answer.sent_at, Answer.answers, request.exchange_id, asked.key)
            .join(request, Answer.request_id == request.id)
            .join(asked, request.questionnaire_id == asked.id)
            .where(request.programme_id == self.programme_id, asked.key.in_(HEARD), Answer.sent_at < self.end)
        )
        last = {}
        for id, at, answers, exchange, key in _rows(query.order_by(Answer.id)):
            found: dict[Any, Any] = self._same(given(answers))
            if MANAGERS in found:
                lines = ((take_overs.get((exchange, line)), said) for line, said in found[MANAGERS].items())
                found = {take_over: said for take_over, said in lines if take_over is not None}
            if key in END:
                self._said[exchange, key] = at
            last[id] = facts.Sending(request=id, sent_on=self.day(at), answers=found)
        return last.values()

    def consents(self) -> Iterator[facts.Consent]:
        """What was changed since the side's last sending: within a day, days do not tell what came first."""
        consent = PublishConsent
        query = (
            select(consent.exchange_id, consent.side, consent.publish, consent.at)
            .join(Exchange)
            .where(Exchange.programme_id == self.programme_id, consent.at < self.end)
        )
        for exchange, side, publish, at in _rows(query.order_by(consent.id)):
            said = self._said.get((exchange, ASKED_IN[side]))
            if said is None or said <= at:
                yield facts.Consent(exchange=exchange, side=side, publish=publish, on=self.day(at))

    # Take-overs

    def take_overs(self) -> Iterator[facts.TakeOver]:
        entry = HistoryEntry
        query = (
            select(TakeOver.id, TakeOver.exchange_id, entry.to_state, entry.at)
            .join(entry, entry.subject_id == TakeOver.id)
            .where(entry.subject_type == TAKE_OVER.name, TakeOver.programme_id == self.programme_id)
            .where(entry.from_state != entry.to_state, entry.at < self.end)
            .order_by(TakeOver.id, entry.id)
        )
        for (id, exchange), acts in groupby(_rows(query), key=itemgetter(0, 1)):
            since = tuple(self.once((intern(state), self.day(at))) for _, _, state, at in acts)
            yield facts.TakeOver(key=id, exchange=self.once(exchange), since=self.once(since))

    def _by_line(self) -> dict[tuple[int, str], int]:
        """(exchange, key of its line in the answers) -> the take-over."""
        query = select(TakeOver.exchange_id, TakeOver.key, TakeOver.id).where(TakeOver.programme_id == self.programme_id)
        return {(exchange, intern(key)): id for exchange, key, id in _rows(query)}

    # Promises

    def promise_records(self) -> Iterator[facts.PromiseRecord]:
        record = PromiseRecord
        about = (record.subject_type, record.subject_id)
        query = (
            select(record.promise, *about, record.due_on, record.ended_on, record.outcome)
            .where(record.programme_id == self.programme_id, record.promise.in_(MEASURED))
            .order_by(record.id)
        )
        for promise, kind, id, due_on, ended_on, outcome in _rows(query):
            ended = self.until(ended_on) is not None
            about_it, how = self.once(Case(kind, id)), self.once(outcome) if ended else None
            yield facts.PromiseRecord(promise=self.once(promise), about=about_it, due_on=self.once(due_on), outcome=how)


def _rows(query: Any) -> Rows:
    """A part at a time, so that never all of the rows are there beside what is made of them."""
    for some in db.session.execute(query.execution_options(yield_per=AT_ONCE)).partitions():
        yield from some


def _delegates(delegation: Iterable[tuple[str, str]], attended: Iterable[str]) -> Iterator[facts.Delegate]:
    """Of two with one name, one is taken for each time it was confirmed (exchanges/rules.py, places_attended)."""
    left = list(attended)
    for name, level in delegation:
        if came := name in left:
            left.remove(name)
        yield facts.Delegate(level=Level(level), attended=came)
