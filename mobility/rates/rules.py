"""From a rate card to amount lines (money.md). Pure: a card is data, a case is a handful of figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from math import asin, cos, radians, sin, sqrt
from typing import Any

from mobility.core.errors import Refusal
from mobility.rates.cases import AmountLine as AmountLine
from mobility.rates.cases import Case as Case
from mobility.rates.cases import total as total
from mobility.rates.components import (
    CAP_OF_SHARES,
    COMPONENTS,
    FLOOR,
    OVER_ALL,
    SHARE_OF_COST,
    Lines,
    Settings,
    cap_label,
    capped,
    joined,
    of_component,
    travel_days,
)
from mobility.rates.components import component_of as component_of
from mobility.rates.components import components_of as components_of

EARTH_RADIUS_KM = 6371.0088

Components = Sequence[Settings]


def keyed(components: Iterable[Settings]) -> list[dict[str, Any]]:
    """A card whose components all have a key: the first of a kind is called after it, the second daily-2."""
    components = list(components)
    used = {part["key"] for part in components if part.get("key")}
    found = []
    for part in components:
        key = part.get("key") or free_key(part["component"], used)
        used.add(key)
        found.append({**part, "key": key})
    return found


def free_key(component: str, used: Iterable[str]) -> str:
    names = (component, *(f"{component}-{number}" for number in range(2, len(set(used)) + 3)))
    return next(name for name in names if name not in used)


def has(components: Components, component: str) -> bool:
    return any(part["component"] == component for part in components)


def compute(components: Components, case: Case, most: Sequence[AmountLine] | None = None) -> Lines:
    """The amount lines of a case, each rounded half up to the cent; the total is their sum.

    `most` are the lines that were approved: each component gives at most what it gave there, then as it was there, so that
    one can never pay for another. Raises Refusal in the rule's words, and KeyError for a component nobody knows.
    """
    if unknown := {part["component"] for part in components} - set(COMPONENTS):
        raise KeyError(f"No such component of a rate card: {', '.join(sorted(unknown))}")
    order = list(COMPONENTS)
    lines: Lines = []
    for part in sorted(components, key=lambda part: order.index(part["component"])):
        if most is not None and part["component"] == FLOOR:  # a dearer price is not topped up to more than was approved
            part = {**part, "least": min(Decimal(part["least"]), total(most))}
        found = _lines_of(part, case, lines)
        over_all = most is None or part["component"] in OVER_ALL
        lines += found if over_all else _at_most(found, [each for each in most or () if each.component == part["key"]])
    return lines


def _lines_of(part: Settings, case: Case, lines: Lines) -> Lines:
    """Those of one component, with what any can have: a condition, so many persons, a cap of its own."""
    condition = part.get("condition")
    if condition and condition["key"] not in case.conditions:
        return []
    drafts = list(COMPONENTS[part["component"]](part, case, lines))
    if part.get("per_person") and case.persons > 1:
        drafts = [each.for_each_of(case.persons, case.currency) for each in drafts]
    if condition:
        drafts = [replace(each, rule=joined(each.rule, f"condition: {condition['words']}")) for each in drafts]
    found = [each.line(part["key"]) for each in drafts]
    if part.get("cap") is not None:
        found += [each.line(part["key"]) for each in capped(Decimal(part["cap"]), case, found, cap_label(part), "for this part")]
    if part["component"] == SHARE_OF_COST and case.price is not None:
        shares = [*of_component(SHARE_OF_COST, lines), *found]
        found += [each.line(part["key"]) for each in capped(case.price, case, shares, CAP_OF_SHARES, "in all, the price")]
    return found


def _at_most(found: Lines, approved: Lines) -> Lines:
    return found if total(found) <= total(approved) else approved


@dataclass(frozen=True)
class Estimate:
    """What a case would amount to: its lines, or the rule that stands against it and the field it concerns.

    `depends`: it comes to nothing, but the request asks for costs or conditions, which may make it something.
    """

    lines: tuple[AmountLine, ...] = ()
    refusal: str | None = None
    field: str | None = None
    depends: bool = False

    @property
    def total(self) -> Decimal:
        return total(self.lines)


def estimate(components: Components | None, case: Case) -> Estimate:
    """The lines of a case by a rate card's components, or why there are none. A grant of nothing is none."""
    if components is None:
        return Estimate(refusal="The programme has not set its rates yet. Ask the programme when it will.")
    try:
        lines = tuple(compute(components, case))
    except Refusal as refusal:
        return Estimate(refusal=refusal.message, field=refusal.field)
    if total(lines) <= 0:
        nothing = "At the programme's rates this comes to nothing, so there is no voucher to request."
        return Estimate(refusal=nothing, depends=bool(conditions_of(components) or costs_of(components)))
    return Estimate(lines)


# What a card asks the one who requests


def conditions_of(components: Components) -> list[tuple[str, str]]:
    """The conditions that can be declared, each (key, words) once, in the order of the card."""
    found = [part["condition"] for part in components if part.get("condition")]
    return list({each["key"]: each["words"] for each in found}.items())


def travel_days_of(components: Components, green: bool) -> int:
    """The most travel days that may be asked for; more by green travel."""
    return max((travel_days(part, green) for part in components), default=0)


def costs_of(components: Components) -> list[tuple[str, str]]:
    """The real costs that are paid at a share: (key, label) each."""
    return [(part["key"], part["label"]) for part in components if part["component"] == "real_costs"]


def own_share(lines: Sequence[AmountLine], price: Decimal | None) -> Decimal:
    """What the holder or their organisation pays of the agreed price themselves (P17, co-funding); zero if nothing.

    What tops a share up to the card's minimum is paid of the price, too.
    """
    if price is None or not any(component_of(line.component) == SHARE_OF_COST for line in lines):
        return Decimal("0.00")
    of_price = [line for line in lines if component_of(line.component) in (SHARE_OF_COST, FLOOR)]
    return max(price - min(total(of_price), total(lines)), Decimal("0.00"))


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> int:
    """The great-circle distance between two places in degrees, to the nearest kilometre."""
    a, b = radians(latitude), radians(other_latitude)
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(other_longitude - longitude) / 2) ** 2
    kilometres = 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))
    return int(Decimal(kilometres).quantize(Decimal(1), ROUND_HALF_UP))
