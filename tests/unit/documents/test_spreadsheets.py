"""What people typed is never taken for a formula."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest

from mobility.documents.spreadsheets import as_csv, as_xlsx, neutral


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/C calc'!A0", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1"])
def test_what_begins_like_a_formula_is_text(text: str) -> None:
    assert neutral(text) == "'" + text


@pytest.mark.parametrize("value", ["Ana", "", "1+1", "a=b", Decimal("-5.00"), -5, None, date(2027, 3, 1)])
def test_everything_else_stays(value: object) -> None:
    assert neutral(value) == value


def test_csv() -> None:
    rows = [["=1+1", Decimal("-780.00"), date(2027, 3, 1), None], ['Kovač, "Ana"', 3, "", "@x"]]
    text = as_csv(("Name", "Amount", "On", "Note"), rows).decode("utf-8-sig")
    assert text == 'Name,Amount,On,Note\r\n\'=1+1,-780.00,2027-03-01,\r\n"Kovač, ""Ana""",3,,\'@x\r\n'


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
    assert as_csv(("A", "B"), []).decode("utf-8-sig") == "A,B\r\n"
    assert as_xlsx("x" * 50, ("A",), [])
