"""The templates to download: a heading, a line that says what goes where, and the values that are allowed. Pure."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from mobility.documents.opendocument import Table, as_ods
from mobility.documents.spreadsheets import as_csv
from mobility.spreadsheets import cells
from mobility.spreadsheets.columns import Column, Kind

ALLOWED = "Allowed values"
EXAMPLES = "Examples"
ROWS = 5000


def template_csv(kind: Kind) -> bytes:
    return as_csv([each.label for each in kind.columns], [[each.help for each in kind.columns]])


def template_xlsx(kinds: Sequence[Kind]) -> bytes:
    """One sheet of each kind; lists to choose from where only some values are allowed; examples apart."""
    target, lists = BytesIO(), _lists(kinds)
    with Workbook(target, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        needed = book.add_format({"bold": True, "bottom": 1, "bg_color": "#DCE9F5", "font_color": "#000000"})
        help_ = book.add_format({"italic": True, "font_color": "#555555", "text_wrap": True, "valign": "top"})
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        for kind in kinds:
            sheet = book.add_worksheet(kind.label)
            for at, column in enumerate(kind.columns):
                sheet.set_column(at, at, 24, days if _is_day(column) else None)
                sheet.write_string(0, at, column.label, needed if column.needed else bold)
                sheet.write_string(1, at, column.help, help_)
                if area := _area(column, lists):
                    choice = {
                        "validate": "list",
                        "source": area.replace("$'", "='", 1).replace(".", "!", 1),
                        "error_type": "information",
                    }
                    sheet.data_validation(2, at, ROWS + 1, at, choice)
            sheet.freeze_panes(2, 0)
        _columns(book, ALLOWED, lists, bold)
        _examples(book, kinds, bold)
    return target.getvalue()


def template_ods(kinds: Sequence[Kind]) -> bytes:
    """The same for LibreOffice and its like."""
    lists, tables = _lists(kinds), []
    for kind in kinds:
        heading = [(each.label, "needed" if each.needed else "heading") for each in kind.columns]
        areas = {at: area for at, each in enumerate(kind.columns) if (area := _area(each, lists))}
        days = frozenset(at for at, each in enumerate(kind.columns) if _is_day(each))
        tables.append(Table(kind.label, [heading, [(each.help, "help") for each in kind.columns]], days, areas, ROWS))
    longest = max((len(values) for _, values in lists.values()), default=0)
    rows = [[(values[at] if at < len(values) else "", "") for _, values in lists.values()] for at in range(longest)]
    tables.append(Table(ALLOWED, [[(label, "heading") for label, _ in lists.values()], *rows]))
    examples: list[list[tuple[str, str]]] = []
    for kind in kinds:
        examples.append([(f"{kind.label}: {each.label}", "heading") for each in kind.columns])
        examples += [[(each.example, "") for each in kind.columns], [("", "")]]
    return as_ods([*tables, Table(EXAMPLES, examples)])


def _is_day(column: Column) -> bool:
    return column.take is cells.day


def _lists(kinds: Sequence[Kind]) -> dict[Any, tuple[str, list[str]]]:
    """The columns of the sheet of allowed values: heading, values."""
    found: dict[Any, tuple[str, list[str]]] = {}
    for kind in kinds:
        for column in kind.columns:
            if column.allowed is not None and column.allowed not in found:
                label = column.label if column.label != "Kind" else "Kind of organisation"
                found[column.allowed] = label, list(column.allowed().values())
    return found


def _area(column: Column, lists: dict[Any, tuple[str, list[str]]]) -> str:
    """Where the values of a column stand, if one chooses one of them."""
    if column.allowed is None or column.several:
        return ""
    letter, count = xl_col_to_name(list(lists).index(column.allowed)), len(lists[column.allowed][1])
    return f"$'{ALLOWED}'.${letter}$2:${letter}${count + 1}"


def _columns(book: Any, name: str, lists: dict[Any, tuple[str, list[str]]], bold: Any) -> None:
    sheet = book.add_worksheet(name)
    for at, (label, values) in enumerate(lists.values()):
        sheet.write_string(0, at, label, bold)
        sheet.write_column(1, at, values)
        sheet.set_column(at, at, max(map(len, values)) + 2)


def _examples(book: Any, kinds: Sequence[Kind], bold: Any) -> None:
    sheet, row = book.add_worksheet(EXAMPLES), 0
    sheet.set_column(0, 20, 24)
    for kind in kinds:
        sheet.write_row(row, 0, [f"{kind.label}: {each.label}" for each in kind.columns], bold)
        sheet.write_row(row + 1, 0, [each.example for each in kind.columns])
        row += 3
