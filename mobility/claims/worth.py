"""What a claim comes to: by the actual days and people, by what was spent, by what was invoiced (money.md). Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any

from mobility.core.errors import Refusal
from mobility.core.money import written
from mobility.rates.components import OVERALL
from mobility.rates.rules import AmountLine, Case, compute, costs_of, estimate, has, total
from mobility.vouchers.kinds import kind_of

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
    if stay is None or not voucher.basis or stay.actual_first_day is None or stay.actual_last_day is None:
        return Worth(tuple(voucher.amount_lines))
    granted = Case.from_json(voucher.basis)
    held = _held(granted, stay, spent)
    if card is None:
        return Worth(tuple(voucher.amount_lines), _not_computed(granted, held) if voucher.granted_elsewhere else "")
    if not (differences := _differences(voucher, granted, held)):
        return Worth(tuple(voucher.amount_lines))
    lines = tuple(compute(card.components, held, voucher.amount_lines))
    if total(lines) <= 0:
        raise Refusal(" ".join([*differences, NOTHING_LEFT]), field="costs" if held.costs != granted.costs else None)
    effect = _effect(voucher, total(compute(card.components, held)), total(lines))
    return Worth(lines, " ".join([*differences, effect]))


def _not_computed(granted: Case, held: Case) -> str:
    """Of an amount that was granted elsewhere, by whatever rates: whoever validates decides what other days or people mean."""
    then, now = ((_span(case.first_day, case.last_day), case.persons) for case in (granted, held))
    if then == now:
        return ""
    told = [f"{_people(persons)[:-4]}, {days}" for days, persons in (then, now)]
    what = f"Granted elsewhere for {told[0]}; the stay was of {told[1]}."
    return f"{what} No rates here gave the amount, so it is not computed again."


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
    told = in_currency(voucher)
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
        raise Refusal(f"For an invoice of {in_currency(voucher)(invoiced)} this voucher pays nothing{why}", field="invoice_total")
    return found.total, tuple(compute(card.components, billed, voucher.amount_lines))


def _price_counts(voucher: Any, invoiced: Decimal) -> bool:
    return invoiced != voucher.price and has(voucher.rate_card.components, "share_of_cost")


def _limited(lines: tuple[AmountLine, ...], invoiced: Decimal, voucher: Any) -> tuple[AmountLine, ...]:
    """With a line that takes off what is more than was invoiced."""
    over = total(lines) - invoiced
    if over <= 0:
        return lines
    rule = f"{in_currency(voucher)(invoiced)} was invoiced"
    return (*lines, AmountLine(INVOICED, Decimal(1), "", -over, -over, rule, OVERALL))


def in_currency(voucher: Any) -> Callable[[Decimal], str]:
    """How amounts of a voucher are written in a sentence: in its programme's currency."""
    return partial(written, currency=voucher.programme.currency)


def _effect(voucher: Any, found: Decimal, left: Decimal) -> str:
    """What another price or other days do to the amount: the rates give `found`, of which `left` is claimed."""
    told = in_currency(voucher)
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
    told, changed = in_currency(voucher), [key for key, spent in held.costs.items() if spent != granted.costs[key]]
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
