"""Spreadsheets as people hand them in: XLSX with xlsxwriter, ODS by hand."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from xlsxwriter import Workbook

Rows = Sequence[Sequence[Any]]

ORGANISATIONS = ["Name", "Kind", "Country", "City", "Sectors", "Website"]
PEOPLE = ["Name", "E-mail", "Organisation", "Role", "Level"]
THEMES = ["Host organisation", "Title", "In short", "First day", "Last day", "Apply by", "Places"]
MUR = ["Mur Cluster", "Cluster organisation", "Austria", "Graz", "Automotive and mobility", ""]
ANA = ["Ana Zupan", "ana@example.org", "Mur Cluster", "Coordinator", "Cluster manager"]


def xlsx(*, hidden: Sequence[str] = (), **sheets: Rows) -> bytes:
    """Sheets by their names."""
    target = BytesIO()
    with Workbook(target, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            if name in hidden:
                sheet.hide()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return target.getvalue()


def ods(**sheets: Rows) -> bytes:
    """With texts and numbers only; a cell that is None is covered by the one before, as in a merged range."""
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    tables = "".join(
        f'<table:table table:name="{name}">{"".join(map(_row, rows))}</table:table>' for name, rows in sheets.items()
    )
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    content = f'<?xml version="1.0"?><office:document-content {spaces}>{body}</office:document-content>'
    return zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content.encode()})


def _row(row: Sequence[Any]) -> str:
    return f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>"


def _cell(value: Any) -> str:
    if value is None:
        return "<table:covered-table-cell/>"
    if isinstance(value, int):
        return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'


def zipped(parts: dict[str, bytes]) -> bytes:
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()
