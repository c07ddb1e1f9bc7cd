"""Money is `Decimal` euros with two places in Python and integer cents in the database; floats never touch it."""

import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale
from babel.core import UnknownLocaleError
from babel.numbers import format_currency

NOTHING = Decimal(0)
CENT = Decimal("0.01")
MOST = Decimal("999999999.99")
ENGLISH = "en_GB"
_SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{FIGURE SPACE}"
GROUPING = {
    mark: f"{other}'’{_SPACES}" for mark, other in ((".", ","), (",", "."))
}  # decimal mark -> what may stand between groups
OTHER_CURRENCIES = frozenset(Locale("en").currencies) - {"EUR"}


def to_cents(amount: Decimal) -> int:
    """Integer cents of an amount; an amount with a fraction of a cent is a fault of the caller."""
    cents = amount * 100
    if cents != cents.to_integral_value():
        raise ValueError(f"{amount} has a fraction of a cent")
    return int(cents)


def from_cents(cents: int) -> Decimal:
    return (Decimal(cents) / 100).quantize(CENT)


def round_half_up(amount: Decimal) -> Decimal:
    """Each line of an amount is rounded half up to the cent (money.md)."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@lru_cache(maxsize=8192)
def written(amount: Decimal, currency: str = "EUR", locale: str = ENGLISH) -> str:
    """€1,017.00, or as another locale writes it. In English also inside a stored sentence, which several people read."""
    try:
        return format_currency(amount, currency, locale=locale)
    except (UnknownLocaleError, ValueError):
        return format_currency(amount, currency, locale=ENGLISH)


def example(decimal_mark: str = ".") -> str:
    """How one writes an amount, for words about what would be right."""
    return "1,000.50" if decimal_mark == "." else "1.000,50"


def parse(text: str, decimal_mark: str = ".", most: Decimal = MOST) -> Decimal:
    """Read what a person typed, e.g. "1,000.50" (mark ".") or "1.000,50" (mark ","); `most` is what makes sense here.

    Raises ValueError with a message for the person.
    """
    like = example(decimal_mark)
    plain = _without_currency(text)
    if plain.startswith(("-", "\N{MINUS SIGN}")):
        raise ValueError(f"Enter an amount greater than zero, such as {like}.")
    whole, _, fraction = plain.partition(decimal_mark)
    digits = _ungrouped(whole, decimal_mark)
    if not _is_number(digits) or (fraction and not _is_number(fraction)):
        raise ValueError(f"Enter an amount in euro such as {like}.")
    if len(fraction) > 2:
        raise ValueError(f"Enter at most two digits after the “{decimal_mark}”, such as {like}.")
    try:
        amount = Decimal(f"{digits}.{fraction or 0}").quantize(CENT)
    except InvalidOperation:
        raise ValueError(_too_large(most, decimal_mark)) from None
    if amount > most:
        raise ValueError(_too_large(most, decimal_mark))
    return amount


def _ungrouped(whole: str, decimal_mark: str) -> str:
    """The digits of "1,000" or "1 000"; "" if they are not grouped by threes. Raises ValueError if two readings are possible."""
    separators = {sign for sign in whole if not sign.isdigit()}
    if not separators:
        return whole
    groups = whole.split(separator := separators.pop())
    if separators or not all(map(_is_number, groups)):
        return ""
    if separator.isspace() and [len(each) for each in groups[1:]] != [3] * (len(groups) - 1):
        raise ValueError(_two_readings(whole, f"{groups[0]} and {groups[-1]}", "".join(groups), decimal_mark))
    if separator not in GROUPING[decimal_mark] or len(groups[0]) > 3 or any(len(each) != 3 for each in groups[1:]):
        return ""
    if groups[0].startswith("0"):  # nobody groups like this: perhaps it was meant as the decimal mark
        small = f"{groups[0]}{decimal_mark}{''.join(groups[1:])}"
        raise ValueError(_two_readings(whole, small, "".join(groups).lstrip("0") or "0", decimal_mark))
    return "".join(groups)


def _two_readings(typed: str, one: str, other: str, decimal_mark: str) -> str:
    shown = " ".join(typed.split())
    return f"“{shown}” can be read as {one} or as {other}. Enter an amount such as {example(decimal_mark)}."


def _too_large(most: Decimal, decimal_mark: str) -> str:
    right = f"{most:,.2f}" if decimal_mark == "." else f"{most:,.2f}".translate(str.maketrans(",.", ".,"))
    return f"This amount is too large. Enter at most €{right}."


def _without_currency(text: str) -> str:
    """The figures alone: "€ 780", "EUR 780", "780 €" and "780". Another currency is refused in words."""
    plain = text.strip().replace("\r\n", "\n")
    for euro in ("€", "EUR", "Euro", "euro", "eur"):
        plain = plain.removeprefix(euro).removesuffix(euro).strip()
    letters = plain.strip("0123456789.,- ")
    if any(unicodedata.category(sign) == "Sc" for sign in letters) or letters in OTHER_CURRENCIES:
        raise ValueError("Enter the amount in euro; every amount here is.")
    return plain


def _is_number(digits: str) -> bool:
    return digits.isascii() and digits.isdigit()
