"""Windows, stays and what the catalogue searches."""

from datetime import date
from types import SimpleNamespace

import pytest

from mobility.themes import rules
from mobility.themes.rules import Window

TODAY = date(2027, 3, 1)
APRIL = Window(date(2027, 4, 5), date(2027, 4, 16), date(2027, 3, 20))
MAY = Window(date(2027, 5, 3), date(2027, 5, 7), date(2027, 4, 10))


def theme(*windows: Window, minimum: int = 2, maximum: int = 10) -> SimpleNamespace:
    return SimpleNamespace(windows=list(windows), minimum_days=minimum, maximum_days=maximum)


def april(first: int, last: int) -> tuple[date, date]:
    return date(2027, 4, first), date(2027, 4, last)


def test_both_days_count() -> None:
    assert rules.days_of_stay(date(2027, 3, 3), date(2027, 3, 7)) == 5
    assert rules.days_of_stay(date(2027, 3, 3), date(2027, 3, 3)) == 1


@pytest.mark.parametrize(
    ("window", "problem"),
    [
        (APRIL, None),
        (APRIL._replace(last_day=date(2027, 4, 4)), ("last_day", "The last day is before the first day.")),
        (
            APRIL._replace(apply_by=APRIL.first_day),
            ("apply_by", "Applications must end before the first day, so that there is time to prepare."),
        ),
        (
            APRIL._replace(last_day=APRIL.first_day),
            ("last_day", "The window is shorter than a stay: guests stay at least 2 days."),
        ),
        (
            Window(TODAY, date(2027, 3, 9), date(2027, 2, 20)),
            ("first_day", "The first day has passed; choose one in the future."),
        ),
        (
            APRIL._replace(apply_by=date(2027, 2, 28)),
            ("apply_by", "This deadline has passed; choose today or a later day."),
        ),
        (APRIL._replace(apply_by=TODAY), None),
    ],
)
def test_windows_are_in_order_and_in_the_future(window: Window, problem: tuple[str, str] | None) -> None:
    assert rules.window_problem(window, 2, TODAY) == problem


def test_a_window_that_stood_there_may_have_passed() -> None:
    past = Window(date(2027, 2, 1), date(2027, 2, 10), date(2027, 1, 10))

    assert rules.window_problem(past, 2, TODAY, known=True) is None


@pytest.mark.parametrize(
    ("minimum", "maximum", "problem"),
    [
        (2, 14, None),
        (5, 5, None),
        (5, 4, ("maximum_days", "The longest stay is shorter than the shortest.")),
        (1, 5, ("minimum_days", "Alps pays for 2 to 14 days.")),
        (2, 15, ("maximum_days", "Alps pays for 2 to 14 days.")),
    ],
)
def test_stays_are_within_the_limits_of_the_programme(minimum: int, maximum: int, problem: tuple[str, str] | None) -> None:
    programme = SimpleNamespace(name="Alps", minimum_days=2, maximum_days=14)

    assert rules.days_problem(minimum, maximum, programme) == problem


@pytest.mark.parametrize(
    ("stay", "problem"),
    [
        (april(5, 9), None),
        (april(12, 16), None),
        (april(9, 8), ("last_day", "The last day is before the first day.")),
        (april(5, 5), ("last_day", "You chose 1 day; a stay here has at least 2 days.")),
        (april(5, 15), ("last_day", "You chose 11 days; a stay here has at most 10 days.")),
        (april(4, 6), ("first_day", "These days are outside the hosting windows; choose days inside one of them.")),
        (april(15, 17), ("first_day", "These days are outside the hosting windows; choose days inside one of them.")),
    ],
)
def test_a_stay_lies_inside_one_window(stay: tuple[date, date], problem: tuple[str, str] | None) -> None:
    assert rules.stay_problem(theme(APRIL, MAY), *stay) == problem


def test_one_applies_before_the_deadline_of_the_window() -> None:
    stay = april(5, 9)

    assert rules.stay_problem(theme(APRIL), *stay, APRIL.apply_by) is None
    assert rules.stay_problem(theme(APRIL), *stay, date(2027, 3, 21)) == (
        "first_day",
        "The application deadline for these days has passed; choose another window.",
    )


def test_windows_that_meet_are_still_two() -> None:
    early, late = Window(*april(1, 5), TODAY), Window(*april(6, 10), TODAY)

    assert rules.stay_problem(theme(early, late), *april(4, 7)) is not None


def test_agreed_stays_need_their_window() -> None:
    stays = [april(5, 9), (date(2027, 5, 3), date(2027, 5, 5))]

    assert rules.unsupported_stays([APRIL, MAY], stays) == []
    assert rules.unsupported_stays([APRIL], stays) == [stays[1]]


def test_a_facet_is_never_part_of_another() -> None:
    facets = rules.facets_of(["cluster_manager"], ["digital", "food"], ["skills"], ["de"])

    assert facets == " level:cluster_manager sector:digital sector:food topic:skills language:de "
    assert rules.facet("sector", "food") in facets
    assert rules.facet("sector", "foo") not in facets
    assert rules.facets_of([], [], [], []) == ""
