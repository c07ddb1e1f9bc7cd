"""Every reason that stands against submitting an application, each with its own words, at its field."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from mobility.applications.rules import Circumstances, problems, problems_of_waiting

TODAY = date(2027, 3, 1)
FINE = Circumstances(TODAY, open_elsewhere=0, open_to_this_theme=False, guest_works_for_host=False)


def delegate(**values: Any) -> Any:
    return SimpleNamespace(**{"name": "Ana", "email": "", "level": "cluster_manager"} | values)


def window(first: int, last: int, apply_by: int) -> Any:
    """A window in April, applied for until a day in March."""
    return SimpleNamespace(first_day=date(2027, 4, first), last_day=date(2027, 4, last), apply_by=date(2027, 3, apply_by))


def application(**values: Any) -> Any:
    programme = SimpleNamespace(
        name="Alpine Exchange",
        open_applications_cap=5,
        eligible_countries=["AT", "PT"],
        eligible_levels=["cluster_manager", "policy_maker"],
    )
    theme = SimpleNamespace(
        state="published",
        closed_full=False,
        free_places=1,
        host_id=1,
        host=SimpleNamespace(name="Graz Cluster"),
        levels=["cluster_manager"],
        minimum_days=3,
        maximum_days=5,
        windows=[window(5, 20, 10)],
        programme=programme,
    )
    fine = {
        "theme": theme,
        "place_offered_on": None,
        "guest_organisation": SimpleNamespace(id=2, name="Aveiro Cluster", country="PT"),
        "delegates": [delegate()],
        "motivation": "m",
        "objectives": "o",
        "brings": "b",
        "first_day": date(2027, 4, 5),
        "last_day": date(2027, 4, 9),
    }
    return SimpleNamespace(**fine | values)


def found(subject: Any, circumstances: Circumstances = FINE) -> list[tuple[str, str]]:
    return [(problem.field, problem.message) for problem in problems(subject, circumstances)]


def with_theme(**values: Any) -> Any:
    subject = application()
    vars(subject.theme).update(values)
    return subject


def test_nothing_stands_against_a_complete_application() -> None:
    assert found(application()) == []


def test_a_theme_that_is_not_published() -> None:
    assert found(with_theme(state="closed")) == [("", "This theme does not take applications any more. Your draft is kept.")]


@pytest.mark.parametrize("theme", [{"free_places": 0}, {"state": "closed", "closed_full": True}])
def test_a_theme_without_a_free_place(theme: dict[str, Any]) -> None:
    said = "All places of this theme are taken. Your draft is kept, and you can wait for a place."
    assert found(with_theme(**theme)) == [("", said)]


def test_one_waits_for_nothing_once_the_last_day_to_apply_is_over() -> None:
    subject = with_theme(free_places=0, windows=[window(5, 20, 10)])
    late = found(subject, FINE._replace(today=date(2027, 3, 11)))
    assert late[0] == ("", "All places of this theme are taken. Your draft is kept.")


@pytest.mark.parametrize("theme", [{"free_places": 0}, {"state": "closed", "closed_full": True}, {"state": "closed"}])
def test_whoever_was_offered_a_place_has_it(theme: dict[str, Any]) -> None:
    subject = with_theme(**theme)
    subject.place_offered_on = date(2027, 3, 1)
    assert found(subject) == []


def test_to_wait_one_says_who_travels_and_no_more() -> None:
    bare = application(motivation="", objectives="", brings="", first_day=None, last_day=None)
    assert problems_of_waiting(bare, FINE) == []
    bare.delegates[0].level = "policy_maker"
    bare.guest_organisation.country = "NO"
    assert [problem.field for problem in problems_of_waiting(bare, FINE)] == ["organisation", "level"]


def test_the_programmes_cap() -> None:
    assert found(application(), FINE._replace(open_elsewhere=4)) == []
    assert found(application(), FINE._replace(open_elsewhere=5)) == [
        (
            "",
            "You have 5 open applications, and this programme allows 5 at a time. Wait for an answer, or withdraw one.",
        )
    ]


def test_one_open_application_to_a_theme() -> None:
    assert found(application(), FINE._replace(open_to_this_theme=True)) == [
        ("", "You already have an open application to this theme.")
    ]


def test_an_ineligible_country() -> None:
    abroad = SimpleNamespace(id=2, name="Oslo Cluster", country="NO")
    assert found(application(guest_organisation=abroad)) == [
        (
            "organisation",
            "Alpine Exchange is open to guests from Austria and Portugal; your organisation is in Norway.",
        )
    ]


@pytest.mark.parametrize("works_there", [True, False])
def test_not_at_home(works_there: bool) -> None:
    """P1: the other side of an exchange is another organisation."""
    home = SimpleNamespace(id=2 if works_there else 1, name="Graz Cluster", country="AT")
    assert found(application(guest_organisation=home), FINE._replace(guest_works_for_host=works_there)) == [
        ("organisation", "You belong to Graz Cluster yourself. An exchange is with another organisation.")
    ]


def test_a_level_that_the_theme_does_not_address() -> None:
    subject = application(delegates=[delegate(), delegate(level="policy_maker")])
    assert found(subject) == [("second_level", "The host invites cluster managers; you chose policy maker.")]


def test_a_level_that_the_programme_does_not_pay_for() -> None:
    subject = with_theme(levels=["cluster_manager", "cluster_member"])
    subject.delegates = [delegate(), delegate(), delegate(level="cluster_member")]
    reason = "Alpine Exchange is open to cluster managers and policy makers; you chose cluster member."
    assert found(subject) == [("third_level", reason)]


def test_a_guest_without_level_or_name() -> None:
    assert found(application(delegates=[delegate(level="")])) == [("level", "Choose the level of this guest.")]
    assert found(application(delegates=[delegate(), delegate(name="")])) == [("second_name", "Give the name of this guest.")]


def test_one_to_three_guests() -> None:
    assert found(application(delegates=[])) == [("name", "Say who travels.")]
    assert found(application(delegates=[delegate()] * 3)) == []
    assert found(application(delegates=[delegate()] * 4)) == [("third_name", "At most 3 people travel together.")]


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("motivation", "Say why you want to come."),
        ("objectives", "Say what you want to learn, and what for."),
        ("brings", "Say what you bring: the host wants to gain from it too."),
    ],
)
def test_what_must_be_said(field: str, message: str) -> None:
    assert found(application(**{field: " \n "})) == [(field, message)]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (None, date(2027, 4, 9), "first_day"),
        (date(2027, 4, 5), None, "last_day"),
        (date(2027, 4, 9), date(2027, 4, 5), "last_day"),  # reversed
        (date(2027, 3, 1), date(2027, 3, 4), "first_day"),  # today
        (date(2026, 4, 5), date(2026, 4, 9), "first_day"),  # past
        (date(2027, 4, 4), date(2027, 4, 8), "first_day"),  # begins before the window
        (date(2027, 4, 18), date(2027, 4, 21), "first_day"),  # ends after it
        (date(2027, 4, 5), date(2027, 4, 6), "last_day"),  # too short
        (date(2027, 4, 5), date(2027, 4, 10), "last_day"),  # too long
    ],
)
def test_days_that_do_not_fit(first: date | None, last: date | None, field: str) -> None:
    assert [each for each, _ in found(application(first_day=first, last_day=last))] == [field]


def test_the_last_day_to_apply_counts() -> None:
    assert found(application(), FINE._replace(today=date(2027, 3, 10))) == []
    assert [field for field, _ in found(application(), FINE._replace(today=date(2027, 3, 11)))] == ["first_day"]


def test_everything_is_said_at_once() -> None:
    subject = application(motivation="", first_day=None, delegates=[delegate(level="")])
    assert [field for field, _ in found(subject)] == ["level", "first_day", "motivation"]
