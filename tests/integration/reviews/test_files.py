"""What an auditor works out from the files alone, with plain arithmetic: figures of the call that was worked out by hand."""

import csv
from datetime import date, timedelta
from fractions import Fraction
from io import BytesIO, StringIO
from statistics import median
from types import ModuleType
from typing import Any
from zipfile import ZipFile

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from mobility.audit.models import AuditEntry
from mobility.core.database import db
from mobility.people.roles import Role
from mobility.reviews import rows
from tests.integration.findings.test_example import at_the_end_of
from tests.integration.reviews.test_example import DATA, address
from tests.integration.reviews.test_publishing import cells_of
from tests.support.client import Visitor
from tests.support.factories import make_member
from tests.support.loaded import Loaded

Line = dict[str, str]


@pytest.fixture
def loaded(db_session: Any, clock: ModuleType) -> Loaded:
    loaded = Loaded(DATA)
    clock.set_to(at_the_end_of(DATA["as_of"], loaded.reader.zone))
    return loaded


def download(loaded: Loaded, visitor: Visitor, kind: str, role: Role = Role.AUDITOR) -> bytes:
    answer = visitor(make_member(loaded.programme, role)).get(f"{address(loaded, 'call')}.{kind}")
    assert answer.status_code == 200
    return bytes(answer.get_data())


class Book:
    """A spreadsheet, as one sees it."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def lines(self, sheet: str) -> list[Line]:
        header, *body = cells_of(self.content, sheet)
        return [dict(zip(header, row, strict=True)) for row in body]

    def figure(self, key: str) -> float:
        return float(next(row["Exact value"] for row in self.lines("Figures") if row["Key"] == key))


def days(row: Line, first: str, last: str) -> int | None:
    """Spreadsheets count days from the end of 1899."""
    return int(row[last]) - int(row[first]) if row[first] and row[last] else None


def test_figures_follow_from_the_rows_of_the_spreadsheet(loaded: Loaded, visitor: Visitor) -> None:
    book = Book(download(loaded, visitor, "xlsx"))
    vouchers, stays = book.lines("Vouchers"), book.lines("Exchanges")
    waits = [wait for row in vouchers if (wait := days(row, "Last requested on", "Decided on")) is not None]
    assert median(waits) == book.figure("days_to_decide.median") == 12
    paid = [Fraction(row["Paid less recovered"]) for row in vouchers if row["Paid less recovered"]]
    assert sum(paid) == Fraction(str(book.figure("cost.total"))) == 8125
    known = [row for row in vouchers if row["Issued on"] and (row["Redeemed on"] or row["Ended unused"] == "1")]
    redeemed = [row for row in known if row["Redeemed on"]]
    assert len(redeemed) / len(known) == book.figure("redemption_rate") == 0.75
    mixed = [row for row in stays if row["Completed"] == "1" and _met(row)]
    assert len(mixed) / 8 == book.figure("levels.mixed") == 0.375


def _met(row: Line) -> bool:
    return {"cluster_manager", "policy_maker"} <= {*row["Levels who attended"].split(", "), row["Host level"]}


def test_shares_of_answers_and_promises_follow_from_the_rows(loaded: Loaded, visitor: Visitor) -> None:
    """8 of 13 objectives met; 4 of 9 payments in time, one of them open and overdue."""
    book = Book(download(loaded, visitor, "xlsx"))
    met = [row["Answer"] for row in book.lines("Answers") if (row["Questionnaire"], row["Item"]) == ("end_guest", "met")]
    assert (met.count("yes"), len(met)) == (8, 13)
    assert book.figure("objectives_met.yes") == pytest.approx(8 / 13)
    as_of = (DATA["as_of"] - date(1899, 12, 30)) // timedelta(days=1)
    kept = [row for row in book.lines("Promises") if row["Promise"] == "payment" and _counts(row, as_of)]
    on_time = [row for row in kept if row["Outcome"] == "kept_on_time"]
    assert (len(on_time), len(kept)) == (4, 9)
    now = [row["State now"] for row in book.lines("Take-overs")]
    assert {state: now.count(state) for state in now} == {"planned": 3, "started": 2, "in_use": 8, "dropped": 2}


def _counts(row: Line, as_of: int) -> bool:
    return row["Outcome"] != "called_off" and (row["Outcome"] != "open" or int(row["Due on"]) < as_of)


def test_every_figure_has_its_definition_in_the_file(loaded: Loaded, visitor: Visitor) -> None:
    book = Book(download(loaded, visitor, "xlsx"))
    defined = {row["Key"]: row["Definition"] for row in book.lines("Definitions")}
    assert set(defined) == {row["Key"] for row in book.lines("Figures")}
    assert all(len(each) > 20 for each in defined.values())


def test_of_many_rows_the_spreadsheet_says_where_they_are(
    loaded: Loaded, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST", 12)  # the call has 13 applications
    book = download(loaded, visitor, "xlsx")
    assert "ZIP file" in cells_of(book, "Rows")[0][0]
    with ZipFile(BytesIO(download(loaded, visitor, "zip"))) as archive:
        assert set(archive.namelist()) == {
            f"{name}.csv" for name in ("exchanges", "applications", "vouchers", "take-overs", "promises", "requests", "answers")
        }
        vouchers = list(csv.DictReader(StringIO(archive.read("vouchers.csv").decode("utf-8-sig"))))
    assert sum(Fraction(row["Paid less recovered"]) for row in vouchers if row["Paid less recovered"]) == 8125


def test_a_finance_officer_gets_no_answers(loaded: Loaded, visitor: Visitor) -> None:
    with ZipFile(BytesIO(download(loaded, visitor, "zip", Role.FINANCE_OFFICER))) as archive:
        assert "answers.csv" not in archive.namelist()
        assert "vouchers.csv" in archive.namelist()


def test_the_paper_has_every_figure(loaded: Loaded, visitor: Visitor) -> None:

    pages = PdfReader(BytesIO(download(loaded, visitor, "pdf"))).pages
    text = " ".join(page.extract_text() for page in pages)
    for words in ("Days to decide: median", "12 days", "€8,125.00", "62 %", "few answered"):
        assert words in text, words


def test_who_took_which_file_stands_in_the_audit_log(loaded: Loaded, visitor: Visitor) -> None:
    download(loaded, visitor, "csv")
    auditor = visitor(make_member(loaded.programme, Role.AUDITOR))
    assert auditor.get(f"{address(loaded, 'call')}/cases/win_win/cases.csv").status_code == 200
    taken = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "export_taken").order_by(AuditEntry.id)).all()
    name = loaded.call("c1").name
    assert [each.about for each in taken] == [f"the figures and their rows, {name}, as CSV", f"cases of “Win-win rate”, {name}"]
    assert {each.programme_id for each in taken} == {loaded.programme.id}
