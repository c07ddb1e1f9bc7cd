"""Tables to fill in as an OpenDocument spreadsheet: texts, days, and lists to choose from. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_PARTS = "office table text style fo number manifest"
_SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in zip(
        _PARTS.split(), ("office", "table", "text", "style", "xsl-fo-compatible", "datastyle", "manifest"), strict=True
    )
)
_STYLES = """
<style:style style:name="heading" style:family="table-cell"><style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="needed" style:family="table-cell"><style:table-cell-properties fo:background-color="#dce9f5"/>
<style:text-properties fo:font-weight="bold" fo:color="#000000"/></style:style>
<style:style style:name="help" style:family="table-cell"><style:table-cell-properties fo:wrap-option="wrap"
style:vertical-align="top"/><style:text-properties fo:font-style="italic" fo:color="#555555"/></style:style>
<number:date-style style:name="iso"><number:year number:style="long"/><number:text>-</number:text>
<number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/></number:date-style>
<style:style style:name="day" style:family="table-cell" style:data-style-name="iso"/>
<style:style style:name="wide" style:family="table-column"><style:table-column-properties style:column-width="5cm"/></style:style>
"""


@dataclass(frozen=True)
class Table:
    """`rows` are texts with the name of their style. What is typed beneath them in a column is a day (`days`), or one of a list
    that stands elsewhere (`lists`: column -> address, such as $'Allowed values'.$A$2:$A$9)."""

    name: str
    rows: Sequence[Sequence[tuple[str, str]]]
    days: frozenset[int] = frozenset()
    lists: Mapping[int, str] = field(default_factory=dict)
    empty: int = 0


def as_ods(tables: Sequence[Table]) -> bytes:
    addresses = list(dict.fromkeys(address for table in tables for address in table.lists.values()))
    names = {address: f"list{number}" for number, address in enumerate(addresses)}
    checks = "".join(
        f'<table:content-validation table:name="{name}" table:condition='
        f'{quoteattr(f"of:cell-content-is-in-list([{address}])")} table:allow-empty-cell="true">'
        '<table:error-message table:display="true" table:message-type="information"/></table:content-validation>'
        for address, name in names.items()
    )
    body = f"<table:content-validations>{checks}</table:content-validations>" if checks else ""
    body += "".join(_table(each, names) for each in tables)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} office:version="1.3">'
        f"<office:automatic-styles>{_STYLES}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    return _packed(content)


def _table(table: Table, names: Mapping[str, str]) -> str:
    width = max(map(len, table.rows))
    columns = f'<table:table-column table:style-name="wide" table:number-columns-repeated="{width}"/>'
    rows = "".join(f"<table:table-row>{''.join(_cell(*each) for each in row)}</table:table-row>" for row in table.rows)
    if table.empty:
        empty = "".join(_blank(at, table, names) for at in range(width))
        rows += f'<table:table-row table:number-rows-repeated="{table.empty}">{empty}</table:table-row>'
    return f"<table:table table:name={quoteattr(table.name)}>{columns}{rows}</table:table>"


def _cell(words: str, style: str) -> str:
    styled = f" table:style-name={quoteattr(style)}" if style else ""
    return f'<table:table-cell{styled} office:value-type="string"><text:p>{escape(words)}</text:p></table:table-cell>'


def _blank(at: int, table: Table, names: Mapping[str, str]) -> str:
    day = ' table:style-name="day"' if at in table.days else ""
    chosen = f' table:content-validation-name="{names[table.lists[at]]}"' if at in table.lists else ""
    return f"<table:table-cell{day}{chosen}/>"


def _packed(content: str) -> bytes:
    """The kind first and unpacked, as the format asks."""
    entries = (("/", ODS_TYPE), ("content.xml", "text/xml"))
    listed = "".join(f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>' for path, kind in entries)
    manifest = (
        f'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest {_SPACES} manifest:version="1.3">{listed}</manifest:manifest>'
    )
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        archive.writestr("mimetype", ODS_TYPE, ZIP_STORED)
        archive.writestr("content.xml", content, ZIP_DEFLATED)
        archive.writestr("META-INF/manifest.xml", manifest, ZIP_DEFLATED)
    return target.getvalue()
