"""What people typed is never taken for a formula."""

import csv
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from mobility.documents.spreadsheets import Sheet, as_book, as_csv, as_xlsx, neutral

PLAIN = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/C calc'!A0", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1"]
WIDE = ["＝1+1", "＋1", "－1", "＠SUM(A1)", "﹦1", "﹢1"]
UNSEEN = ["\u200b=1", "\ufeff=1", "\u2060\u200d+1", "\u202e=1", "\u3000-1", "\u00ad@x", "\u3164=1", "\u200e \u200f=1"]


@pytest.mark.parametrize("text", [*PLAIN, *WIDE, *UNSEEN])
def test_what_begins_like_a_formula_is_text(text: str) -> None:
    assert neutral(text) == "'" + text


@pytest.mark.parametrize("value", ["Ana", "", "1+1", "a=b", Decimal("-5.00"), -5, None, date(2027, 3, 1)])
def test_everything_else_stays(value: object) -> None:
    assert neutral(value) == value


def test_csv() -> None:
    rows = [["=1+1", Decimal("-780.00"), date(2027, 3, 1), None], ['Kovač, "Ana"', 3, "", "@x"]]
    text = as_csv(("Name", "Amount", "On", "Note"), rows).decode("utf-8-sig")
    assert text == (
        '"Name","Amount","On","Note"\r\n'
        '"\'=1+1",-780.00,"2027-03-01",""\r\n'
        '"Kovač, ""Ana""",3,"","\'@x"\r\n'
    )  # fmt: skip


@pytest.mark.parametrize("text", ["A;=1+1;B", "A;\u200b=1+1", "A; +1", "A\n-1", "A\t@x", "A\r\n＝1", "A;B;=1", "A;;=1"])
@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_no_program_finds_a_formula_in_a_cell_however_it_splits_lines(text: str, delimiter: str) -> None:
    written = as_csv(("Name", "Note"), [["Ana", text], [text, "Ana"]]).decode("utf-8-sig")
    naive = [cell.strip('"') for line in written.splitlines() for cell in line.split(delimiter)]
    quoted = [cell for row in csv.reader(StringIO(written), delimiter=delimiter) for cell in row]
    for cell in naive + quoted:
        assert not cell.lstrip(" \u200b").startswith(("=", "+", "-", "@", "＝")), cell


def test_what_stands_between_semicolons_is_still_read_as_one_cell() -> None:
    written = as_csv(("Note",), [["A;=1+1;B"]]).decode("utf-8-sig")
    assert list(csv.reader(StringIO(written))) == [["Note"], ["A;'=1+1;B"]]


def test_xlsx_has_texts_numbers_and_days_but_no_formula_nor_link() -> None:
    rows = [["=1+1", Decimal("780.10"), date(2027, 3, 1)], ["https://example.org", 3, None], ["{=A1}", Decimal("-1.00"), "+1"]]
    with ZipFile(BytesIO(as_xlsx("P-000001", ("Name", "Amount", "On"), rows))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        strings = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert "<v>780.10</v>" in sheet
    assert "<v>46447</v>" in sheet  # 1 March 2027, counted as spreadsheets do
    for text in ("'=1+1", "https://example.org", "{=A1}", "'+1"):
        assert f"<t>{text}</t>" in strings


def test_an_empty_table_is_a_heading() -> None:
    assert as_csv(("A", "B"), []).decode("utf-8-sig") == '"A","B"\r\n'
    assert as_xlsx("x" * 50, ("A",), [])


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Vouchers of Alpe Adria", "Vouchers of Alpe Adria"),
        ("'Quoted'", "Quoted"),
        ("Exchanges of aaaaaaaaaaaaaaaaa'b", "Exchanges of aaaaaaaaaaaaaaaaa"),  # the apostrophe would be the last
        ("A/B: [all]?*\\", "A B   all"),
        ("\U0001f600" * 40, "\U0001f600" * 15),  # each is two, as UTF-16 counts
        ("'", "List"),
    ],
)
def test_any_title_names_a_sheet(title: str, name: str) -> None:
    for content in (as_xlsx(title, ["A"], [["x"]]), as_book([Sheet(title, ["A"], [["x"]])])):
        assert load_workbook(BytesIO(content)).sheetnames == [name]
