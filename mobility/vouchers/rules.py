"""What a request for a voucher that rests on a price must say (P10), and who may ask; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta

from mobility.core.errors import Problem, Refusal
from mobility.core.money import NOTHING, written
from mobility.people.roles import Role
from mobility.programmes.rules import country_refusal, programme_level_refusal
from mobility.rates.rules import Case, Components, Estimate, conditions_of, costs_of, distance_km, travel_days_of
from mobility.vouchers.states import APPROVED, EXPIRED, RECOMMENDED, REJECTED, REQUESTED, WITHDRAWN

ASKING_ROLES = (Role.GUEST, Role.COORDINATOR)
PROVIDING_ROLES = frozenset({Role.PROVIDER, Role.COORDINATOR})


def problems(voucher: Any, found: Estimate) -> list[Problem]:
    """Everything that stands against the request, in the order of the page; `found` is what the rates make of the price."""
    return [*_programme_takes(voucher), *_described(voucher), *_priced(voucher, found)]


def undeclared(voucher: Any, link: str) -> str | None:
    """One's own organisation can be the provider only if that is declared (product.md, related parties)."""
    provider = voucher.provider
    own = provider.id == voucher.holder_organisation_id or voucher.holder.roles_in(provider.id)
    return f"You belong to {provider.name} yourself: declare this link in a few words." if own and not link.strip() else None


def _programme_takes(voucher: Any) -> Iterable[Problem]:
    programme, home, holder = voucher.programme, voucher.holder_organisation, voucher.holder
    if not set(ASKING_ROLES) & holder.roles_in(home.id):
        yield Problem("organisation", f"You are not a guest or coordinator of {home.name} any more.")
    if refusal := country_refusal(home.country, programme.name, programme.eligible_countries):
        yield Problem("organisation", refusal)
    if refusal := programme_level_refusal(holder.level, programme.name, programme.eligible_levels):
        yield Problem("programme", refusal)


def _described(voucher: Any) -> Iterable[Problem]:
    """The holder confirms what the provider delivered, so nobody may be both."""
    provider = voucher.provider
    if not voucher.need.strip():
        yield Problem("need", "Say what you need, and what for.")
    if provider is None:
        yield Problem("provider", "Choose the provider.")
    elif PROVIDING_ROLES & voucher.holder.roles_in(provider.id):
        yield Problem(
            "provider",
            f"You act for {provider.name} yourself, so you could not confirm what it delivers. "
            "Choose another provider, or let a colleague ask.",
        )


def _priced(voucher: Any, found: Estimate) -> Iterable[Problem]:
    if voucher.price is None:
        yield Problem("price", "Enter the agreed price.")
    elif found.refusal:
        yield Problem(found.field or "", found.refusal)


ENDED_UNUSED = frozenset({REJECTED, WITHDRAWN, EXPIRED})
MOST_POINTS = 100


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
        return case_of(voucher.exchange, asked)
    return _case_at(voucher.provider or voucher.holder_organisation, voucher.holder_organisation, asked)


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
    if missing := next((label for key, label, _ in costs_of(components) if key not in asked.costs), None):
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
    refused = [each for each in keys if each not in voucher.basis["conditions"]]
    listed = (voucher.unconfirmed, voucher.conditions_confirmed, refused)
    return Declared(
        *([words.rstrip(".") for words in condition_words(voucher, each)] for each in listed),
        voucher.estimate_with(keys).total,
        None if least.refusal else least.total,
    )


def condition_words(voucher: Any, keys: Iterable[str]) -> list[str]:
    """As the rate card puts them, of which the voucher keeps the version."""
    words = dict(conditions_of(voucher.rate_card.components)) if voucher.rate_card else {}
    return [words.get(key, key) for key in keys]


def confirmation(before: Decimal, after: Decimal, left_out: int) -> str:
    """What the history says: not which condition, as everybody involved reads it."""
    if not left_out:
        return "All that was declared is confirmed."
    words = "1 declared condition is" if left_out == 1 else f"{left_out} declared conditions are"
    return f"{words} not confirmed: {written(after)} instead of {written(before)}."


def case_again(voucher: Any) -> Case:
    """The case of a voucher that was asked for: as it was then, on the days that are agreed now."""
    kept = Case.from_json(voucher.basis)
    return kept.on(voucher.exchange.first_day, voucher.exchange.last_day) if voucher.exchange else kept


def may_ask_again(newest: Any, person: Any) -> bool:
    """The newest voucher of an agreed exchange has ended unused: its holder may ask for another, before the exchange begins.

    Not once the guest has written down that it takes place without one.
    """
    exchange = newest.exchange
    return bool(
        newest.state in ENDED_UNUSED
        and newest.holder_id == person.id
        and exchange is not None
        and exchange.state == "agreed"
        and not exchange.to_go_unfunded
        and newest.programme.today < exchange.first_day
    )


def validity(today: date, months: int, last_day: date | None = None) -> tuple[date, date]:
    """From the day of issue, for so many months: both days are inside. It covers the stay, to its `last_day`."""
    until = today + relativedelta(months=months)
    return today, max(until, last_day) if last_day else until


def latest_extension(valid_until: date, months: int) -> date:
    """The last day to which a voucher may be extended, once (workflows.md)."""
    return valid_until + relativedelta(months=months)


def claim_extension(due_on: date, today: date, claim_days: int) -> tuple[date, date]:
    """The first and last day to which a claim may be extended: from tomorrow, by as long as a claim has anyway."""
    after = max(due_on, today)
    return after + timedelta(days=1), after + timedelta(days=claim_days)


def sheet_of(programme: Any) -> Sequence[Mapping[str, Any]]:
    """The programme's score sheet; without one there are points for the whole."""
    return programme.score_sheet or [{"criterion": "Overall", "points": MOST_POINTS}]


def scored(sheet: Sequence[Mapping[str, Any]], points: Sequence[int | None]) -> list[dict[str, Any]]:
    """The points for each criterion, with the most it could get: the sheet may change later. Raises Refusal."""
    if len(points) != len(sheet) or None in points:
        raise Refusal("Give points for each criterion.", field="scores")
    lines = [
        {"criterion": line["criterion"], "points": given or 0, "most": line["points"]}
        for line, given in zip(sheet, points, strict=True)
    ]
    for line in lines:
        if not 0 <= line["points"] <= line["most"]:
            raise Refusal(f"“{line['criterion']}” gets 0 to {line['most']} points.", field="scores")
    return lines


def states_to_decide(roles: set[str], scheme: str) -> list[str]:
    """The states in which a voucher waits for a decision of somebody with these roles in the programme."""
    full = scheme == "full"
    states = []
    if "assessor" in roles and full:
        states.append(REQUESTED)
    if "owner" in roles:
        states += [RECOMMENDED, APPROVED] if full else [REQUESTED, RECOMMENDED, APPROVED]
    return states
