"""The agreement's rules: what differs between two versions, the agenda, and the days of the visit."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobility.agreements.lines import Line
from mobility.exchanges import rules
from mobility.exchanges.rules import ADDED, REMOVED, SAME, Difference, Part, Terms, word_difference
from tests.support.timing import processor_seconds

TERMS = Terms(
    objectives=(Line("o1", "See how the cluster is funded."),),
    guest_benefit=(Line("g1", "A price list."),),
    host_benefit=(Line("h1", "A look from outside."),),
    first_day=date(2027, 4, 10),
    last_day=date(2027, 4, 11),
    agenda=((date(2027, 4, 10), "Meet the team"), (date(2027, 4, 11), "")),
    host_contact="Marta, +351 1",
    guest_contact="Ana",
)


def test_words_are_compared_not_letters() -> None:
    assert word_difference("We visit the plant.", "We visit the harbour.") == [
        Part(SAME, "We visit the "),
        Part(REMOVED, "plant"),
        Part(ADDED, "harbour"),
        Part(SAME, "."),
    ]


def test_changes_with_only_a_space_between_are_one_change() -> None:
    assert word_difference("two long days", "three short days") == [
        Part(REMOVED, "two long"),
        Part(ADDED, "three short"),
        Part(SAME, " days"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ("", "", []),
        ("same", "same", [Part(SAME, "same")]),
        ("", "new", [Part(ADDED, "new")]),
        ("old", "", [Part(REMOVED, "old")]),
    ],
)
def test_empty_texts(before: str, after: str, parts: list[Part]) -> None:
    assert word_difference(before, after) == parts


texts = st.text(alphabet="ab \n.é‏", max_size=40)


@given(texts, texts)
def test_a_difference_loses_nothing(before: str, after: str) -> None:
    parts = word_difference(before, after)
    assert "".join(part.text for part in parts if part.kind != ADDED) == before
    assert "".join(part.text for part in parts if part.kind != REMOVED) == after


def test_very_long_texts_are_compared_as_a_whole() -> None:
    before, after = "a " * rules.MOST_COMPARED, "b " * rules.MOST_COMPARED
    assert word_difference(before, after) == [Part(REMOVED, before), Part(ADDED, after)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("!" * 1000, "!" * 999 + "?" + "!" * 200),
        ("!" * rules.MOST_COMPARED, "?!" * (rules.MOST_COMPARED // 2)),
        ("a " * (rules.MOST_COMPARED // 2), "b a " * (rules.MOST_COMPARED // 4)),
        ("\n" * 4000, " \n" * 4000),
        (". , " * 1000, ", . " * 1000),
    ],
)
def test_no_text_makes_comparing_slow(before: str, after: str) -> None:
    """A minute was measured for the first of them, with what compares by longest runs."""
    assert processor_seconds(lambda: word_difference(before, after)) < 0.1


def test_the_same_terms_have_no_difference() -> None:
    assert rules.differences(TERMS, replace(TERMS)) == []


def test_dates_and_agenda_are_compared_day_by_day() -> None:
    after = replace(
        TERMS,
        last_day=date(2027, 4, 12),
        agenda=(
            (date(2027, 4, 10), "Meet the team"),
            (date(2027, 4, 11), "Plant"),
            (date(2027, 4, 12), ""),
        ),
    )
    assert rules.differences(TERMS, after) == [
        Difference(
            "Dates",
            [Part(SAME, "10 April 2027 to "), Part(REMOVED, "11"), Part(ADDED, "12"), Part(SAME, " April 2027")],
        ),
        Difference("Agenda, 11 April 2027", [Part(ADDED, "Plant")], "Agenda"),
    ]


def test_every_term_is_compared() -> None:
    other = {"objectives": (Line("o2", "o"),), "guest_benefit": (Line("g1", "g"),), "host_benefit": (Line("h1", "h"),)}
    manager = {"manager_name": "Bo", "manager_email": "bo@example.org"}
    after = replace(
        TERMS, **other, host_contact="hc", guest_contact="gc", agenda=(), **manager, travellers="Ana", self_funded=True
    )
    assert [difference.label for difference in rules.differences(TERMS, after)] == [
        "Objective 1, added",
        "Objective 1, removed",
        "Benefit of the guest 1, reworded",
        "Benefit of the host 1, reworded",
        "Agenda, 10 April 2027",
        "Contact of the host",
        "Contact of the guest",
        "Who can confirm later what is in use",
        "Their e-mail address",
        "Who travels",
        "How it is paid",
    ]
    assert rules.changed(TERMS, after) == [
        "objectives",
        "what the guest gains",
        "what the host gains",
        "agenda",
        "contact of the host",
        "contact of the guest",
        "who can confirm later what is in use",
        "their e-mail address",
        "who travels",
        "how it is paid",
    ]


def test_the_first_agenda_has_each_day_once() -> None:
    assert rules.first_agenda(date(2027, 2, 27), date(2027, 3, 1)) == (
        (date(2027, 2, 27), ""),
        (date(2027, 2, 28), ""),
        (date(2027, 3, 1), ""),
    )


def test_an_agenda_is_stored_in_the_order_of_days_and_read_back() -> None:
    rows = rules.stored([(date(2027, 4, 11), "b"), (date(2027, 4, 10), "a")])
    assert rows == [{"day": "2027-04-10", "plan": "a"}, {"day": "2027-04-11", "plan": "b"}]
    assert rules.agenda_of(rows) == ((date(2027, 4, 10), "a"), (date(2027, 4, 11), "b"))


@pytest.mark.parametrize(
    ("agenda", "reason"),
    [
        ([(date(2027, 4, 10), "x")], None),
        ([(date(2027, 4, 9), "x")], "9 April 2027 is not a day of this stay, 10 April 2027 to 11 April 2027."),
        ([(date(2027, 4, 12), "x")], "12 April 2027 is not a day of this stay, 10 April 2027 to 11 April 2027."),
        ([(date(2027, 4, 10), "x"), (date(2027, 4, 10), "y")], "Each day can be in the agenda only once."),
    ],
)
def test_the_agenda_is_of_the_days_of_the_stay(agenda: list[tuple[date, str]], reason: str | None) -> None:
    assert rules.agenda_problem(agenda, date(2027, 4, 10), date(2027, 4, 11)) == reason


@pytest.mark.parametrize(
    ("first_day", "last_day", "field"),
    [
        (date(2027, 4, 10), date(2027, 4, 14), None),
        (date(2027, 4, 9), date(2027, 4, 14), None),
        (date(2027, 4, 12), date(2027, 4, 12), None),
        (date(2027, 4, 14), date(2027, 4, 16), None),
        (date(2027, 4, 8), date(2027, 4, 14), "first_day"),
        (date(2027, 4, 15), date(2027, 4, 16), "first_day"),
        (date(2027, 4, 12), date(2027, 4, 11), "last_day"),
        (date(2027, 4, 10), date(2027, 4, 17), "last_day"),
    ],
)
def test_when_a_visit_can_have_been(first_day: date, last_day: date, field: str | None) -> None:
    """Agreed from 10 to 14 April; today is 16 April."""
    exchange = SimpleNamespace(first_day=date(2027, 4, 10), last_day=date(2027, 4, 14))
    problem = rules.actual_days_problem(exchange, first_day, last_day, date(2027, 4, 16))
    assert (problem[0] if problem else None) == field
