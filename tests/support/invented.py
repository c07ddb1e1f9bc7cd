"""Other calls of the form of docs/design/data/review_example.toml, invented by chance: the same for the same seed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from mobility.people.roles import Level, OrganisationKind
from tests.support.outcomes import COMPLETED

AS_OF = date(2028, 11, 15)
ZONES = ("Europe/Brussels", "Europe/Lisbon", "Europe/Helsinki", "Atlantic/Azores")
COUNTRIES = ("AT", "DE", "FI", "PT")
STATES = ("planning", "agreed", "in_progress", "completed", "closed", "closed", "closed", "cancelled")
REACHED = ("requested", "rejected", "approved", "issued", "redeemed", "claimed", "paid", "paid", "paid")
ENDED = ("expired", "withdrawn", "revoked", "lapsed")
ANSWERED = ("answered", "answered", "answered", "missed", "asked", "not_delivered", "called_off")
ASKED = (  # questionnaire, days after the last day
    ("end_guest", 7),
    ("end_host", 7),
    ("end_delegate", 7),
    ("month_3", 90),
    ("month_6", 180),
    ("month_6_host", 180),
    ("month_12", 365),
    ("month_12_host", 365),
)
Row = dict[str, Any]


def invented(seed: int) -> Row:
    return Invention(Random(seed)).data


def _given(**values: Any) -> Row:
    """What is not given is not in the file."""
    return {name: value for name, value in values.items() if value is not None}


class Invention:
    """`data` as tomllib reads it."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.zone = ZoneInfo(chance.choice(ZONES))
        names = "call organisation application exchange delegate consent voucher claim recovery take_over request sending record"
        self.data: Row = {name: [] for name in names.split()}
        self.data |= {"as_of": AS_OF, "programme": {"key": "p", "scheme": "full", "timezone": self.zone.key}}
        for number in range(1, 3):
            closes = date(2027, 8, 31) if number == 1 else None
            self._add("call", key=f"c{number}", opens_on=date(2027, 1, 11) + timedelta(days=200 * (number - 1)), closes_on=closes)
        for number in range(1, 9):
            kind = str(list(OrganisationKind)[number % 5])
            self._add("organisation", key=f"org{number}", kind=kind, country=chance.choice(COUNTRIES))
        for number in range(1, chance.randint(12, 20)):
            self._application(f"{number:02}")
        for number in range(1, 5):
            self._voucher(f"k{number}", None, self._day(), holder=self._organisation(), provider="org5")
        self._of_knowledge()

    # By chance

    def _add(self, table: str, **values: Any) -> Row:
        self.data[table].append(_given(**values))
        return self.data[table][-1]

    def _likely(self, percent: int) -> bool:
        return self.chance.random() * 100 < percent

    def _day(self) -> date:
        return date(2027, 1, 1) + timedelta(days=self.chance.randrange(330))

    def _later(self, day: date, most: int = 30) -> date:
        return day + timedelta(days=self.chance.randint(0, most))

    def _instant(self, day: date) -> datetime:
        """Some time on this day in the programme; often near midnight, when it is another day in UTC."""
        at = self.chance.choice((time(0, 10), time(12), time(23, 50)))
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def _organisation(self) -> str:
        return f"org{self.chance.randint(1, 4)}"

    def _money(self) -> Decimal:
        return Decimal(self.chance.randrange(50_000, 200_000)) / 100

    # Applications and exchanges

    def _application(self, number: str) -> None:
        submitted = self._day()
        accepted = self._later(submitted) if self._likely(90) else None
        confirmed = self._later(accepted) if accepted and self._likely(90) else None
        application = self._add(
            "application", key=f"a{number}", submitted_on=submitted, accepted_on=accepted, confirmed_on=confirmed
        )
        if confirmed is None:
            application |= _given(ended=self.chance.choice(("declined", "lapsed", None)), self_funded=self._likely(30) or None)
        else:
            application["exchange"] = f"x{number}"
            self._exchange(f"x{number}", confirmed)

    def _exchange(self, key: str, planned: date) -> None:
        state = self.chance.choice(STATES)
        guest, host = self.chance.sample([f"org{number}" for number in range(1, 5)], 2)
        first = self._later(planned, 60) + timedelta(days=20)
        last = first + timedelta(days=self.chance.randint(1, 5))
        unsure = state == "cancelled" and self._likely(50)
        agreed = None if state == "planning" or unsure else self._later(planned, 10)
        took_place = state in COMPLETED
        row = self._add(
            "exchange",
            key=key,
            guest=guest,
            host=host,
            state=state,
            objectives=self.chance.randint(1, 3),
            agreed_on=agreed,
            first_day=first,
            last_day=last,
            confirmed_on=self._later(last, 10) if took_place else None,
            cancelled_on=self.chance.choice((first, last + timedelta(days=1))) if state == "cancelled" else None,
            self_funded=True if self._likely(20) else None,
        )
        for number in range(1, self.chance.randint(2, 4)):
            came, level = took_place and self._likely(80), str(self.chance.choice(list(Level)))
            self._add("delegate", exchange=key, key=f"{key}_d{number}", level=level, attended=came, address=True)
        self._vouchers(row)
        if agreed:
            self._asked("before", key, agreed)
        if took_place:
            self._afterwards(row)

    def _afterwards(self, row: Row) -> None:
        for number in range(1, self.chance.randint(1, 4)):
            self._take_over(f"t{row['key'][1:]}{number}", row)
        for questionnaire, days in ASKED:
            if (asked := row["last_day"] + timedelta(days=days)) < AS_OF and self._likely(85):
                self._asked(questionnaire, row["key"], asked)
                if questionnaire in {"month_6", "month_12"}:
                    self._asked("manager", row["key"], asked)
        for by in (f"{row['key']}_d1", row["host"]):
            if self._likely(25):
                word = self.chance.choice(("with_names", "without", "no"))
                self._add("consent", exchange=row["key"], by=by, at=self._instant(date(2028, 11, 10)), publish=word)
        self._record("attendance", row["key"], row["last_day"])

    def _take_over(self, key: str, row: Row) -> None:
        begun = self._later(row["last_day"])
        days = {"planned": begun}
        for state in ("started", "in_use", "dropped"):
            if self._likely(50):
                begun = self._later(begun, 300)
                days[state] = min(begun, AS_OF)
        self._add("take_over", key=key, exchange=row["key"], **days)

    # Vouchers

    def _vouchers(self, row: Row) -> None:
        if "agreed_on" not in row or row.get("self_funded"):
            return
        requested = row["agreed_on"]
        for letter in "ab"[: self.chance.randint(0, 2)]:
            self._voucher(f"v{row['key'][1:]}{letter}", row, requested)
            requested = self._later(requested, 90)

    def _voucher(self, key: str, exchange: Row | None, requested: date, **knowledge: str) -> None:
        call, amount = self.chance.choice(("c1", "c2")), self._money()
        again = self._later(requested, 20) + timedelta(days=1) if self._likely(30) else None
        decided = self._later(again or requested, 40)
        about = {"exchange": exchange["key"]} if exchange else knowledge
        row = self._add("voucher", key=key, call=call, **about, state="requested", requested_on=requested, amount=amount)
        if again:
            row["resubmitted_at"] = self._instant(again)
        self._record("decision", key, requested)
        reached = self.chance.choice(
            ("requested", "rejected", "approved", "issued", "redeemed", "claimed", "paid", "paid", "paid")
        )
        row["state"] = reached
        if reached == "requested":
            return
        row |= {"decided_on": decided, "decision": "rejected" if reached == "rejected" else "approved"}
        if reached not in {"rejected", "approved"}:
            row["issued_on"] = self._later(decided)
            self._redeem(row, reached, exchange)
        if reached in {"approved", "issued"} and self._likely(60):
            ended = {"approved": ENDED[1:3], "issued": ENDED[:3]}[reached]
            row |= {"state": self.chance.choice(ended), "ended_on": self._later(row.get("issued_on", decided), 90)}

    def _redeem(self, row: Row, reached: str, exchange: Row | None) -> None:
        if reached in {"redeemed", "claimed", "paid"}:
            row["redeemed_on"] = self._later(row["issued_on"])
        delivered = exchange.get("confirmed_on") if exchange else row.get("redeemed_on")
        if reached in {"claimed", "paid"} and delivered is None:
            row["state"] = "redeemed"
        elif reached in {"claimed", "paid"} and delivered:
            self._claim(row, reached, max(delivered, row["redeemed_on"]))

    def _claim(self, row: Row, reached: str, delivered: date) -> None:
        claimed = self._later(delivered)
        if self._likely(30):
            self._add("claim", voucher=row["key"], claimed_on=claimed, returned_on=self._later(claimed, 10))
            claimed = self._later(claimed, 30) + timedelta(days=10)
        paid = self._later(claimed, 20) if reached == "paid" else None
        recorded = self._later(paid, 5) if paid else None
        self._add("claim", voucher=row["key"], claimed_on=claimed, paid_on=paid, recorded_on=recorded)
        self._record("payment", row["key"], claimed)
        if paid and recorded:
            row["final_amount"] = row["amount"] - self.chance.choice((Decimal(0), Decimal("0.05"), Decimal(100)))
            back = self.chance.choice((None, Decimal("12.34"), row["final_amount"]))
            if back is not None:
                self._add("recovery", voucher=row["key"], on=self._later(recorded, 90), amount=back)
                row["state"] = "recovered" if back == row["final_amount"] else "paid"

    # Questions, answers, promises

    def _of_knowledge(self) -> None:
        for each in self.data["voucher"]:
            if "provider" in each and "redeemed_on" in each:
                self._asked("delivery", each["key"], each["redeemed_on"])
                self._asked("applied", each["key"], each["redeemed_on"] + timedelta(days=180))

    def _asked(self, questionnaire: str, of: str, asked: date) -> None:
        due = asked + timedelta(days=14)
        state = self.chance.choice(ANSWERED)
        state = state if due < AS_OF else "asked"
        self._add("request", key=questionnaire, of=of, who=f"{of}_{questionnaire}", asked=asked, due=due, state=state)
        for _ in range(self.chance.randint(1, 2) if state == "answered" else 0):
            at = self._instant(asked + timedelta(days=self.chance.randint(1, 13)))
            self._add("sending", key=questionnaire, of=of, at=at, answers=dict(self._answers(questionnaire, of)))

    def _answers(self, questionnaire: str, of: str) -> Iterator[tuple[str, Any]]:
        lines = [f"o{number}" for number in range(1, 4)]
        kinds = ("service", "tool", "procedure", "policy_instrument")
        choose, some = self.chance.choice, self._likely
        if questionnaire == "manager":
            mine = [each["key"] for each in self.data["take_over"] if each["exchange"] == of]
            yield from ((key, choose(("in_use", "in_use", "not_yet", "dropped"))) for key in mine if some(80))
            return
        of_items = {
            "met": lambda: {line: choose(("yes", "partly", "no")) for line in lines if some(80)},
            "practice": lambda: {line: self.chance.randint(0, 4) for line in lines if some(80)},
            "benefit": lambda: choose(("yes", "partly", "no")),
            "publish": lambda: choose(("with_names", "without", "no")),
            "hours": lambda: choose((3, Decimal("4.5"), Decimal("0.25"), 7)),
            "members_served": lambda: self.chance.randint(0, 40),
            "leveraged": lambda: choose((Decimal("0.00"), self._money())),
            "anyway": lambda: choose(("same", "later", "smaller", "not_at_all")),
            "changes": lambda: [choose(kinds) for _ in range(self.chance.randint(0, 3))],
            "joint": lambda: {kind: self.chance.randint(0, 3) for kind in ("project", "proposal", "introduction") if some(80)},
        }
        yield from ((item, answer()) for item, answer in of_items.items() if some(75))

    def _record(self, promise: str, of: str, since: date) -> None:
        due, outcome = (
            since + timedelta(days=14),
            self.chance.choice(("kept_on_time", "kept_late", "missed", "called_off", "open")),
        )
        if outcome == "open" and any(each["of"] == of and each["outcome"] == "open" for each in self.data["record"]):
            outcome = "missed"
        late = {"kept_late": 1, "missed": 1}.get(outcome, 0)
        ended = None if outcome == "open" else due + timedelta(days=late)
        self._add("record", promise=promise, of=of, since=since, due=due, ended_on=ended, outcome=str(outcome))
