"""ODS, read row by row. Pure.

Own code, as the libraries there are build the whole document first, or give up telling merged cells and formulas apart.
"""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

from lxml import etree

from mobility.spreadsheets.cells import Cell, Odd, kept

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
MOST_REPEATED = 100  # of rows with something in them

Rows = Iterator[tuple[int, list[Cell]]]


def sheets(content: bytes, most_columns: int) -> Iterator[tuple[str, bool, Rows]]:
    """(name, hidden, rows) of each sheet."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.parse(BytesIO(content), parser).getroot()
    hidden = _hidden_styles(root)
    for table in root.iter(f"{TABLE}table"):
        yield (
            table.get(f"{TABLE}name", "Sheet"),
            table.get(f"{TABLE}style-name", "") in hidden,
            _rows(table, most_columns),
        )


def _hidden_styles(root: Any) -> set[str]:
    return {
        str(style.get(f"{STYLE}name"))
        for style in root.iter(f"{STYLE}style")
        for each in style.iter(f"{STYLE}table-properties")
        if each.get(f"{TABLE}display") == "false"
    }


def _rows(table: Any, most_columns: int) -> Rows:
    number = 0
    for row in table.iter(f"{TABLE}table-row"):
        repeated = _count(row, "number-rows-repeated")
        cells = list(_cells(row, most_columns))
        empty = all(each is None or each == "" for each in cells)
        for further in range(0 if empty else min(repeated, MOST_REPEATED)):
            yield number + 1 + further, cells
        number += repeated


def _cells(row: Any, most_columns: int) -> Iterator[Cell]:
    column = 0
    for cell in row:
        if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            continue
        value = {Odd.MERGED.value: "see the cell before"} if cell.tag.endswith("covered-table-cell") else _value(cell)
        for _ in range(min(_count(cell, "number-columns-repeated"), most_columns - column)):
            yield value
            column += 1
        if column >= most_columns:
            return


def _value(cell: Any) -> Cell:
    kind = cell.get(f"{OFFICE}value-type", "")
    if kind == "date":
        return _day(cell.get(f"{OFFICE}date-value", ""))
    text = "\n".join("".join(each.itertext()) for each in cell.iter(f"{TEXT}p"))
    if kind in ("float", "currency", "percentage"):
        return _number(cell.get(f"{OFFICE}value", ""), text)
    if cell.get(f"{TABLE}formula") and not text:
        return {Odd.FORMULA.value: cell.get(f"{TABLE}formula")[:200]}
    return kept(text) or None


def _day(value: str) -> Cell:
    try:
        return kept(date.fromisoformat(value[:10]))
    except ValueError:
        return kept(value)


def _number(value: str, text: str) -> Cell:
    """With its leading zeros if it is shown with them."""
    if text.isdigit() and text.startswith("0") and len(text) > 1:
        return kept(text)
    try:
        found = float(value)
    except ValueError:
        return kept(text)
    return kept(int(found) if found.is_integer() else found)


def _count(element: Any, name: str) -> int:
    words = element.get(f"{TABLE}{name}", "1")
    return int(words) if words.isdigit() and len(words) < 9 else 1
