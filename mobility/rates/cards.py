"""A rate card as its owner writes it (money.md): what is wrong with one and what would be right, and how it reads.

Pure. `faults` is the one judge of a card: the editor shows each fault at its field, and `save_rate_card` refuses the first.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel import Locale

from mobility.core.money import EURO, NOTHING, written
from mobility.core.wording import counted
from mobility.people.roles import KIND_LABELS, OrganisationKind
from mobility.rates.cases import percent_of
from mobility.rates.components import BY_PERSON, DAY, NIGHT, OVER_ALL, Settings, components_of
from mobility.rates.rules import Components, component_of
from mobility.vouchers.kinds import DEFAULT, Kind, kind_of

MOST_AMOUNT = Decimal("1000000.00")
AN_AMOUNT, FOR_EXAMPLE, MOST_OF_ALL = "{amount}", "{for example}", "{most}"  # where a fault's words have one
MOST_KM = 20_000
ALIASES = {"GREECE": "GR", "EL": "GR", "UK": "GB", "CZECH REPUBLIC": "CZ", "TURKEY": "TR", "MACEDONIA": "MK"}
COUNTRIES = {code: name for code, name in Locale("en", "GB").territories.items() if len(code) == 2 and code.isalpha()}
_CODES = {name.upper(): code for code, name in COUNTRIES.items()} | ALIASES
NOT_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Fault:
    """Something that cannot be. `place` leads to it inside the card: ("distance_band", "bands", 1, "from_km")."""

    place: Place
    message: str
    amount: Decimal = NOTHING  # which its words name


def country_code(text: str) -> str | None:
    """AT for "Austria", "austria" or "at"; nothing for a country nobody knows."""
    plain = " ".join(text.split()).upper()
    code = _CODES.get(plain, plain)
    return code if code in COUNTRIES and code not in NOT_COUNTRIES else None


def faults(components: Components, voucher_kind: str = DEFAULT, currency: str = EURO) -> list[Fault]:
    """Everything that is wrong with a card, in the order of its parts; nothing when all is well. Places begin with a key."""
    paying = [part for part in components if part["component"] not in OVER_ALL]
    empty = "An empty card pays nothing: choose at least one part besides the limit and the minimum."
    found = [] if paying else [Fault((), empty)]
    kind = kind_of(voucher_kind)
    for part in components:
        if part["component"] not in components_of(kind):
            found.append(Fault((), f"No such component of a rate card for {kind.plural.lower()}: {part['component']}."))
        else:
            wrong = [*CHECKS[part["component"]](part), *_traits(part, kind)]
            found += [Fault((part["key"], *fault.place), _told(fault, currency)) for fault in wrong]
    return found if found else [Fault(fault.place, _told(fault, currency)) for fault in _together(components)]


def _told(fault: Fault, currency: str) -> str:
    """Its words, with the amounts in the currency of the programme."""
    words = fault.message
    for place, amount in ((AN_AMOUNT, fault.amount), (FOR_EXAMPLE, Decimal(780)), (MOST_OF_ALL, MOST_AMOUNT)):
        words = words.replace(place, written(amount, currency)) if place in words else words
    return words


def _together(components: Components) -> Iterator[Fault]:
    """What is right in each part, but not in all of them together."""
    words: dict[str, str] = {}
    for part in components:
        if (condition := part.get("condition")) and words.setdefault(condition["key"], condition["words"]) != condition["words"]:
            yield Fault((part["key"], "condition"), f"Another part says this as “{words[condition['key']]}”: write it the same.")
    keys = [part["key"] for part in components]
    if len(keys) > len(set(keys)) or any(component_of(part["key"]) != part["component"] for part in components):
        yield Fault((), "Each part of a card has a key of its own, which begins with its component.")
    limits = {part["component"]: part for part in components if part["component"] in OVER_ALL}
    if len(limits) < sum(part["component"] in OVER_ALL for part in components):
        yield Fault((), "A card has one limit and one minimum.")
    elif len(limits) == len(OVER_ALL) and Decimal(limits["cap"]["most"]) < Decimal(limits["floor"]["least"]):
        least = Decimal(limits["floor"]["least"])
        yield Fault((limits["cap"]["key"], "most"), f"The most is less than the least: enter {AN_AMOUNT} or more.", least)


def _traits(part: Settings, kind: Kind) -> Iterator[Fault]:
    """What any component can have."""
    if (condition := part.get("condition")) and not condition["words"].strip():
        yield Fault(("condition",), "Say in a few words when this is paid.")
    if part.get("cap") is not None and part["component"] != "share_of_cost" and (message := _wrong_amount(part["cap"])):
        yield Fault(("cap",), message)
    if part.get("per_person") and part["component"] not in BY_PERSON:
        yield Fault((), "Only a lump sum, travel, days, months and fixed amounts can be paid for each person.")
    if part.get("unit", DAY) not in (DAY, NIGHT):
        yield Fault(("unit",), "Choose days or nights.")
    elif part.get("unit") and not kind.rests_on_stay:
        yield Fault(("unit",), f"{kind.plural} have no stay, so nothing is paid by days.")


def _lump(settings: Settings) -> Iterator[Fault]:
    yield from _by_country(settings)
    reduction = settings.get("reduction")
    if not reduction:
        return
    if reduction["factor"] is None:
        yield Fault(("reduction", "factor"), "Enter the percentage that a lump sum is reduced to, such as 50.")
    elif not 0 < Decimal(reduction["factor"]) < 1:
        yield Fault(("reduction", "factor"), "Enter a percentage between 1 and 99, such as 50.")
    days, least = reduction.get("if_working_days_under", 0), settings.get("minimum_working_days", 0)
    if not days and not reduction.get("or_km_under", 0):
        yield Fault(("reduction", "if_working_days_under"), "Say when lump sums are reduced: under so many days or kilometres.")
    elif days and days <= least:
        words = f"Stays under {counted(least, 'working day')} are refused anyway: enter {least + 1} or more, or leave it empty."
        yield Fault(("reduction", "if_working_days_under"), words)


def _by_country(settings: Settings) -> Iterator[Fault]:
    if not settings["amounts"]:
        yield Fault(("amounts",), "Enter an amount for at least one country.")
    for country, amount in settings["amounts"].items():
        if message := _wrong_country(country) or _wrong_amount(amount):
            yield Fault(("amounts", country), message)


def _bands(settings: Settings) -> Iterator[Fault]:
    """Bands in the order of their beginnings: each begins where the one before has ended."""
    bands = settings["bands"]
    if not bands:
        yield Fault(("bands",), "Enter at least one band.")
    for index, band in enumerate(bands):
        for place, message in _wrong_in_band(band, bands[index - 1] if index else None, index == len(bands) - 1):
            yield Fault(("bands", index, place), message)


def _wrong_in_band(band: Settings, before: Settings | None, last: bool) -> Iterator[tuple[str, str]]:
    begins, ends = band["from_km"], band["to_km"]
    if begins is None:
        yield "from_km", "Enter the distance from which it applies, in kilometres."
    elif ends is None and not last:
        yield "to_km", "Enter where this band ends; only the last one may be open."
    elif ends is not None and ends < begins:
        yield "to_km", f"The band ends before it begins: enter {begins:,} or more."
    if begins is not None and before and (message := _wrong_beginning(begins, before["to_km"])):
        yield "from_km", message
    for manner in ("standard", "green"):
        if message := _wrong_amount(band[manner]):
            yield manner, message


def _wrong_beginning(begins: int, before: int | None) -> str:
    """A band begins one kilometre after `before`, where the last one has ended (None: it is said there what is wrong)."""
    if before is None:
        return ""
    right = before + 1
    if begins < right:
        return f"This overlaps with the band that ends at {before:,} km: enter {right:,}."
    if begins > right:
        return f"Nothing is set for {right:,} to {begins - 1:,} km: enter {right:,}, or add the missing band."
    return ""


def _daily(settings: Settings) -> Iterator[Fault]:
    if not settings["amounts"]:
        yield Fault(("amounts",), "Enter at least one group with its amount.")
    for name, amount in settings["amounts"].items():
        if message := _wrong_amount(amount):
            yield Fault(("amounts", name), message)
    yield from _groups(settings)
    yield from _travel_days(settings)
    other = settings.get("other_group")
    if other and other not in settings["amounts"]:
        known = ", ".join(settings["amounts"])
        yield Fault(("other_group",), f"There is no group “{other}”. Choose one of these: {known}.")
    full, share = settings.get("full_days"), settings.get("share_after")
    if full is None and share is not None:
        yield Fault(("full_days",), "Enter the last day that is paid in full.")
    if full is not None and share is None:
        yield Fault(("share_after",), "Enter the percentage that is paid from then on, such as 70.")
    if share is not None and not 0 <= Decimal(share) <= 1:
        yield Fault(("share_after",), "Enter a percentage from 0 to 100.")


def _travel_days(settings: Settings) -> Iterator[Fault]:
    added, green = settings.get("travel_days", 0), settings.get("travel_days_green")
    if green is not None and green < added:
        yield Fault(("travel_days_green",), f"By green travel there are at least as many: enter {added} or more.")


def _groups(settings: Settings) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for name, countries in settings.get("groups", {}).items():
        for country in countries:
            if message := _wrong_country(country):
                yield Fault(("groups", name), message)
            elif country in seen:
                where = "twice in this group" if seen[country] == name else f"in group {seen[country]} as well"
                yield Fault(("groups", name), f"{COUNTRIES[country]} is {where}. A country belongs to one group, once.")
            seen.setdefault(country, name)


def _share(settings: Settings) -> Iterator[Fault]:
    amounts = {name: settings[name] for name in ("minimum", "floor", "own_contribution", "cap") if settings.get(name) is not None}
    yield from _percentages(settings, "price")
    for place, amount in amounts.items():
        if message := _wrong_amount(amount):
            yield Fault((place,), message)
    if "minimum" in amounts and "floor" in amounts:
        yield Fault(("floor",), "Below an amount either nothing is paid or it is topped up: leave one of both empty.")
    if "own_contribution" in amounts and "floor" in amounts:
        yield Fault(
            ("floor",), "Nothing is paid of a price within the own contribution, so it cannot be topped up: leave one empty."
        )
    least = amounts.get("minimum", amounts.get("floor"))
    if least is not None and "cap" in amounts and Decimal(amounts["cap"]) < Decimal(least):
        yield Fault(("cap",), f"The most is less than the least: enter {AN_AMOUNT} or more.", Decimal(least))


def _percentages(settings: Settings, what: str) -> Iterator[Fault]:
    """The general share, and those of kinds of organisations."""
    if settings["share"] is None:
        yield Fault(("share",), f"Enter the percentage of the {what} that is paid, such as 60.")
    shares: dict[Place, str | None] = {
        ("share",): settings["share"],
        **{("shares", kind): share for kind, share in settings.get("shares", {}).items()},
    }
    for place, share in shares.items():
        if place[-1] not in ("share", *OrganisationKind):
            yield Fault(place, f"There is no kind of organisation “{place[-1]}”.")
        elif share is not None and not 0 < Decimal(share) <= 1:
            yield Fault(place, "Enter a percentage of more than 0 and at most 100.")


def _costs(settings: Settings) -> Iterator[Fault]:
    if not settings["label"].strip():
        yield Fault(("label",), "Say what costs are meant, such as Accommodation.")
    yield from _percentages(settings, "costs")


def _fixed(settings: Settings) -> Iterator[Fault]:
    if message := _wrong_amount(settings["amount"]):
        yield Fault(("amount",), message)


def _floor(settings: Settings) -> Iterator[Fault]:
    if message := _wrong_amount(settings["least"]):
        yield Fault(("least",), message)


def _cap(settings: Settings) -> Iterator[Fault]:
    if message := _wrong_amount(settings["most"]):
        yield Fault(("most",), message)


CHECKS: dict[str, Callable[[Settings], Iterator[Fault]]] = {
    "lump_by_country": _lump,
    "distance_band": _bands,
    "daily": _daily,
    "monthly": _by_country,
    "share_of_cost": _share,
    "real_costs": _costs,
    "fixed": _fixed,
    "floor": _floor,
    "cap": _cap,
}


def _wrong_country(code: str) -> str:
    if country_code(code) == code:
        return ""
    return f"“{code}” is not a country we know. Enter a name or two letters, such as Austria or AT."


def _wrong_amount(amount: str | None) -> str:
    if amount is None:
        return f"Enter an amount such as {FOR_EXAMPLE}."
    if Decimal(amount) <= 0:
        return "Enter an amount greater than zero; leave out what is not paid."
    return f"Enter at most {MOST_OF_ALL}." if Decimal(amount) > MOST_AMOUNT else ""


# What a card says, and where it is silent


def readable(components: Components) -> list[dict[str, Any]]:
    """A card for pages: the same data with amounts as `Decimal`, and shares in percent, in the order of the lines."""
    order = list(CHECKS)
    parts = sorted(components, key=lambda part: order.index(part["component"]))
    return [{key: readable_setting(key, value) for key, value in part.items()} for part in parts]


PERCENTAGES = {"share", "factor", "share_after"}
AMOUNTS = {"amount", "most", "least", "minimum", "floor", "own_contribution", "cap", "standard", "green"}


def readable_setting(key: str, value: Any) -> Any:
    """One setting of a card as pages and fields show it."""
    if value is None:
        return None
    if key == "amounts":
        return {name: Decimal(value[name]) for name in sorted(value, key=lambda name: COUNTRIES.get(name, name))}
    if key in AMOUNTS:
        return Decimal(value)
    if key in PERCENTAGES:
        return percent_of(value)
    if key == "shares":
        return {KIND_LABELS[OrganisationKind(kind)]: percent_of(share) for kind, share in value.items()}
    if key == "bands":
        return [{name: readable_setting(name, each) for name, each in band.items()} for band in value]
    return {name: readable_setting(name, each) for name, each in value.items()} if key == "reduction" else value
