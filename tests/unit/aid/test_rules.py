"""De minimis (money.md): what counts, for how long, and what passes the ceiling. The figures are worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest

from mobility.aid.rules import Aid, Standing, aid_of, first_day_counted, last_day_counted, room_from, too_much

TODAY = date(2027, 3, 1)


def euro(text: str) -> Decimal:
    return Decimal(text)


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2027, 3, 1), date(2024, 3, 1)),  # the same day three years earlier still counts
        (date(2030, 12, 31), date(2027, 12, 31)),
        (date(2028, 2, 29), date(2025, 3, 1)),  # there was no 29 February: the 28th has left by then
        (date(2028, 2, 28), date(2025, 2, 28)),
        (date(2031, 2, 28), date(2028, 2, 28)),
        (date(2031, 3, 1), date(2028, 3, 1)),  # what was issued on 29 February has left
    ],
)
def test_the_three_years_that_end_on_the_day_of_decision(day: date, first: date) -> None:
    assert first_day_counted(day) == first


@pytest.mark.parametrize(
    ("granted", "last"),
    [
        (date(2024, 3, 1), date(2027, 3, 1)),
        (date(2024, 2, 29), date(2027, 2, 28)),
        (date(2025, 2, 28), date(2028, 2, 28)),
        (date(2021, 2, 28), date(2024, 2, 28)),
    ],
)
def test_a_voucher_counts_up_to_the_same_day_three_years_later(granted: date, last: date) -> None:
    assert last_day_counted(granted) == last


@pytest.mark.parametrize("day", [date(2028, 2, 27), date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1), date(2031, 2, 28)])
def test_both_say_the_same_of_every_day_around(day: date) -> None:
    """Looking back from the decision and looking ahead from the issue agree, leap days included."""
    first = first_day_counted(day)
    assert last_day_counted(first) >= day
    assert last_day_counted(date.fromordinal(first.toordinal() - 1)) < day


@pytest.mark.parametrize(
    ("state", "amount", "final", "recovered", "counts"),
    [
        ("draft", "780.00", None, None, "0"),
        ("requested", "780.00", None, None, "0"),
        ("recommended", "780.00", None, None, "0"),
        ("approved", "780.00", None, None, "780.00"),
        ("issued", "780.00", None, None, "780.00"),
        ("redeemed", "780.00", None, None, "780.00"),
        ("delivered", "780.00", None, None, "780.00"),
        ("claimed", "780.00", None, None, "780.00"),
        ("validated", "780.00", "650.00", None, "650.00"),
        ("paid", "780.00", "650.00", None, "650.00"),
        ("recovered", "780.00", "650.00", "150.00", "500.00"),
        ("recovered", "780.00", "650.00", "650.00", "0.00"),
        ("rejected", "780.00", None, None, "0"),
        ("expired", "780.00", None, None, "0"),
        ("lapsed", "780.00", None, None, "0"),
        ("withdrawn", "780.00", None, None, "0"),
        ("revoked", "780.00", None, None, "0"),
    ],
)
def test_what_a_voucher_counts(state: str, amount: str, final: str | None, recovered: str | None, counts: str) -> None:
    given = [Decimal(each) if each is not None else None for each in (final, recovered)]
    assert aid_of(state, euro(amount), *given) == euro(counts)


def standing(*aid: tuple[date | None, str], declared: str = "0", ceiling: str = "300000.00") -> Standing:
    found = tuple(Aid(number, day, euro(amount)) for number, (day, amount) in enumerate(aid, 1))
    return Standing(euro(ceiling), TODAY, found, euro(declared))


@pytest.mark.parametrize(
    ("aid", "declared", "amount", "fits"),
    [
        ([], "0", "300000.00", True),
        ([], "0", "300000.01", False),
        ([], "299220.00", "780.00", True),
        ([], "299220.01", "780.00", False),
        ([(TODAY, "2000.00")], "297220.00", "780.00", True),
        ([(TODAY, "2000.00")], "297220.01", "780.00", False),
        ([(None, "780.00"), (TODAY, "298440.00")], "0", "780.00", True),
        ([(None, "780.00"), (TODAY, "298440.01")], "0", "780.00", False),
    ],
)
def test_to_the_cent(aid: list[tuple[date | None, str]], declared: str, amount: str, fits: bool) -> None:
    assert (too_much(standing(*aid, declared=declared), euro(amount)) is None) is fits


def test_the_refusal_gives_the_figures_and_what_may_come_from_elsewhere() -> None:
    words = too_much(standing((TODAY, "2000.00"), declared="298000.00"), euro("780.00"))
    assert words == (
        "€298,000.00 declared, €2,000.00 recorded here and €780.00 for this voucher make €300,780.00. In 3 years an organisation "
        "can have at most €300,000.00 of de minimis aid in this programme: this is €780.00 too much. "
        "At most €297,220.00 may come from elsewhere."
    )


def test_or_how_large_a_voucher_may_be() -> None:
    words = too_much(standing((TODAY, "299500.00")), euro("780.00"))
    assert words is not None
    assert words.endswith("this is €280.00 too much. There is room for a voucher of at most €500.00.")


def test_or_from_when_there_is_room() -> None:
    full = standing((date(2024, 5, 4), "500.00"), (date(2025, 1, 1), "299500.00"))
    words = too_much(full, euro("500.00"))
    assert words is not None
    assert words.endswith("There will be room from 5 May 2027 on.")
    assert room_from(full, euro("500.01")) == date(2028, 1, 2)
    assert room_from(standing((None, "300000.00")), euro("1.00")) is None


def test_without_any_room_it_says_so() -> None:
    words = too_much(standing((None, "300000.00")), euro("780.00"))
    assert words is not None
    assert words.endswith("There is no room for another voucher.")


def test_nothing_is_left_below_zero() -> None:
    assert standing((TODAY, "299000.00"), declared="2000.00").left == 0
    assert standing((TODAY, "1000.00"), declared="2000.00").left == euro("297000.00")
