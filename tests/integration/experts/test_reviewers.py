"""Who is proposed to review a case: read from both databases by one query."""

from datetime import date
from typing import Any

import pytest

from mobility.experts import operations, queries
from mobility.people.models import Organisation
from mobility.people.roles import Role
from tests.support.experts import asked_on_day, make_expert
from tests.support.factories import end_roles, make_membership, make_organisation
from tests.support.queries import queries as counted

TODAY = date(2027, 3, 1)


@pytest.fixture
def case(db_session: Any) -> tuple[Organisation, Organisation]:
    """The host in Styria and the guest's organisation in Portugal."""
    return make_organisation(region="AT-6"), make_organisation(country="PT", city="Porto")


def names(case: tuple[Organisation, ...], topics: tuple[str, ...] = ("startups",), limit: int = 5) -> list[str]:
    return [each.person.name for each in queries.reviewers(topics, not_organisations=case, today=TODAY, limit=limit)]


def test_has_one_of_the_topics_or_sectors(case: tuple[Organisation, ...]) -> None:
    make_expert(name="Ada")
    make_expert(name="Bo", topics=["talent"], sectors=["food"])
    make_expert(name="Cleo", topics=["talent", "startups"])
    assert names(case) == ["Ada", "Cleo"]
    assert names(case, ("food",)) == ["Bo"]
    assert names(case, ("food", "startups")) == ["Ada", "Bo", "Cleo"]
    assert names(case, ()) == []
    assert names(case, ("start",)) == []  # part of a key is no key
    [first, *_] = queries.reviewers(["food", "talent"], not_organisations=case, today=TODAY)
    assert (first.organisation.city, first.topics, first.asked_on) == ("Ljubljana", ["talent", "food"], None)


def test_of_another_region(case: tuple[Organisation, ...]) -> None:
    make_expert(make_organisation(region="AT-6"), name="Same region")
    make_expert(make_organisation(region="AT-7"), name="Other region")
    make_expert(make_organisation(), name="Unknown region")
    make_expert(make_organisation(country="PT", city="Aveiro"), name="The guest's country")
    assert names(case) == ["Other region"]


def test_no_part_in_it_now_or_ever(case: tuple[Organisation, ...]) -> None:
    host, home = case
    elsewhere = make_expert(name="Once there")
    make_membership(elsewhere.person, host, Role.HOST)
    end_roles(elsewhere.person, host)
    both = make_expert(name="There too")
    make_membership(both.person, home, Role.GUEST)
    make_expert(name="Nothing to do with it")
    assert names(case) == ["Nothing to do with it"]


def test_agreed_to_review_and_still_there(case: tuple[Organisation, ...]) -> None:
    make_expert(name="Mentor only", as_reviewer=False)
    make_expert(name="Account closed").person.active = False
    left = make_expert(name="Left")
    end_roles(left.person)
    moved = make_expert(name="Moved")
    end_roles(moved.person)
    make_membership(moved.person, make_organisation(country="SI", city="Maribor"), Role.GUEST)
    stopped = make_expert(name="Stopped")
    operations.stop(stopped.person)
    make_expert(name="Pauses", not_before=date(2027, 3, 2))
    make_expert(name="Back", not_before=TODAY)
    assert names(case) == ["Back"]


def test_asked_longest_ago_first_and_nobody_twice_in_three_months(case: tuple[Organisation, ...]) -> None:
    lately, long_ago, twice = make_expert(name="Ada"), make_expert(name="Zoe"), make_expert(name="Bo")
    make_expert(name="Never")
    asked_on_day(lately, date(2026, 12, 2))
    asked_on_day(long_ago, date(2026, 12, 1))
    asked_on_day(twice, date(2026, 1, 1))
    asked_on_day(twice, date(2026, 11, 30))
    assert names(case) == ["Never", "Bo", "Zoe"]
    assert names(case, limit=2) == ["Never", "Bo"]


def test_being_asked_outlives_stopping_and_agreeing_again(case: tuple[Organisation, ...]) -> None:
    expert = make_expert(name="Ada")
    person, organisation = expert.person, expert.organisation
    asked_on_day(expert, date(2027, 2, 1))
    operations.stop(person)
    make_expert(organisation, person)
    assert names(case) == []


@pytest.mark.parametrize("count", [1, 3, 40])
def test_one_query(case: tuple[Organisation, ...], db_session: Any, count: int) -> None:
    for number in range(count):
        make_expert(name=f"Expert {number}")
    db_session.commit()
    assert [each.country for each in case] == ["AT", "PT"]  # read again after the commit
    with counted() as seen:
        found = queries.reviewers(["startups"], not_organisations=case, today=TODAY, limit=100)
        assert len([(each.person.name, each.organisation.name) for each in found]) == count
    assert seen.count == 1, seen
