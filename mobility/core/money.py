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
    grouping = "," if decimal_mark == "." else "."
    like = example(decimal_mark)
    plain = _without_currency(text)
    if plain.startswith(("-", "\N{MINUS SIGN}")):
        raise ValueError(f"Enter an amount greater than zero, such as {like}.")
    whole, _, fraction = plain.partition(decimal_mark)
    groups = whole.split(grouping)
    well_grouped = len(groups) == 1 or (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:]))
    digits = "".join(groups)
    if not well_grouped or not _is_number(digits) or (fraction and not _is_number(fraction)):
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


def _too_large(most: Decimal, decimal_mark: str) -> str:
    right = f"{most:,.2f}" if decimal_mark == "." else f"{most:,.2f}".translate(str.maketrans(",.", ".,"))
    return f"This amount is too large. Enter at most €{right}."


def _without_currency(text: str) -> str:
    """The figures alone: "€ 780", "EUR 780", "780 €" and "780". Another currency is refused in words."""
    plain = "".join(sign for sign in text if not sign.isspace() and sign not in "'’")
    for euro in ("€", "EUR", "Euro", "euro", "eur"):
        plain = plain.removeprefix(euro).removesuffix(euro)
    letters = plain.strip("0123456789.,-")
    if any(unicodedata.category(sign) == "Sc" for sign in letters) or letters in OTHER_CURRENCIES:
        raise ValueError("Enter the amount in euro; every amount here is.")
    return plain


def _is_number(digits: str) -> bool:
    return digits.isascii() and digits.isdigit()
