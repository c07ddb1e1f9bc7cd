"""What the figures rest on, as a query fills it from the models. Pure.

Days are days in the programme's time zone: whoever reads instants turns them into such days first. `None` and "" say that
something has not happened, or was not answered. Keys are rows' ids (in tests: names).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from mobility.people.roles import Level, OrganisationKind

Key = int | str


class Case(NamedTuple):
    """One exchange, voucher or application that a figure rests on, to lead to it: ("voucher", 12)."""

    kind: str
    key: Key


EXCHANGE, VOUCHER, APPLICATION = "exchange", "voucher", "application"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Rolling when it never closes."""

    key: Key
    opens_on: date
    closes_on: date | None = None

    def is_open(self, day: date) -> bool:
        return self.opens_on <= day and (self.closes_on is None or day <= self.closes_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """`country` is an ISO 3166-1 alpha-2 code, `region` what the knowledge flow calls the part of it (a name, or "")."""

    key: Key
    kind: OrganisationKind
    country: str
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """`submitted_on`, `accepted_on`, `confirmed_on`: the first day in that state, whatever became of it later."""

    key: Key
    submitted_on: date | None = None
    accepted_on: date | None = None
    confirmed_on: date | None = None
    exchange: Key | None = None
    self_funded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegate:
    """One of the 1 to 3 who wanted to travel."""

    level: Level
    attended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """`first_day`, `last_day`: as the host confirmed them, until then as planned. `agreed_on`: the first agreement.

    `completed`: its state is completed or closed. `theme` is the theme's title.
    """

    key: Key
    guest: Key
    """The organisation that travels."""
    host: Key
    first_day: date
    last_day: date
    completed: bool = False
    agreed_on: date | None = None
    delegates: tuple[Delegate, ...] = ()
    theme: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """A mobility voucher has its `exchange`, a knowledge voucher none. `call` is that of its budget line.

    `first_requested_on`, `requested_on`: the first and the last request (with the answer to a question). `decided_on`: the day of
    the approval or the rejection, whichever came; `approved`: it was the approval. `ended`: expired, withdrawn or revoked,
    however far it had come. `amount` is what was paid, in the programme's currency.
    """

    key: Key
    call: Key | None
    exchange: Key | None = None
    first_requested_on: date | None = None
    requested_on: date | None = None
    decided_on: date | None = None
    approved: bool = False
    issued_on: date | None = None
    redeemed_on: date | None = None
    ended: bool = False
    amount: Decimal | None = None

    @property
    def case(self) -> Case:
        return Case(VOUCHER, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One filing of a voucher's claim: a claim that was returned and sent again has two. `paid_on` is the bank's day."""

    voucher: Key
    filed_on: date
    paid_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Money that has come back."""

    voucher: Key
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Somebody was asked to fill in the questionnaire `questionnaire` about `about`, until `due_on`.

    `state`: asked, answered, missed, not_delivered or called_off. One that was handed over to another person is one request.
    `occasion`: which of the months asked a manager ("month_6", "month_12").
    """

    key: Key
    questionnaire: str
    about: Case
    due_on: date
    state: str
    occasion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What was sent in answer to a request; the last of several counts, and replaces the earlier wholly. In order of sending.

    `answers`: an item's standard key -> its answer. Numbers are int or Decimal, money Decimal, choices their keys. Per objective
    (`met`, `practice`): the objective's key -> its answer. `changes`: the kinds of the rows, none of them an answer, too.
    `joint`: project, proposal, introduction -> number. Of a manager: the take-over's key -> in_use, not_yet or dropped.
    """

    request: Key
    sent_on: date
    answers: Mapping[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver:
    """`since`: each state (planned, started, in_use, dropped) with the day on which it began, in order."""

    key: Key
    exchange: Key
    since: tuple[tuple[str, date], ...]

    def state_on(self, day: date) -> str | None:
        """Its state at the end of that day; none before it was planned."""
        begun = [state for state, on in self.since if on <= day]
        return begun[-1] if begun else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRecord:
    """One promise made to somebody about `about`. `outcome` is a `workflows.promises.Outcome`, none while it is open."""

    promise: str
    about: Case
    due_on: date
    outcome: str | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All of one programme, as it is at the end of the day `as_of`. Each tuple is in the order in which things came to be."""

    as_of: date
    calls: tuple[Call, ...] = ()
    organisations: Mapping[Key, Organisation] = field(default_factory=dict)
    applications: tuple[Application, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    vouchers: tuple[Voucher, ...] = ()
    claims: tuple[Claim, ...] = ()
    recoveries: tuple[Recovery, ...] = ()
    requests: tuple[Request, ...] = ()
    sendings: tuple[Sending, ...] = ()
    take_overs: tuple[TakeOver, ...] = ()
    promise_records: tuple[PromiseRecord, ...] = ()
