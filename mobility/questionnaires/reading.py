"""What somebody typed into a field of a questionnaire, as the answer that is kept (items.py). Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from mobility.core.money import ENGLISH, EURO, parse
from mobility.core.numbers import decimal_number
from mobility.questionnaires.items import DATE, FIGURE, HIDDEN, LONG_TEXT, MONEY, NUMBER, PERCENT, TAPPED, TEXT, Item

LENGTHS = {TEXT: 200, LONG_TEXT: 5000, HIDDEN: 40}
MOST_NUMBER = Decimal(1_000_000)


class Notation(NamedTuple):
    """How whoever answers writes figures: the decimal mark and the locale; and the programme's currency."""

    mark: str = "."
    currency: str = EURO
    locale: str = ENGLISH


PLAIN = Notation()


def read(item: Item, typed: str, notation: Notation = PLAIN) -> Any:
    """The answer in one field, or None if there is none. Raises ValueError with what would be right."""
    if not typed.strip():
        return None
    if item.kind in TAPPED:
        return _chosen(item, typed)
    return _READERS[item.kind](item, typed.strip(), notation)


def read_several(item: Item, typed: Sequence[str]) -> list[str] | None:
    """Those options that were ticked, in their order."""
    unknown = set(typed) - {each.key for each in item.choices}
    if unknown:
        raise ValueError("Choose from the list.")
    return [each.key for each in item.choices if each.key in typed] or None


def _chosen(item: Item, typed: str) -> int | str:
    if typed not in {each.key for each in item.choices}:
        raise ValueError("Choose one from the list.")
    return int(typed) if typed.isdigit() else typed


def _number(item: Item, typed: str, notation: Notation) -> str:
    mark = notation.mark
    like = "such as 10" if item.whole else f"such as 10 or 2{mark}5"
    words = f"Enter a number, {like}, without a unit."
    whole, _, fraction = typed.partition(mark)
    if not (_digits(whole) and (not fraction or _digits(fraction))) or typed.endswith(mark):
        raise ValueError(words if not typed.startswith("-") else f"Enter a number of at least zero, {like}.")
    if fraction and item.whole:
        raise ValueError("Enter a whole number, such as 10.")
    if len(fraction) > 2:
        raise ValueError(f"Enter at most two digits after the “{mark}”.")
    number = _decimal(f"{whole}.{fraction or 0}")
    if number > MOST_NUMBER:
        raise ValueError("This number is too large. Enter at most 1,000,000.")
    return _plain(number)


def _figure(item: Item, typed: str, notation: Notation) -> str:
    return _plain(decimal_number(typed, notation.mark))


def _percent(item: Item, typed: str, notation: Notation) -> str:
    number = _number(replace(item, whole=False), typed.removesuffix("%").strip(), notation)
    if Decimal(number) > 100:
        raise ValueError("Enter a percentage from 0 to 100.")
    return number


def _money(item: Item, typed: str, notation: Notation) -> str:
    return str(parse(typed, notation.mark, currency=notation.currency, locale=notation.locale))


def _day(item: Item, typed: str, notation: Notation) -> str:
    words = "Choose a day, or enter it as year-month-day, such as 2027-03-03."
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise ValueError(words) from None
    if not 2000 <= day.year <= 2100:
        raise ValueError("Choose a day between 2000 and 2100.")
    return day.isoformat()


def _text(item: Item, typed: str, notation: Notation) -> str:
    most = LENGTHS[item.kind]
    if len(typed) > most:
        raise ValueError(f"Keep this to {most} characters; these are {len(typed)}.")
    return typed if item.kind == LONG_TEXT else " ".join(typed.split())


_READERS = {
    NUMBER: _number,
    FIGURE: _figure,
    PERCENT: _percent,
    MONEY: _money,
    DATE: _day,
    TEXT: _text,
    LONG_TEXT: _text,
    HIDDEN: _text,
}


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # pragma: no cover (they are digits)
        raise ValueError("Enter a number, such as 10.") from None


def _plain(number: Decimal) -> str:
    """5.5, not 5.50; 10, not 1E+1"""
    return format(number.normalize(), "f")
