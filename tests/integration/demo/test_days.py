"""The demonstration can be loaded on every day: holidays, weekends and the lengths of months decide which stays are possible.

All days of three years are looked at without loading anything: every story finds its people and its days, and what they do is
allowed by the rules of programmes, themes and money. On some days it is really loaded, e.g.

    DEMO_DAYS="2027-05-01 2028-02-29" .venv/bin/python -m pytest tests/integration/demo/test_days.py
"""

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from mobility.applications.rules import days_problem
from mobility.core.database import db, transaction
from mobility.demo import finished, load_if_empty
from mobility.demo.cast import Cast, assemble, publish_theme, read, travel_and_days
from mobility.demo.casting import UNCONFIRMED, WANTED, Casting
from mobility.demo.money import PAYING_DAYS
from mobility.demo.stories import Part, day_of_leaving
from mobility.programmes.models import Programme
from mobility.rates.queries import newest_rate_card
from mobility.rates.rules import Case, Estimate, distance_km, estimate, total
from mobility.themes.models import Theme
from tests.support.demo import assert_whole

pytestmark = pytest.mark.databases("sqlite")

FIRST = date(2026, 11, 29)
DAYS = [FIRST + timedelta(days=offset) for offset in range(3 * 366)]
LOADED = os.environ.get("DEMO_DAYS", "2026-12-06 2028-02-29").split()

CONFIRMED_AFTER = 5  # days from the application; see stories.py
ENDED_AFTER = {"withdrawn": 2, "declined": 3, "lapsed application": 11, "lapsed offer": 18}
CLAIMED = {"claimed", "claim returned", "validated", "paid", "recovered"}
GRANTED = CLAIMED | {"issued", "expired", "revoked", "approved", "delivered", "no show", "in progress"}


class Stage:
    """The cast, assembled once; `set_to` moves everything to another day, in memory only."""

    def __init__(self, day: date) -> None:
        self.cast: Cast = assemble(day)
        self.entries = read("theme")
        self.themes = [publish_theme(self.cast, entry, day) for entry in self.entries]
        self.cards = {each.id: newest_rate_card(each.id, "mobility") for each in self.cast.programmes.values()}
        self.of_finished = finished.data()
        self.past_entries = self.of_finished["theme"]
        programme = {"programme": self.of_finished["call"]["programme"]}
        self.past = [publish_theme(self.cast, entry | programme, day) for entry in self.past_entries]

    def set_to(self, day: date) -> list[Theme]:
        """Returns the published themes."""
        self.cast.today = day
        for theme, entry in zip([*self.themes, *self.past], [*self.entries, *self.past_entries], strict=True):
            for window, offsets in zip(theme.windows, sorted(entry["windows"]), strict=True):
                window.first_day, window.last_day, window.apply_by = map(self.cast.day, offsets)
        return [theme for theme in self.themes if theme.state == "published"]

    def past_parts(self) -> list[Part]:
        return [part for part, _ in finished.parts(self.cast, self.of_finished, self.past)]

    def amount(self, part: Part, last_day: int) -> Estimate:
        host, home = part.theme.host, self.cast.home[part.guest.id]
        distance = distance_km(home.latitude, home.longitude, host.latitude, host.longitude)
        case = Case.of_stay(host.country, self.cast.day(part.first_day), self.cast.day(last_day), distance)
        if part.number >= finished.FIRST_NUMBER:
            return estimate(travel_and_days(self.of_finished["call"]["bands"]), case)
        card = self.cards[part.theme.programme_id]
        return estimate(card.components if card else None, case)


@pytest.fixture
def stage(db_session: Any, clock: Any) -> Iterator[Stage]:
    clock.set_to(datetime(2023, 12, 1, 12, tzinfo=UTC))  # before the finished call opens
    with transaction(), db.session.no_autoflush:
        yield Stage(FIRST)
        db.session.rollback()


def open_until(part: Part) -> int:
    """The last day on which the application counts as open."""
    if part.until in UNCONFIRMED:
        return part.submitted + ENDED_AFTER[part.until] if part.until in ENDED_AFTER else 0
    return part.submitted + CONFIRMED_AFTER


def refused_days(stage: Stage, part: Part) -> Iterator[str]:
    first, last = stage.cast.day(part.first_day), stage.cast.day(part.last_day)
    if problem := days_problem(part.theme, first, last, stage.cast.day(part.submitted), applying=True):
        yield problem.message


def refused_amounts(stage: Stage, part: Part) -> Iterator[str]:
    if part.until in UNCONFIRMED or part.self_funded:
        return
    last_days = {part.last_day}  # asked for by the agreed days, claimed by those of the visit
    if part.until in CLAIMED:
        last_days.add(day_of_leaving(part.number, part.first_day, part.last_day))
    yield from filter(None, (stage.amount(part, last_day).refusal for last_day in last_days))


def paid_too_late(stage: Stage, part: Part) -> Iterator[str]:
    validated = part.last_day + 3 + part.number % 3 + 2
    if part.until in {"paid", "recovered"} and validated > PAYING_DAYS[-1]:
        yield f"It is validated on day {validated}, after the last payment."


RULES: tuple[Callable[[Stage, Part], Iterator[str]], ...] = (refused_days, refused_amounts, paid_too_late)


def too_many_open(parts: list[Part], part: Part) -> bool:
    """Whether the guest has as many open applications in the programme as it allows, on the day of another."""
    programme = part.theme.programme
    others = [each for each in parts if each.guest is part.guest and each.theme.programme is programme and each is not part]
    opened = [each for each in others if each.submitted <= part.submitted <= open_until(each) and each.until != "draft"]
    return part.until != "draft" and len(opened) >= programme.open_applications_cap


def no_place_left(parts: list[Part], part: Part) -> bool:
    """On the day of the application, by the exchanges confirmed until then."""
    confirmed = [each for each in parts if each.theme is part.theme and each.until not in UNCONFIRMED]
    taken = sum(each.submitted + CONFIRMED_AFTER <= part.submitted for each in confirmed)
    return part.until != "draft" and taken >= part.theme.places


def over_budget(stage: Stage, parts: list[Part], programme: Programme) -> bool:
    """Whether all that is ever granted, whatever is released of it later, is more than the call has."""
    of_programme = [part for part in parts if part.theme.programme is programme]
    return granted(stage, of_programme) > next(entry["budget"] for entry in read("programme") if entry["name"] == programme.name)


def granted(stage: Stage, parts: list[Part]) -> Decimal:
    paid = [part for part in parts if part.until in GRANTED and not part.self_funded]
    return sum((total(stage.amount(part, part.last_day).lines) for part in paid), Decimal(0))


def problems(stage: Stage, parts: list[Part]) -> Iterator[str]:
    """What would stop the loading, or leave a story short of its end."""
    for part in parts:
        yield from (f"{part.number} ({part.until}): {words}" for rule in RULES for words in rule(stage, part))
        if too_many_open(parts, part):
            yield f"{part.number} ({part.until}): too many applications of {part.guest.name} are open."
        if no_place_left(parts, part):
            yield f"{part.number} ({part.until}): no place is left in {part.theme.title}."
    for programme in stage.cast.programmes.values():
        if over_budget(stage, parts, programme):
            yield f"{programme.name} has too small a budget."
    if not any(part.until == "delivered" and part.last_day + 1 + part.theme.programme.claim_days < 0 for part in parts):
        yield "No voucher lapses."


def past_problems(stage: Stage, parts: list[Part]) -> Iterator[str]:
    """The same of the finished call."""
    for part in parts:
        for words in (*refused_days(stage, part), *refused_amounts(stage, part)):
            yield f"{part.number} ({part.until}): {words}"
        if part.submitted + 17 + part.slow > part.first_day:
            yield f"{part.number}: no voucher is issued before the stay."
        if no_place_left(parts, part):
            yield f"{part.number}: no place is left in {part.theme.title}."
    if granted(stage, parts) > stage.of_finished["call"]["budget"]:
        yield "The finished call has too small a budget."


def test_every_story_can_be_told_on_each_day_of_three_years(stage: Stage) -> None:
    wanted = Counter({each.until: 0 for each in WANTED})
    for each in WANTED:
        wanted[each.until] += each.count
    wrong: dict[date, list[str]] = {}
    for day in DAYS:
        parts = list(Casting(stage.cast, stage.set_to(day)).parts())
        assert Counter(part.until for part in parts) == wanted, day
        if found := [*problems(stage, parts), *past_problems(stage, stage.past_parts())]:
            wrong[day] = found
    assert wrong == {}


@pytest.mark.parametrize("day", LOADED)
def test_the_whole_is_loaded(day: str, app: Flask, db_session: Any, clock: Any, caplog: pytest.LogCaptureFixture) -> None:
    clock.set_to(datetime.fromisoformat(day).replace(hour=10, tzinfo=UTC))
    with caplog.at_level(logging.ERROR):
        assert load_if_empty()
    assert caplog.messages == []
    with app.test_request_context():
        assert_whole()
