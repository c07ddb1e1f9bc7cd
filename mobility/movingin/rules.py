"""What a row of a running exchange comes to: amounts, days, delegations; what cannot be. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from mobility.core.money import parse
from mobility.core.wording import either
from mobility.exchanges.states import AGREED, COMPLETED, IN_PROGRESS
from mobility.movingin.kinds import GRANTED, NONE, POSSIBLE, STATES, VOUCHERS
from mobility.rates.components import OVERALL
from mobility.rates.rules import AmountLine
from mobility.spreadsheets import values
from mobility.spreadsheets.cells import Wrong
from mobility.vouchers.states import DELIVERED, DRAFT, ISSUED, PAID, REQUESTED

MOST_OTHERS = 2
MARKS = (".", ",")
_WITH_ADDRESS = re.compile(r"(?P<name>[^<>]+?)\s*<(?P<email>[^<>]+)>")
_TWO_WAYS = re.compile(r"^\D*\d{1,3}[.,]\d{3}\D*$")  # 1.200 is a little more than one, or twelve hundred
Problem = tuple[str, str]  # (key of the column, what would be right)


@dataclass(frozen=True)
class Arrival:
    """One row as it would be entered: ids of what is here, `travellers` as (name, address, level) with the guest first.

    `state` is the exchange's, `voucher` the state in which its voucher arrives, or "" of a self-funded one. `amount` is what was
    granted or asked for, `paid` what was paid of it.
    """

    sheet: str
    row: int
    theme_id: int
    host_id: int
    organisation_id: int
    guest_id: int
    travellers: tuple[tuple[str, str, str], ...]
    first_day: date
    last_day: date
    state: str
    agreed_on: date
    voucher: str = ""
    line_id: int | None = None
    amount: Decimal = Decimal(0)
    paid: Decimal | None = None
    days: Mapping[str, date] = field(default_factory=dict)
    payment: str = ""
    number: str = ""
    objectives: str = ""

    @property
    def taken_from_budget(self) -> Decimal:
        """What its line must have for it."""
        if self.voucher in {"", DRAFT, REQUESTED}:
            return Decimal(0)
        return self.amount if self.paid is None else self.paid


def voucher_state(state: str, voucher: str) -> str:
    """In which state a voucher arrives. Issued for a stay that the host has confirmed: it has been delivered."""
    if voucher == NONE:
        return ""
    return DELIVERED if (state, voucher) == (COMPLETED, ISSUED) else voucher


def amount_of(words: str, currency: str) -> Decimal:
    """By a point or a comma, as each can be told from the other. Raises Wrong."""
    if _TWO_WAYS.search(words):
        raise Wrong("This can be read in two ways. Write it with a point and two digits, such as 1200.00.")
    found, why = set(), ""
    for mark in MARKS:
        try:
            found.add(parse(words, mark, currency=currency))
        except ValueError as problem:
            why = why or str(problem)
    if not found:
        raise Wrong(why)
    amount = found.pop()
    if amount <= 0:
        raise Wrong("Write an amount greater than zero.")
    return amount


def others_of(words: str) -> list[tuple[str, str]]:
    """(name, address or "") of those who travel with the guest. Raises Wrong."""
    found = [_other(each.strip()) for each in words.split(";") if each.strip()]
    if len(found) > MOST_OTHERS:
        raise Wrong(f"A delegation has at most {MOST_OTHERS + 1} people, with the guest.")
    return found


def _other(words: str) -> tuple[str, str]:
    match = _WITH_ADDRESS.fullmatch(words)
    if match:
        return values.person(match["name"]), values.address(match["email"])
    if "@" in words or "<" in words or ">" in words:
        raise Wrong("Write each as name and address, separated by semicolons: Jan Novak <jan@example.org>")
    return values.person(words), ""


def problems(facts: Mapping[str, Any], today: date) -> Iterator[Problem]:
    """What does not go together in a row, as far as its cells were understood."""
    yield from _of_days(facts, today)
    state, voucher = facts.get("state"), facts.get("voucher")
    if state and voucher and voucher not in POSSIBLE[state]:
        can = either([VOUCHERS[each] for each in POSSIBLE[state]])
        yield "voucher", f"Of an exchange that is {STATES[state].lower()} this can be: {can}. {_why(voucher)}".strip()
    elif voucher in GRANTED:
        yield from _of_granted(facts, today)


def _why(voucher: str) -> str:
    return "" if voucher == PAID else "Nobody decides about it any more once the stay has begun."


def _of_days(facts: Mapping[str, Any], today: date) -> Iterator[Problem]:
    first, last, state = facts.get("first_day"), facts.get("last_day"), facts.get("state")
    if first and last and last < first:
        yield "last_day", "The last day is before the first."
        return
    if state == AGREED and first and first <= today:
        yield "state", "The stay has begun: it is on its way, or completed."
    if state in {IN_PROGRESS, COMPLETED} and first and first > today:
        yield "state", "The stay has not begun yet: it is agreed."
    elif state == COMPLETED and last and last > today:
        yield "state", "The stay is not over yet: it is on its way."
    for key in ("agreed_on", "asked_on", "granted_on", "paid_on"):
        if facts.get(key) and facts[key] > today:
            yield key, "This day is in the future. Write when it was."


def _of_granted(facts: Mapping[str, Any], today: date) -> Iterator[Problem]:
    asked, granted, paid = (facts.get(key) for key in ("asked_on", "granted_on", "paid_on"))
    if granted is None:
        yield "granted_on", "Write when it was approved."
    elif asked and asked > granted:
        yield "asked_on", "It cannot have been requested after it was granted."
    elif facts["voucher"] == PAID and paid and paid < granted:
        yield "paid_on", "It cannot have been paid before it was granted."
    if facts["voucher"] == PAID:
        yield from ((key, words) for key, words in _NEEDED_OF_PAID.items() if key not in facts)
    until, last = facts.get("valid_until"), facts.get("last_day")
    if facts["voucher"] == ISSUED and until and last and until < max(last, today):
        yield "valid_until", "A voucher that goes on is valid today, and until the end of the stay."


_NEEDED_OF_PAID = {
    "paid_on": "Write when the bank has paid.",
    "payment": "Write the reference of the payment, by which both sides find it.",
}


def lines_of(amount: Decimal, source: str, voucher: str) -> list[AmountLine]:
    """The one line of an amount that was taken over: it says so, and nothing computes it."""
    word = "asked for" if voucher == REQUESTED else "granted"
    rule = f"Taken over from {source}, and not computed here"
    return [AmountLine(f"As {word} before it came here", Decimal(1), "", amount, amount, rule, OVERALL)]


def note_of(arrival: Arrival, file: str, by: str, when: str) -> str:
    """What the histories say."""
    number = f", your number {arrival.number}" if arrival.number else ""
    return f"Moved in by {by} on {when}, from “{file}”, row {arrival.row}{number}."
