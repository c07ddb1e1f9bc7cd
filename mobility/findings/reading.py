"""A programme's rows as facts: one statement for each kind of row, of columns only, so that 20,000 exchanges are read in seconds.

What cannot be told of an earlier day is in docs/decisions/0023-kept-figures.md.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from operator import itemgetter
from sys import intern
from typing import Any

from sqlalchemy import func, select, union

from mobility.applications.models import Application, Delegate
from mobility.applications.workflow import ACCEPTED, CONFIRMED
from mobility.exchanges.models import AgreementVersion, Exchange
from mobility.exchanges.states import AGREED, TOOK_PLACE
from mobility.findings.given import MANAGERS, given
from mobility.findings.then import Then, rows_of
from mobility.followup.models import Answer, Asking, QuestionnaireRequest
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

ENDED = {EXPIRED, WITHDRAWN, REVOKED}
MEASURED = [each.key.removeprefix("kept.") for each in PROMISES]
HEARD = frozenset(key for each in DEFINITIONS for key, _ in (*each.rests_on, *each.with_those_of))
"""The questionnaires whose answers figures rest on; of the others it counts only whether they were answered."""


class Reading(Then):
    """One programme at the end of one of its days. Each method reads one kind of row."""

    def __init__(self, programme: Programme, as_of: date) -> None:
        super().__init__(programme, as_of)
        self._answered: dict[Any, Any] = {}

    def _same(self, answers: dict[str, Any]) -> dict[str, Any]:
        """As `once`, of answers, whose parts `given` has once: they are known by where they lie, as long as they are kept."""
        parts = tuple((item, id(part) if isinstance(part, dict | list) else part) for item, part in answers.items())
        found: dict[str, Any] = self._answered.setdefault(parts, answers)
        return found

    # Calls, organisations, applications

    def calls(self) -> Iterator[facts.Call]:
        query = select(Call.id, Call.opens_on, Call.closes_on).where(Call.programme_id == self.programme_id).order_by(Call.id)
        for id, opens_on, closes_on in rows_of(query):
            yield facts.Call(key=id, opens_on=opens_on, closes_on=closes_on)

    def organisations(self) -> Iterator[facts.Organisation]:
        """Both sides of every exchange."""
        of_programme = Exchange.programme_id == self.programme_id
        ids = union(select(Exchange.guest_organisation_id).where(of_programme), select(Exchange.host_id).where(of_programme))
        query = select(Organisation.id, Organisation.kind, Organisation.country, Organisation.region)
        for id, kind, country, region in rows_of(query.where(Organisation.id.in_(ids)).order_by(Organisation.id)):
            name = region_name(region) if region else ""
            yield facts.Organisation(key=id, kind=OrganisationKind(kind), country=country, region=name)

    def applications(self) -> Iterator[facts.Application]:
        reached = self.first_days(
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
        for id, submitted_on, exchange, unfunded in rows_of(query.order_by(Application.id)):
            confirmed_on = reached.get((id, CONFIRMED)) if submitted_on else None  # else moved in by mistake
            yield facts.Application(
                key=id,
                submitted_on=self.until(submitted_on),
                accepted_on=reached.get((id, ACCEPTED), confirmed_on),  # one that was moved in was accepted elsewhere
                confirmed_on=confirmed_on,
                exchange=exchange,
                self_funded=bool(unfunded),
            )

    # Exchanges

    def exchanges(self) -> Iterator[facts.Exchange]:
        delegations = self._delegations()
        agreed = self.first_days(
            select(HistoryEntry.subject_id, HistoryEntry.to_state, func.min(HistoryEntry.at, type_=HistoryEntry.at.type))
            .join(Exchange, HistoryEntry.subject_id == Exchange.id)
            .where(HistoryEntry.subject_type == EXCHANGE, Exchange.programme_id == self.programme_id)
            .where(HistoryEntry.to_state == AGREED, HistoryEntry.action != "move_in")
            .group_by(HistoryEntry.subject_id, HistoryEntry.to_state)
        )
        first_day = func.coalesce(Exchange.actual_first_day, Exchange.first_day, type_=Exchange.first_day.type)
        last_day = func.coalesce(Exchange.actual_last_day, Exchange.last_day, type_=Exchange.last_day.type)
        who = (Exchange.guest_organisation_id, Exchange.host_id, Exchange.application_id)
        came = (Exchange.attended, Exchange.attended_places)
        elsewhere = AgreementVersion.agreed_elsewhere_on
        query = select(Exchange.id, Exchange.state, first_day, last_day, *who, *came, Theme.title, elsewhere).join(Theme)
        query = query.outerjoin(AgreementVersion, Exchange.agreed_version_id == AgreementVersion.id)
        query = query.where(Exchange.programme_id == self.programme_id).order_by(Exchange.id)
        for id, state, first, last, guest, host, application, attended, places, theme, before in rows_of(query):
            yield facts.Exchange(
                key=id,
                guest=self.once(guest),
                host=self.once(host),
                first_day=self.once(first),
                last_day=self.once(last),
                completed=self.state(EXCHANGE, id, state) in TOOK_PLACE,
                agreed_on=self.until(before) or agreed.get((id, AGREED)),
                delegates=self.once(tuple(_delegates(delegations[application], attended, places))),
                theme=self.once(theme),
            )

    def _delegations(self) -> Mapping[int, list[tuple[int, str, str]]]:
        """Application -> (place, name, level) of those who were to travel."""
        query = (
            select(Delegate.application_id, Delegate.position, Delegate.name, Delegate.level)
            .join(Exchange, Exchange.application_id == Delegate.application_id)
            .where(Exchange.programme_id == self.programme_id)
            .order_by(Delegate.application_id, Delegate.position)
        )
        found: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
        for application, place, name, level in rows_of(query):
            found[application].append((place, name, level))
        return found

    # Vouchers and their money

    def vouchers(self) -> Iterator[facts.Voucher]:
        again = {id: days[-1] for id, days in self.voucher_days("resubmit").items()}
        columns = (Voucher.id, BudgetLine.call_id, Voucher.exchange_id, Voucher.state, Voucher.requested_on)
        dates = (Voucher.decided_on, Voucher.issued_at, Voucher.redeemed_on, Voucher.final_amount)
        query = select(*columns, *dates).outerjoin(BudgetLine).where(Voucher.programme_id == self.programme_id)
        for id, call, exchange, state, requested, decided, issued, redeemed, amount in rows_of(query.order_by(Voucher.id)):
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

    def claims(self) -> Iterator[facts.Claim]:
        """One for each filing; what was paid is paid for the last."""
        filed, paid = self.voucher_days("claim"), self._paid_on()
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
        for id, outcome, day in rows_of(query.order_by(Payment.id)):
            returned[id] += outcome == RETURNED
            if self.until(day) and (outcome == PAID or self.came_back_later(id, returned[id])):
                found[id] = day
        return found

    def recoveries(self) -> Iterator[facts.Recovery]:
        query = (
            select(LedgerEntry.voucher_id, Posting.amount)
            .join(Posting, Posting.entry_id == LedgerEntry.id)
            .join(Voucher, LedgerEntry.voucher_id == Voucher.id)
            .where(LedgerEntry.event == LedgerEvent.RECOVER, Posting.account == Account.AVAILABLE)
            .where(Voucher.programme_id == self.programme_id, LedgerEntry.at < self.end)
        )
        for voucher, amount in rows_of(query.order_by(LedgerEntry.id)):
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
        for id, state, due_on, exchange, voucher, key, round in rows_of(query.order_by(request.id)):
            case = self.once(Case(EXCHANGE, exchange) if exchange else Case(VOUCHER, voucher))
            if then := self.state(FOLLOWUP.name, id, state):
                occasion = f"month_{round}" if key == "manager" else ""
                what = {"questionnaire": intern(key), "state": intern(then), "occasion": intern(occasion)}
                yield facts.Request(key=self.once(id), about=case, due_on=self.once(due_on), **what)

    def sendings(self) -> Iterator[facts.Sending]:
        """The last in answer to each request; a manager's by take-over. The earlier ones are not even read: they are long."""
        request, take_overs = QuestionnaireRequest, self._by_line()
        query = select(Answer.request_id, Answer.sent_at, Answer.answers, request.exchange_id)
        query = query.join(request, Answer.request_id == request.id).where(Answer.id.in_(self._last_sent()))
        for id, at, answers, exchange in rows_of(query):
            found: dict[Any, Any] = self._same(given(answers))
            if MANAGERS in found:
                of_exchange = take_overs.get(exchange, {})
                found = {of_exchange[line]: said for line, said in found[MANAGERS].items() if line in of_exchange}
            yield facts.Sending(request=self.once(id), sent_on=self.day(at), answers=found)

    def _last_sent(self) -> Any:
        """The ids of the last answers to what figures rest on."""
        request, asked = QuestionnaireRequest, Questionnaire
        sent = select(func.max(Answer.id)).join(request, Answer.request_id == request.id)
        sent = sent.join(asked, request.questionnaire_id == asked.id)
        sent = sent.where(request.programme_id == self.programme_id, asked.key.in_(HEARD), Answer.sent_at < self.end)
        return sent.group_by(Answer.request_id)

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
        for (id, exchange), acts in groupby(rows_of(query), key=itemgetter(0, 1)):
            since = tuple(self.once((intern(state), self.day(at))) for _, _, state, at in acts)
            yield facts.TakeOver(key=id, exchange=self.once(exchange), since=self.once(since))

    def _by_line(self) -> dict[int, dict[str, int]]:
        """Exchange -> key of a line in the answers -> the take-over."""
        found: dict[int, dict[str, int]] = defaultdict(dict)
        query = select(TakeOver.exchange_id, TakeOver.key, TakeOver.id).where(TakeOver.programme_id == self.programme_id)
        for exchange, key, id in rows_of(query):
            found[exchange][intern(key)] = id
        return found

    # Promises

    def promise_records(self) -> Iterator[facts.PromiseRecord]:
        record = PromiseRecord
        about = (record.subject_type, record.subject_id)
        query = (
            select(record.promise, *about, record.due_on, record.ended_on, record.outcome)
            .where(record.programme_id == self.programme_id, record.promise.in_(MEASURED))
            .order_by(record.id)
        )
        for promise, kind, id, due_on, ended_on, outcome in rows_of(query):
            ended = self.until(ended_on) is not None
            about_it, how = self.once(Case(kind, id)), self.once(outcome) if ended else None
            yield facts.PromiseRecord(promise=self.once(promise), about=about_it, due_on=self.once(due_on), outcome=how)


def _delegates(
    delegation: Iterable[tuple[int, str, str]], attended: Iterable[str], places: Collection[int]
) -> Iterator[facts.Delegate]:
    """By the places that were confirmed; before these were kept, of two with one name one for each time it was confirmed
    (exchanges/rules.py, places_attended)."""
    left = list(attended)
    for place, name, level in delegation:
        came = place in places if places else name in left
        if came and name in left:
            left.remove(name)
        yield facts.Delegate(level=Level(level), attended=came)
