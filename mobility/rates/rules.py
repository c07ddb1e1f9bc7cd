"""From a rate card to amount lines (money.md). Pure: a card is data, a case is a handful of figures.

Each component of a card is one function `(settings, case, lines so far) -> lines`; `COMPONENTS` lists them in the order in
which they are added up. Amounts and shares stand in a card as text ("780.00", "0.5"), so that no float touches money.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from math import asin, cos, radians, sin, sqrt
from typing import Any

from babel import Locale

from mobility.core.errors import Refusal
from mobility.core.money import EURO, round_half_up, written
from mobility.core.workdays import working_days
from mobility.vouchers.kinds import Kind

EARTH_RADIUS_KM = 6371.0088
FARTHEST_KM = 20_038  # half the way around the earth
DAYS_OF_A_MONTH = 30
PERCENT, THIRTIETHS = "%", f"/{DAYS_OF_A_MONTH}"
SHARE, CAP_OF_SHARE, CAP = "Share of the price", "Cap of the share", "Cap"

_COUNTRIES = Locale("en", "GB").territories


@dataclass(frozen=True)
class AmountLine:
    """One line of a computed amount; `rule` says in words what gave it, `component` is the rate card's that did.

    With the unit "%" it is `quantity` percent of `unit_amount`, with "/30" so many thirtieths: what is printed multiplies out.
    """

    label: str
    quantity: Decimal
    unit: str
    unit_amount: Decimal
    amount: Decimal
    rule: str
    component: str = ""

    @property
    def hint(self) -> str:
        """What pages write under the label."""
        return self.rule

    def as_json(self) -> dict[str, str]:
        return {name: str(value) for name, value in vars(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, str]) -> "AmountLine":
        decimals = {name: Decimal(data[name]) for name in ("quantity", "unit_amount", "amount")}
        return cls(label=data["label"], unit=data["unit"], rule=data["rule"], component=data.get("component", ""), **decimals)


@dataclass(frozen=True)
class Case:
    """What an amount depends on. Days count the first and the last; `distance_km` is one way; `price` the agreed one,
    unless `price_words` call it another, for the line that pays a share of it. `persons` travel. All is in `currency`.

    As JSON it is kept with a voucher: nothing that changes later changes what was granted (money.md).
    """

    host_country: str
    days: int = 0
    working_days: int = 0
    distance_km: int = 0
    green: bool = False
    price: Decimal | None = None
    price_words: str = "agreed price"
    persons: int = 1
    first_day: date | None = None
    last_day: date | None = None
    currency: str = EURO

    @classmethod
    def of_stay(cls, host_country: str, first_day: date, last_day: date, distance_km: int, green: bool = False) -> "Case":
        return cls(host_country, distance_km=distance_km, green=green).on(first_day, last_day)

    def on(self, first_day: date, last_day: date) -> "Case":
        """The same on these days. Working days are those of the host's country (money.md)."""
        return replace(
            self,
            days=(last_day - first_day).days + 1,
            working_days=working_days(first_day, last_day, self.host_country),
            first_day=first_day,
            last_day=last_day,
        )

    def as_json(self) -> dict[str, Any]:
        return {name: str(each) if isinstance(each, date | Decimal) else each for name, each in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Case":
        readers: dict[str, Callable[[str], Any]] = {"price": Decimal}
        readers |= dict.fromkeys(("first_day", "last_day"), date.fromisoformat)
        return cls(**{name: readers[name](each) if each and name in readers else each for name, each in data.items()})


Lines = list[AmountLine]
Component = Callable[[Mapping[str, Any], Case, Lines], Lines]


def compute(components: Mapping[str, Mapping[str, Any]], case: Case, most: Lines | None = None) -> Lines:
    """The amount lines of a case, each rounded half up to the cent; the total is their sum.

    `most` are the lines that were approved: each component gives at most what it gave there, then as it was there, so that
    one can never pay for another. Raises Refusal in the rule's words, and KeyError for a component nobody knows.
    """
    if unknown := set(components) - set(COMPONENTS):
        raise KeyError(f"No such component of a rate card: {', '.join(sorted(unknown))}")
    lines: Lines = []
    for name, component in COMPONENTS.items():
        if name in components:
            found = [replace(line, component=name) for line in component(components[name], case, lines)]
            lines += (
                found if most is None or name == OVERALL else _at_most(found, [each for each in most if each.component == name])
            )
    return lines


def _at_most(found: Lines, approved: Lines) -> Lines:
    return found if total(found) <= total(approved) else approved


def total(lines: Sequence[AmountLine]) -> Decimal:
    return sum((line.amount for line in lines), Decimal("0.00"))


@dataclass(frozen=True)
class Estimate:
    """What a case would amount to: its lines, or the rule that stands against it and the field it concerns."""

    lines: tuple[AmountLine, ...] = ()
    refusal: str | None = None
    field: str | None = None

    @property
    def total(self) -> Decimal:
        return total(self.lines)


def estimate(components: Mapping[str, Any] | None, case: Case) -> Estimate:
    """The lines of a case by a rate card's components, or why there are none. A grant of nothing is none."""
    if components is None:
        return Estimate(refusal="The programme has not set its rates yet. Ask the programme when it will.")
    try:
        lines = tuple(compute(components, case))
    except Refusal as refusal:
        return Estimate(refusal=refusal.message, field=refusal.field)
    if total(lines) <= 0:
        return Estimate(refusal="At the programme's rates this comes to nothing, so there is no voucher to request.")
    return Estimate(lines)


def own_share(lines: Sequence[AmountLine], price: Decimal | None) -> Decimal:
    """What the holder or their organisation pays of the agreed price themselves (P17, co-funding); zero if nothing."""
    of_price = [line for line in lines if line.label in (SHARE, CAP_OF_SHARE)]
    if price is None or not of_price:
        return Decimal("0.00")
    return max(price - min(total(of_price), total(lines)), Decimal("0.00"))


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> int:
    """The great-circle distance between two places in degrees, to the nearest kilometre."""
    a, b = radians(latitude), radians(other_latitude)
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(other_longitude - longitude) / 2) ** 2
    kilometres = 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))
    return int(Decimal(kilometres).quantize(Decimal(1), ROUND_HALF_UP))


def lump_by_country(settings: Mapping[str, Any], case: Case, lines: Lines) -> Lines:
    """An amount per host country; reductions apply once, not twice, however many of their conditions hold."""
    least = settings.get("minimum_working_days", 0)
    if case.working_days < least:
        raise Refusal(
            f"The programme asks for at least {_count(least, 'working day')}; this stay has {case.working_days or 'none'}."
        )
    lump = Decimal(_of_country(settings["amounts"], case, "a lump sum"))
    label = f"Lump sum for {_country(case.host_country)}"
    reasons = _reductions(settings.get("reduction") or {}, case)
    if not reasons:
        rule = f"{_count(case.working_days, 'working day')}, {case.distance_km:,} km"
        return [_line(label, Decimal(1), "stay", lump, rule)]
    share = Decimal(settings["reduction"]["factor"])
    rule = f"{_percent(share)} % because the stay is {' and '.join(reasons)}"
    return [AmountLine(label, _percent(share), PERCENT, lump, round_half_up(lump * share), rule)]


def _reductions(reduction: Mapping[str, Any], case: Case) -> list[str]:
    """The conditions of a reduction that hold, in words."""
    under_days, under_km = reduction.get("if_working_days_under", 0), reduction.get("or_km_under", 0)
    reasons = []
    if case.working_days < under_days:
        reasons.append(f"under {_count(under_days, 'working day')}")
    if case.distance_km < under_km:
        reasons.append(f"under {under_km} km")
    return reasons


def distance_band(settings: Mapping[str, Any], case: Case, lines: Lines) -> Lines:
    """Travel by the band in which the one-way distance lies; the amount pays the way there and back."""
    for band in settings["bands"]:
        if band["from_km"] <= case.distance_km <= (band["to_km"] or FARTHEST_KM):
            manner = "green" if case.green else "standard"
            rule = f"{case.distance_km:,} km one way lies {_between(band)}"
            return [_line(f"Travel, {manner}", Decimal(1), "journey", Decimal(band[manner]), rule)]
    nearest = min(band["from_km"] for band in settings["bands"])
    if case.distance_km < nearest:
        return []  # next door: nothing is granted for travel, but the days are
    raise Refusal(f"The programme has no travel amount for {case.distance_km:,} km yet. Ask the programme to add it.")


def _between(band: Mapping[str, Any]) -> str:
    """The last band may be open: `to_km` None."""
    if band["to_km"] is None:
        return f"at or beyond {band['from_km']:,} km"
    return f"between {band['from_km']:,} and {band['to_km']:,} km"


def daily(settings: Mapping[str, Any], case: Case, lines: Lines) -> Lines:
    """An amount per day by the host country's group: full up to day N, a share from day N + 1."""
    groups = settings.get("groups", {}).items()
    group = next((name for name, countries in groups if case.host_country in countries), settings.get("other_group"))
    if group is None:
        country = _country(case.host_country)
        raise Refusal(f"The programme has not set a daily amount for {country} yet. Ask the programme to add it.")
    rate = Decimal(settings["amounts"][group])
    full = min(case.days, settings.get("full_days", case.days))
    found = [_line("Days of stay", Decimal(full), "days", rate, f"Daily amount of country group {group}")]
    if case.days > full:
        share = Decimal(settings["share_after"])
        rule = f"{_percent(share)} % of {written(rate, case.currency)} from day {full + 1}"
        rest = Decimal(case.days - full)
        amount = round_half_up(rest * rate * share)
        found.append(AmountLine("Further days of stay", rest, f"days at {_percent(share)} %", rate, amount, rule))
    return found


def monthly(settings: Mapping[str, Any], case: Case, lines: Lines) -> Lines:
    """An amount per month by host country: whole months, then days at one thirtieth."""
    rate = Decimal(_of_country(settings["amounts"], case, "a monthly amount"))
    months, days = divmod(case.days, DAYS_OF_A_MONTH)
    found = []
    if months:
        found.append(_line("Months of stay", Decimal(months), "months", rate, f"A month has {DAYS_OF_A_MONTH} days"))
    if days:
        amount = round_half_up(rate * days / DAYS_OF_A_MONTH)
        rule = f"One thirtieth of {written(rate, case.currency)} a day"
        label = "Further days of stay" if months else "Days of stay"
        found.append(AmountLine(label, Decimal(days), THIRTIETHS, rate, amount, rule))
    return found


def share_of_cost(settings: Mapping[str, Any], case: Case, lines: Lines) -> Lines:
    """A percentage of the agreed price; nothing below the minimum, and at most the cap."""
    if case.price is None:
        raise Refusal("Say the agreed price.", field="price")
    if case.price <= 0:
        raise Refusal("Enter a price greater than zero.", field="price")
    share = Decimal(settings["share"])
    amount = round_half_up(case.price * share)
    least = Decimal(settings.get("minimum", 0))
    if amount < least:
        asked, lowest = (written(each, case.currency) for each in (amount, least))
        raise Refusal(f"{asked} is under the minimum of {lowest}.", field="price")
    rule = f"{_percent(share)} % of the {case.price_words}"
    found = [AmountLine(SHARE, _percent(share), PERCENT, case.price, amount, rule)]
    return found + (_capped(Decimal(settings["cap"]), case, found, CAP_OF_SHARE) if "cap" in settings else [])


def fixed(settings: Mapping[str, Any], case: Case, lines: Lines) -> Lines:
    """One amount, e.g. a host contribution or an accessibility supplement."""
    label, rule = settings.get("label", "Fixed amount"), settings.get("rule", "")
    return [_line(label, Decimal(1), "", Decimal(settings["amount"]), rule)]


def cap(settings: Mapping[str, Any], case: Case, lines: Lines) -> Lines:
    """At most this in all, per voucher."""
    return _capped(Decimal(settings["most"]), case, lines)


OVERALL = "cap"  # the one that looks at the lines of all others
COMPONENTS: dict[str, Component] = {
    "lump_by_country": lump_by_country,
    "distance_band": distance_band,
    "daily": daily,
    "monthly": monthly,
    "share_of_cost": share_of_cost,
    "fixed": fixed,
    "cap": cap,
}


STAY_ONLY = frozenset({"lump_by_country", "distance_band", "daily", "monthly"})


def components_of(kind: Kind) -> list[str]:
    """The components a card for this kind may have: without a stay nothing is paid by days or way."""
    return [name for name in COMPONENTS if kind.rests_on_stay or name not in STAY_ONLY]


def _capped(most: Decimal, case: Case, lines: Sequence[AmountLine], label: str = CAP) -> Lines:
    over = total(lines) - most
    rule = f"At most {written(most, case.currency)} per voucher"
    return [_line(label, Decimal(1), "", -over, rule)] if over > 0 else []


def _line(label: str, quantity: Decimal, unit: str, unit_amount: Decimal, rule: str) -> AmountLine:
    return AmountLine(label, quantity, unit, unit_amount, round_half_up(quantity * unit_amount), rule)


def _of_country(amounts: Mapping[str, str], case: Case, what: str) -> str:
    if case.host_country not in amounts:
        country = _country(case.host_country)
        raise Refusal(f"The programme has not set {what} for {country} yet. Ask the programme to add it.")
    return amounts[case.host_country]


def _country(code: str) -> str:
    return _COUNTRIES.get(code, code)


def _percent(share: Decimal) -> Decimal:
    """A share as a percentage without needless zeros: 0.50 -> 50."""
    percent = (share * 100).normalize()
    return percent.quantize(Decimal(1)) if percent == percent.to_integral_value() else percent


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
