"""A rate card as its owner writes it (money.md): what is wrong with one and what would be right, and how it reads.

Pure. `faults` is the one judge of a card: the editor shows each fault at its field, and `save_rate_card` refuses the first.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel import Locale

from mobility.core.money import EURO, NOTHING, written
from mobility.rates.rules import components_of
from mobility.vouchers.kinds import DEFAULT, kind_of

MOST_AMOUNT = Decimal("1000000.00")
AN_AMOUNT, FOR_EXAMPLE, MOST_OF_ALL = "{amount}", "{for example}", "{most}"  # where a fault's words have one
MOST_KM = 20_000
ALIASES = {"GREECE": "GR", "EL": "GR", "UK": "GB", "CZECH REPUBLIC": "CZ", "TURKEY": "TR", "MACEDONIA": "MK"}
COUNTRIES = {code: name for code, name in Locale("en", "GB").territories.items() if len(code) == 2 and code.isalpha()}
_CODES = {name.upper(): code for code, name in COUNTRIES.items()} | ALIASES
NOT_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}

Settings = Mapping[str, Any]
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


def faults(components: Mapping[str, Settings], voucher_kind: str = DEFAULT, currency: str = EURO) -> list[Fault]:
    """Everything that is wrong with a card, in the order of its parts; nothing when all is well."""
    paying = [name for name in components if name != "cap"]
    found = [] if paying else [Fault((), "An empty card pays nothing: choose at least one part besides the limit.")]
    kind = kind_of(voucher_kind)
    for name, settings in components.items():
        if name not in components_of(kind):
            found.append(Fault((), f"No such component of a rate card for {kind.plural.lower()}: {name}."))
        else:
            found += [Fault((name, *fault.place), _told(fault, currency)) for fault in CHECKS[name](settings)]
    return found


def _told(fault: Fault, currency: str) -> str:
    """Its words, with the amounts in the currency of the programme."""
    words = fault.message
    for place, amount in ((AN_AMOUNT, fault.amount), (FOR_EXAMPLE, Decimal(780)), (MOST_OF_ALL, MOST_AMOUNT)):
        words = words.replace(place, written(amount, currency)) if place in words else words
    return words


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
        words = f"Stays under {least} working days are refused anyway: enter {least + 1} or more, or leave it empty."
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
    share, least, most = settings["share"], settings.get("minimum"), settings.get("cap")
    if share is None:
        yield Fault(("share",), "Enter the percentage of the price that is paid, such as 60.")
    elif not 0 < Decimal(share) <= 1:
        yield Fault(("share",), "Enter a percentage of more than 0 and at most 100.")
    for place, amount in (("minimum", least), ("cap", most)):
        if amount is not None and (message := _wrong_amount(amount)):
            yield Fault((place,), message)
    if least is not None and most is not None and Decimal(most) < Decimal(least):
        yield Fault(("cap",), f"The most is less than the least: enter {AN_AMOUNT} or more.", Decimal(least))


def _fixed(settings: Settings) -> Iterator[Fault]:
    if message := _wrong_amount(settings["amount"]):
        yield Fault(("amount",), message)


def _cap(settings: Settings) -> Iterator[Fault]:
    if message := _wrong_amount(settings["most"]):
        yield Fault(("most",), message)


CHECKS: dict[str, Callable[[Settings], Iterator[Fault]]] = {
    "lump_by_country": _lump,
    "distance_band": _bands,
    "daily": _daily,
    "monthly": _by_country,
    "share_of_cost": _share,
    "fixed": _fixed,
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


def readable(components: Mapping[str, Settings]) -> dict[str, Any]:
    """A card for pages: the same data with amounts as `Decimal`, and shares in percent."""
    return {name: {key: _readable(key, value) for key, value in settings.items()} for name, settings in components.items()}


PERCENTAGES = {"share", "factor", "share_after"}
AMOUNTS = {"amount", "most", "minimum", "cap", "standard", "green"}


def _readable(key: str, value: Any) -> Any:
    if value is None:
        return None
    if key == "amounts":
        return {name: Decimal(value[name]) for name in sorted(value, key=lambda name: COUNTRIES.get(name, name))}
    if key in AMOUNTS:
        return Decimal(value)
    if key in PERCENTAGES:
        return percent_of(value)
    if key == "bands":
        return [{name: _readable(name, each) for name, each in band.items()} for band in value]
    return {name: _readable(name, each) for name, each in value.items()} if key == "reduction" else value


def percent_of(share: str) -> Decimal:
    """50 for "0.5", 66.67 for "0.6667"."""
    percent = (Decimal(share) * 100).normalize()
    return percent.quantize(Decimal(1)) if percent == percent.to_integral_value() else percent
