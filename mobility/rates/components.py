"""The components of a rate card, one function each: `(settings, case, lines so far) -> drafts of lines` (money.md). Pure.

A card is a list of settings; each names its `component`, and has a `key` that no other of the card has and that its lines carry.
What any of them can have stands in `TRAITS` and is done once, in rules.py. Amounts and shares stand in a card as text
("780.00", "0.5"), so that no float touches money.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

from mobility.core.errors import Refusal
from mobility.core.money import round_half_up, written
from mobility.core.wording import counted
from mobility.people.roles import KIND_LABELS, OrganisationKind
from mobility.rates.cases import AmountLine, Case, country_words, percent_of, total
from mobility.vouchers.kinds import Kind

Settings = Mapping[str, Any]
Lines = list[AmountLine]

FARTHEST_KM = 20_038  # half the way around the earth
DAYS_OF_A_MONTH = 30
PERCENT, THIRTIETHS = "%", f"/{DAYS_OF_A_MONTH}"
ONCE = ("", "stay", "journey")  # units of what there is one of
DAY, NIGHT = "day", "night"
SHARE, CAP, TOPPED_UP = "Share of the price", "Cap", "Topped up"
CAP_OF_SHARES = "Cap of all shares"
SHARE_OF_COST, FLOOR = "share_of_cost", "floor"


@dataclass(frozen=True)
class Draft:
    """A line before it is rounded: `quantity` times `unit_amount`, of which `share` is paid, or one of so many `parts`."""

    label: str
    quantity: Decimal
    unit: str
    unit_amount: Decimal
    rule: str
    share: Decimal = Decimal(1)
    parts: int = 1

    def for_each_of(self, persons: int, currency: str) -> "Draft":
        """The same for a delegation, still so that what is printed multiplies out."""
        each, many = "for each of", f"{persons} persons"
        if self.unit in (PERCENT, THIRTIETHS):
            rule = joined(self.rule, f"{written(self.unit_amount, currency)} {each} {many}")
            return replace(self, unit_amount=self.unit_amount * persons, rule=rule)
        if self.unit in ONCE:
            return replace(self, quantity=self.quantity * persons, unit="persons", rule=joined(self.rule, f"{each} {many}"))
        unit = self.unit if self.quantity != 1 else self.unit.replace("s", "", 1)  # day, night, month
        rule = joined(self.rule, f"{self.quantity} {unit} {each} {many}")
        return replace(self, quantity=self.quantity * persons, rule=rule)

    def line(self, component: str) -> AmountLine:
        """Rounded half up to the cent."""
        amount = round_half_up(self.quantity * self.unit_amount * self.share / self.parts)
        return AmountLine(self.label, self.quantity, self.unit, self.unit_amount, amount, self.rule, component)


Component = Callable[[Settings, Case, Lines], Iterable[Draft]]


def joined(rule: str, more: str) -> str:
    return f"{rule}; {more}" if rule else f"{more[:1].upper()}{more[1:]}"


def lump_by_country(settings: Settings, case: Case, lines: Lines) -> Iterable[Draft]:
    """An amount per host country; reductions apply once, not twice, however many of their conditions hold."""
    least = settings.get("minimum_working_days", 0)
    why = f": {case.holiday_words}" if case.holidays else ""
    if case.working_days < least:
        asked, found = counted(least, "working day"), case.working_days or "none"
        raise Refusal(f"The programme asks for at least {asked}; this stay has {found}{why}.")
    lump = Decimal(_of_country(settings["amounts"], case, "a lump sum"))
    label = f"Lump sum for {country_words(case.host_country)}"
    days, km = f"{counted(case.working_days, 'working day')}{why}", f"{case.distance_km:,} km"
    reasons = _reductions(settings.get("reduction") or {}, case)
    if not reasons:
        yield Draft(label, Decimal(1), "stay", lump, f"{km}, {days}" if why else f"{days}, {km}")
        return
    percent = percent_of(settings["reduction"]["factor"])
    rule = f"{percent} % because {' and '.join(reasons)}"
    yield Draft(label, percent, PERCENT, lump, joined(rule, days) if why else rule, parts=100)


def _reductions(reduction: Settings, case: Case) -> list[str]:
    """The conditions of a reduction that hold, in words."""
    under_days, under_km = reduction.get("if_working_days_under", 0), reduction.get("or_km_under", 0)
    reasons = []
    if case.working_days < under_days:
        reasons.append(f"the stay is shorter than {counted(under_days, 'working day')}")
    if case.distance_km < under_km:
        reasons.append(f"the way is under {under_km} km")
    return reasons


def distance_band(settings: Settings, case: Case, lines: Lines) -> Iterable[Draft]:
    """Travel by the band in which the one-way distance lies; the amount pays the way there and back."""
    for band in settings["bands"]:
        if band["from_km"] <= case.distance_km <= (band["to_km"] or FARTHEST_KM):
            manner = "green" if case.green else "standard"
            rule = f"{case.distance_km:,} km one way lies {_between(band)}"
            return [Draft(f"Travel, {manner}", Decimal(1), "journey", Decimal(band[manner]), rule)]
    if case.distance_km < min(band["from_km"] for band in settings["bands"]):
        return []  # next door: nothing is granted for travel, but the days are
    raise Refusal(f"The programme has no travel amount for {case.distance_km:,} km yet. Ask the programme to add it.")


def _between(band: Settings) -> str:
    """The last band may be open: `to_km` None."""
    if band["to_km"] is None:
        return f"at or beyond {band['from_km']:,} km"
    return f"between {band['from_km']:,} and {band['to_km']:,} km"


def daily(settings: Settings, case: Case, lines: Lines) -> Iterable[Draft]:
    """An amount per day or night by the host country's group: full up to number N, a share from N + 1; travel days count, too."""
    unit, group = settings.get("unit", DAY), _group(settings, case)
    added = min(case.travel_days, travel_days(settings, case.green))
    rate, count = Decimal(settings["amounts"][group]), stayed(case, unit) + added
    full = min(count, settings.get("full_days") or count)
    units, things = f"{unit}s", f"{unit.capitalize()}s of stay"
    if full:
        rule = f"Daily amount of country group {group}"
        if added:
            asked = f" ({case.travel_days} were asked for)" if case.travel_days > added else ""
            rule = f"{rule}: {counted(stayed(case, unit), unit)} of stay and {counted(added, 'travel day')}{asked}"
            things = f"{things} and travel"
        yield Draft(things, Decimal(full), units, rate, rule)
    if count > full:
        percent = percent_of(settings["share_after"])
        rule = f"{percent} % of {written(rate, case.currency)} from {unit} {full + 1}"
        share = Decimal(settings["share_after"])
        yield Draft(f"Further {units} of stay", Decimal(count - full), f"{units} at {percent} %", rate, rule, share)


def _group(settings: Settings, case: Case) -> str:
    groups = settings.get("groups", {}).items()
    group = next((name for name, countries in groups if case.host_country in countries), settings.get("other_group"))
    if group is None:
        country = country_words(case.host_country)
        raise Refusal(f"The programme has not set a daily amount for {country} yet. Ask the programme to add it.")
    return str(group)


def stayed(case: Case, unit: str) -> int:
    """How many days or nights the stay has."""
    return case.days if unit == DAY else max(case.days - 1, 0)


def travel_days(settings: Settings, green: bool) -> int:
    """The most travel days that are added; none where the card leaves them out."""
    most = settings.get("travel_days") or 0
    return max(most, settings.get("travel_days_green") or 0) if green else most


def monthly(settings: Settings, case: Case, lines: Lines) -> Iterable[Draft]:
    """An amount per month by host country: whole months, then days at one thirtieth."""
    rate = Decimal(_of_country(settings["amounts"], case, "a monthly amount"))
    months, days = divmod(case.days, DAYS_OF_A_MONTH)
    if months:
        yield Draft("Months of stay", Decimal(months), "months", rate, f"A month has {DAYS_OF_A_MONTH} days")
    if days:
        rule = f"One thirtieth of {written(rate, case.currency)} a day"
        label = "Further days of stay" if months else "Days of stay"
        yield Draft(label, Decimal(days), THIRTIETHS, rate, rule, parts=DAYS_OF_A_MONTH)


def share_of_cost(settings: Settings, case: Case, lines: Lines) -> Iterable[Draft]:
    """A percentage of the agreed price, or of what it is more than an own contribution.

    Under the minimum nothing; with a floor it is topped up to that, but to no more than the price.
    """
    price, own, said = _price_of(case), Decimal(settings.get("own_contribution", 0)), partial(written, currency=case.currency)
    if price <= own:
        raise Refusal(f"The programme pays what is more than an own contribution of {said(own)}.", field="price")
    share, whose = _share(settings, case)
    less = f" of {said(price)} less an own contribution of {said(own)}" if own else ""
    rule = f"{percent_of(share)} % of the {case.price_words}{less}{whose}"
    amount, least = round_half_up((price - own) * share), Decimal(settings.get("minimum", 0))
    if amount < least:
        raise Refusal(f"{said(amount)} is under the minimum of {said(least)}.", field="price")
    yield Draft(SHARE, percent_of(share), PERCENT, price - own, rule, parts=100)
    floor = min(Decimal(settings.get("floor", 0)), price)
    if amount < floor:
        yield Draft(TOPPED_UP, Decimal(1), "", floor - amount, f"At least {said(floor)} of the price")


def _price_of(case: Case) -> Decimal:
    if case.price is None:
        raise Refusal("Say the agreed price.", field="price")
    if case.price <= 0:
        raise Refusal("Enter a price greater than zero.", field="price")
    return case.price


def _share(settings: Settings, case: Case) -> tuple[Decimal, str]:
    """The share for the holder's kind of organisation, with words for it; the general one for all others."""
    own = settings.get("shares", {}).get(case.organisation_kind)
    if own is None:
        return Decimal(settings["share"]), ""
    return Decimal(own), f", as for a {KIND_LABELS[OrganisationKind(case.organisation_kind)].lower()}"


def real_costs(settings: Settings, case: Case, lines: Lines) -> Iterable[Draft]:
    """A share of what something really costs; nothing where nobody says what it does."""
    cost = case.costs.get(settings["key"], Decimal(0))
    if cost <= 0:
        return []
    share, whose = _share(settings, case)
    rule = f"{percent_of(share)} % of what it costs{whose}"
    return [Draft(settings["label"], percent_of(share), PERCENT, cost, rule, parts=100)]


def fixed(settings: Settings, case: Case, lines: Lines) -> Iterable[Draft]:
    """One amount, e.g. a host contribution or an accessibility supplement; or one for each day or night."""
    unit = settings.get("unit", "")
    count = stayed(case, unit) if unit else 1
    label, amount = settings.get("label", "Fixed amount"), Decimal(settings["amount"])
    return [Draft(label, Decimal(count), f"{unit}s" if unit else "", amount, settings.get("rule", ""))] if count else []


def floor(settings: Settings, case: Case, lines: Lines) -> Iterable[Draft]:
    """At least this in all, per voucher: what is less is topped up, but where no stay is paid to no more than the price."""
    least = Decimal(settings["least"])
    short, rule = least - total(lines), f"At least {written(least, case.currency)} per voucher"
    shares = of_component(SHARE_OF_COST, lines)
    if case.price is not None and shares and not any(component_of(line.component) in STAY_ONLY for line in lines):
        left = case.price - total(shares)
        short, rule = (left, f"{rule}, up to the price") if left < short else (short, rule)
    return [Draft(TOPPED_UP, Decimal(1), "", short, rule)] if short > 0 else []


def cap(settings: Settings, case: Case, lines: Lines) -> Iterable[Draft]:
    """At most this in all, per voucher."""
    return capped(Decimal(settings["most"]), case, lines)


def capped(most: Decimal, case: Case, lines: Sequence[AmountLine], label: str = CAP, what: str = "per voucher") -> list[Draft]:
    """What takes off all over `most`, which holds for `what`."""
    over = total(lines) - most
    return [Draft(label, Decimal(1), "", -over, f"At most {written(most, case.currency)} {what}")] if over > 0 else []


def component_of(key: str) -> str:
    """Which component a line is of: daily for daily-2."""
    return key.partition("-")[0]


def of_component(component: str, lines: Iterable[AmountLine]) -> list[AmountLine]:
    return [line for line in lines if component_of(line.component) == component]


# In the order in which they are added up
COMPONENTS: dict[str, Component] = {
    "lump_by_country": lump_by_country,
    "distance_band": distance_band,
    "daily": daily,
    "monthly": monthly,
    "share_of_cost": share_of_cost,
    "real_costs": real_costs,
    "fixed": fixed,
    "floor": floor,
    "cap": cap,
}
OVERALL = "cap"
OVER_ALL = frozenset({"floor", OVERALL})  # they look at the lines of all others, so a card has one of each at most
STAY_ONLY = frozenset({"lump_by_country", "distance_band", "daily", "monthly"})
BY_PERSON = STAY_ONLY | {"fixed"}  # these can be paid for each person


def components_of(kind: Kind) -> list[str]:
    """The components a card for this kind may have: without a stay nothing is paid by days or way.

    Real costs are the holder's: where the money goes to somebody else, that one would be paid for them.
    """
    left_out = (frozenset() if kind.rests_on_stay else STAY_ONLY) | (frozenset() if kind.pays_holder else {"real_costs"})
    return [name for name in COMPONENTS if name not in left_out]


def cap_label(part: Settings) -> str:
    """What a cap of one component is called."""
    names = {
        "lump_by_country": "lump sum",
        "distance_band": "travel amount",
        "daily": "daily amounts",
        "monthly": "monthly amounts",
        "share_of_cost": "share",
    }
    return (
        f"Cap of the {names[part['component']]}"
        if part["component"] in names
        else f"Cap of “{part.get('label', 'Fixed amount')}”"
    )


def _of_country(amounts: Mapping[str, str], case: Case, what: str) -> str:
    if case.host_country not in amounts:
        country = country_words(case.host_country)
        raise Refusal(f"The programme has not set {what} for {country} yet. Ask the programme to add it.")
    return amounts[case.host_country]
