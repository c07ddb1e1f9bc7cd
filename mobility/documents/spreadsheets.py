"""Tables to take away: CSV and XLSX. What people typed is never taken for a formula by the program that opens them."""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any, TextIO
from zipfile import ZIP_DEFLATED, ZipFile

from xlsxwriter import Workbook

CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = "=+\\-@＝＋－＠﹢﹣﹦﹫"  # wide and small forms too: some programs take them for the plain ones
_UNSEEN = (
    r"[ \u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0]*"
)
_BEGINS = re.compile(f"{_UNSEEN}[{_FORMULA}\t\r\n]")
_BEGINS_ANEW = re.compile(f"[;\t\r\n](?={_UNSEEN}[{_FORMULA}])")  # where a program that expects semicolons begins a cell
WIDEST = 60
LONGEST_NAME = 31  # of a sheet, as UTF-16 counts
_AS_TYPED = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def neutral(value: Any) -> Any:
    """A text that would begin a formula gets an apostrophe before it; numbers and days stay as they are."""
    return f"'{value}" if isinstance(value, str) and _BEGINS.match(value) else value


def _cell(value: Any) -> Any:
    """Of a CSV, which some countries' programs split at semicolons and lines even if quoted: no formula in "A;=1+1;B"."""
    return _BEGINS_ANEW.sub(r"\g<0>'", neutral(value)) if isinstance(value, str) else "" if value is None else value


def sheet_name(title: str) -> str:
    """As much of a title as spreadsheets take for a sheet's name, without the signs that they refuse there."""
    fitting = "".join(" " if letter in "[]:*?/\\" else letter for letter in title)
    while len(fitting.encode("utf-16-le", "replace")) > 2 * LONGEST_NAME:
        fitting = fitting[:-1] if len(fitting) <= LONGEST_NAME else fitting[:LONGEST_NAME]
    return fitting.strip("' ") or "List"


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Comma separated, texts in quotes, points in amounts, days as 2027-03-03; UTF-8 with its mark."""
    text = StringIO(newline="")
    _list(text, header, rows)
    return text.getvalue().encode("utf-8-sig")


def _list(text: TextIO, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(header)
    writer.writerows(map(_cell, row) for row in rows)


def as_xlsx(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet with a heading that stays in sight; amounts are numbers with two places, days are days."""
    target = BytesIO()
    with Workbook(target, {"in_memory": True, **_AS_TYPED}) as book:
        sheet = book.add_worksheet(sheet_name(title))
        bold, formats = _formats(book)
        sheet.write_row(0, 0, header, bold)
        widths = [len(each) for each in header]
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                _write(sheet, number, column, value, formats)
                widths[column] = max(widths[column], len(str(value or "")))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width, WIDEST) + 2)
        sheet.freeze_panes(1, 0)
    return target.getvalue()


def as_zip(sheets: Iterable["Sheet"]) -> bytes:
    """Each sheet as a list like `as_csv`, in one file; written row by row."""
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for each in sheets:
            name = f"{each.title.lower().replace(' ', '-')}.csv"
            with archive.open(name, "w") as part, TextIOWrapper(part, "utf-8-sig", newline="") as text:
                _list(text, each.header, each.rows)
    return target.getvalue()


@dataclass(frozen=True)
class Sheet:
    """One of several: `rows` are gone through once, and not kept. `widths` of the columns, in characters."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Any]]
    widths: Sequence[int] = ()


def as_book(sheets: Iterable[Sheet]) -> bytes:
    """Several sheets, written row by row, so that a hundred thousand of them need no memory. Fractions are numbers as exact as
    a spreadsheet has them."""
    target = BytesIO()
    with Workbook(target, {"constant_memory": True, **_AS_TYPED}) as book:
        bold, formats = _formats(book)
        for each in sheets:
            sheet = book.add_worksheet(sheet_name(each.title))
            for column, width in enumerate(each.widths):
                sheet.set_column(column, column, width)
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, each.header, bold)
            for number, row in enumerate(each.rows, 1):
                for column, value in enumerate(row):
                    _write(sheet, number, column, value, formats)
    return target.getvalue()


def _formats(book: Workbook) -> tuple[Any, dict[type, Any]]:
    """Of the heading, and of what is written by kind: amounts have two places."""
    written = {Decimal: "#,##0.00", date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm:ss"}
    by_kind = {kind: book.add_format({"num_format": how}) for kind, how in written.items()}
    return book.add_format({"bold": True, "bottom": 1}), by_kind


def _write(sheet: Any, row: int, column: int, value: Any, formats: dict[type, Any]) -> None:
    if isinstance(value, Decimal | int):
        sheet.write_number(row, column, value, formats[Decimal] if isinstance(value, Decimal) else None)
    elif isinstance(value, Fraction):
        sheet.write_number(row, column, float(value))
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, formats[type(value)])
    elif value is not None:
        sheet.write_string(row, column, neutral(str(value)))
