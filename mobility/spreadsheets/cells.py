"""One cell of a spreadsheet: what it holds as it is kept, and what can be meant by it. Pure.

As kept (JSON): a text; a number; and, of what is neither, a dictionary with one of the keys of `Odd`, or a day.
"""

import re
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from mobility.core.names import one_line, sent

Cell = str | int | float | bool | dict[str, str] | None

MOST_CHARACTERS = 5000
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_POINTS = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\.?")  # nobody writes the month first with points
_SLASHES = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_WORDS = ("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y")
DAY_RIGHT = "Write the day as year-month-day, such as 2027-03-31."


class Odd(StrEnum):
    """What a cell is that holds neither text, number nor day; the value in the dictionary says more."""

    FORMULA = "formula"  # the formula, whose value the file does not hold
    MERGED = "merged"  # the range of cells that it is merged with
    ERROR = "error"  # what the spreadsheet shows, such as #REF!


DAY = "day"


class Wrong(ValueError):
    """What a cell holds cannot be; the words say what would be right."""


def kept(value: Any) -> Cell:
    """A value as a library of spreadsheets has it."""
    if isinstance(value, datetime):
        return {DAY: value.date().isoformat()} if not (value.hour or value.minute) else value.isoformat(sep=" ")
    if isinstance(value, date):
        return {DAY: value.isoformat()}
    if isinstance(value, str):
        if re.fullmatch(r"#[A-Z0-9/]+[!?]?", value):
            return {Odd.ERROR.value: value}
        return _text(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return value if abs(value) < 1e15 else str(value)
    return str(value)[:MOST_CHARACTERS]


@lru_cache(maxsize=512)
def _text(value: str) -> str:
    """A workbook holds each text once, however many cells show it."""
    return sent(value).strip()[: MOST_CHARACTERS + 1]


def shown(cell: Cell) -> str:
    """What somebody reads in it."""
    if isinstance(cell, dict):
        if Odd.MERGED in cell:
            return ""
        return next(iter(cell.values()))
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def is_empty(cell: Cell) -> bool:
    return cell is None or cell == "" or (isinstance(cell, dict) and Odd.MERGED in cell)


def text(cell: Cell) -> str:
    """Raises Wrong for what has no value."""
    if isinstance(cell, dict):
        _refuse_odd(cell)
    words = shown(cell)
    if len(words) > MOST_CHARACTERS:
        raise Wrong(f"This is too long. Keep it to {MOST_CHARACTERS} characters.")
    if garbled := _garbled(words):
        raise Wrong(f"Letters were lost when the file was saved. Perhaps “{garbled}” is meant; save the file as UTF-8.")
    return words


def line(cell: Cell) -> str:
    return one_line(text(cell))


def day(cell: Cell) -> date:
    """A day that can only be one. Raises Wrong."""
    if isinstance(cell, dict) and DAY in cell:
        return date.fromisoformat(cell[DAY])
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        raise Wrong(f"This is a number. {DAY_RIGHT}")
    words = line(cell)
    if found := _ISO.fullmatch(words):
        return _date(*map(int, found.groups()))
    if found := _POINTS.fullmatch(words):
        first, second, year = map(int, found.groups())
        return _date(year, second, first)
    if found := _SLASHES.fullmatch(words):
        return _told_apart(*map(int, found.groups()))
    return _in_words(words)


def number(cell: Cell) -> int:
    """A whole number, not negative. Raises Wrong."""
    if isinstance(cell, bool):
        raise Wrong("Write a whole number, such as 3.")
    if isinstance(cell, dict):
        _refuse_odd(cell)
    words = line(cell)
    if not re.fullmatch(r"[0-9]{1,6}", words):
        raise Wrong("Write a whole number, such as 3.")
    return int(words)


def _refuse_odd(cell: dict[str, str]) -> None:
    if Odd.FORMULA in cell:
        raise Wrong("This is a formula, and the file does not hold its value. Write the value itself.")
    if Odd.MERGED in cell:
        raise Wrong(f"This cell is merged with others ({cell[Odd.MERGED]}). Split them, and write the value into each.")
    if Odd.ERROR in cell:
        raise Wrong("The spreadsheet has an error here. Write the value itself.")


def _told_apart(first: int, second: int, year: int) -> date:
    """Which of the first two is the month is told apart only where one of them can be none."""
    if first > 12 or first == second:
        return _date(year, second, first)
    if second > 12:
        return _date(year, first, second)
    one, other = _date(year, second, first), _date(year, first, second)
    raise Wrong(f"This can be two days. Write {one} or {other}.")


def _date(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise Wrong(f"There is no such day. {DAY_RIGHT}") from None
    if not 2000 <= found.year <= 2100:
        raise Wrong("Write a day between 2000 and 2100.")
    return found


def _in_words(words: str) -> date:
    for pattern in _WORDS:
        try:
            found = datetime.strptime(words, pattern)  # noqa: DTZ007 (a day)
        except ValueError:
            continue
        return _date(found.year, found.month, found.day)
    raise Wrong(DAY_RIGHT)


def _garbled(words: str) -> str:
    """What was meant by UTF-8 that was read as cp1252 once too often: "GÃ¼ssing"."""
    if words.isascii() or not re.search("[ÃÂâÄÅ][\u0080-\u00bf\u2000-\u2122\u0152-\u0192]", words):
        return ""
    try:
        return words.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return ""
