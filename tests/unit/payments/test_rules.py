"""Rules of payments, against tables written by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from mobility.payments.rules import day_problem, next_banking_day, not_payable, recovery_problem, sepa_text


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
