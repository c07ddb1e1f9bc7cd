"""XLSX, read row by row with openpyxl. Pure; reading.py has looked at the file before."""

import re
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from itertools import repeat
from typing import Any
from zipfile import ZipFile

from mobility.spreadsheets.cells import Cell, Odd, kept

_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^<>]*?ref=[\"']([A-Z]+\d+:[A-Z]+\d+)[\"']")
_ZEROS = re.compile(r"0{2,20}")
MOST_MERGED = 20_000  # cells that are merged with others: of further ones nobody is told so

Rows = Iterator[tuple[int, list[Cell]]]


def sheets(content: bytes, archive: ZipFile, most_columns: int) -> Iterator[tuple[str, bool, Rows]]:
    """(name, hidden, rows) of each sheet."""
    load_workbook = import_module("openpyxl").load_workbook  # large, and few need it
    book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    formulas = load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
    for sheet in book.worksheets:
        raw = archive.read(sheet._worksheet_path.lstrip("/"))
        beside = formulas[sheet.title] if _FORMULA.search(raw) else None
        yield sheet.title, sheet.sheet_state != "visible", _rows(sheet, beside, _merged(raw), most_columns)


def _rows(sheet: Any, beside: Any, merged: dict[tuple[int, int], str], most_columns: int) -> Rows:
    """Beside each row its formulas, as the same file has them."""
    formulas = _written(beside) if beside is not None else repeat((0, []))
    for (number, row), (_, written) in zip(_written(sheet), formulas, strict=False):
        if row:
            cells, said = sheet._get_row(row, 1, most_columns), {each["column"] - 1: each["value"] for each in written}
            yield number, [_cell(each, said.get(at), merged.get((number, at + 1))) for at, each in enumerate(cells)]


def _written(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """(number, cells) of the rows that are in the file. `iter_rows` would make those that are not, too: a million of them, where
    a few bytes say that a row is the last there can be."""
    book, parser = sheet.parent, import_module("openpyxl.worksheet._reader").WorkSheetParser
    kinds = {"date_formats": book._date_formats, "timedelta_formats": book._timedelta_formats}
    with sheet._get_source() as source:
        yield from parser(source, sheet._shared_strings, data_only=book.data_only, epoch=book.epoch, **kinds).parse()


def _cell(cell: Any, formula: Any, merged: str | None) -> Cell:
    value = cell.value
    if value is None and merged:
        return {Odd.MERGED.value: merged}
    if value is None and formula is not None:
        return {Odd.FORMULA.value: str(formula)[:200]}
    if isinstance(value, int) and not isinstance(value, bool) and _ZEROS.fullmatch(cell.number_format or ""):
        return str(value).zfill(len(cell.number_format))  # 00842 as it is seen
    return kept(value)


def _merged(raw: bytes) -> dict[tuple[int, int], str]:
    """(row, column) -> range of each cell that is not the first of a merged range."""
    range_boundaries = import_module("openpyxl.utils").range_boundaries
    found: dict[tuple[int, int], str] = {}
    for match in _MERGED.finditer(raw):
        ref = match[1]
        left, top, right, bottom = range_boundaries(ref.decode())
        if (right - left + 1) * (bottom - top + 1) > MOST_MERGED - len(found):
            continue
        cells = [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
        found.update(dict.fromkeys(cells[1:], ref.decode()))
    return found
