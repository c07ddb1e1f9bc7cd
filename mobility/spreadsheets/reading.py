"""A file that was handed in, as sheets of cells: XLSX, ODS or CSV, by its content. Pure.

What strangers made is read with limits: nothing is unpacked beyond them, no entity of XML is followed.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from mobility.core.errors import Refusal
from mobility.spreadsheets import letters, opendocument, workbooks
from mobility.spreadsheets.cells import Cell, Odd, is_empty, kept

MEGABYTE = 1024 * 1024
MOST_BYTES = 5 * MEGABYTE
MOST_UNPACKED = 60 * MEGABYTE
MOST_PARTS = 2000
MOST_ROWS = 5000
MOST_COLUMNS = 60
MOST_SHEETS = 12
MOST_TEXT = 6_000_000  # characters of all cells: a workbook can show one text in each of them
SMALL = 150_000  # bytes, unpacked: read while somebody waits
WANTED = "Hand in an Excel workbook (.xlsx), an OpenDocument spreadsheet (.ods) or a CSV file."
TOO_MANY = f"This file has more than {MOST_ROWS:,} rows. Split it into files of up to {MOST_ROWS:,} rows each."
TOO_LONG = "This file holds more text than we can take at once. Split it into several."
BROKEN = "This file is damaged, or was not copied completely. Open it in your spreadsheet program and save it anew."
_MARKUP = re.compile(r"\s*<(?:!doctype|html|head|body|table|meta|\?xml)\b", re.IGNORECASE)  # as some programs export tables
_NAMES_ENTITIES = re.compile(rb"<!\s?(?:DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass
class Sheet:
    """`rows` are (number as the spreadsheet counts, cells), without empty ones. `header` is the first of them."""

    name: str
    hidden: bool = False
    header_row: int = 0
    header: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)


@dataclass
class Book:
    sheets: list[Sheet]
    read_as: str  # how: what people are told


def looked_at(name: str, content: bytes) -> int:
    """How many bytes it unpacks to. Before anything is unpacked; raises Refusal for what is none of the three."""
    if not content:
        raise Refusal("This file is empty. Choose it again; perhaps it was not copied completely.", "file")
    if len(content) > MOST_BYTES:
        raise Refusal(f"This file is {len(content) / MEGABYTE:.1f} MB; it can be up to {MOST_BYTES // MEGABYTE} MB.", "file")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refusal("This is an old Excel file (.xls), or one with a password. Save it as .xlsx without one.", "file")
    if content.startswith(b"%PDF"):
        raise Refusal(f"This is a PDF. {WANTED}", "file")
    if content.startswith(b"PK"):
        return sum(each.file_size for each in _archive(content).infolist())
    _decoded(content)
    return len(content)


def read(name: str, content: bytes, codec: str = "") -> Book:
    """All its sheets; of plain text by a `codec` that somebody has chosen. Raises Refusal."""
    looked_at(name, content)
    if not content.startswith(b"PK"):
        return _csv(name, content, codec)
    archive = _archive(content)
    try:
        _ensure_harmless(archive)
        if "content.xml" in archive.namelist():
            sheets, how = _gathered(opendocument.sheets(archive.read("content.xml"), MOST_COLUMNS)), "OpenDocument spreadsheet"
        else:
            sheets, how = _gathered(workbooks.sheets(content, archive, MOST_COLUMNS)), "Excel workbook"
    except Refusal:
        raise
    except Exception:  # every library has its own for what is damaged
        raise Refusal(BROKEN, "file") from None
    return Book(sheets, how)


def _archive(content: bytes) -> ZipFile:
    try:
        archive = ZipFile(BytesIO(content))
    except (BadZipFile, ValueError, NotImplementedError):
        raise Refusal(BROKEN, "file") from None
    every = archive.infolist()
    names = {each.filename for each in every}
    if not names & {"xl/workbook.xml", "content.xml"}:
        raise Refusal(f"This is no spreadsheet by its content. {WANTED}", "file")
    if len(every) > MOST_PARTS or sum(each.file_size for each in every) > MOST_UNPACKED:
        raise Refusal("This file unpacks to more than we can read. Copy the rows you need into a new spreadsheet.", "file")
    return archive


def _ensure_harmless(archive: ZipFile) -> None:
    """Each part is as long as it says, and none names entities."""
    for part in archive.infolist():
        if part.flag_bits & 1:
            raise Refusal("This file has a password. Save it without one.", "file")
        if not part.filename.endswith((".xml", ".rels")):
            continue
        content = archive.read(part)  # never more than it says of itself: zipfile sees to that
        if _NAMES_ENTITIES.search(content.replace(b"\0", b"")):
            raise Refusal(BROKEN, "file")


def _gathered(found: Iterable[tuple[str, bool, Iterator[tuple[int, list[Cell]]]]]) -> list[Sheet]:
    sheets, count, length = [], 0, 0
    for name, hidden, rows in found:
        sheet = Sheet(name[:100], hidden)
        for number, found_cells in rows:
            cells = list(found_cells)
            if all(map(is_empty, cells)):
                continue
            while cells[-1] is None:
                cells.pop()
            count += 1
            if count > MOST_ROWS + MOST_SHEETS:
                raise Refusal(TOO_MANY, "file")
            length += sum(len(each) for each in cells if isinstance(each, str))
            if length > MOST_TEXT:
                raise Refusal(TOO_LONG, "file")
            sheet.rows.append((number, cells))
        sheets.append(_with_header(sheet))
        if len(sheets) > MOST_SHEETS:
            raise Refusal(f"This file has more than {MOST_SHEETS} sheets. Keep those that are to be imported.", "file")
    return sheets


def _with_header(sheet: Sheet) -> Sheet:
    """The first row with two texts or more; what stands before it is a title."""
    for index, (number, cells) in enumerate(sheet.rows[:10]):
        if sum(isinstance(each, str) and not is_empty(each) for each in cells) >= 2 or index == len(sheet.rows) - 1 == 0:
            sheet.header_row = number
            sheet.header = [str(each)[:200] if isinstance(each, str) else "" for each in cells]
            sheet.rows = sheet.rows[index + 1 :]
            break
    return sheet


# CSV


def _csv(name: str, content: bytes, codec: str) -> Book:
    chosen = letters.written(content, codec) if codec else None
    text, encoding = _decoded(content) if chosen is None else (chosen, letters.name_of(codec))
    if _MARKUP.match(text):
        raise Refusal(f"This is a web page with the name of a spreadsheet. Open it in your spreadsheet program. {WANTED}", "file")
    delimiter = _delimiter(text)
    rows = _lines(text, delimiter)
    stem = name.rpartition(".")[0] or name
    called = {";": "semicolons", ",": "commas", "\t": "tabs", "|": "bars"}[delimiter]
    return Book(_gathered([(stem, False, rows)]), f"CSV, {encoding}, cells separated by {called}")


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[Cell]]]:
    try:
        for number, row in enumerate(csv.reader(StringIO(text, newline=""), delimiter=delimiter), 1):
            yield number, [_of_csv(each) for each in row[:MOST_COLUMNS]]
    except csv.Error:
        raise Refusal(BROKEN, "file") from None


def _of_csv(words: str) -> Cell:
    """A formula has no value there; an apostrophe that keeps a text from being one is none of the text."""
    if words.lstrip().startswith("="):
        return {Odd.FORMULA.value: words[:200]}
    return kept(words[1:] if len(words) > 1 and words[0] == "'" and words[1] in "=+-@" else words)


def _decoded(content: bytes) -> tuple[str, str]:
    """The text and its encoding: by its mark, else UTF-8, else what its letters look like."""
    marks: Sequence[tuple[bytes, str, str]] = (
        (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8"),
        (b"\xff\xfe", "utf-16", "UTF-16"),
        (b"\xfe\xff", "utf-16", "UTF-16"),
    )
    tries = [(codec, label) for mark, codec, label in marks if content.startswith(mark)]
    some = content[:400]
    without_mark = not tries and some.count(0) * 8 >= len(some) > 0  # every other byte of plain letters; one alone is a slip
    first = "utf-16-be" if some[::2].count(0) > some[1::2].count(0) else "utf-16-le"
    tries += [(first, "UTF-16")] if without_mark else []
    for codec, label in [*tries, ("utf-8", "UTF-8"), ("", "")]:
        codec = codec or letters.likely(content)
        try:
            text = content.decode(codec)
        except UnicodeError:
            continue
        if "\0" not in text and sum(each < " " and each not in "\t\r\n" for each in text[:4000]) == 0:
            return text, label or letters.name_of(codec)
    raise Refusal(f"We cannot read the letters in this file. Save it as “CSV UTF-8”. {WANTED}", "file")


def _delimiter(text: str) -> str:
    """What separates most cells of the first lines, outside quotes."""
    first = re.sub(r'"[^"]*"', "", text[:5000]).splitlines()[:5]
    counts: dict[str, Any] = {each: sum(line.count(each) for line in first) for each in ";,\t|"}
    return max(counts, key=counts.__getitem__)
