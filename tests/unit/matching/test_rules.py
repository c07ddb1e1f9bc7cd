"""Eligibility, each refusal with its rule; scores with their reasons."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from mobility.matching import rules
from mobility.matching.rules import Seeker
from mobility.programmes import rules as programmes


def theme(**values: Any) -> SimpleNamespace:
    programme = SimpleNamespace(name="Alps", eligible_countries=["AT", "IT", "DE"], eligible_levels=[])
    card = {
        "programme": programme,
        "levels": ["policy_maker"],
        "sectors": ["food", "digital"],
        "languages": ["en", "de"],
        "host_country": "AT",
        "eligible_countries": ["AT", "IT", "DE"],
        "eligible_levels": [],
        "first_day": date(2027, 4, 5),
        "last_day": date(2027, 4, 16),
    }
    return SimpleNamespace(**{**card, **values})


def test_a_country_that_takes_part_is_eligible() -> None:
    assert programmes.refusals(theme(), "IT", ["policy_maker"]) == []


def test_other_countries_are_told_which_take_part() -> None:
    assert programmes.refusals(theme(), "FI", ["policy_maker"]) == [
        "Alps is open to guests from Austria, Germany and Italy; your organisation is in Finland."
    ]


def test_a_programme_without_countries_is_open_to_all() -> None:
    assert programmes.country_refusal("FI", "Alps", []) is None


def test_levels_that_the_host_does_not_address() -> None:
    assert programmes.refusals(theme(), "IT", ["policy_maker", "cluster_member"]) == [
        "The host invites policy makers; you chose cluster member."
    ]


def test_levels_that_the_programme_does_not_take() -> None:
    alps = SimpleNamespace(name="Alps", eligible_countries=[], eligible_levels=["cluster_manager", "policy_maker"])

    assert programmes.refusals(theme(programme=alps), "IT", ["cluster_member"]) == [
        "Alps is open to cluster managers and policy makers; you chose cluster member."
    ]


def test_a_missing_level_is_said() -> None:
    assert programmes.refusals(theme(), "IT", [None]) == ["The host invites policy makers; your account names no level yet."]


def test_everything_that_stands_against_is_said_at_once() -> None:
    assert len(programmes.refusals(theme(), "FI", ["cluster_member"])) == 2


def test_a_score_has_its_reasons() -> None:
    seeker = Seeker(
        "IT",
        "policy_maker",
        frozenset({"food", "wood"}),
        frozenset({"de"}),
        date(2027, 4, 16),
        date(2027, 4, 20),
    )

    match = rules.match(theme(), seeker)

    assert match.score == 3 + 2 + 1 + 2 + 1
    assert match.reasons == (
        "You both work in food and drink",
        "Made for policy makers",
        "The host speaks German",
        "The host can receive you on your days",
        "A view from Austria",
    )


def test_nothing_in_common_has_no_score() -> None:
    assert rules.match(theme(levels=[]), Seeker("AT")) == rules.Match(theme(levels=[]), 0, ())


def test_only_those_one_may_apply_to_are_suggested_the_best_first() -> None:
    plain, better, foreign = theme(), theme(sectors=["food", "wood"]), theme(eligible_countries=["FR"])
    seeker = Seeker("IT", "policy_maker", frozenset({"food", "wood"}))

    assert [match.theme for match in rules.best([plain, foreign, better], seeker, 5)] == [better, plain]
    assert len(rules.best([plain, better], seeker, 1)) == 1
