"""Amounts as people type them, and as cents."""

from decimal import Decimal

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from mobility.core import money


@pytest.mark.parametrize(
    ("text", "mark", "amount"),
    [
        ("1,000.50", ".", "1000.50"),
        ("1.000,50", ",", "1000.50"),
        ("€780", ".", "780.00"),
        ("780 €", ",", "780.00"),
        ("1 000,5", ",", "1000.50"),
        ("0.01", ".", "0.01"),
        ("1000000.00", ".", "1000000.00"),
        ("EUR 1,000.50", ".", "1000.50"),
        ("1.000,50 EUR", ",", "1000.50"),
        ("1’000.50", ".", "1000.50"),
        ("1'000,50", ",", "1000.50"),
        ("1.234,5", ",", "1234.50"),
        ("1,234.5", ".", "1234.50"),
        ("1.234", ",", "1234.00"),
        ("1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567,89 €", ",", "1234567.89"),
        ("1\N{NARROW NO-BREAK SPACE}234,50\N{NARROW NO-BREAK SPACE}€", ",", "1234.50"),
        ("1\N{THIN SPACE}234.50", ".", "1234.50"),
        ("€\N{NO-BREAK SPACE}5", ".", "5.00"),
        (" 780\n", ".", "780.00"),
        ("0,50", ",", "0.50"),
        ("0", ".", "0.00"),
        ("007", ".", "7.00"),
    ],
)
def test_amounts_are_read_as_the_locale_writes_them(text: str, mark: str, amount: str) -> None:
    assert money.parse(text, mark) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("1.000,50", "."),
        ("1,000.50", ","),
        ("1.005", "."),
        ("-5", "."),
        ("", "."),
        ("12,34.00", "."),
        ("1e5", "."),
        ("NaN", "."),
        ("١٢", "."),
        ("10 USD", "."),
        ("99999999999", "."),
        ("1,00,000", "."),  # Indian groups: a slip of the pen here
        ("1.00.000,50", ","),
        ("1,0000", "."),
        ("1000,000", "."),
        ("1.000 000", ","),
        ("1 000.000", ","),
        ("1,000 000", "."),
        ("5'6", "."),
        ("1'00", ","),
        ("5\N{ZERO WIDTH SPACE}6", "."),
        ("5\x006", "."),
        ("5.6.7", "."),
        ("5,6,7", ","),
        (",5", "."),
        ("0x10", "."),
        ("５", "."),
    ],
)
def test_what_is_no_amount_is_refused_in_words(text: str, mark: str) -> None:
    with pytest.raises(ValueError, match=r"amount|digits"):
        money.parse(text, mark)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("$100", "Enter the amount in euro; every amount here is."),
        ("100 USD", "Enter the amount in euro; every amount here is."),
        ("£ 1,000.50", "Enter the amount in euro; every amount here is."),
        ("-5", "Enter an amount greater than zero, such as 1,000.50."),
        ("780.005", "Enter at most two digits after the “.”, such as 1,000.50."),
        ("1.000,50", "Enter an amount in euro such as 1,000.50."),
        ("much", "Enter an amount in euro such as 1,000.50."),
        ("9999999999", "This amount is too large. Enter at most €999,999,999.99."),
        ("9" * 40, "This amount is too large. Enter at most €999,999,999.99."),
    ],
)
def test_the_words_say_what_would_be_right(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as refused:
        money.parse(text)
    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("text", "mark", "words"),
    [
        ("0.500", ",", "“0.500” can be read as 0,500 or as 500. Enter an amount such as 1.000,50."),
        ("0,005", ".", "“0,005” can be read as 0.005 or as 5. Enter an amount such as 1,000.50."),
        ("0,500", ".", "“0,500” can be read as 0.500 or as 500. Enter an amount such as 1,000.50."),
        ("€ 0.500", ",", "“0.500” can be read as 0,500 or as 500. Enter an amount such as 1.000,50."),
        ("0.000", ",", "“0.000” can be read as 0,000 or as 0. Enter an amount such as 1.000,50."),
        ("05.000", ",", "“05.000” can be read as 05,000 or as 5000. Enter an amount such as 1.000,50."),
        ("0'500", ".", "“0'500” can be read as 0.500 or as 500. Enter an amount such as 1,000.50."),
        ("0 500", ",", "“0 500” can be read as 0,500 or as 500. Enter an amount such as 1.000,50."),
        ("5\n6", ".", "“5 6” can be read as 5 and 6 or as 56. Enter an amount such as 1,000.50."),
        ("5\r\n6", ".", "“5 6” can be read as 5 and 6 or as 56. Enter an amount such as 1,000.50."),
        ("5\t6", ",", "“5 6” can be read as 5 and 6 or as 56. Enter an amount such as 1.000,50."),
        ("5 6", ".", "“5 6” can be read as 5 and 6 or as 56. Enter an amount such as 1,000.50."),
        ("100\N{NO-BREAK SPACE}50", ",", "“100 50” can be read as 100 and 50 or as 10050. Enter an amount such as 1.000,50."),
        ("1\n000", ".", "Enter an amount in euro such as 1,000.50."),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_with_both(text: str, mark: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as refused:
        money.parse(text, mark)
    assert str(refused.value) == words


def test_the_most_is_said_in_the_readers_notation() -> None:
    assert money.parse("1.000.000,00", ",", Decimal(10**6)) == Decimal(10**6)
    with pytest.raises(ValueError, match=r"^This amount is too large\. Enter at most 1\.000\.000,00\xa0€\.$"):
        money.parse("1.000.000,01", ",", Decimal(10**6), "EUR", "de_DE")


@given(st.integers(-(10**11), 10**11))
def test_cents_survive_the_way_there_and_back(cents: int) -> None:
    assert money.to_cents(money.from_cents(cents)) == cents


@pytest.mark.parametrize(("exact", "rounded"), [("0.005", "0.01"), ("0.004", "0.00"), ("2.675", "2.68"), ("1.005", "1.01")])
def test_half_a_cent_goes_up(exact: str, rounded: str) -> None:
    assert money.round_half_up(Decimal(exact)) == Decimal(rounded)


def test_a_fraction_of_a_cent_is_a_fault() -> None:
    with pytest.raises(ValueError, match="fraction"):
        money.to_cents(Decimal("0.001"))


NBSP, NNBSP = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("currency", "locale", "amount"),
    [
        ("EUR", "en_GB", "-€1,234.50"),
        ("EUR", "de_DE", f"-1.234,50{NBSP}€"),
        ("EUR", "nl_BE", f"€{NBSP}-1.234,50"),
        ("PLN", "en_GB", f"-PLN{NBSP}1,234.50"),
        ("PLN", "de_DE", f"-1.234,50{NBSP}PLN"),
        ("PLN", "pl_PL", f"-1{NBSP}234,50{NBSP}zł"),
        ("HUF", "en_GB", f"-HUF{NBSP}1,234.50"),
        ("SEK", "sv_SE", f"-1{NBSP}234,50{NBSP}kr"),
        ("CHF", "fr_FR", f"-1{NNBSP}234,50{NBSP}CHF"),
        ("PLN", "nobody's", f"-PLN{NBSP}1,234.50"),
    ],
)
def test_an_amount_in_each_notation(currency: str, locale: str, amount: str) -> None:
    assert money.written(Decimal("-1234.50"), currency, locale).replace("\N{MINUS SIGN}", "-") == amount


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("At most €3,000.00 per voucher", f"At most 3.000,00{NBSP}€ per voucher"),
        (f"PLN{NBSP}0.50 of PLN{NBSP}1,234,567.89 approved.", f"0,50{NBSP}PLN of 1.234.567,89{NBSP}PLN approved."),
        ("Cap -€600.00", f"Cap -600,00{NBSP}€"),
        ("€12", "€12"),  # what somebody wrote is left as it is
        ("PLN 3,000.00", "PLN 3,000.00"),
        ("€1,00.00 and €1,000.001", "€1,00.00 and €1,000.001"),
        ("2,050 km", "2,050 km"),
    ],
)
def test_a_sentence_in_the_reader_s_notation(sentence: str, told: str) -> None:
    assert money.in_notation(sentence, "de_DE") == told
    assert money.in_notation(sentence, "en_GB") == sentence


def test_each_currency_has_cents() -> None:
    """Everything is kept in hundredths, so one without them cannot be chosen."""
    for code in money.CURRENCIES:
        assert get_currency_precision(code) == 2, code
    assert {"EUR", "PLN", "CHF", "SEK", "HUF", "CZK", "DKK", "RON", "NOK"} <= set(money.CURRENCIES)
