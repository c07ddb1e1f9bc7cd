"""How a name is found and replaced, in words and in what is made of them. Pure."""

import html
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any

from markupsafe import escape
from text_unidecode import unidecode

from mobility.core.names import searchable

GRACE_DAYS = 30
PAID_YEARS = 10  # after the end of the year in which money was paid
SHORTEST_PART = 3  # letters of a name that is looked for by itself
GONE = "•••"
_PHONE = re.compile(r"(?<![\w.+-])(?:\+|0)\d[\d ()/.-]{6,20}\d(?!\w)")
_DAY = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\d")


class Traces:
    """What names a person, and what stands in its place.

    Names and addresses are looked for everywhere; single names and telephone numbers only in words where something else names
    the person, as they may be others', too; `numbers` found there are looked for everywhere.
    """

    def __init__(self, person_id: int, names: Collection[str], addresses: Collection[str], numbers: Collection[str] = ()) -> None:
        self.pseudonym, self.address = f"Person {person_id}", f"person-{person_id}@erased.invalid"
        self.names, self.addresses = frozenset(names), frozenset(addresses)
        self._number, self._numbers = f"person-{person_id}", _any_of(numbers)
        self._mail = _any_of(self.addresses)
        self._local = _any_of(each for each in map(_local, self.addresses) if len(each) > 4 and not each.isalpha())
        self._whole = _any_of(each for name in self.names for each in _ways_to_write(name))
        self._part = _any_of(each for name in self.names for each in name.split() if len(each) >= SHORTEST_PART)

    def named_in(self, value: Any) -> bool:
        return any(self._named(text) for text in texts_in(value))

    def numbers_in(self, value: Any) -> set[str]:
        """Telephone numbers in words that name the person."""
        return {each for text in texts_in(value) if self._named(text) for each in phones_in(text)}

    def replaced(self, value: Any) -> Any:
        """The same without them; what is no text stays, and so do the names of what a JSON object has."""
        if isinstance(value, str):
            return self._in_text(value)
        if isinstance(value, list):
            return [self.replaced(each) for each in value]
        if isinstance(value, dict):
            return {self._in_text(name): self.replaced(each) for name, each in value.items()}
        return value

    def _named(self, text: str) -> bool:
        return any(pattern and pattern.search(text) for pattern in (self._mail, self._local, self._whole))

    def _in_text(self, text: str) -> str:
        named = self._named(text)
        if self._numbers:
            text = self._numbers.sub(GONE, text)
        if not named:
            return text
        for pattern, instead in ((self._mail, self.address), (self._local, self._number), (self._whole, self.pseudonym)):
            text = pattern.sub(instead, text) if pattern else text
        text = self._part.sub(self.pseudonym, text) if self._part else text
        for number in phones_in(text):
            text = text.replace(number, GONE)
        return text


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each)
    elif isinstance(value, dict):
        yield from map(str, value)
        yield from texts_in(list(value.values()))


def phones_in(text: str) -> list[str]:
    """What looks like a telephone number, and not like a day."""
    return [found[0] for found in _PHONE.finditer(text) if not _DAY.fullmatch(found[0].strip())]


def last_day_kept(paid_on: date) -> date:
    return date(paid_on.year + PAID_YEARS, 12, 31)


def _local(address: str) -> str:
    return address.partition("@")[0]


def _ways_to_write(name: str) -> set[str]:
    """Also as lists, searching, the bank and a page write it."""
    words = name.split()
    orders = {name, " ".join([*words[-1:], *words[:-1]]), f"{words[-1]}, {' '.join(words[:-1])}"} if len(words) > 1 else {name}
    found = {way for each in orders for way in (each, unidecode(each), searchable(each))}
    return {
        each for each in found | {str(way(each)) for each in found for way in (html.escape, escape)} if len(each) >= SHORTEST_PART
    }


def _any_of(texts: Iterable[str]) -> re.Pattern[str] | None:
    """Whole words, whatever their capitals and spaces; the longest first."""
    chosen = sorted({each.strip() for each in texts if each.strip()}, key=len, reverse=True)
    if not chosen:
        return None
    ways = "|".join(r"\s+".join(map(re.escape, each.split())) for each in chosen)
    return re.compile(rf"(?<!\w)(?:{ways})(?!\w)", re.IGNORECASE)
