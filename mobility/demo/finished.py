"""The call that was finished two years ago: its exchanges and vouchers, its review, and what was published of it.

It is played through the operations like the running year, so that whatever they write is there (history, ledger, promises) and no
second way of writing it has to be kept right. What costs time are the nights, so there is one a week: jobs make up for those
that were missed.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from mobility.core.workdays import working_days
from mobility.demo.aftermath import Case, changed_mind, exchange_of, followed, measured, next_monday, said, used
from mobility.demo.cast import CARD_NAME, Cast, lump_sums, publish_theme, travel_and_days
from mobility.demo.money import Need, buy, paying
from mobility.demo.stories import Part, Story, day_of_leaving, tell
from mobility.lessons.operations import close_review
from mobility.programmes import operations as programmes
from mobility.programmes.models import Call, Programme
from mobility.rates import operations as rates
from mobility.reviews import operations as reviews
from mobility.reviews import queries as review_queries
from mobility.themes.models import Theme
from mobility.visits import operations as visits
from mobility.vouchers.kinds import KNOWLEDGE, MOBILITY, kind_of
from mobility.workflows.table import SYSTEM

BEGINNING = -1060  # days from today: everybody and everything of the demonstration is known from then on
WORKING_DAYS = 3  # the least that the rates pay for
FIRST_NUMBER = 4000
TOOK_PLACE = {"paid", "delivered"}
REJECTED = "Without a voucher we cannot come. Thank you for the time you have taken."

Stories = list[tuple[int, int, Story]]


def data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("finished.toml").read_text("utf-8"))


def is_night(cast: Cast, of: Mapping[str, Any], day: int) -> bool:
    """Whether the scheduler has run before this day: on Mondays, until everybody has answered."""
    return next_monday(cast, day) == day and of["call"]["opens"] <= day <= of["review"]["day"]


def open_call(cast: Cast, of: Mapping[str, Any]) -> tuple[Call, list[Theme]]:
    """The call with its money and its rates, which were others then, and its themes."""
    programme = cast.programmes[of["call"]["programme"]]
    about = of["call"]
    days = {"opens_on": cast.day(about["opens"]), "closes_on": cast.day(about["closes"])}
    call = programmes.create_call(programme, by=SYSTEM, name=about["name"], **days)
    for kind, amount in ((MOBILITY, about["budget"]), (KNOWLEDGE, about["knowledge_budget"])):
        programmes.create_budget_line(call, by=SYSTEM, voucher_kind=kind, name=kind_of(kind).plural, amount=Decimal(amount))
    rates.save_rate_card(programme, by=SYSTEM, name="Travel and days", components=travel_and_days(about["bands"]))
    return call, [publish_theme(cast, entry | {"programme": about["programme"]}, cast.today) for entry in of["theme"]]


def parts(cast: Cast, of: Mapping[str, Any], themes: Sequence[Theme]) -> Iterator[tuple[Part, dict[str, Any]]]:
    """Who plays in which story, with what they answer later; those who apply to the same theme do so one after the other."""
    by_key = {entry["key"]: (entry, theme) for entry, theme in zip(of["theme"], themes, strict=True)}
    turns = dict.fromkeys(by_key, 0)
    guests = {user.name: user for user in cast.guests}
    for number, entry in enumerate(of["exchange"], FIRST_NUMBER):
        about, theme = by_key[entry["theme"]]
        first = _first_day(cast, theme.host.country, number, entry["first"], entry["days"])
        yield (
            Part(
                number=number,
                theme=theme,
                guest=guests[entry["guest"]],
                submitted=about["windows"][0][2] - 2 - 2 * turns[entry["theme"]],
                first_day=first,
                last_day=first + entry["days"] - 1,
                until=entry.get("until", "paid"),
                objectives="\n".join(about["objectives"]),
                manager=entry.get("manager_named", False),
                **{name: entry[name] for name in ("self_funded", "slow", "attended_after") if name in entry},
            ),
            entry,
        )
        turns[entry["theme"]] += 1


def _first_day(cast: Cast, country: str, number: int, earliest: int, days: int) -> int:
    """A Monday (as offset): public holidays move a stay by a week or two."""

    def fits(first: int) -> bool:
        leaves = cast.day(day_of_leaving(number, first, first + days - 1))
        return working_days(cast.day(first), leaves, country) >= WORKING_DAYS

    monday = next_monday(cast, earliest)
    return next(first for first in range(monday, monday + 29, 7) if fits(first))


def stories(cast: Cast, call: Call, of: Mapping[str, Any], themes: Sequence[Theme]) -> Iterator[tuple[int, int, Story]]:
    """(first day, number, story) of all that happens."""
    programme, about = call.programme, of["call"]
    told: list[Story] = []
    for part, entry in parts(cast, of, themes):
        case = Case(cast, part, entry)
        told.append(_told(cast, replace(part, reports=partial(said, case, "end_guest"))))
        if part.until in TOOK_PLACE:
            told.append(followed(case))
    for number, entry in enumerate(of["bought"], 800):
        need = Need(number, **entry["need"])
        told += [buy(cast, need), used(cast, need, entry)]
    told += [measured(cast, entry) for entry in of["figure"]]
    told += [changed_mind(cast, entry, _theme(of, themes, entry["theme"])) for entry in of["withdrawn_consent"]]
    told.append(paying(cast, programme, about["paying"]))
    told.append(_lump_sums_again(programme, cast, about["lump_sums_again"]))
    told.append(_review(cast, call, of["review"]))
    yield from ((0, number, story) for number, story in enumerate(told, FIRST_NUMBER))


def _theme(of: Mapping[str, Any], themes: Sequence[Theme], key: str) -> Theme:
    return next(theme for entry, theme in zip(of["theme"], themes, strict=True) if entry["key"] == key)


def _told(cast: Cast, part: Part) -> Story:
    """Who gets no voucher does not come."""
    yield from tell(cast, part)
    if part.until == "rejected":
        yield part.submitted + 20
        visits.cancel(exchange_of(part.theme, part.guest), by=part.guest, reason=REJECTED)


def _lump_sums_again(programme: Programme, cast: Cast, day: int) -> Story:
    """Before the running call: what the first one has taught."""
    yield day
    rates.save_rate_card(programme, by=SYSTEM, name=CARD_NAME, components=[lump_sums(cast.cards[programme.id])])


def _review(cast: Cast, call: Call, about: Mapping[str, Any]) -> Story:
    """Published once everybody has had their time to answer, and closed with what was learned."""
    yield about["day"]
    owner = cast.officer(call.programme, "owner")
    reviews.publish(call.programme, review_queries.of(call.programme, call), by=owner, seen=0)
    lessons = {name: about[name] for name in ("keep", "change", "stop")}
    close_review(call, by=owner, seen=0, **lessons)
