"""docs/design/data/review_example.toml as facts: read by the rules of review_example.md."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mobility.consents.rules import GUEST, HOST
from mobility.outcomes import facts
from mobility.outcomes.facts import EXCHANGE, VOUCHER, Case, Facts
from mobility.people.roles import Level, OrganisationKind

EXAMPLE = Path(__file__).parents[2] / "docs" / "design" / "data" / "review_example.toml"
STATES = ("planned", "started", "in_use", "dropped")
COMPLETED = {"completed", "closed"}
ENDED = {"expired", "withdrawn", "revoked"}

Row = Mapping[str, Any]


def example() -> dict[str, Any]:
    with EXAMPLE.open("rb") as file:
        return tomllib.load(file, parse_float=Decimal)


class Reader:
    """One file of this form."""

    def __init__(self, data: Row) -> None:
        self.data = data
        self.zone = ZoneInfo(data["programme"]["timezone"])
        self.vouchers = {each["key"] for each in data["voucher"]}
        self.self_funded = {each["key"] for each in data["exchange"] if each.get("self_funded")}

    def read(self) -> Facts:
        requests = list(self.requests())
        return Facts(
            as_of=self.data["as_of"],
            calls=tuple(facts.Call(**each) for each in self.data["call"]),
            organisations={each["key"]: self.organisation(each) for each in self.data["organisation"]},
            applications=tuple(map(self.application, self.data["application"])),
            exchanges=tuple(map(self.exchange, self.data["exchange"])),
            vouchers=tuple(map(self.voucher, self.data["voucher"])),
            claims=tuple(
                facts.Claim(voucher=e["voucher"], filed_on=e["claimed_on"], paid_on=e.get("paid_on")) for e in self.rows("claim")
            ),
            recoveries=tuple(facts.Recovery(voucher=each["voucher"], amount=each["amount"]) for each in self.rows("recovery")),
            requests=tuple(request for request, _ in requests),
            sendings=tuple(self.sendings(requests)),
            take_overs=tuple(map(self.take_over, self.rows("take_over"))),
            promise_records=tuple(map(self.promise_record, self.rows("record"))),
        )

    def rows(self, name: str) -> list[Row]:
        return self.data.get(name, [])

    def day(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()

    def case(self, key: str) -> Case:
        return Case(VOUCHER if key in self.vouchers else EXCHANGE, key)

    def organisation(self, row: Row) -> facts.Organisation:
        return facts.Organisation(key=row["key"], kind=OrganisationKind(row["kind"]), country=row["country"])

    def application(self, row: Row) -> facts.Application:
        days = {name: row.get(name) for name in ("submitted_on", "accepted_on", "confirmed_on")}
        self_funded = row.get("exchange") in self.self_funded or row.get("self_funded", False)
        return facts.Application(key=row["key"], **days, exchange=row.get("exchange"), self_funded=self_funded)

    def exchange(self, row: Row) -> facts.Exchange:
        delegates = [each for each in self.data["delegate"] if each["exchange"] == row["key"]]
        return facts.Exchange(
            key=row["key"],
            guest=row["guest"],
            host=row["host"],
            first_day=row.get("first_day", self.data["as_of"]),
            last_day=row.get("last_day", self.data["as_of"]),
            completed=row["state"] in COMPLETED,
            agreed_on=row.get("agreed_on"),
            delegates=tuple(facts.Delegate(level=Level(each["level"]), attended=each["attended"]) for each in delegates),
        )

    def voucher(self, row: Row) -> facts.Voucher:
        again = row.get("resubmitted_at")
        return facts.Voucher(
            key=row["key"],
            call=row["call"],
            exchange=row.get("exchange"),
            first_requested_on=row.get("requested_on"),
            requested_on=self.day(again) if again else row.get("requested_on"),
            decided_on=row.get("decided_on"),
            approved=row.get("decision") == "approved",
            issued_on=row.get("issued_on"),
            redeemed_on=row.get("redeemed_on"),
            ended=row["state"] in ENDED,
            amount=row.get("final_amount"),
        )

    def requests(self) -> Iterator[tuple[facts.Request, date]]:
        """Each with the day on which it was asked. A manager is asked with the guest's questionnaire of the same day."""
        months = {
            (each["of"], each["asked"]): each["key"] for each in self.rows("request") if each["key"] in {"month_6", "month_12"}
        }
        for number, each in enumerate(self.rows("request")):
            occasion = months.get((each["of"], each["asked"]), "") if each["key"] == "manager" else ""
            about = self.case(each["of"])
            request = facts.Request(
                key=number, questionnaire=each["key"], about=about, due_on=each["due"], state=each["state"], occasion=occasion
            )
            yield request, each["asked"]

    def sendings(self, requests: list[tuple[facts.Request, date]]) -> Iterator[facts.Sending]:
        for number, each in self.answered(requests):
            yield facts.Sending(request=number, sent_on=self.day(each["at"]), answers=each["answers"])

    def answered(self, requests: list[tuple[facts.Request, date]]) -> Iterator[tuple[facts.Key, Row]]:
        """Each sending in answer to the last request that was asked before it, of those that were answered."""
        for each in sorted(self.rows("sending"), key=lambda row: row["at"]):
            day = self.day(each["at"])
            asked = [
                (on, request.key)
                for request, on in requests
                if request.questionnaire == each["key"]
                and request.about.key == each["of"]
                and request.state == "answered"
                and on <= day
            ]
            yield max(asked)[1], each

    def take_over(self, row: Row) -> facts.TakeOver:
        since = sorted((row[state], STATES.index(state)) for state in STATES if state in row)
        return facts.TakeOver(
            key=row["key"], exchange=row["exchange"], since=tuple((STATES[number], day) for day, number in since)
        )

    def promise_record(self, row: Row) -> facts.PromiseRecord:
        outcome = None if row["outcome"] == "open" else row["outcome"]
        return facts.PromiseRecord(promise=row["promise"], about=self.case(row["of"]), due_on=row["due"], outcome=outcome)

    def sides(self) -> Iterator[tuple[str, Row]]:
        """Each word that was changed later, with whose side it is."""
        guests = {each["key"] for each in self.data["delegate"]} | {each["by"] for each in self.rows("replacement")}
        for each in self.rows("consent"):
            yield GUEST if each["by"] in guests else HOST, each
