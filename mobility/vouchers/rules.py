"""The voucher's own rules, pure: what the amount depends on, what is declared, how far one may extend."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from mobility.core.errors import Refusal
from mobility.programmes.rules import AmountLine, Case, add_months, compute, distance_km, total
from mobility.vouchers.workflow import APPROVED, EXPIRED, RECOMMENDED, REJECTED, REQUESTED, WITHDRAWN

ENDED_UNUSED = frozenset({REJECTED, WITHDRAWN, EXPIRED})

DECLARATIONS = {
    "paid_once": "Nobody else pays me for the same costs.",
    "correct": "What I have stated here and in the agreement is correct.",
    "report": "I will report after the visit, and say at once if it cannot take place.",
}
MOST_POINTS = 100


@dataclass(frozen=True)
class Preview:
    """What a voucher would amount to: its lines, or the rule that stands against it."""

    lines: tuple[AmountLine, ...] = ()
    refusal: str | None = None

    @property
    def total(self) -> Decimal:
        return total(self.lines)


def case_of(exchange: Any) -> Case:
    """What an exchange's amount depends on: the host's country, the stay, the way between both cities (money.md)."""
    host, home = exchange.host, exchange.guest_organisation
    distance = distance_km(home.latitude, home.longitude, host.latitude, host.longitude)
    return Case.of_stay(host.country, exchange.first_day, exchange.last_day, distance)


def preview(components: Mapping[str, Any] | None, exchange: Any) -> Preview:
    """The lines of an exchange by a rate card's components, or why there are none."""
    if components is None:
        return Preview(refusal="The programme has not set its rates yet. Ask the programme when it will.")
    try:
        return Preview(tuple(compute(components, case_of(exchange))))
    except Refusal as refusal:
        return Preview(refusal=refusal.message)


def may_ask_again(newest: Any, person: Any) -> bool:
    """The newest voucher of an agreed exchange has ended unused: its holder may ask for another, before the exchange begins."""
    exchange = newest.exchange
    return bool(
        newest.state in ENDED_UNUSED
        and newest.holder_id == person.id
        and exchange is not None
        and exchange.state == "agreed"
        and newest.programme.today < exchange.first_day
    )


def validity(today: date, months: int) -> tuple[date, date]:
    """From the day of issue, for so many months: both days are inside."""
    return today, add_months(today, months)


def latest_extension(valid_until: date, months: int) -> date:
    """The last day to which a voucher may be extended, once (workflows.md)."""
    return add_months(valid_until, months)


def states_to_decide(roles: set[str], scheme: str) -> list[str]:
    """The states in which a voucher waits for a decision of somebody with these roles in the programme."""
    full = scheme == "full"
    states = []
    if "assessor" in roles and full:
        states.append(REQUESTED)
    if "owner" in roles:
        states += [RECOMMENDED, APPROVED] if full else [REQUESTED, RECOMMENDED, APPROVED]
    return states
