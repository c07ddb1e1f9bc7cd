"""What a request for a voucher that rests on a price must say (P10), and who may ask; pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from mobility.core.errors import Problem, Refusal
from mobility.people.roles import Role
from mobility.programmes.rules import country_refusal, programme_level_refusal
from mobility.rates.rules import Estimate
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
    elif found.refusal and not found.depends:  # else the request judges it, with what is declared there
        yield Problem(found.field or "", found.refusal)


ENDED_UNUSED = frozenset({REJECTED, WITHDRAWN, EXPIRED})
MOST_POINTS = 100


def may_ask_again(newest: Any, person: Any) -> bool:
    """The newest voucher of an agreed exchange has ended unused: its holder may ask for another, before the exchange begins.

    Not once the guest has written down that it takes place without one.
    """
    exchange = newest.exchange
    return bool(
        newest.state in ENDED_UNUSED
        and newest.holder_id == person.id
        and person.roles_in(newest.holder_organisation_id)
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


def claim_extension_problem(until: date, earliest: date, latest: date) -> str | None:
    return None if earliest <= until <= latest else f"Choose a day from {earliest:%-d %B %Y} to {latest:%-d %B %Y}."


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
