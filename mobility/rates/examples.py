"""Cards that ship with the product, and cases that show a card at work. Pure."""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from mobility.core.money import EURO, written
from mobility.core.wording import counted
from mobility.people.roles import KIND_LABELS, OrganisationKind
from mobility.rates.cards import COUNTRIES
from mobility.rates.cases import Case
from mobility.rates.components import STAY_ONLY, Settings, components_of
from mobility.rates.rules import Components, conditions_of, costs_of, has, keyed, travel_days_of
from mobility.vouchers.kinds import kind_of

EXAMPLES = Path(__file__).with_name("example_cards.toml")


def example_cards() -> dict[str, dict[str, Any]]:
    """The cards that ship with the product: name -> {"title": ..., "components": ...}."""
    cards = tomllib.loads(EXAMPLES.read_text(encoding="utf-8"))
    return {name: {**card, "components": keyed(card["components"])} for name, card in cards.items()}


def examples_for(voucher_kind: str) -> dict[str, str]:
    """The cards that ship and fit this kind: name -> title."""
    fitting = set(components_of(kind_of(voucher_kind)))
    return {
        name: card["title"]
        for name, card in example_cards().items()
        if fitting.issuperset(part["component"] for part in card["components"])
    }


def uncovered(components: Components, countries: Iterable[str]) -> list[str]:
    """The countries for whose hosts a voucher could not be requested, because a part has no amount for them."""
    always = [part for part in components if not part.get("condition")]
    return [country for country in countries if not all(_covers(part, country) for part in always)]


def _covers(part: Settings, country: str) -> bool:
    if part["component"] in ("lump_by_country", "monthly"):
        return country in part["amounts"]
    if part["component"] == "daily":
        return bool(part.get("other_group")) or any(country in group for group in part.get("groups", {}).values())
    return True


# Worked cases


@dataclass(frozen=True)
class WorkedCase:
    """A case and how a page calls it."""

    words: str
    case: Case


def worked_cases(components: Components, countries: Sequence[str], currency: str = EURO) -> list[WorkedCase]:
    """A few cases that show what a card does: short and long, near and far, cheap and dear, and each of its traits once.

    Stays begin on a Monday.
    """
    country = next(iter([*_countries_of(components), *countries]), "")
    if not any(part["component"] in STAY_ONLY or part.get("unit") for part in components):
        prices = [Decimal(price) for price in ("400.00", "4000.00", "6000.00")] if has(components, "share_of_cost") else [None]
        cases = [Case(country, price=price) for price in prices]
    else:
        price = Decimal("4000.00") if has(components, "share_of_cost") else None
        cases = [_stay(country, days, km, price) for days, km in _stays(components)]
        if has(components, "distance_band"):
            cases.insert(2, replace(cases[1], green=True))
    cases = [replace(case, currency=currency) for case in cases]
    return [named(case, components) for case in [*cases, *_with_traits(components, cases[min(1, len(cases) - 1)])]]


def _with_traits(components: Components, case: Case) -> Iterator[Case]:
    """The same case with what some cards ask for beside days, way and price."""
    if any(part.get("per_person") for part in components):
        yield replace(case, persons=3)
    if days := travel_days_of(components, green=False):
        yield replace(case, travel_days=days)
    if conditions := conditions_of(components):
        yield replace(case, conditions=tuple(key for key, _ in conditions))
    if costs := costs_of(components):
        yield replace(case, costs={key: Decimal("500.00") for key, *_ in costs})
    for kind in sorted({kind for part in components for kind in part.get("shares", {})}):
        yield replace(case, organisation_kind=kind)


def _stays(components: Components) -> list[tuple[int, int]]:
    least = max((part.get("minimum_working_days", 0) for part in components), default=0)
    too_short = [(least - 1, 2050)] if 1 < least < 6 else []
    return [(3, 150), (5, 730), *([(45, 730)] if has(components, "monthly") else [(16, 2050)]), *too_short]


def _stay(country: str, days: int, km: int, price: Decimal | None) -> Case:
    return Case(country, days, weekdays(days), km, price=price)


def weekdays(days: int) -> int:
    """Monday to Friday within so many days from a Monday on; an example has no public holidays."""
    weeks, rest = divmod(days, 7)
    return weeks * 5 + min(rest, 5)


def _countries_of(components: Components) -> list[str]:
    by_country = [each for part in components if part["component"] in ("lump_by_country", "monthly") for each in part["amounts"]]
    return by_country or [each for part in components for group in part.get("groups", {}).values() for each in group]


def named(case: Case, components: Components) -> WorkedCase:
    """In the words of what this card looks at: "Host in Portugal, 5 days, 730 km, green travel"."""
    words = ", ".join([*_stay_words(case, components), *_more_words(case, components)])
    return WorkedCase(words[:1].upper() + words[1:] or "Every voucher", case)


def _stay_words(case: Case, components: Components) -> Iterator[str]:
    kinds = {part["component"] for part in components}
    if {"lump_by_country", "daily", "monthly"} & kinds:
        yield f"Host in {COUNTRIES.get(case.host_country, case.host_country)}"
    if "lump_by_country" in kinds:
        yield counted(case.working_days, "working day")
    if {"daily", "monthly"} & kinds or any(part.get("unit") for part in components):
        yield counted(case.days, "day")
    if {"lump_by_country", "distance_band"} & kinds:
        yield f"{case.distance_km:,} km"
    if "distance_band" in kinds:
        yield "by train, bus or shared car" if case.green else "by plane or by car alone"


def _more_words(case: Case, components: Components) -> Iterator[str]:
    if case.price is not None and has(components, "share_of_cost"):
        yield f"price {written(case.price, case.currency)}"
    if case.persons > 1:
        yield f"{case.persons} persons"
    if case.travel_days:
        yield counted(case.travel_days, "travel day")
    yield from (words for key, words in conditions_of(components) if key in case.conditions)
    yield from (f"{label} {written(case.costs[key], case.currency)}" for key, label in costs_of(components) if key in case.costs)
    if case.organisation_kind:
        yield KIND_LABELS[OrganisationKind(case.organisation_kind)].lower()
