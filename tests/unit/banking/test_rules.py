"""IBANs and BICs: a table of numbers written down by hand (the countries' own published examples), and typical mistakes."""

from datetime import UTC, datetime, timedelta

import pytest

from mobility.banking.models import masked
from mobility.banking.rules import read_bic, read_iban, usable_from

# As the countries publish them as examples in the IBAN registry.
RIGHT = {
    "AT": ("AT61 1904 3002 3457 3201", "AT611904300234573201"),
    "BE": ("BE68 5390 0754 7034", "BE68539007547034"),
    "CH": ("CH93 0076 2011 6238 5295 7", "CH9300762011623852957"),
    "CY": ("CY17 0020 0128 0000 0012 0052 7600", "CY17002001280000001200527600"),
    "DE": ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
    "ES": ("ES91 2100 0418 4502 0005 1332", "ES9121000418450200051332"),
    "FI": ("FI21 1234 5600 0007 85", "FI2112345600000785"),
    "FR": ("FR14 2004 1010 0505 0001 3M02 606", "FR1420041010050500013M02606"),
    "GB": ("GB29 NWBK 6016 1331 9268 19", "GB29NWBK60161331926819"),
    "GR": ("GR16 0110 1250 0000 0001 2300 695", "GR1601101250000000012300695"),
    "HR": ("HR12 1001 0051 8630 0016 0", "HR1210010051863000160"),
    "IT": ("IT60 X054 2811 1010 0000 0123 456", "IT60X0542811101000000123456"),
    "MT": ("MT84 MALT 0110 0001 2345 MTLC AST0 01S", "MT84MALT011000012345MTLCAST001S"),
    "NL": ("NL91 ABNA 0417 1643 00", "NL91ABNA0417164300"),
    "NO": ("NO93 8601 1117 947", "NO9386011117947"),
    "PL": ("PL61 1090 1014 0000 0712 1981 2874", "PL61109010140000071219812874"),
    "PT": ("PT50 0002 0123 1234 5678 9015 4", "PT50000201231234567890154"),
    "RO": ("RO49 AAAA 1B31 0075 9384 0000", "RO49AAAA1B31007593840000"),
    "SI": ("SI56 2633 0001 2039 086", "SI56263300012039086"),
    "SM": ("SM86 U032 2509 8000 0000 0270 100", "SM86U0322509800000000270100"),
}


@pytest.mark.parametrize(("typed", "stored"), RIGHT.values(), ids=RIGHT)
def test_a_right_iban_is_stored_without_its_spaces(typed: str, stored: str) -> None:
    assert read_iban(typed) == stored
    assert read_iban(stored) == stored
    assert read_iban(typed.lower()) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "  pt50 0002 0123 1234 5678 9015 4 ",
        "IBAN PT50 0002 0123 1234 5678 9015 4",
        "IBAN: PT50-0002-0123-1234-5678-9015-4",
        "PT50.0002.0123.1234.5678.9015.4",
        "PT50\u00a00002\u00a00123\u20091234\t5678\n90154",
        "\u202aPT50000201231234567890154\u202c",
        "PT50\u20110002\u20110123\u20111234\u20115678\u201190154",
    ],
)
def test_however_it_is_written(typed: str) -> None:
    assert read_iban(typed) == "PT50000201231234567890154"


WRONG = {
    "nothing": ("", "Enter the IBAN of the account"),
    "spaces": (" \u00a0 ", "Enter the IBAN of the account"),
    "two digits swapped": ("PT50 0002 0123 1234 5678 9051 4", "check digits do not fit: two digits may be swapped"),
    "one digit mistyped": ("AT61 1904 3002 3457 3202", "check digits do not fit"),
    "check digits of another": ("PT51 0002 0123 1234 5678 9015 4", "check digits do not fit"),
    "one too few": ("PT50 0002 0123 1234 5678 9015", "An IBAN of Portugal has 25 characters; this one has 24."),
    "one too many": ("DE89 3704 0044 0532 0130 000", "An IBAN of Germany has 22 characters; this one has 23."),
    "country and nothing": ("PT", "An IBAN of Portugal has 25 characters; this one has 2."),
    "enormous": ("PT50" + "0" * 10_000, "An IBAN of Portugal has 25 characters; this one has 10004."),
    "another country's letters": ("ES50 0002 0123 1234 5678 9015 4", "An IBAN of Spain has 24 characters; this one has 25."),
    "no such country": ("XX50 0002 0123 1234 5678 9015 4", "No country's IBANs begin with XX"),
    "a country without IBANs": ("US50 0002 0123 1234 5678 9015 4", "No country's IBANs begin with US"),
    "outside SEPA": ("BR15 0000 0000 0000 1093 2840 814P 2", "This is an account in Brazil"),
    "outside SEPA, Turkey": ("TR33 0006 1005 1978 6457 8413 26", "This is an account in Türkiye"),
    "an old account number": ("0002 0123 1234 5678 9015 4", "begins with the two letters of its country"),
    "O for a zero": ("PT50 OOO2 0123 1234 5678 9015 4", "Look for an O that should be a zero"),
    "I for a one": ("AT6I 1904 3002 3457 3201", "an I that should be a one"),
    "digit for a letter": ("IT60 5054 2811 1010 0000 0123 456", "or the other way round"),
    "Cyrillic letters": ("РТ50 0002 0123 1234 5678 9015 4", "“Р” is a Cyrillic character that only looks like one of ours"),
    "Greek letter": ("ΑT61 1904 3002 3457 3201", "“Α” is a Greek character"),
    "full-width digits": ("PT５0 0002 0123 1234 5678 9015 4", "“５” is a Fullwidth character"),
    "dotless i": ("ıT60 X054 2811 1010 0000 0123 456", "“ı” is a Latin character"),
    "a slash": ("PT50/0002 0123 1234 5678 9015 4", "Remove “/”"),
    "a formula": ("=PT50 0002 0123 1234 5678 9015 4", "Remove “=”"),
    "an emoji": ("PT50 0002 0123 🏦", "Remove “🏦”"),
    "two numbers": ("PT50000201231234567890154 AT611904300234573201", "this one has 45"),
    # 98 and 01 leave the same remainder of 97, but check digits go from 02 to 98
    "check digits that leave the remainder only": ("DE01 0000 0000 0000 0000 03", "check digits do not fit"),
    "its own check digits": ("ES79 2100 0418 4402 0005 1332", "check digits do not fit"),
}


@pytest.mark.parametrize(("typed", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_iban_says_what_would_be_right(typed: str, words: str) -> None:
    with pytest.raises(ValueError) as problem:  # noqa: PT011
        read_iban(typed)
    assert words in str(problem.value)


def test_a_bank_the_library_does_not_know_is_no_mistake() -> None:
    """Belgium's published example has a bank number that its list of banks lacks."""
    assert read_iban("BE68539007547034") == "BE68539007547034"


@pytest.mark.parametrize(
    ("typed", "iban", "stored"),
    [
        ("", "", ""),
        ("  ", "PT50000201231234567890154", ""),
        ("CGDIPTPL", "", "CGDIPTPL"),
        ("cgdi pt pl", "PT50000201231234567890154", "CGDIPTPL"),
        ("CGDIPTPLXXX", "PT50000201231234567890154", "CGDIPTPLXXX"),
        ("MIDLJE22", "GB29NWBK60161331926819", "MIDLJE22"),  # Jersey's banks use British IBANs
        ("BNPAMQMX", "FR1420041010050500013M02606", "BNPAMQMX"),  # and Martinique's French ones
    ],
)
def test_a_right_bic(typed: str, iban: str, stored: str) -> None:
    assert read_bic(typed, iban) == stored


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("CGDIPTP", "8 or 11 characters, such as CGDIPTPL; this one has 7"),
        ("CGDIPTPLX", "this one has 9"),
        ("CGD1PTPL", "four letters for the bank, two for its country"),
        ("CGDIQQPL", "four letters for the bank, two for its country"),
        ("DEUTDEFF", "This BIC belongs to a bank in Germany, the IBAN to an account in Portugal."),
        ("СGDIPTPL", "“С” is a Cyrillic character"),
        ("CGDI/PTP", "Remove “/”"),
    ],
)
def test_a_wrong_bic_says_what_would_be_right(typed: str, words: str) -> None:
    with pytest.raises(ValueError) as problem:  # noqa: PT011
        read_bic(typed, "PT50000201231234567890154")
    assert words in str(problem.value)


def test_what_is_shown() -> None:
    assert masked("PT50000201231234567890154") == "PT50 •••• 0154"
    assert masked("") == ""
    assert masked("12345678") == ""


NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)


def test_when_an_account_can_be_paid() -> None:
    """The first at once, another number a day later; the same number as before, from when that could."""
    earlier = NOW - timedelta(days=9)

    def first_payable(iban: str, former: str | None) -> datetime:
        return usable_from(NOW, iban=iban, former_iban=former, former_usable_from=earlier if former else None)

    assert first_payable("A", None) == NOW
    assert first_payable("A", "B") == datetime(2027, 3, 2, 9, tzinfo=UTC)
    assert first_payable("A", "A") == earlier
