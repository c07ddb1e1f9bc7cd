"""Money is `Decimal` with two places in Python and integer cents in the database; floats never touch it.

A programme has one currency, and whoever writes an amount says which. Pages and mails write it as their reader's locale does.
What is stored or refused in a sentence is English, as several people read it; `in_notation` gives its amounts to each reader
as all others on the page.
"""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale
from babel.core import UnknownLocaleError
from babel.numbers import format_currency, format_decimal, get_currency_name, get_currency_symbol

NOTHING = Decimal(0)
CENT = Decimal("0.01")
MOST = Decimal("999999999.99")
ENGLISH = "en_GB"
_SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{FIGURE SPACE}"
GROUPING = {
    mark: f"{other}'’{_SPACES}" for mark, other in ((".", ","), (",", "."))
}  # decimal mark -> what may stand between groups
EURO = "EUR"  # the only one for which there is a file for the bank
# Of the Union, the European Economic Area, Switzerland and the candidates, as far as payments reach their accounts (SEPA) and
# they have cents: Albania's, Iceland's and Serbia's have none, and Bulgaria has the euro. HUF has cents on accounts, though no
# coins of them.
CURRENCIES = (EURO, "CHF", "CZK", "DKK", "HUF", "MDL", "MKD", "NOK", "PLN", "RON", "SEK")
ALL_CURRENCIES = frozenset(Locale("en").currencies)
_IN_A_SENTENCE = re.compile(
    rf"(?<![\w.,])(?P<minus>-?)(?:(?P<euro>€)|(?P<code>{'|'.join(CURRENCIES)})\xa0)(?P<figures>\d{{1,3}}(?:,\d{{3}})*\.\d\d)(?!\d)"
)
_DISTANCE = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?=(?: and \d{1,3}(?:,\d{3})+)? km\b)")
_LETTER_AND_FIGURE = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


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
def written(amount: Decimal, currency: str, locale: str = ENGLISH) -> str:
    """€1,017.00 or PLN 1,017.00, or as another locale writes it. In English also inside a stored sentence."""
    try:
        found = format_currency(amount, currency, locale=locale, currency_digits=False)
    except (UnknownLocaleError, ValueError):
        found = format_currency(amount, currency, locale=ENGLISH, currency_digits=False)
    return _LETTER_AND_FIGURE.sub("\N{NO-BREAK SPACE}", found)  # which Babel leaves out


def figures(amount: Decimal, locale: str = ENGLISH) -> str:
    """1,017.00: where the currency stands beside it, or is nobody's business."""
    return str(format_decimal(amount, "#,##0.00", locale=locale))


def in_notation(sentence: str, locale: str) -> str:
    """A sentence with its amounts (by `written`) and long distances (1,958 km), both English, as another locale writes them."""
    if locale == ENGLISH:
        return sentence
    sentence = _DISTANCE.sub(lambda found: str(format_decimal(int(found[0].replace(",", "")), locale=locale)), sentence)
    return _IN_A_SENTENCE.sub(lambda found: written(_read(found), found["code"] or EURO, locale), sentence)


def _read(found: re.Match[str]) -> Decimal:
    return Decimal(found["minus"] + found["figures"].replace(",", ""))


@lru_cache(maxsize=64)
def currency_name(code: str) -> str:
    """What amounts are in: euro, Polish zlotys."""
    return "euro" if code == EURO else get_currency_name(code, count=2, locale=ENGLISH)


def currency_title(code: str) -> str:
    """As one chooses it from a list: Euro, Polish zloty."""
    name = get_currency_name(code, count=1, locale=ENGLISH)
    return name[:1].upper() + name[1:]


@lru_cache(maxsize=512)
def currency_mark(code: str, locale: str = ENGLISH) -> str:
    """How a locale marks a currency: €, zł, PLN."""
    try:
        return str(get_currency_symbol(code, locale))
    except (UnknownLocaleError, ValueError):
        return str(get_currency_symbol(code, ENGLISH))


def example(decimal_mark: str = ".") -> str:
    """How one writes an amount, for words about what would be right."""
    return "1,000.50" if decimal_mark == "." else "1.000,50"


def parse(text: str, decimal_mark: str = ".", most: Decimal = MOST, currency: str = EURO, locale: str = ENGLISH) -> Decimal:
    """Read what a person typed, e.g. "1,000.50" (mark ".") or "1.000,50" (mark ","); `most` is what makes sense here.

    The currency may stand beside it, as code, sign or word of the locale; another one is refused.

    Raises ValueError with a message for the person.
    """
    like = example(decimal_mark)
    plain = _without_currency(text, currency, locale)
    if plain.startswith(("-", "\N{MINUS SIGN}")):
        raise ValueError(f"Enter an amount greater than zero, such as {like}.")
    whole, _, fraction = plain.partition(decimal_mark)
    digits = ungrouped(whole, decimal_mark)
    if not is_digits(digits) or (fraction and not is_digits(fraction)):
        raise ValueError(f"Enter an amount in {currency_name(currency)} such as {like}.")
    if len(fraction) > 2:
        raise ValueError(f"Enter at most two digits after the “{decimal_mark}”, such as {like}.")
    try:
        amount = Decimal(f"{digits}.{fraction or 0}").quantize(CENT)
    except InvalidOperation:
        raise ValueError(_too_large(most, currency, locale)) from None
    if amount > most:
        raise ValueError(_too_large(most, currency, locale))
    return amount


def ungrouped(whole: str, decimal_mark: str) -> str:
    """The digits of "1,000" or "1 000"; "" if they are not grouped by threes. Raises ValueError if two readings are possible."""
    separators = {sign for sign in whole if not sign.isdigit()}
    if not separators:
        return whole
    groups = whole.split(separator := separators.pop())
    if separators or not all(map(is_digits, groups)):
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


def _too_large(most: Decimal, currency: str, locale: str) -> str:
    return f"This amount is too large. Enter at most {written(most, currency, locale)}."


def _without_currency(text: str, currency: str, locale: str) -> str:
    """The figures alone: "€ 780", "EUR 780", "780 €" and "780". Another currency is refused in words."""
    plain = text.strip().replace("\r\n", "\n")
    for mark in _marks(currency, locale):
        if plain.casefold().startswith(mark):
            plain = plain[len(mark) :].strip()
        if plain.casefold().endswith(mark):
            plain = plain[: -len(mark)].strip()
    letters = plain.strip("0123456789.,- ")
    if any(unicodedata.category(sign) == "Sc" for sign in letters) or letters.upper() in ALL_CURRENCIES:
        raise ValueError(f"Enter the amount in {currency_name(currency)}; every amount here is.")
    return plain


@lru_cache(maxsize=512)
def _marks(currency: str, locale: str) -> tuple[str, ...]:
    """What people write beside an amount, the longest first: its code, its sign, what it is called."""
    language = locale.split("_")[0]
    own = {get_currency_symbol(currency, each) for each in (ENGLISH, language, *_SPOKEN.get(currency, ()))}
    names = {get_currency_name(currency, count=count, locale=ENGLISH).rpartition(" ")[2] for count in (1, 2)}
    return tuple(sorted({each.casefold() for each in (currency, *own, *names)}, key=lambda mark: (-len(mark), mark)))


_SPOKEN = {  # the languages of where it is at home: their sign for it is written by others, too
    "CHF": ("de_CH",),
    "CZK": ("cs",),
    "DKK": ("da",),
    "HUF": ("hu",),
    "MDL": ("ro_MD",),
    "MKD": ("mk",),
    "NOK": ("nb",),
    "PLN": ("pl",),
    "RON": ("ro",),
    "SEK": ("sv",),
}


def is_digits(digits: str) -> bool:
    return digits.isascii() and digits.isdigit()
