"""The claim's own rules, pure: what a stay comes to by its actual days, what a claim needs, what validation may change."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from mobility.claims.worth import Spent, in_currency
from mobility.core.errors import Problem, Refusal
from mobility.core.money import CENT, EURO, NOTHING, written
from mobility.rates.components import OVERALL
from mobility.rates.rules import AmountLine, Case, costs_of
from mobility.vouchers.kinds import kind_of
from mobility.vouchers.states import CLAIMED, PAID, RECOVERED, VALIDATED
from mobility.vouchers.workflow import WORKFLOW
from mobility.workflows.workflow import Actor

MOST_FILES = 20
RETURNED_DAYS = 14  # workflows.md, return_claim: the claim deadline moves by 14 days
FILED = frozenset({CLAIMED, VALIDATED, PAID, RECOVERED})
READERS = frozenset(
    {
        Actor.HOLDER,
        Actor.GUEST_COORDINATOR,
        Actor.PROVIDER,
        Actor.OWNER,
        Actor.ASSESSOR,
        Actor.FINANCE_OFFICER,
        Actor.AUDITOR,
    }
)


@dataclass(frozen=True)
class Correction:
    """Validation pays less for line `line` (counted from 0): `amount`, for a reason."""

    line: int
    amount: Decimal
    reason: str

    def as_json(self) -> dict[str, Any]:
        return {"line": self.line, "amount": str(self.amount), "reason": self.reason}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Correction":
        return cls(data["line"], Decimal(data["amount"]), data["reason"])


def is_light(voucher: Any) -> bool:
    """The end report is the claim and needs no evidence; validating is one click (workflows.md)."""
    return not kind_of(voucher.kind).by_invoice and voucher.programme.scheme == "light"


def may_see(person: Any, voucher: Any) -> bool:
    """A draft is its writer's alone. What was filed is read by the holder's side, the provider and the programme's people."""
    parts = WORKFLOW.actors_on(person, voucher)
    return bool(parts & READERS) if voucher.state in FILED else Actor(kind_of(voucher.kind).claims) in parts


def may_see_account(person: Any, voucher: Any, payee: Mapping[str, int | None]) -> bool:
    """The payee, a coordinator of an organisation that is paid, and those in the programme who validate and pay."""
    if person.id == payee.get("user_id") or "coordinator" in person.roles_in(payee.get("organisation_id")):
        return True
    return bool(WORKFLOW.actors_on(person, voucher) & {Actor.OWNER, Actor.FINANCE_OFFICER})


def paid_by(day: date, payment_days: int) -> date:
    """The last day on which the promise of payment is kept, for a claim filed on `day`."""
    return day + timedelta(days=payment_days)


# What it needs


def problems(voucher: Any, claim: Any) -> list[Problem]:
    """All that a claim still lacks before it can be filed, but for its report (followup/operations.py)."""
    kind, found = kind_of(voucher.kind), []
    if kind.by_invoice and not claim.invoice_number.strip():
        found.append(Problem("invoice_number", "Enter the number of your invoice."))
    if kind.by_invoice and (claim.invoice_total is None or claim.invoice_total <= 0):
        found.append(Problem("invoice_total", "Enter the total of your invoice."))
    found += _unstated(voucher, claim)
    if wants_evidence(voucher) and not claim.evidence:
        found.append(Problem("files", kind.words.evidence_missing))
    return found


def _unstated(voucher: Any, claim: Any) -> Iterable[Problem]:
    """Real costs and days of travel, where they were approved."""
    granted = Case.from_json(voucher.basis) if voucher.basis else None
    if granted is None:
        return
    if granted.travel_days and claim.travel_days is None:
        yield Problem("travel_days", "Say how many days you travelled, or 0.")
    elif granted.travel_days and claim.travel_days > granted.travel_days:
        yield Problem("travel_days", f"At most {granted.travel_days} were approved.")
    for key, label in asked_costs(voucher):
        if key not in claim.actual_costs:
            yield Problem("costs", f"{label}: enter what you paid, or 0.")


def asked_costs(voucher: Any) -> list[tuple[str, str]]:
    """The real costs that were approved, (key, label) each: not those of which none were expected, or that are not confirmed."""
    if not voucher.basis.get("costs"):
        return []
    approved = {line.component for line in voucher.amount_lines if line.amount > 0}
    return [each for each in costs_of(voucher.rate_card.components) if each[0] in approved]


class Cost(NamedTuple):
    """What one component of real costs was expected to come to, and did: nothing before that is stated."""

    label: str
    expected: Decimal
    spent: Decimal | None


def costs_of_claim(voucher: Any, claim: Any) -> list[Cost]:
    """The real costs, for those who decide on them."""
    expected, spent = Case.from_json(voucher.basis).costs if voucher.basis else {}, Spent.of(claim).costs
    return [Cost(label, expected[key], spent.get(key)) for key, label in asked_costs(voucher)]


def wants_evidence(voucher: Any) -> bool:
    """A light programme asks for none, but what somebody spent is shown with receipts."""
    return not is_light(voucher) or bool(asked_costs(voucher))


def invoice_key(number: str) -> str:
    """What two numbers of one invoice have in common: capitals, spaces and leading zeros are nobody's difference."""
    plain = "".join(unicodedata.normalize("NFKC", number).casefold().split())
    return re.sub(r"\d+", lambda found: found[0].lstrip("0") or "0", plain)


# What validation may change


def correct(lines: Sequence[AmountLine], corrections: Iterable[Correction], currency: str = EURO) -> list[AmountLine]:
    """The lines as validation leaves them. Raises Refusal at the field of the line that cannot be so.

    A line that takes off (a cap) takes off no more than still needs to be: of its own component, or of all.
    """
    changed = list(lines)
    for each in corrections:
        if not 0 <= each.line < len(lines) or lines[each.line].amount <= 0:
            raise Refusal("This line cannot be lowered.", field="lines")
        changed[each.line] = _lowered(lines[each.line], each, currency)
    for place, line in enumerate(lines):
        if line.amount < 0:
            taken = -_still_taken(lines, changed, place)
            changed[place] = replace(line, unit_amount=taken, amount=taken)
    return [line for before, line in zip(lines, changed, strict=True) if before.amount > 0 or line.amount]


def _still_taken(lines: Sequence[AmountLine], changed: Sequence[AmountLine], place: int) -> Decimal:
    """What the line that takes off at `place` still takes, so that no more is left than before the corrections."""
    cap = lines[place]
    capped = [number for number in range(place) if cap.component in (OVERALL, lines[number].component)]
    most = sum((lines[number].amount for number in capped), cap.amount)
    now = sum((changed[number].amount for number in capped), NOTHING)
    return min(max(now - most, NOTHING), -cap.amount)


def final_lines(claim: Any) -> list[AmountLine]:
    """The lines of a claim with what validation has corrected."""
    return correct(claim.amount_lines, [Correction.from_json(each) for each in claim.corrections])


def _lowered(line: AmountLine, correction: Correction, currency: str) -> AmountLine:
    if reason := correction_problem(line.amount, correction.amount, correction.reason, currency):
        raise Refusal(reason[1], field="lines")
    return AmountLine(line.label, Decimal(1), "", correction.amount, correction.amount, correction.reason, line.component)


def correction_problem(claimed: Decimal, amount: Decimal, reason: str, currency: str) -> tuple[str, str] | None:
    """(field, words) of what is wrong with paying `amount` instead of `claimed`; nothing when it can be."""
    if amount < 0 or _has_fraction(amount):
        return "amount", f"Enter an amount of {written(NOTHING, currency)} or more, in whole cents."
    if amount > claimed:
        return "amount", f"At most {written(claimed, currency)} was claimed here; validation can only lower it."
    if amount < claimed and not reason.strip():
        return "reason", "Say why less is paid; the claimant will read it."
    return None


def sum_problem(voucher: Any, final: Decimal) -> str | None:
    """What is wrong with what all lines come to."""
    if final <= 0:
        return "Nothing would be paid. Return the claim instead, and say why."
    if final > voucher.amount:
        return f"At most {written(voucher.amount, voucher.programme.currency)} was approved."
    return None


def _has_fraction(amount: Decimal) -> bool:
    try:
        return amount != amount.quantize(CENT)
    except InvalidOperation:
        return True


def decision_in_words(voucher: Any, final: Decimal, explanation: str, lowered: Sequence[tuple[AmountLine, Correction]]) -> str:
    """What stands in the history: the figures, and why they are what they are."""
    told = in_currency(voucher)
    words = [f"{told(final)} of {told(voucher.amount)} approved."]
    if explanation:
        words.append(explanation)
    if lowered and voucher.basis and (voucher.conditions_declared or asked_costs(voucher)):  # not the host's (decision 15)
        words.append("The claim says what is paid less, and why.")
    else:
        words += [f"{line.label}: {told(each.amount)} instead of {told(line.amount)}. {each.reason}" for line, each in lowered]
    return " ".join(words)
