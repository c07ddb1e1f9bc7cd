"""How the letters of a plain text were written, where the file does not say so. Pure.

One byte is è in western Europe, č in central Europe: which of them it is, the letters beside it say. Pairs that stand in the
names of Europe's cities are likely ones. What is likely is not certain, so people are shown all readings, and choose.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice, pairwise

from mobility.people import places

WRITTEN = {  # codec -> (what people call it, its name)
    "utf-8": ("All languages", "UTF-8"),
    "cp1252": ("Western European", "Windows-1252"),
    "cp1250": ("Central European", "Windows-1250"),
    "iso8859_2": ("Central European", "ISO 8859-2"),
    "cp1257": ("Baltic", "Windows-1257"),
    "cp1254": ("Turkish", "Windows-1254"),
    "cp1253": ("Greek", "Windows-1253"),
    "cp1251": ("Cyrillic", "Windows-1251"),
}
GUESSED = ("cp1252", "cp1250", "cp1257")  # the first where nothing speaks for another
LOOKED_AT = 100_000  # bytes of lines that are not plain
SHOWN = 4  # cells
_WORD = re.compile(r"[^\W\d_]+")
_CELL = re.compile(rb"[^;,\t|\"\r\n]+")
_NO_LETTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def name_of(codec: str) -> str:
    return WRITTEN[codec][1]


def codec_in(read_as: str) -> str:
    """Of how a file was read, in words; empty where its letters could not be otherwise."""
    return next((codec for codec in WRITTEN if codec != "utf-8" and f", {name_of(codec)}, " in read_as), "")


def likely(content: bytes) -> str:
    """The codec by which the text looks most like names of Europe."""
    lines = b"\n".join(line for line in content.splitlines() if not line.isascii())[:LOOKED_AT]
    texts = {codec: text for codec in GUESSED if (text := written(lines, codec)) is not None}
    return max(texts, key=lambda codec: _plausible(texts[codec]), default=GUESSED[0])


def written(content: bytes, codec: str) -> str | None:
    """The text by a codec; nothing if it cannot be that."""
    try:
        text = content.decode(codec)
    except UnicodeError:
        return None
    return None if _NO_LETTERS.search(text[:LOOKED_AT]) else text


def readings(content: bytes, now: str = "") -> dict[str, str]:
    """Codec -> a few cells as it reads them, those that tell most; of codecs that read all alike one: that by which it is read
    `now`, or the first."""
    found_cells = (each[0].strip() for each in _CELL.finditer(content[: LOOKED_AT * 10]) if not each[0].isascii())
    cells = list(islice(dict.fromkeys(found_cells), 100))
    possible = [codec for codec in WRITTEN if written(content, codec) is not None]
    telling = sorted(cells, key=lambda cell: -len({cell.decode(codec) for codec in possible}))[:SHOWN]
    found: dict[str, str] = {}
    for codec in sorted(possible, key=lambda each: each != now):
        found.setdefault(", ".join(cell.decode(codec)[:40] for cell in telling), codec)
    return {codec: sample for sample, codec in sorted(found.items(), key=lambda each: possible.index(each[1])) if sample}


def _plausible(text: str) -> int:
    """How many pairs with a letter that is not plain are known; signs that belong into no word speak against it."""
    odd = sum(not each.isascii() and not each.isalpha() for each in text)
    return sum(pair in _known_pairs() for pair in _pairs(text)) - odd


@cache
def _known_pairs() -> frozenset[str]:
    return frozenset(pair for country in places.EUROPE for city in places.own_names(country) for pair in _pairs(city))


def _pairs(text: str) -> Iterator[str]:
    """Each letter that is not plain with the one before and the one after it, or with the end of the word."""
    for word in _WORD.findall(text):
        yield from (a + b for a, b in pairwise(f" {word.lower()} ") if not (a + b).isascii())
