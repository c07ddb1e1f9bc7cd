"""The days of asking, and the lines of a text, worked out by hand."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from mobility.followup import rules
from mobility.takeovers.rules import Move


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2027, 8, 31), 6, date(2028, 2, 29)),  # review_example.md, 16
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2027, 3, 28), 6, date(2027, 9, 28)),  # over both clock changes
        (date(2027, 10, 31), 12, date(2028, 10, 31)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2027, 12, 3), 3, date(2028, 3, 3)),
        (date(2027, 1, 31), 0, date(2027, 1, 31)),
    ],
)
def test_months_end_on_the_month_s_last_day_at_the_latest(day: date, months: int, later: date) -> None:
    assert rules.add_months(day, months) == later


def test_days_come_after_months() -> None:
    assert rules.ask_on(date(2027, 3, 28), 7, 0) == date(2027, 4, 4)  # x01, end_guest
    assert rules.ask_on(date(2027, 8, 31), 0, 3) == date(2027, 11, 30)
    assert rules.answer_by(date(2027, 4, 4), 14) == date(2027, 4, 18)


@pytest.mark.parametrize("months", [0, 1, 2, 3, 6, 12, 18, 24])
def test_no_round_is_shorter_or_longer_than_the_query_looks_for(months: int) -> None:
    for number in range(366 * 4):
        day = date(2027, 1, 1) + timedelta(days=number)
        span = rules.ask_on(day, 5, months) - day
        assert rules.shortest(months, 5) <= span <= rules.longest(months, 5), day


def test_moves_are_what_was_said_of_each_take_over() -> None:
    said = {"t1": "dropped", "t1_why": "No time", "t1_seen": "planned", "t2": "started"}
    assert rules.moves({"take_over_states": said}) == [Move("t1", "dropped", "No time", "planned"), Move("t2", "started")]
    assert rules.moves({}) == []


@pytest.mark.parametrize(
    ("draft", "shown"),
    [
        ({}, {"t1": "started", "t1_seen": "started"}),  # what is known is not asked again
        ({"t1": "planned", "t1_seen": "planned"}, {"t1": "started", "t1_seen": "started"}),  # untouched: as it is now
        ({"t1": "dropped", "t1_seen": "planned"}, {"t1": "dropped", "t1_seen": "started"}),  # chosen: stays, beside what is now
        ({"t1": "dropped"}, {"t1": "started", "t1_seen": "started"}),  # sent before: the board goes on from there
    ],
)
def test_a_draft_is_shown_as_the_board_stands(draft: dict[str, str], shown: dict[str, str]) -> None:
    found = rules.as_on_the_board({"shared": "3", "take_over_states": draft}, {"t1": "started"})
    assert found == {"shared": "3", "take_over_states": shown}
    assert rules.as_on_the_board({"shared": "3"}, {}) == {"shared": "3"}


def test_each_delegate_who_came_and_has_an_address_is_asked_once() -> None:
    def delegate(position: int, email: str) -> SimpleNamespace:
        return SimpleNamespace(position=position, email=email)

    everybody = [
        delegate(1, "ana@x.org"),
        delegate(2, "Bo@x.org"),
        delegate(3, "bo@x.org"),
        delegate(4, ""),
        delegate(5, "eva@x.org"),
    ]
    found = rules.delegates_to_ask(everybody, [1, 2, 3, 4], "ANA@x.org")
    assert [each.position for each in found] == [2]
