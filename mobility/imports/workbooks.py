"""XLSX, read row by row with openpyxl. Pure; reading.py has looked at the file before."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from mobility.imports.cells import Cell, Odd, kept

LAST_ROW = 1_048_576
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]+\d+:[A-Z]+\d+)[\"']")
_ZEROS = re.compile(r"0{2,20}")
MOST_MERGED = 2000

Rows = Iterator[tuple[int, list[Cell]]]


def sheets(content: bytes, archive: ZipFile, most_columns: int) -> Iterator[tuple[str, bool, Rows]]:
    """(name, hidden, rows) of each sheet."""
    book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    formulas = load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
    for sheet in book.worksheets:
        raw = archive.read(sheet._worksheet_path.lstrip("/"))
        beside = formulas[sheet.title] if _FORMULA.search(raw) else None
        yield sheet.title, sheet.sheet_state != "visible", _rows(sheet, beside, _merged(raw), most_columns)


def _rows(sheet: Any, beside: Any, merged: dict[tuple[int, int], str], most_columns: int) -> Rows:
    sheet.reset_dimensions()  # files say wrong ones
    rows = sheet.iter_rows(max_col=most_columns)
    formulas = None
    if beside is not None:
        beside.reset_dimensions()
        formulas = beside.iter_rows(max_col=most_columns, values_only=True)
    for number, row in enumerate(rows, 1):
        written = next(formulas, ()) if formulas else ()
        yield number, [_cell(each, _at(written, at), merged.get((number, at + 1))) for at, each in enumerate(row)]


def _at(written: Any, index: int) -> Any:
    return written[index] if index < len(written) else None


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
    found: dict[tuple[int, int], str] = {}
    for ref in _MERGED.findall(raw)[:MOST_MERGED]:
        left, top, right, bottom = range_boundaries(ref.decode())
        if (right - left + 1) * (bottom - top + 1) > 10_000:
            continue
        cells = [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
        found.update(dict.fromkeys(cells[1:], ref.decode()))
    return found
