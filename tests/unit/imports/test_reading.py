"""Files as strangers make them: encodings, separators, formulas, merged cells, hidden sheets, zeros, bombs."""

from datetime import date
from io import BytesIO
from time import process_time
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from xlsxwriter import Workbook

from mobility.core.errors import Refusal
from mobility.imports import blanks
from mobility.imports.kinds import KINDS
from mobility.imports.rules import guess_columns, guess_kind, is_help_line
from mobility.spreadsheets import cells
from mobility.spreadsheets.cells import Wrong
from mobility.spreadsheets.reading import read
from tests.support.spreadsheets import ods, xlsx, zipped

HEADER = ["Name", "City", "Code"]


def rows_of(content: bytes, name: str = "a.csv") -> list[list[Any]]:
    return [found for _, found in read(name, content).sheets[0].rows]


def refusal(content: bytes, name: str = "a.xlsx") -> str:
    with pytest.raises(Refusal) as caught:
        read(name, content)
    return caught.value.message


def test_a_sheet_says_its_rows_as_the_spreadsheet_counts_them() -> None:
    book = read("a.xlsx", xlsx(One=[["A title"], [], HEADER, ["Müller ", "Graz", 7], ["", " ", ""], ["Ana", "Linz", 8]]))
    sheet = book.sheets[0]
    assert (sheet.header_row, sheet.header) == (3, HEADER)
    assert sheet.rows == [(4, ["Müller", "Graz", 7]), (6, ["Ana", "Linz", 8])]


@pytest.mark.parametrize(
    ("codec", "mark", "told"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8", b"\xef\xbb\xbf", "UTF-8"),
        ("utf-16-le", b"\xff\xfe", "UTF-16"),
        ("utf-16-be", b"\xfe\xff", "UTF-16"),
        ("utf-16-le", b"", "UTF-16"),
        ("cp1252", b"", "Windows-1252"),
    ],
)
@pytest.mark.parametrize(("delimiter", "called"), [(";", "semicolons"), (",", "commas"), ("\t", "tabs")])
def test_encodings_and_separators(codec: str, mark: bytes, told: str, delimiter: str, called: str) -> None:
    text = f'Name{delimiter}City{delimiter}Code\r\n"Žaba, Café"{delimiter}Graz{delimiter}00842\r\n'
    text = text.replace("Ž", "Z") if codec == "cp1252" else text
    book = read("a.csv", mark + text.encode(codec))
    assert book.read_as == f"CSV, {told}, cells separated by {called}"
    assert book.sheets[0].rows[0][1][1:] == ["Graz", "00842"]
    assert book.sheets[0].rows[0][1][0].endswith("aba, Café")


def test_what_is_no_text_in_any_encoding() -> None:
    assert "CSV UTF-8" in refusal(b"Name;City\n\x01\x02\x81\x8d;x", "a.csv")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "This is a PDF"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old Excel file"),
        (b"PK\x03\x04" + bytes(90), "damaged"),
        (zipped({"word/document.xml": b"<a/>"}), "no spreadsheet by its content"),
        (zipped({"content.xml": b"<a"}), "damaged"),
        (zipped({"xl/workbook.xml": b"<a/>"}), "damaged"),
        (bytes(5 * 1024 * 1024 + 1), "can be up to 5 MB"),
    ],
)
def test_what_is_no_spreadsheet(content: bytes, words: str) -> None:
    assert words in refusal(content)


def test_a_damaged_workbook_is_told() -> None:
    content = xlsx(One=[HEADER, ["a", "b", 1]])
    for cut in (len(content) // 3, len(content) // 2, len(content) - 30):
        assert "damaged" in refusal(content[:cut])


def test_fifty_thousand_rows_are_refused_in_words() -> None:
    many = [HEADER, *([f"Name {number}", "Graz", number] for number in range(50_000))]
    began = process_time()
    assert "more than 5,000 rows" in refusal(xlsx(One=many))
    text = "\n".join(";".join(map(str, row)) for row in many)
    assert "Split it" in refusal(text.encode(), "a.csv")
    assert process_time() - began < 15


def test_a_zip_bomb_is_not_unpacked() -> None:
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<a/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(400 * 1024 * 1024))
    began = process_time()
    assert "unpacks to more than we can read" in refusal(target.getvalue())
    assert process_time() - began < 0.5


def test_a_part_that_lies_about_its_length_is_damaged() -> None:
    content = bytearray(zipped({"content.xml": b"<a>" + b" " * 100_000 + b"</a>"}))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    assert "damaged" in refusal(bytes(content))


BOMB = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>'


@pytest.mark.parametrize("part", ["content.xml", "xl/workbook.xml", "xl/sharedStrings.xml"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_xml_with_entities_is_refused(part: str, codec: str) -> None:
    parts = {"xl/workbook.xml": b"<a/>", part: BOMB.decode().encode(codec)}
    assert "damaged" in refusal(zipped(parts))


def workbook(write: Any) -> bytes:
    target = BytesIO()
    with Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("One")
        sheet.write_row(0, 0, HEADER)
        write(book, sheet)
    return target.getvalue()


def test_a_formula_is_its_value_and_without_one_a_fault() -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_formula(1, 0, '="A"&"na"', None, "Ana")
        sheet.write_formula(1, 1, "=B9", None, "")

    (row,) = rows_of(workbook(write), "a.xlsx")
    assert row[0] == "Ana"
    with pytest.raises(Wrong, match="does not hold its value"):
        cells.text(row[1])
    (row,) = rows_of(b"Name;City\n=A1+1;Graz")
    with pytest.raises(Wrong, match="does not hold its value"):
        cells.text(row[0])


def test_merged_cells_are_told_where_nothing_stands() -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.merge_range(1, 0, 2, 0, "Ana")
        sheet.write_row(1, 1, ["Graz", 1])
        sheet.write_row(2, 1, ["Linz", 2])

    first, second = rows_of(workbook(write), "a.xlsx")
    assert first[0] == "Ana"
    with pytest.raises(Wrong, match=r"merged with others \(A2:A3\)"):
        cells.text(second[0])


def test_merged_cells_of_an_opendocument() -> None:
    book = read("a.ods", ods(One=[HEADER, ["Ana", None, 7]]))
    assert book.read_as == "OpenDocument spreadsheet"
    (row,) = [found for _, found in book.sheets[0].rows]
    assert (row[0], row[2]) == ("Ana", 7)
    with pytest.raises(Wrong, match="merged"):
        cells.text(row[1])


def test_leading_zeros_stay() -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(1, 0, ["Ana", "00842"])
        sheet.write_number(1, 2, 842, book.add_format({"num_format": "00000"}))

    assert rows_of(workbook(write), "a.xlsx") == [["Ana", "00842", "00842"]]


def test_days_are_days() -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_datetime(1, 0, date(2027, 3, 31), book.add_format({"num_format": "dd.mm.yyyy"}))

    (row,) = rows_of(workbook(write), "a.xlsx")
    assert cells.day(row[0]) == date(2027, 3, 31)


def test_a_sheet_that_repeats_a_million_rows_and_columns_is_read_at_once() -> None:
    urn = "urn:oasis:names:tc:opendocument:xmlns:"
    name = f'xmlns:table="{urn}table:1.0" xmlns:office="{urn}office:1.0"'
    cell = '<table:table-cell table:number-columns-repeated="16384"/>'
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    content = f"<office:d {name}><table:table>{row}</table:table></office:d>"
    began = process_time()
    assert read("a.ods", zipped({"content.xml": content.encode()})).sheets[0].rows == []
    assert process_time() - began < 0.5


def test_hidden_sheets_are_known_as_such() -> None:
    book = read("a.xlsx", xlsx(hidden=["Two"], One=[HEADER], Two=[HEADER, ["a", "b", 1]]))
    assert [(each.name, each.hidden) for each in book.sheets] == [("One", False), ("Two", True)]


def test_the_template_is_read_as_it_is_meant() -> None:
    book = read("a.xlsx", blanks.template_xlsx(list(KINDS.values())))
    kinds = [guess_kind(each.name, each.header, KINDS) for each in book.sheets]
    assert kinds == ["organisations", "people", "themes", "", ""]
    for sheet, kind in zip(book.sheets, KINDS.values(), strict=False):
        columns = guess_columns(kind, sheet.header)
        assert list(columns) == [each.key for each in kind.columns]
        assert [is_help_line(kind, columns, found) for _, found in sheet.rows] == [True]


@pytest.mark.parametrize("key", KINDS)
def test_so_is_that_of_csv(key: str) -> None:
    book = read(f"{key}.csv", blanks.template_csv(KINDS[key]))
    assert guess_kind(book.sheets[0].name, book.sheets[0].header, KINDS) == key
    assert is_help_line(KINDS[key], guess_columns(KINDS[key], book.sheets[0].header), book.sheets[0].rows[0][1])


# What a few bytes can ask for

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_FIRST = '<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c><c r="B1" t="inlineStr"><is><t>City</t></is></c></row>'


def by_hand(rows: str, after: str = "", shared: str = "") -> bytes:
    """A workbook of one sheet, with two headings, whose XML no program would write."""
    with ZipFile(BytesIO(xlsx(One=[["Shared", "One"]]))) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts["xl/worksheets/sheet1.xml"] = (
        f'<worksheet xmlns="{_MAIN}"><sheetData>{_FIRST}{rows}</sheetData>{after}</worksheet>'.encode()
    )
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{_MAIN}"><si><t>{shared}</t></si></sst>'.encode()
    return zipped(parts)


def test_a_row_that_says_it_is_the_last_there_can_be_takes_no_time() -> None:
    content, began = by_hand('<row r="99999999"><c t="inlineStr"><is><t>Ana</t></is></c></row>'), process_time()
    assert read("a.xlsx", content).sheets[0].rows == [(99_999_999, ["Ana"])]
    assert process_time() - began < 0.5


def test_merged_ranges_cannot_be_many_million_cells() -> None:
    ranges = "".join(f'<mergeCell ref="A{1 + at * 600}:P{600 + at * 600}"/>' for at in range(1700))
    began = process_time()
    assert read("a.xlsx", by_hand("", f"<mergeCells>{ranges}</mergeCells>")).sheets[0].header[:2] == ["Name", "City"]
    assert process_time() - began < 0.5


def test_merged_ranges_that_are_none_are_looked_for_once() -> None:
    began = process_time()
    read("a.xlsx", by_hand("", f"<!-- {'<mergeCell ' * 10_000} -->"))
    assert process_time() - began < 0.5


def test_one_text_in_each_of_many_cells_is_too_much() -> None:
    cells_of_it, began = '<c t="s"><v>0</v></c>' * 60, process_time()
    row = f"<row>{cells_of_it}</row>"
    assert "more text than we can take" in refusal(by_hand(row * 90, shared="x" * 5000))
    assert process_time() - began < 0.7
    repeated = "<table:table-row table:number-rows-repeated='100'><table:table-cell table:number-columns-repeated='60'><text:p>"
    some = ods(One=[["Name", "City"]])
    with ZipFile(BytesIO(some)) as book:
        xml = book.read("content.xml").decode()
    rows = f"{repeated}{'x' * 2500}</text:p></table:table-cell></table:table-row>" * 50
    big = xml.replace("</table:table>", f"{rows}</table:table>").encode()
    assert "more text than we can take" in refusal(zipped({"content.xml": big}), "a.ods")


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e400"])
def test_a_number_that_no_database_takes_is_a_text(number: str) -> None:
    with ZipFile(BytesIO(ods(One=[["Name", "City"], [7, 8]]))) as book:
        xml = book.read("content.xml").decode().replace('office:value="7"', f'office:value="{number}"')
    row = read("a.ods", zipped({"content.xml": xml.encode()})).sheets[0].rows[0][1]
    assert isinstance(row[0], str)
    assert row[1] == 8


def test_a_day_that_is_none_is_cut_like_any_text() -> None:
    with ZipFile(BytesIO(ods(One=[["Name", "City"], [7, 8]]))) as book:
        xml = book.read("content.xml").decode()
    nines = "9" * 90_000
    odd = xml.replace('office:value-type="float" office:value="7"', f'office:value-type="date" office:date-value="{nines}"')
    assert len(read("a.ods", zipped({"content.xml": odd.encode()})).sheets[0].rows[0][1][0]) == 5001
