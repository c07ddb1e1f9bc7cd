"""Cards that ship with the product, and cases that show a card at work. Pure."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from mobility.core.money import EURO, written
from mobility.rates.cards import COUNTRIES, Settings
from mobility.rates.rules import Case, components_of
from mobility.vouchers.kinds import kind_of

EXAMPLES = Path(__file__).with_name("example_cards.toml")


def example_cards() -> dict[str, dict[str, Any]]:
    """The cards that ship with the product: name -> {"title": ..., "components": ...}."""
    return tomllib.loads(EXAMPLES.read_text(encoding="utf-8"))


def uncovered(components: Mapping[str, Settings], countries: Iterable[str]) -> list[str]:
    """The countries for whose hosts a voucher could not be requested, because a part has no amount for them."""
    return [country for country in countries if not all(_covers(*part, country) for part in components.items())]


def _covers(name: str, settings: Settings, country: str) -> bool:
    if name in ("lump_by_country", "monthly"):
        return country in settings["amounts"]
    if name == "daily":
        return bool(settings.get("other_group")) or any(country in group for group in settings.get("groups", {}).values())
    return True


# Worked cases


@dataclass(frozen=True)
class WorkedCase:
    """A case and how a page calls it."""

    words: str
    case: Case


def worked_cases(components: Mapping[str, Settings], countries: Sequence[str], currency: str = EURO) -> list[WorkedCase]:
    """A few cases that show what a card does: short and long, near and far, cheap and dear. Stays begin on a Monday."""
    country = next(iter([*_countries_of(components), *countries]), "")
    if not any(name in components for name in ("lump_by_country", "distance_band", "daily", "monthly")):
        prices = [Decimal(price) for price in ("400.00", "4000.00", "6000.00")] if "share_of_cost" in components else [None]
        return [named(Case(country, price=price, currency=currency), components) for price in prices]
    price = Decimal("4000.00") if "share_of_cost" in components else None
    stays = [replace(_stay(country, days, km, price), currency=currency) for days, km in _stays(components)]
    if "distance_band" in components:
        stays.insert(2, replace(stays[1], green=True))
    return [named(case, components) for case in stays]


def _stays(components: Mapping[str, Settings]) -> list[tuple[int, int]]:
    least = components.get("lump_by_country", {}).get("minimum_working_days", 0)
    too_short = [(least - 1, 2050)] if 1 < least < 6 else []
    return [(3, 150), (5, 730), *([(45, 730)] if "monthly" in components else [(16, 2050)]), *too_short]


def _stay(country: str, days: int, km: int, price: Decimal | None) -> Case:
    return Case(country, days, weekdays(days), km, price=price)


def weekdays(days: int) -> int:
    """Monday to Friday within so many days from a Monday on; an example has no public holidays."""
    weeks, rest = divmod(days, 7)
    return weeks * 5 + min(rest, 5)


def _countries_of(components: Mapping[str, Settings]) -> list[str]:
    by_country = [*components.get("lump_by_country", {}).get("amounts", {}), *components.get("monthly", {}).get("amounts", {})]
    return by_country or [each for group in components.get("daily", {}).get("groups", {}).values() for each in group]


def named(case: Case, components: Mapping[str, Settings]) -> WorkedCase:
    """In the words of what this card looks at: "Host in Portugal, 5 days, 730 km, green travel"."""
    parts = []
    if {"lump_by_country", "daily", "monthly"} & components.keys():
        parts.append(f"Host in {COUNTRIES.get(case.host_country, case.host_country)}")
    if "lump_by_country" in components:
        parts.append(_several(case.working_days, "working day"))
    if {"daily", "monthly"} & components.keys():
        parts.append(_several(case.days, "day"))
    if {"lump_by_country", "distance_band"} & components.keys():
        parts.append(f"{case.distance_km:,} km")
    if "distance_band" in components:
        parts.append("by train, bus or shared car" if case.green else "by plane or by car alone")
    if case.price is not None and "share_of_cost" in components:
        parts.append(f"price {written(case.price, case.currency)}")
    words = ", ".join(parts)
    return WorkedCase(words[:1].upper() + words[1:] or "Every voucher", case)


def _several(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def examples_for(voucher_kind: str) -> dict[str, str]:
    """The cards that ship and fit this kind: name -> title."""
    fitting = set(components_of(kind_of(voucher_kind)))
    return {name: card["title"] for name, card in example_cards().items() if fitting.issuperset(card["components"])}
