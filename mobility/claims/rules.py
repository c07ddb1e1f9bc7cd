"""The claim's own rules, pure: what a stay comes to by its actual days, what a claim needs, what validation may change."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, NamedTuple

from mobility.core.errors import Problem, Refusal
from mobility.core.money import CENT, EURO, NOTHING, written
from mobility.rates.components import OVERALL
from mobility.rates.rules import AmountLine, Case, compute, costs_of, estimate, has, total
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
INVOICED = "Limited to what was invoiced"
NOTHING_LEFT = (
    "That comes to nothing, so there is nothing to claim. If it is right, leave the voucher: its money goes back by itself."
)


@dataclass(frozen=True)
class Worth:
    """What a claim comes to: its lines, and in words why they differ from what was approved ("" when they do not)."""

    lines: tuple[AmountLine, ...]
    explanation: str = ""

    @property
    def total(self) -> Decimal:
        return total(self.lines)


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


# What it comes to


@dataclass(frozen=True)
class Spent:
    """What the guest states: what real costs came to, by their components, and the travel days that were used.

    What is not stated yet counts as it was approved.
    """

    costs: Mapping[str, Decimal] = field(default_factory=dict)
    travel_days: int | None = None

    @classmethod
    def of(cls, claim: Any | None) -> "Spent":
        return cls({key: Decimal(each) for key, each in claim.actual_costs.items()}, claim.travel_days) if claim else NOT_STATED


NOT_STATED = Spent()


def worth(voucher: Any, invoiced: Decimal | None = None, spent: Spent = NOT_STATED) -> Worth:
    """The amount by the days and people that the host has confirmed, and what was `spent`: all else is as it was asked for.

    No component gives more than was approved for it (money.md). Where an invoice is claimed it is the amount by what was
    `invoiced`; as approved until that is known. Raises Refusal in the rates' words if they give nothing for such a stay or price
    (money.md: a stay that was too short).
    """
    if kind_of(voucher.kind).by_invoice:
        return _worth_of_invoice(voucher, invoiced, spent)
    stay, card = voucher.exchange, voucher.rate_card
    if stay is None or card is None or not voucher.basis or stay.actual_first_day is None or stay.actual_last_day is None:
        return Worth(tuple(voucher.amount_lines))
    granted = Case.from_json(voucher.basis)
    held = _held(granted, stay, spent)
    if not (differences := _differences(voucher, granted, held)):
        return Worth(tuple(voucher.amount_lines))
    lines = tuple(compute(card.components, held, voucher.amount_lines))
    if total(lines) <= 0:
        raise Refusal(" ".join([*differences, NOTHING_LEFT]), field="costs" if held.costs != granted.costs else None)
    effect = _effect(voucher, total(compute(card.components, held)), total(lines))
    return Worth(lines, " ".join([*differences, effect]))


def _held(granted: Case, stay: Any, spent: Spent) -> Case:
    """The case as it came to be: nobody travels who was not asked for."""
    persons = min(len(stay.attended) or granted.persons, granted.persons)
    travel_days = granted.travel_days if spent.travel_days is None else min(spent.travel_days, granted.travel_days)
    came = replace(granted, persons=persons, travel_days=travel_days, costs=_costs_of(granted, spent))
    actual = (stay.actual_first_day, stay.actual_last_day)
    return came if actual == (granted.first_day, granted.last_day) else came.on(*actual)


def _costs_of(granted: Case, spent: Spent) -> dict[str, Decimal]:
    """As they were spent; as they were approved until that is stated."""
    return {key: spent.costs.get(key, each) for key, each in granted.costs.items()}


def _worth_of_invoice(voucher: Any, invoiced: Decimal | None, spent: Spent) -> Worth:
    """The programme's share of the invoiced price (P17) and of the costs; never more than was approved, nor than was invoiced."""
    if invoiced is None:
        return Worth(tuple(voucher.amount_lines))
    granted = Case.from_json(voucher.basis) if voucher.basis else None
    billed = replace(granted, price=invoiced, price_words="invoiced price", costs=_costs_of(granted, spent)) if granted else None
    other_costs = _other_costs(voucher, granted, billed) if granted and billed else []
    found, lines = _lines_of_invoice(voucher, invoiced, billed, bool(other_costs))
    limited = _limited(lines, invoiced, voucher)
    if invoiced == voucher.price and total(limited) == voucher.amount and not other_costs:
        return Worth(limited)
    told = _in(voucher)
    agreed = f"Agreed price {told(voucher.price)}, invoiced" if voucher.price is not None else "Invoiced"
    if limited != lines:
        effect = f"No more is paid than was invoiced: {told(invoiced)} instead of {told(voucher.amount)}."
    else:
        effect = _effect(voucher, found, total(lines))
    return Worth(limited, " ".join([f"{agreed} {told(invoiced)}.", *other_costs, effect]))


def _lines_of_invoice(
    voucher: Any, invoiced: Decimal, billed: Case | None, other_costs: bool
) -> tuple[Decimal, tuple[AmountLine, ...]]:
    """What the rates give for what was invoiced and spent, all else as it was asked for; of that what was approved, by lines."""
    card = voucher.rate_card
    if card is None or billed is None or not (other_costs or _price_counts(voucher, invoiced)):
        return voucher.amount, tuple(voucher.amount_lines)  # nothing in them depends on the price, or the price is the same
    found = estimate(card.components, billed)
    if found.refusal:
        why = f": {found.refusal}" if found.field == "price" else "."
        raise Refusal(f"For an invoice of {_in(voucher)(invoiced)} this voucher pays nothing{why}", field="invoice_total")
    return found.total, tuple(compute(card.components, billed, voucher.amount_lines))


def _price_counts(voucher: Any, invoiced: Decimal) -> bool:
    return invoiced != voucher.price and has(voucher.rate_card.components, "share_of_cost")


def _limited(lines: tuple[AmountLine, ...], invoiced: Decimal, voucher: Any) -> tuple[AmountLine, ...]:
    """With a line that takes off what is more than was invoiced."""
    over = total(lines) - invoiced
    if over <= 0:
        return lines
    rule = f"{_in(voucher)(invoiced)} was invoiced"
    return (*lines, AmountLine(INVOICED, Decimal(1), "", -over, -over, rule, OVERALL))


def _in(voucher: Any) -> Callable[[Decimal], str]:
    """How amounts of a voucher are written in a sentence: in its programme's currency."""
    return partial(written, currency=voucher.programme.currency)


def _effect(voucher: Any, found: Decimal, left: Decimal) -> str:
    """What another price or other days do to the amount: the rates give `found`, of which `left` is claimed."""
    told = _in(voucher)
    if left < voucher.amount:
        return f"At the same rates this comes to {told(left)} instead of {told(voucher.amount)}."
    if found > voucher.amount:
        return f"The rates would come to {told(found)}; what was approved is the most that is paid."
    return "The amount stays the same."


def _differences(voucher: Any, granted: Case, held: Case) -> list[str]:
    """What came to be otherwise than it was approved, a sentence each."""
    found = []
    if (granted.first_day, granted.last_day) != (held.first_day, held.last_day):
        found.append(_other_days(voucher, granted, held))
    if held.persons != granted.persons:
        found.append(f"{_people(granted.persons)} approved, {held.persons} came.")
    if held.travel_days != granted.travel_days:
        were = "1 day of travel was" if granted.travel_days == 1 else f"{granted.travel_days} days of travel were"
        found.append(f"{were} approved, {held.travel_days or 'none'} used.")
    return [*found, *_other_costs(voucher, granted, held)]


def _other_costs(voucher: Any, granted: Case, held: Case) -> list[str]:
    """What was spent otherwise than expected, a sentence each."""
    labels = dict(costs_of(voucher.rate_card.components))
    told, changed = _in(voucher), [key for key, spent in held.costs.items() if spent != granted.costs[key]]
    return [f"{labels.get(key, key)}: {told(granted.costs[key])} expected, {told(held.costs[key])} spent." for key in changed]


def told_to_all(claim: Any) -> str:
    """The explanation without what was spent: the history is also the host's to read (decision 15)."""
    voucher, words = claim.voucher, str(claim.explanation)
    granted = Case.from_json(voucher.basis) if voucher.basis else None
    if granted is not None:
        for sentence in _other_costs(voucher, granted, replace(granted, costs=_costs_of(granted, Spent.of(claim)))):
            words = words.replace(f"{sentence} ", "")
    return words


def _people(count: int) -> str:
    return "1 guest was" if count == 1 else f"{count} guests were"


def _other_days(voucher: Any, granted: Case, held: Case) -> str:
    """In working days where the rates count these, else in days of stay."""
    counts_working_days = has(voucher.rate_card.components, "lump_by_country")
    before, after = ((case.working_days if counts_working_days else case.days) for case in (granted, held))
    unit = f"{'working ' if counts_working_days else ''}day{'' if before == 1 else 's'}"
    agreed, stayed = (_span(case.first_day, case.last_day) for case in (granted, held))
    words = f"{before} {unit} {'was' if before == 1 else 'were'} approved ({agreed}); the stay had {after} ({stayed})."
    if (voucher.exchange.first_day, voucher.exchange.last_day) != (granted.first_day, granted.last_day):
        return f"The days of the stay were changed after the voucher was requested. {words}"
    return words


def _span(first: Any, last: Any) -> str:
    if first == last:
        return f"{last:%-d %B %Y}"
    start = "%-d" if (first.year, first.month) == (last.year, last.month) else "%-d %B"
    return f"{first.strftime(start)} to {last:%-d %B %Y}"


# What it needs


def problems(voucher: Any, claim: Any) -> list[Problem]:
    """All that a claim still lacks before it can be filed."""
    kind = kind_of(voucher.kind)
    if kind.by_invoice:
        wanted = {"invoice_number": "Enter the number of your invoice."}
    else:
        wanted = {
            "objectives_met": "Say whether the objectives were met.",
            "report": "Say in a few sentences what you did and learnt.",
        }
        if not is_light(voucher):
            wanted["take_overs"] = "Say what you take over at home, or that there is nothing."
    found = [Problem(field, words) for field, words in wanted.items() if not getattr(claim, field).strip()]
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


def _has_fraction(amount: Decimal) -> bool:
    try:
        return amount != amount.quantize(CENT)
    except InvalidOperation:
        return True


def decision_in_words(voucher: Any, final: Decimal, explanation: str, lowered: Sequence[tuple[AmountLine, Correction]]) -> str:
    """What stands in the history: the figures, and why they are what they are."""
    told = _in(voucher)
    words = [f"{told(final)} of {told(voucher.amount)} approved."]
    if explanation:
        words.append(explanation)
    if lowered and voucher.basis and (voucher.conditions_declared or asked_costs(voucher)):  # not the host's (decision 15)
        words.append("What is paid less, and why, stands in the claim.")
    else:
        words += [f"{line.label}: {told(each.amount)} instead of {told(line.amount)}. {each.reason}" for line, each in lowered]
    return " ".join(words)
