"""What a voucher's amount follows from besides the agreed stay: what is asked for, declared, confirmed. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from mobility.core.errors import Problem
from mobility.core.money import EURO, NOTHING, written
from mobility.rates.rules import Case, Components, conditions_of, costs_of, distance_km, travel_days_of


@dataclass(frozen=True)
class Asked:
    """What the holder says in the request besides the agreed stay: with it the amount is computed.

    `conditions` are keys of conditions of the card, `costs` what each component of real costs is expected to come to.
    """

    green: bool = False
    price: Decimal | None = None
    travel_days: int = 0
    conditions: tuple[str, ...] = ()
    costs: Mapping[str, Decimal] = field(default_factory=dict)

    @classmethod
    def given(
        cls,
        green_travel: bool = False,
        price: Decimal | None = None,
        travel_days: int | None = None,
        conditions: Iterable[str] = (),
        costs: Mapping[str, Decimal] | None = None,
    ) -> "Asked":
        """As a form has it. Travel is green by train, bus or shared car; the price is the agreed one (P17)."""
        return cls(green_travel, price, travel_days or 0, tuple(conditions), costs or {})

    @classmethod
    def of(cls, voucher: Any) -> "Asked":
        """As the voucher has it."""
        costs = {key: Decimal(each) for key, each in voucher.expected_costs.items()}
        return cls(voucher.green_travel, voucher.price, voucher.travel_days, tuple(voucher.conditions_declared), costs)


NOTHING_ASKED = Asked()


def case_of(exchange: Any, asked: Asked = NOTHING_ASKED) -> Case:
    """What an exchange's amount depends on: where the host is, the stay, the way between both cities, who travels (money.md)."""
    host, home = exchange.host, exchange.guest_organisation
    distance = distance_km(home.latitude, home.longitude, host.latitude, host.longitude)
    case = replace(_case_at(host, home, asked), distance_km=distance, persons=len(exchange.delegates) or 1)
    return case.on(exchange.first_day, exchange.last_day)


def case_for(voucher: Any, asked: Asked | None = None) -> Case:
    """The case of a voucher of any kind, with what it says itself unless something else is `asked` for."""
    asked = asked or Asked.of(voucher)
    if voucher.exchange is not None:
        found = case_of(voucher.exchange, asked)
    else:
        found = _case_at(voucher.provider or voucher.holder_organisation, voucher.holder_organisation, asked)
    return replace(found, currency=voucher.programme.currency)


def _case_at(place: Any, home: Any, asked: Asked) -> Case:
    return Case(
        place.country,
        green=asked.green,
        price=asked.price,
        travel_days=asked.travel_days,
        conditions=asked.conditions,
        costs=asked.costs,
        organisation_kind=home.kind,
        region=place.region,
    )


def asked_problem(asked: Asked, components: Components) -> Problem | None:
    """What cannot be asked for by these rates: more travel days than they have, costs that are not stated."""
    if not 0 <= asked.travel_days <= travel_days_of(components, asked.green):
        return Problem("travel_days", most_travel_days(components))
    if missing := next((label for key, label in costs_of(components) if key not in asked.costs), None):
        return Problem("costs", f"{missing}: enter what you expect to pay, or 0.")
    return None


def most_travel_days(components: Components) -> str:
    """How many travel days these rates have."""
    standard, green = (travel_days_of(components, manner) for manner in (False, True))
    if green <= standard:
        return f"At most {standard}."
    by_train = f"at most {green} by train, bus or shared car"
    return f"At most {standard}; {by_train}." if standard else f"None, but {by_train}."


# What the programme confirms


@dataclass(frozen=True)
class Declared:
    """What the holder declared, in words: what the programme has still to confirm, has confirmed, has not confirmed.

    `asked` is the amount with all of it, `least` without any (None: nothing would be left).
    """

    waiting: Sequence[str] = ()
    confirmed: Sequence[str] = ()
    refused: Sequence[str] = ()
    asked: Decimal = NOTHING
    least: Decimal | None = None


def declared(voucher: Any) -> Declared:
    """Nothing, of a voucher without conditions."""
    keys = voucher.conditions_declared
    if not keys or not voucher.basis:
        return Declared()
    least = voucher.estimate_with(())
    return Declared(
        _listed(voucher, voucher.unconfirmed),
        _listed(voucher, voucher.conditions_confirmed),
        _listed(voucher, [each for each in keys if each not in voucher.basis["conditions"]]),
        voucher.estimate_with(keys).total,
        None if least.refusal else least.total,
    )


def _listed(voucher: Any, keys: Iterable[str]) -> list[str]:
    return [words.rstrip(".") for words in condition_words(voucher, keys)]


def condition_words(voucher: Any, keys: Iterable[str]) -> list[str]:
    """As the rate card puts them, of which the voucher keeps the version."""
    words = dict(conditions_of(voucher.rate_card.components)) if voucher.rate_card else {}
    return [words.get(key, key) for key in keys]


def confirmation(before: Decimal, after: Decimal, left_out: int, currency: str = EURO) -> str:
    """What the history says: not which condition, as everybody involved reads it."""
    if not left_out:
        return "All that was declared is confirmed."
    words = "1 declared condition is" if left_out == 1 else f"{left_out} declared conditions are"
    return f"{words} not confirmed: {written(after, currency)} instead of {written(before, currency)}."


def case_again(voucher: Any) -> Case:
    """The case of a voucher that was asked for: as it was then, on the days that are agreed now."""
    kept = Case.from_json(voucher.basis)
    return kept.on(voucher.exchange.first_day, voucher.exchange.last_day) if voucher.exchange else kept


def days_asked_for(voucher: Any) -> tuple[date, date] | None:
    """The days of the stay for which the amount was asked, if others are agreed by now."""
    if voucher.exchange is None or not voucher.basis:
        return None
    kept = Case.from_json(voucher.basis)
    if not (kept.first_day and kept.last_day):
        return None
    days = (kept.first_day, kept.last_day)
    return days if days != (voucher.exchange.first_day, voucher.exchange.last_day) else None
