"""Whom to propose, by tables written from followup.md: another region, not asked in the last three months, fair."""

from datetime import date
from pathlib import Path

import pytest

from mobility.experts import rules
from mobility.experts.rules import Candidate, Region
from mobility.people.topics import GROUPS, TOPICS, topic_names

ROOT = Path(__file__).parents[3]
TODAY = date(2027, 5, 31)
STYRIA, TYROL, AUSTRIA, PORTUGAL = Region("AT", "AT-6"), Region("AT", "AT-7"), Region("AT", ""), Region("PT", "")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (STYRIA, PORTUGAL, True),
        (STYRIA, TYROL, True),
        (STYRIA, STYRIA, False),
        (STYRIA, AUSTRIA, False),  # perhaps the same: nobody knows
        (AUSTRIA, AUSTRIA, False),
        (PORTUGAL, PORTUGAL, False),
    ],
)
def test_another_region(one: Region, other: Region, expected: bool) -> None:
    assert rules.another_region(one, other) is expected
    assert rules.another_region(other, one) is expected


@pytest.mark.parametrize(
    ("asked_on", "expected"),
    [
        (None, True),
        (date(2027, 2, 28), True),  # three months later is 28 May
        (date(2027, 3, 1), False),  # until 1 June
        (date(2027, 5, 31), False),
        (date(2026, 11, 30), True),
    ],
)
def test_nobody_is_asked_again_within_three_months(asked_on: date | None, expected: bool) -> None:
    assert rules.has_rested(asked_on, TODAY) is expected


def test_three_months_end_on_the_last_day_of_a_shorter_month() -> None:
    assert not rules.has_rested(date(2027, 11, 30), date(2028, 2, 28))
    assert rules.has_rested(date(2027, 11, 30), date(2028, 2, 29))


def candidate(id: int, name: str, asked_on: date | None = None, region: Region = PORTUGAL, **more: date) -> Candidate:
    return Candidate(id, name, region, more.get("not_before"), asked_on)


def names(*candidates: Candidate, regions: tuple[Region, ...] = (STYRIA,), limit: int = 9) -> list[str]:
    return [each.name for each in rules.proposed(candidates, regions, TODAY, limit)]


def test_who_was_never_asked_comes_first_then_who_was_asked_longest_ago_then_by_name() -> None:
    found = names(
        candidate(1, "Zoe", date(2026, 1, 1)),
        candidate(2, "Bo", date(2026, 6, 1)),
        candidate(3, "Émile"),
        candidate(4, "Ada", date(2026, 6, 1)),
        candidate(5, "Fred"),
        candidate(6, "Dora"),
        candidate(7, "Asked lately", date(2027, 4, 1)),
    )
    assert found == ["Dora", "Émile", "Fred", "Zoe", "Ada", "Bo"]


def test_of_two_with_one_name_the_first_row() -> None:
    found = rules.proposed([candidate(9, "Ada"), candidate(2, "Ada")], (), TODAY, 1)
    assert [each.id for each in found] == [2]


def test_nobody_of_any_region_of_the_case_nor_who_pauses() -> None:
    found = names(
        candidate(1, "At home", region=STYRIA),
        candidate(2, "Unknown region", region=AUSTRIA),
        candidate(3, "Other region", region=TYROL),
        candidate(4, "The host's", region=PORTUGAL),
        candidate(5, "Pauses", region=Region("SI", ""), not_before=date(2027, 6, 1)),
        candidate(6, "Back today", region=Region("SI", ""), not_before=TODAY),
        regions=(STYRIA, PORTUGAL),
    )
    assert found == ["Back today", "Other region"]


def test_no_more_than_wanted() -> None:
    assert names(candidate(1, "A"), candidate(2, "B"), limit=1) == ["A"]


def test_facets_are_found_whole() -> None:
    facets = rules.facets_of(["startups"], ["food"], ["de"])
    assert " topic:startups " in facets
    assert " sector:food " in facets
    assert " language:de " in facets
    assert rules.facets_of([], [], []) == ""


def test_the_topics_are_those_of_the_design() -> None:
    shipped, designed = ROOT / "mobility/people/topics.toml", ROOT / "docs/design/data/topics.toml"
    assert shipped.read_bytes() == designed.read_bytes()
    assert len(TOPICS) == 49
    assert sum(map(len, GROUPS.values())) == 49
    assert topic_names(["talent", "gone", "startups"]) == ["Attracting and keeping talent", "Start-ups and entrepreneurship"]
