"""Rules of payments, against tables written by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from mobility.core.wording import format_day
from mobility.payments.rules import (
    day_asked_for,
    day_problem,
    execution_problem,
    next_banking_day,
    not_payable,
    recovery_problem,
    sepa_text,
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Ana Kovač", "Ana Kovac"),
        ("Größte & Söhne GmbH", "Grosste + Sohne GmbH"),
        ("Αθήνα ΑΕ", "Athena AE"),
        ("Софийски клъстер", "Sofiiski klster"),
        ("Crème brûlée, S.A.", "Creme brulee, S.A."),
        ("a@b.example", "a(at)b.example"),
        ("snake_case", "snake-case"),
        ("//start and end//", "start and end"),
        ("one//two///three", "one/two/three"),
        ("<script>=1+1", "script 1+1"),
        ("tab\tline\nbreak", "tab line break"),
        ("“quoted” – dash…", "quoted - dash..."),
        ("💶", "OTHERWISE"),
        ("", "OTHERWISE"),
        ("/", "OTHERWISE"),
        ("x" * 80, "x" * 70),
        ("ß" * 50, "s" * 70),
    ],
)
def test_texts_in_the_characters_that_banks_take(text: str, plain: str) -> None:
    assert sepa_text(text, 70, "OTHERWISE") == plain


@pytest.mark.parametrize(
    ("after", "day"),
    [
        (date(2027, 3, 1), date(2027, 3, 2)),
        (date(2027, 3, 5), date(2027, 3, 8)),  # a Friday
        (date(2027, 3, 25), date(2027, 3, 30)),  # before Good Friday
        (date(2027, 12, 23), date(2027, 12, 24)),
        (date(2027, 12, 24), date(2027, 12, 27)),
        (date(2027, 12, 31), date(2028, 1, 3)),
        (date(2028, 4, 28), date(2028, 5, 2)),  # 1 May is a Monday
    ],
)
def test_the_next_day_on_which_banks_work(after: date, day: date) -> None:
    assert next_banking_day(after) == day


def test_why_a_claim_cannot_be_paid_yet() -> None:
    instant = datetime(2027, 3, 2, 9, tzinfo=UTC)
    assert not_payable(None, str) == "No bank account yet."
    assert not_payable(SimpleNamespace(waits=False), str) is None
    waiting = SimpleNamespace(waits=True, usable_from=instant)
    assert not_payable(waiting, lambda when: f"{when:%-d %B}") == "The account has changed; it can be paid from 2 March."


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0.01", None),
        ("780.00", None),
        ("780.01", "At most 780.00 can come back"),
        ("999999999.99", "At most 780.00 can come back"),
        ("0", "Enter an amount greater than zero, up to the 780.00"),
        ("-1", "Enter an amount greater than zero, up to the 780.00"),
    ],
)
def test_how_much_can_come_back(amount: str, words: str | None) -> None:
    problem = recovery_problem(Decimal(amount), Decimal("780.00"), str)
    assert (words is None) == (problem is None)
    assert (words or "") in (problem or "")


def test_days_that_are_possible() -> None:
    today = date(2027, 3, 1)
    assert day_problem(today, today, today, str) is None
    for day in (today - timedelta(days=1), today + timedelta(days=1)):
        assert day_problem(day, today, today, str) == "Choose a day from 2027-03-01 to 2027-03-01."


@pytest.mark.parametrize(
    ("day", "right"),
    [
        (date(2027, 12, 31), None),  # a Friday; no bank holiday
        (date(2028, 1, 1), "1 January 2028 is New Year's Day: banks move no money then. 3 January 2028 would be right."),
        (date(2028, 4, 14), "14 April 2028 is Good Friday: banks move no money then. 18 April 2028 would be right."),
        (date(2028, 4, 17), "17 April 2028 is Easter Monday: banks move no money then. 18 April 2028 would be right."),
        (date(2028, 5, 1), "1 May 2028 is Labour Day: banks move no money then. 2 May 2028 would be right."),
        (date(2028, 12, 25), "25 December 2028 is Christmas Day: banks move no money then. 27 December 2028 would be right."),
        (date(2028, 12, 26), "26 December 2028 is Christmas Holiday: banks move no money then. 27 December 2028 would be right."),
        (date(2028, 12, 23), "23 December 2028 is a Saturday: banks move no money then. 27 December 2028 would be right."),
        (date(2028, 11, 1), None),  # All Saints' is a holiday in many countries, but not of the banks together
    ],
)
def test_banks_move_euro_on_target_days(day: date, right: str | None) -> None:
    assert execution_problem(day, day - timedelta(days=5), format_day) == right


def test_the_earliest_day_is_one_on_which_banks_work() -> None:
    saturday = date(2027, 3, 6)
    assert execution_problem(saturday, saturday, format_day) == "Choose a day from 8 March 2027 to 5 May 2027."
    assert execution_problem(date(2027, 3, 8), saturday, format_day) is None


def test_a_day_that_has_passed_is_followed_by_the_next_on_which_banks_work() -> None:
    assert day_asked_for(date(2027, 3, 1), date(2027, 3, 1)) == date(2027, 3, 1)
    assert day_asked_for(date(2027, 3, 1), date(2027, 3, 6)) == date(2027, 3, 8)
