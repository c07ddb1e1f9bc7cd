"""The templates to download: a heading, a line that says what goes where, and the values that are allowed. Pure."""

from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

from mobility.documents.spreadsheets import as_csv
from mobility.spreadsheets.columns import Column, Kind

ALLOWED = "Allowed values"
EXAMPLES = "Examples"
LAST_ROW = 5001


def template_csv(kind: Kind) -> bytes:
    return as_csv([each.label for each in kind.columns], [[each.help for each in kind.columns]])


def template_xlsx(kinds: list[Kind]) -> bytes:
    """One sheet of each kind; lists to choose from where only some values are allowed; examples apart."""
    target = BytesIO()
    with Workbook(target, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        needed = book.add_format({"bold": True, "bottom": 1, "bg_color": "#DCE9F5"})
        help_ = book.add_format({"italic": True, "font_color": "#555555", "text_wrap": True, "valign": "top"})
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        sheets = [(kind, book.add_worksheet(kind.label)) for kind in kinds]
        lists = _allowed(book, kinds, bold)
        for kind, sheet in sheets:
            for at, column in enumerate(kind.columns):
                sheet.set_column(at, at, 24, days if column.key in ("first_day", "last_day", "apply_by") else None)
                sheet.write_string(0, at, column.label, needed if column.needed else bold)
                sheet.write_string(1, at, column.help, help_)
                if area := lists.get(column.allowed) if not _several(column) else None:
                    sheet.data_validation(2, at, LAST_ROW, at, {"validate": "list", "source": area, "error_type": "information"})
            sheet.freeze_panes(2, 0)
        _examples(book, kinds, bold)
    return target.getvalue()


def _several(column: Column) -> bool:
    return column.key in ("sectors", "topics", "languages", "levels")


def _allowed(book: Any, kinds: list[Kind], bold: Any) -> dict[Any, str]:
    """The sheet of allowed values: where those of each column stand."""
    sheet = book.add_worksheet(ALLOWED)
    found: dict[Any, str] = {}
    for kind in kinds:
        for column in kind.columns:
            if column.allowed is None or column.allowed in found:
                continue
            at, values = len(found), list(column.allowed().values())
            sheet.write_string(0, at, column.label if column.label != "Kind" else "Kind of organisation", bold)
            sheet.write_column(1, at, values)
            sheet.set_column(at, at, max(map(len, values)) + 2)
            letter = chr(ord("A") + at)
            found[column.allowed] = f"='{ALLOWED}'!${letter}$2:${letter}${len(values) + 1}"
    return found


def _examples(book: Any, kinds: list[Kind], bold: Any) -> None:
    sheet, row = book.add_worksheet(EXAMPLES), 0
    sheet.set_column(0, 20, 24)
    for kind in kinds:
        sheet.write_row(row, 0, [f"{kind.label}: {each.label}" for each in kind.columns], bold)
        sheet.write_row(row + 1, 0, [each.example for each in kind.columns])
        row += 3
