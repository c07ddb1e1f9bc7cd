"""How a name is found and replaced, in words and in what is made of them. Pure."""

import html
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any

from markupsafe import escape
from text_unidecode import unidecode

from mobility.core.names import ERASED_DOMAIN, searchable

GRACE_DAYS = 30
BY_RULE = "The account came to nothing, and its time is over."
PAID_YEARS = 10  # after the end of the year in which money was paid
ORDINARY = 3  # rows in which others write each word of a name in small letters: then it is a word
SHORTEST_PART = 3  # letters of a name that is looked for by itself
GONE = "•••"
_PHONE = re.compile(r"(?<![\w.+-])(?:\+|0)\d[\d ()/.-]{6,20}\d(?!\w)")
_DAY = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\d")


class Traces:
    """What names a person, and what stands in its place.

    Anybody can take any name, and bring any address: what is replaced everywhere must not be what others write without meaning
    them. So whole names and addresses are looked for everywhere; a name that is one word, or somebody else's too (`common`), and
    the first half of an address only in rows that are the person's `own`; single names and telephone numbers only in words where
    something else names the person; `numbers` found there are looked for everywhere. A name of `ordinary` words ("Will Young",
    "Rose Field") is looked for as it is written, capitals and all, in rows of a `case` of the person's, and never word by word.
    """

    def __init__(
        self,
        person_id: int,
        names: Collection[str],
        addresses: Collection[str],
        numbers: Collection[str] = (),
        common: Collection[str] = (),
        ordinary: Collection[str] = (),
    ) -> None:
        self.pseudonym, self.address = f"Person {person_id}", f"person-{person_id}@{ERASED_DOMAIN}"
        self.names, self.addresses, self.common = frozenset(names), frozenset(addresses), frozenset(common)
        self._number, self._numbers = f"person-{person_id}", _any_of(numbers)
        self._mail = _any_of(self.addresses)
        self._local = _any_of(each for each in map(_local, self.addresses) if _is_telling(each))
        self._whole = _any_of(each for name in self.names for each in _ways_to_write(name))
        self.ordinary = frozenset(ordinary)
        self._ordinary = _any_of((way for name in self.ordinary for way in (name, name.upper(), *_orders(name))), exactly=True)
        self._common = _any_of(map(_with_a_letter_of_its_own, self.common), exactly=True)
        parts = (each for name in self.names | {each for each in self.common if " " in each} for each in name.split())
        self._part = _any_of(each for each in parts if len(each) >= SHORTEST_PART)

    def addressed_in(self, value: Any) -> bool:
        """One of the addresses stands there: whatever stands beside it is about the person."""
        return any(self._mail and self._mail.search(text) for text in texts_in(value))

    def named_in(self, value: Any, *, own: bool = False, case: bool = False) -> bool:
        return any(self._named(text, own, case) for text in texts_in(value))

    def numbers_in(self, value: Any, *, own: bool = False, case: bool = False) -> set[str]:
        """Telephone numbers in words that name the person."""
        return {each for text in texts_in(value) if self._named(text, own, case) for each in phones_in(text)}

    def replaced(self, value: Any, *, own: bool = False, case: bool = False) -> Any:
        """The same without them; what is no text stays. Of a JSON object one word before a value is never a person's name."""
        if isinstance(value, str):
            return self._in_text(value, own, case)
        if isinstance(value, list):
            return [self.replaced(each, own=own, case=case) for each in value]
        if isinstance(value, dict):
            names = {name: self._in_text(name, own and " " in name, case) for name in value}
            return {names[name]: self.replaced(each, own=own, case=case) for name, each in value.items()}
        return value

    def _named(self, text: str, own: bool, case: bool) -> bool:
        patterns = [self._mail, self._whole, *((self._local, self._common) if own else ())]
        if own or case:
            patterns.append(self._ordinary)
        return any(pattern and pattern.search(text) for pattern in patterns)

    def _in_text(self, text: str, own: bool, case: bool) -> str:
        named = self._named(text, own, case)
        if self._numbers:
            text = self._numbers.sub(GONE, text)
        if not named:
            return text
        for pattern, instead in (
            (self._mail, self.address),
            (self._local, self._number),
            (self._whole, self.pseudonym),
            (self._ordinary if own or case else None, self.pseudonym),
            (self._common, self.pseudonym),
            (self._part, self.pseudonym),
        ):
            text = pattern.sub(instead, text) if pattern else text
        for number in phones_in(text):
            text = text.replace(number, GONE)
        return text


def is_common(name: str, others: Collection[str]) -> bool:
    """One word, or what somebody or something else is called (`others`, as they are searched): it says too little by itself."""
    return len(name.split()) < 2 or name == name.lower() != name.upper() or searchable(name) in others


class Ordinary:
    """Counts, of names, which of their words others write in small letters: "young", "will". Both of "Will Young" are words then.

    Not where both stand together, nor in addresses: there somebody wrote the name, and did not care for capitals.
    """

    def __init__(self, names: Collection[str]) -> None:
        self._words = {name: name.lower().split() for name in names if _may_be_words(name.split())}
        self._seen: Counter[str] = Counter()
        each = "|".join(map(re.escape, {word for words in self._words.values() for word in words}))
        self._pattern = re.compile(rf"(?<![\w@./-])(?:{each})(?![\w@/-]|\.\w)") if each else None

    def look(self, text: str) -> None:
        found = set(self._pattern.findall(text)) if self._pattern else set()
        if not found:
            return
        there = text.lower()
        for words in self._words.values():
            alone = [word for word in words if word in found and not any(other in there for other in words if other != word)]
            self._seen.update(alone)

    @property
    def names(self) -> set[str]:
        return {name for name, words in self._words.items() if all(self._seen[word] >= ORDINARY for word in words)}

    @property
    def is_settled(self) -> bool:
        return len(self.names) == len(self._words)


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


def _is_telling(local: str) -> bool:
    """Of the first half of an address: neither a word or a name in code, nor a number or a day."""
    return len(local) > 4 and not local.isidentifier() and any(each.isalpha() for each in local)


def _with_a_letter_of_its_own(name: str) -> str:
    """Nothing for a name that may be a word of ours: those are plain letters without capitals."""
    return "" if name.isascii() and name == name.lower() else name


def _may_be_words(words: list[str]) -> bool:
    """Several, each with a capital: of "van Berg", or of a script without capitals, small letters say nothing."""
    return len(words) > 1 and all(each != each.lower() for each in words)


def _orders(name: str) -> set[str]:
    """Ana Zupan, Zupan Ana, Zupan, Ana."""
    words = name.split()
    return {name, " ".join([*words[-1:], *words[:-1]]), f"{words[-1]}, {' '.join(words[:-1])}"} if len(words) > 1 else {name}


def _ways_to_write(name: str) -> set[str]:
    """Also as lists, searching, the bank and a page write it."""
    found = {way for each in _orders(name) for way in (each, unidecode(each), searchable(each))}
    return {
        each for each in found | {str(way(each)) for each in found for way in (html.escape, escape)} if len(each) >= SHORTEST_PART
    }


def _any_of(texts: Iterable[str], *, exactly: bool = False) -> re.Pattern[str] | None:
    """Whole words, whatever their spaces, and their capitals unless `exactly`; the longest first."""
    chosen = sorted({each.strip() for each in texts if each.strip()}, key=len, reverse=True)
    if not chosen:
        return None
    ways = "|".join(r"\s+".join(map(re.escape, each.split())) for each in chosen)
    return re.compile(rf"(?<!\w)(?:{ways})(?!\w)", 0 if exactly else re.IGNORECASE)
