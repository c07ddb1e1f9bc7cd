"""A file of the form of docs/design/data/review_example.toml as the product would hold it: rows, with the history of the acts.

Nobody can walk two years of operations back, so the rows are made directly; money moves by the operations of the ledger, and
`check_ledger` finds nothing wrong with it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select

from mobility.applications.models import Application, Delegate
from mobility.banking.models import BankAccount
from mobility.claims.models import Claim
from mobility.consents.models import PublishConsent
from mobility.core import clock
from mobility.core.database import db
from mobility.exchanges.models import AgreementVersion, Exchange, Signature
from mobility.followup.models import Answer, Asking, QuestionnaireRequest
from mobility.payments.models import Payment, PaymentBatch
from mobility.people.models import User
from mobility.people.roles import Level, Role
from mobility.programmes import operations as programmes
from mobility.programmes.models import BudgetLine, Call
from mobility.questionnaires.models import Questionnaire
from mobility.questionnaires.operations import furnish
from mobility.takeovers.models import TakeOver
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher
from mobility.workflows.history import HistoryEntry, PromiseRecord
from mobility.workflows.table import SYSTEM
from tests.support import factories
from tests.support.cases import make_account
from tests.support.outcomes import COMPLETED, Reader, Row

ENOUGH = Decimal(10_000_000)
ENDS = {"expired": "expire", "withdrawn": "withdraw", "revoked": "revoke", "lapsed": "lapse"}
PERIODS = ("decision_working_days", "payment_days", "attendance_days", "questionnaire_days")
MONTHS = {"month_6": 6, "month_12": 12}


class Loaded:
    """One file in the database. `ids`: its keys -> the rows' ids; `names`: (kind, id) -> its key."""

    def __init__(self, data: Row) -> None:
        self.data, self.reader = data, Reader(data)
        self.ids: dict[str, int] = {}
        self.names: dict[tuple[str, int], str] = {}
        self._acts: list[dict[str, Any]] = []
        self._by_key: dict[str, Any] = {}
        self._accounts: dict[Any, BankAccount] = {}
        rules = {name: data["programme"][name] for name in PERIODS if name in data["programme"]}
        zone = data["programme"]["timezone"]
        with clock.at(datetime(2020, 1, 1, tzinfo=self.reader.zone)):
            self.programme = factories.make_programme(scheme=data["programme"]["scheme"], timezone=zone, **rules)
            furnish(self.programme)
        for step in (
            self._calls,
            self._organisations,
            self._exchanges,
            self._vouchers,
            self._take_overs,
            self._requests,
            self._records,
            self._consents,
        ):
            step()
        db.session.execute(insert(HistoryEntry), sorted(self._acts, key=lambda each: each["at"]))
        db.session.commit()

    def noon(self, day: date) -> datetime:
        return clock.noon_of(day, self.data["programme"]["timezone"])

    def call(self, key: str) -> Call:
        return db.session.get_one(Call, self.ids[key])

    def _keep(self, kind: str, key: str, row: Any) -> None:
        self.ids[key] = row.id
        self.names[kind, row.id] = key
        self._by_key[key] = row

    def _act(self, kind: str, row: Any, action: str, states: tuple[str, str], at: datetime) -> None:
        """One line of the history; `states` are from and to."""
        of_it = {"subject_type": kind, "subject_id": row.id, "action": action, "from_state": states[0], "to_state": states[1]}
        self._acts.append({**of_it, "at": at, "acted_as": "system", "actor_name": "", "note": "", "version": 1})

    def _history(self, kind: str, row: Any, *acts: tuple[str, str, datetime | None]) -> None:
        """(action, state afterwards, when) of what has happened, one after the other; the row has the last state."""
        state = ""
        for action, to, at in acts:
            if at is not None:
                self._act(kind, row, action, (state, to), at)
                state = to
        assert state == row.state, (kind, row.id, state, row.state)

    def _at(self, row: Row, name: str) -> datetime | None:
        return self.noon(row[name]) if name in row else None

    # Programme and people

    def _calls(self) -> None:
        for each in self.data["call"]:
            call = factories.make_call(self.programme, **{name: each[name] for name in each if name != "key"})
            self._keep("call", each["key"], call)
            for kind in ("mobility", "knowledge"):
                line = factories.make_budget_line(call, ENOUGH, voucher_kind=kind)
                self._by_key[f"{each['key']} {kind}"] = line

    def _organisations(self) -> None:
        for each in self.data["organisation"]:
            organisation = factories.make_organisation(kind=each["kind"], country=each["country"], name=each["key"])
            self._keep("organisation", each["key"], organisation)

    def _member(self, organisation: str) -> User:
        return factories.make_member(self._by_key[organisation], Role.GUEST)

    def _theme(self, host: str) -> Theme:
        if f"theme {host}" not in self._by_key:
            theme = Theme(
                programme=self.programme, host=self._by_key[host], title=f"Theme of {host}", state="published", places=99
            )
            self._by_key[f"theme {host}"] = theme
        return self._by_key[f"theme {host}"]

    # Applications and exchanges

    def _exchanges(self) -> None:
        exchanges = {each["key"]: each for each in self.data["exchange"]}
        for each in self.data["application"]:
            exchange = exchanges.get(each.get("exchange", ""))
            application = self._application(each, exchange)
            if exchange is not None:
                self._exchange(exchange, application)

    def _application(self, row: Row, exchange: Row | None) -> Application:
        guest, host = (exchange["guest"], exchange["host"]) if exchange else (org["key"] for org in self.data["organisation"][:2])
        states = {"confirmed_on": "confirmed", "accepted_on": "accepted", "submitted_on": "submitted"}
        reached = next((state for name, state in states.items() if name in row), "draft")
        application = Application(
            theme=self._theme(host),
            guest=self._member(guest),
            guest_organisation=self._by_key[guest],
            state=row.get("ended", reached),
            self_funded=exchange is None and row.get("self_funded", False),  # of an exchange its agreement says it
            submitted_on=row.get("submitted_on"),
            delegates=list(self._delegates(exchange["key"])) if exchange else [],
        )
        db.session.add(application)
        db.session.flush()
        self._keep("application", row["key"], application)
        last = max((row[name] for name in states if name in row), default=date(2026, 1, 2))
        self._history(
            "application",
            application,
            ("create", "draft", self.noon(row.get("submitted_on", last) - timedelta(days=1))),
            ("submit", "submitted", self._at(row, "submitted_on")),
            ("accept", "accepted", self._at(row, "accepted_on")),
            ("confirm", "confirmed", self._at(row, "confirmed_on")),
            ("end", application.state, self.noon(last + timedelta(days=3)) if "ended" in row else None),
        )
        return application

    def _delegates(self, exchange: str) -> Iterator[Delegate]:
        rows = (each for each in self.data["delegate"] if each["exchange"] == exchange)
        for position, each in enumerate(rows, 1):
            email = f"{each['key']}@example.org" if each["address"] else ""
            yield Delegate(position=position, name=each["key"], email=email, level=Level(each["level"]))

    def _exchange(self, row: Row, application: Application) -> None:
        took_place = row["state"] in COMPLETED
        first, last = row.get("first_day", date(2028, 1, 10)), row.get("last_day", date(2028, 1, 12))
        exchange = Exchange(
            application=application,
            theme=application.theme,
            programme=self.programme,
            host=self._by_key[row["host"]],
            guest=application.guest,
            guest_organisation=application.guest_organisation,
            state=row["state"],
            self_funded=row.get("self_funded", False),
            first_day=first - timedelta(days=1) if took_place else first,  # the host has confirmed other days than were planned
            last_day=last,
            actual_first_day=first if took_place else None,
            actual_last_day=last if took_place else None,
            confirmed_on=row.get("confirmed_on"),
        )
        came = {each["key"] for each in self.data["delegate"] if each["exchange"] == row["key"] and each["attended"]}
        exchange.attended = [each.name for each in application.delegates if each.name in came]
        db.session.add(exchange)
        db.session.flush()
        self._keep("exchange", row["key"], exchange)
        self._agreement(row, exchange)
        self._stay(row, exchange)

    def _agreement(self, row: Row, exchange: Exchange) -> None:
        lines = "\n".join(f"Objective {number}" for number in range(1, row["objectives"] + 1))
        version = AgreementVersion(
            exchange=exchange,
            number=1,
            objectives=lines,
            guest_benefit="A benefit",
            host_benefit="A benefit",
            first_day=exchange.first_day,
            last_day=exchange.last_day,
        )
        if "agreed_on" in row:
            at = self.noon(row["agreed_on"])
            version.signatures = [Signature(side=side, signed_by=exchange.guest, signed_at=at) for side in ("host", "guest")]
            exchange.agreed_version = version
        exchange.newest_version = version
        db.session.flush()

    def _stay(self, row: Row, exchange: Exchange) -> None:
        planned = next(each["confirmed_on"] for each in self.data["application"] if each.get("exchange") == row["key"])
        begun = row["state"] in {*COMPLETED, "in_progress"} or (
            row["state"] == "cancelled" and "agreed_on" in row and row["cancelled_on"] > row["last_day"]
        )
        closed = self.noon(row["confirmed_on"] + timedelta(days=1)) if row["state"] == "closed" else None
        self._history(
            "exchange",
            exchange,
            ("create", "planning", self.noon(planned)),
            ("sign", "agreed", self._at(row, "agreed_on")),
            ("start", "in_progress", self.noon(exchange.first_day) if begun else None),
            ("confirm_attendance", "completed", self._at(row, "confirmed_on")),
            ("close", "closed", closed),
            ("report_no_show" if begun else "cancel", "cancelled", self._at(row, "cancelled_on")),
        )

    # Vouchers and their money

    def _vouchers(self) -> None:
        self.batch = PaymentBatch(programme=self.programme, collected_by=self._member(self.data["organisation"][0]["key"]))
        self.batch.message_id, self.batch.state = f"MOB-{self.programme.id}", "settled"
        db.session.add(self.batch)
        for each in sorted(self.data["voucher"], key=lambda row: row.get("requested_on", date.max)):
            self._voucher(each)

    def _voucher(self, row: Row) -> None:
        exchange = self._by_key.get(row.get("exchange", ""))
        kind = "mobility" if exchange else "knowledge"
        sides = (
            {"exchange": exchange, "holder": exchange.guest, "holder_organisation": exchange.guest_organisation}
            if exchange
            else {"holder": self._member(row["holder"]), "holder_organisation": self._by_key[row["holder"]]}
        )
        filed = [each for each in self.reader.rows("claim") if each["voucher"] == row["key"]]
        paid_on = next((each["paid_on"] for each in filed if "paid_on" in each), None)
        back = sum((each["amount"] for each in self.reader.rows("recovery") if each["voucher"] == row["key"]), Decimal(0))
        days = {name: row.get(name) for name in ("requested_on", "decided_on", "redeemed_on", "valid_until")}
        voucher = Voucher(
            kind=kind,
            programme=self.programme,
            state=row["state"],
            host=exchange.host if exchange else None,
            provider=self._by_key.get(row.get("provider", "")),
            budget_line=self._by_key[f"{row['call']} {kind}"],
            amount=row["amount"],
            issued_at=self._at(row, "issued_on"),
            final_amount=row.get("final_amount"),
            paid_on=paid_on,
            recovered_amount=back or None,
            **sides,
            **days,
        )
        db.session.add(voucher)
        db.session.flush()
        self._keep("voucher", row["key"], voucher)
        self._life(row, voucher, filed, exchange)
        self._move_money(row, voucher, filed)

    def _life(self, row: Row, voucher: Voucher, filed: list[Row], exchange: Exchange | None) -> None:
        """Its history, in the order in which it can be."""
        requested, again = self._at(row, "requested_on"), row.get("resubmitted_at")
        asked = requested + timedelta(hours=1) if again and requested else None
        first_claim = filed[0]["claimed_on"] if filed else None
        delivered = exchange.confirmed_on if exchange else first_claim
        happened = delivered and row["state"] in {"delivered", "claimed", "validated", "paid", "recovered", "lapsed"}
        acts = [
            ("create", "draft", (requested or self.noon(date(2027, 1, 1))) - timedelta(hours=1)),
            ("request", "requested", requested),
            ("ask_information", "returned", asked),
            ("resubmit", "requested", again),
            ("approve", "approved", self._at(row, "decided_on") if row.get("decision") == "approved" else None),
            ("reject", "rejected", self._at(row, "decided_on") if row.get("decision") == "rejected" else None),
            ("issue", "issued", self._at(row, "issued_on")),
            ("redeem", "redeemed", self._at(row, "redeemed_on")),
            ("confirm_delivery", "delivered", self.noon(delivered) if happened and delivered else None),
        ]
        for each in filed:
            acts.append(("claim", "claimed", self._at(each, "claimed_on")))
            acts.append(("return_claim", "delivered", self._at(each, "returned_on")))
            if "paid_on" in each:
                recorded = self.noon(each.get("recorded_on", each["paid_on"]))
                acts += [("validate", "validated", self.noon(each["paid_on"])), ("pay", "paid", recorded)]
        recoveries = [each for each in self.reader.rows("recovery") if each["voucher"] == row["key"]]
        acts += [("recover", row["state"], self._at(each, "on")) for each in recoveries]
        if row["state"] in ENDS:
            acts.append((ENDS[row["state"]], row["state"], self._at(row, "ended_on")))
        self._history("voucher", voucher, *acts)

    def _move_money(self, row: Row, voucher: Voucher, filed: list[Row]) -> None:
        if row.get("decision") != "approved":
            return
        line, amount, final = voucher.budget_line, row["amount"], row.get("final_amount")
        assert line is not None
        with clock.at(self.noon(row["decided_on"])):
            programmes.commit_budget(line, amount, for_=voucher, by=SYSTEM)
        if row["state"] in ENDS:
            with clock.at(self.noon(row["ended_on"])):
                programmes.release_budget(line, amount, for_=voucher, by=SYSTEM)
        for number, each in enumerate(filed, 1):
            self._claim(voucher, each, number)
            if "paid_on" in each:
                self._pay(voucher, each, line, amount, final)
        for each in (each for each in self.reader.rows("recovery") if each["voucher"] == row["key"]):
            with clock.at(self.noon(each["on"])):
                programmes.recover_budget(line, each["amount"], for_=voucher, by=SYSTEM)

    def _claim(self, voucher: Voucher, row: Row, number: int) -> None:
        if number == 1:
            db.session.add(Claim(voucher=voucher, submitted_at=self.noon(row["claimed_on"])))
        voucher.claimed_on = row["claimed_on"]

    def _pay(self, voucher: Voucher, row: Row, line: BudgetLine, amount: Decimal, final: Decimal) -> None:
        with clock.at(self.noon(row["paid_on"])):
            if amount > final:
                programmes.release_budget(line, amount - final, for_=voucher, by=SYSTEM)
        with clock.at(self.noon(row.get("recorded_on", row["paid_on"]))):
            programmes.spend_budget(line, final, for_=voucher, by=SYSTEM)
        account = self._account(voucher.holder if voucher.exchange_id else voucher.provider)
        payment = Payment(
            batch=self.batch, voucher=voucher, account=account, amount=final, end_to_end_id=f"{voucher.reference}-1"
        )
        payment.outcome, payment.settled_on = "paid", row["paid_on"]
        db.session.add(payment)
        db.session.flush()

    def _account(self, owner: Any) -> BankAccount:
        if owner not in self._accounts:
            self._accounts[owner] = make_account(owner)
        return self._accounts[owner]

    # Questions and answers

    def _requests(self) -> None:
        asked = db.session.scalars(select(Questionnaire).where(Questionnaire.programme_id == self.programme.id))
        self._questionnaires = {each.key: each for each in asked}
        self._askings: dict[tuple[str, int, str], Asking] = {}
        self._places: dict[int, int] = defaultdict(int)
        rows = list(self.reader.requests())
        sent: dict[Any, list[Row]] = defaultdict(list)
        for number, each in self.reader.answered(rows):
            sent[number].append(each)
        for (request, _), row in zip(rows, self.reader.rows("request"), strict=True):
            self._request(row, MONTHS.get(request.occasion), sent[request.key])

    def _request(self, row: Row, month: int | None, sent: list[Row]) -> None:
        questionnaire = self._questionnaires[row["key"]]
        asking = self._asking(questionnaire, month if month is not None else questionnaire.rounds[0], row)
        about = "voucher" if row["of"] in self.reader.vouchers else "exchange"
        thing = self._by_key[row["of"]]
        request = QuestionnaireRequest(
            programme=self.programme,
            questionnaire=questionnaire,
            asking=asking,
            place=self._places[asking.id],
            asked_version=questionnaire.newest,
            organisation_id=thing.holder_organisation_id if about == "voucher" else thing.guest_organisation_id,
            name=row["who"],
            email=f"{row['who']}@example.org",
            answer_by=row["due"],
            mailed_on=row["asked"],
            state=row["state"],
            **{about: thing},
        )
        db.session.add(request)
        db.session.flush()
        self._places[asking.id] += 1
        self._answers(row, request, sent)

    def _asking(self, questionnaire: Questionnaire, round: int, row: Row) -> Asking:
        key = (questionnaire.key, round, row["of"])
        if key not in self._askings:
            about = "voucher_id" if row["of"] in self.reader.vouchers else "exchange_id"
            asking = Asking(questionnaire_id=questionnaire.id, round=round, asked_on=row["asked"], **{about: self.ids[row["of"]]})
            db.session.add(asking)
            db.session.flush()
            self._askings[key] = asking
        return self._askings[key]

    def _answers(self, row: Row, request: QuestionnaireRequest, sent: list[Row]) -> None:
        over = self.noon(row["due"] + timedelta(days=1))
        ended = {"missed": ("miss", over), "not_delivered": ("report_undelivered", over), "called_off": ("call_off", over)}
        acts: list[tuple[str, str, datetime | None]] = [("create", "asked", self.noon(row["asked"]))]
        for each in sent:
            answers = {name: stored(name, value) for name, value in each["answers"].items()}
            if row["key"] == "manager":
                answers = {"confirmed": {self.line_of(take_over): said for take_over, said in each["answers"].items()}}
            answer = Answer(request=request, asked_version=request.asked_version, sent_at=each["at"], answers=answers)
            answer.by_name = row["who"]
            db.session.add(answer)
            acts.append(("answer", "answered", each["at"]))
        if row["state"] in ended:
            action, at = ended[row["state"]]
            acts.append((action, row["state"], at))
        self._history("followup", request, *acts)

    def _take_overs(self) -> None:
        for each in self.reader.rows("take_over"):
            exchange = self._by_key[each["exchange"]]
            since = self.reader.take_over(each).since
            state, begun = since[-1]
            row = TakeOver(
                programme=self.programme,
                exchange=exchange,
                organisation=exchange.guest_organisation,
                key=self.line_of(each["key"]),
                what=f"What {each['key']} is",
                state=state,
                since=begun,
            )
            db.session.add(row)
            db.session.flush()
            self._keep("takeover", each["key"], row)
            acts = [("move" if number else "create", to, self.noon(on)) for number, (to, on) in enumerate(since)]
            self._history("takeover", row, *acts)

    def line_of(self, take_over: str) -> str:
        """The key of its line in the answers: the first of an exchange is t1."""
        exchange = next(each["exchange"] for each in self.data["take_over"] if each["key"] == take_over)
        of_it = [each["key"] for each in self.data["take_over"] if each["exchange"] == exchange]
        return f"t{of_it.index(take_over) + 1}"

    def _consents(self) -> None:
        for side, each in self.reader.sides():
            exchange = self._by_key[each["exchange"]]
            row = PublishConsent(exchange=exchange, side=side, publish=each["publish"], at=each["at"], by=exchange.guest)
            db.session.add(row)
            self._act("exchange", exchange, "change_consent", (exchange.state, exchange.state), each["at"])

    # Promises

    def _records(self) -> None:
        for each in self.reader.rows("record"):
            ended = {} if each["outcome"] == "open" else {"outcome": each["outcome"], "ended_on": each["ended_on"]}
            kind = "voucher" if each["of"] in self.reader.vouchers else "exchange"
            of_it: Mapping[str, Any] = {"subject_type": kind, "subject_id": self.ids[each["of"]], "promise": each["promise"]}
            days = {"since": each["since"], "due_on": each["due"]}
            db.session.add(PromiseRecord(programme_id=self.programme.id, owed_by="owner", **of_it, **days, **ended))


def stored(item: str, value: Any) -> Any:
    """An answer as questionnaires keep it (questionnaires/items.py)."""
    if item == "changes":
        return [{"kind": kind, "what": "Something"} for kind in value]
    if item in {"practice", "joint"}:
        return {key: str(number) for key, number in value.items()}
    return str(value) if isinstance(value, Decimal) or item in {"hours", "members_served", "leveraged", "shared"} else value
