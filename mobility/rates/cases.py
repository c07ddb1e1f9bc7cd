"""What an amount is computed from, and the lines it consists of. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from babel import Locale

from mobility.core.money import EURO
from mobility.core.workdays import Holiday, holidays_between, regions_of, working_days

SATURDAY = 5
_COUNTRIES = Locale("en", "GB").territories
_WITH_THE = frozenset({"AE", "BS", "CF", "DO", "FO", "GB", "GM", "IM", "KM", "KY", "MH", "MV", "NL", "PH", "SB", "SC", "US"})


@dataclass(frozen=True)
class AmountLine:
    """One line of a computed amount; `rule` says in words what gave it, `component` is the key of the rate card's that did.

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


def total(lines: Iterable[AmountLine]) -> Decimal:
    return sum((line.amount for line in lines), Decimal("0.00"))


@dataclass(frozen=True)
class Case:
    """What an amount depends on. Days count the first and the last; `distance_km` is one way; `price` the agreed one,
    unless `price_words` call it another, for the line that pays a share of it. `persons` travel. All is in `currency`.

    `travel_days` are those asked for beside the stay, `conditions` the keys of those that hold, `costs` what each component of
    real costs comes to, by its key. `organisation_kind` is the holder's, `region` the host's, such as DE-BY. `holidays` are
    those for which somebody would have worked: each day with the place that keeps it.

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
    travel_days: int = 0
    conditions: tuple[str, ...] = ()
    costs: Mapping[str, Decimal] = field(default_factory=dict)
    organisation_kind: str = ""
    region: str = ""
    holidays: tuple[tuple[date, str], ...] = ()
    currency: str = EURO

    @classmethod
    def of_stay(
        cls, host_country: str, first_day: date, last_day: date, distance_km: int, green: bool = False, region: str = ""
    ) -> "Case":
        return cls(host_country, distance_km=distance_km, green=green, region=region).on(first_day, last_day)

    def on(self, first_day: date, last_day: date) -> "Case":
        """The same on these days. Working days are those of the host's country and region (money.md)."""
        found = holidays_between(first_day, last_day, self.host_country, self.region)
        return replace(
            self,
            days=(last_day - first_day).days + 1,
            working_days=working_days(first_day, last_day, self.host_country, self.region),
            first_day=first_day,
            last_day=last_day,
            holidays=tuple((each.day, self._kept_in(each)) for each in found if each.day.weekday() < SATURDAY),
        )

    def _kept_in(self, holiday: Holiday) -> str:
        """Portugal; or, of a region's own, Bayern (Germany)."""
        country = country_words(self.host_country)
        return f"{regions_of(self.host_country)[self.region]} ({country})" if holiday.regional else country

    @property
    def holiday_words(self) -> str:
        """ "1 December is a holiday in Portugal", "6 and 8 December are holidays in Spain"; nothing without one."""
        places = {place: [day for day, of in self.holidays if of == place] for _, place in self.holidays}
        found = (f"{_listed(days)} {'are holidays' if days[1:] else 'is a holiday'} in {place}" for place, days in places.items())
        return ", ".join(found)

    def as_json(self) -> dict[str, Any]:
        plain = {name: str(each) if isinstance(each, date | Decimal) else each for name, each in asdict(self).items()}
        return plain | {
            "conditions": list(self.conditions),
            "costs": {key: str(each) for key, each in self.costs.items()},
            "holidays": [[str(day), place] for day, place in self.holidays],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Case":
        """What was kept before a field came to be reads as its default."""
        return cls(**{name: READERS[name](each) if name in READERS and each is not None else each for name, each in data.items()})


READERS: dict[str, Callable[[Any], Any]] = {
    "price": Decimal,
    "first_day": date.fromisoformat,
    "last_day": date.fromisoformat,
    "conditions": tuple,
    "costs": lambda costs: {key: Decimal(each) for key, each in costs.items()},
    "holidays": lambda days: tuple((date.fromisoformat(day), place) for day, place in days),
}


def _listed(days: Sequence[date]) -> str:
    """6 and 8 December; 1 November and 8 December"""
    one_month = len({(day.year, day.month) for day in days}) == 1
    words = [f"{day:%-d}" if one_month and day != days[-1] else f"{day:%-d %B}" for day in days]
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def country_words(code: str) -> str:
    """Within a sentence: Portugal, the Netherlands."""
    name = _COUNTRIES.get(code, code)
    return f"the {name}" if code in _WITH_THE else name


def percent_of(share: Decimal | str) -> Decimal:
    """A share as a percentage without needless zeros: 50 for 0.50, 66.67 for "0.6667"."""
    percent = (Decimal(share) * 100).normalize()
    return percent.quantize(Decimal(1)) if percent == percent.to_integral_value() else percent
