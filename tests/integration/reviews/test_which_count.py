"""Of a percentage it is marked which of its cases count, on the page and in files; together they are the percentage."""

import csv
from fractions import Fraction
from io import StringIO
from types import ModuleType
from typing import Any

import pytest

from mobility import jobs
from mobility.findings import queries
from mobility.findings.queries import review_of
from mobility.people.roles import Role
from tests.integration.findings.test_example import at_the_end_of
from tests.integration.reviews.test_example import DATA, address
from tests.integration.reviews.test_publishing import cells_of
from tests.support.client import Client, Visitor
from tests.support.factories import make_member
from tests.support.html import Reader, text_of
from tests.support.loaded import Loaded


@pytest.fixture
def loaded(db_session: Any, clock: ModuleType) -> Loaded:
    loaded = Loaded(DATA)
    clock.set_to(at_the_end_of(DATA["as_of"], loaded.reader.zone))
    return loaded


@pytest.fixture
def auditor(loaded: Loaded, visitor: Visitor) -> Client:
    return visitor(make_member(loaded.programme, Role.AUDITOR))


def marks(page: Any, loaded: Loaded) -> dict[str, str]:
    """Key of the file -> what the last column says."""
    found = {}
    for row in page.text.partition("<tbody>")[2].partition("</tbody>")[0].split("<tr>")[1:]:
        number = int(row.partition('<a href="/')[2].partition('"')[0].rpartition("/")[2])
        kind = row.partition('<a href="/')[2].partition("s/")[0]
        found[loaded.names[kind, number]] = Reader("<tr>" + row.partition("</tr>")[0] + "</tr>").texts("td")[-1]
    return found


# review_example.md: "objectives_met.yes" and "redemption_rate"
MET = {
    "x01": "1 of 2",
    "x02": "2 of 3",
    "x03": "Does not count",
    "x04": "2 of 2",
    "x06": "1 of 2",
    "x07": "1 of 2",
    "x08": "Counts",
}
REDEEMED = {**dict.fromkeys("v01 v02 v03 v04 v05b v06 v07 v08b k01".split(), "Counts")} | dict.fromkeys(
    ("v09", "v10", "v11a"), "Does not count"
)


@pytest.mark.parametrize(("key", "right"), [("objectives_met.yes", MET), ("redemption_rate", REDEEMED)])
@pytest.mark.parametrize("is_kept", [False, True], ids=["computed", "kept"])
def test_each_case_says_whether_it_counts(
    loaded: Loaded, auditor: Client, monkeypatch: pytest.MonkeyPatch, key: str, right: dict[str, str], is_kept: bool
) -> None:
    if is_kept:
        monkeypatch.setattr(queries, "SMALL", 0)
        jobs.run("keep-figures")
    where = f"{address(loaded, 'call')}/cases/{key}"
    assert marks(auditor.get(where), loaded) == right
    counting = {case for case, mark in right.items() if mark != "Does not count"}
    assert set(marks(auditor.get(f"{where}?which=yes"), loaded)) == counting
    assert set(marks(auditor.get(f"{where}?which=no"), loaded)) == right.keys() - counting
    assert set(marks(auditor.get(f"{where}?which=perhaps"), loaded)) == right.keys()


def test_the_page_says_what_the_percentage_is_made_of(loaded: Loaded, auditor: Client) -> None:
    page = text_of(auditor.get(f"{address(loaded, 'call')}/cases/objectives_met.yes"))
    assert "8 of 13 count: that is the percentage." in page
    of_money = auditor.get(f"{address(loaded, 'call')}/cases/cost.total")
    assert "Does it count?" not in of_money.text
    assert "These count" not in of_money.text


def test_the_list_of_a_figure_s_cases_has_the_marks(loaded: Loaded, auditor: Client) -> None:
    listed = auditor.get(f"{address(loaded, 'call')}/cases/objectives_met.yes/cases.csv").get_data().decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(listed)))
    found = {loaded.names[row["About"], int(row["Number"])]: (row["Counts"], row["Of"]) for row in rows}
    right = {"x01": "12", "x02": "23", "x03": "01", "x04": "22", "x06": "12", "x07": "12", "x08": "11"}
    assert found == {key: tuple(each) for key, each in right.items()}


def test_of_every_percentage_the_marks_of_the_spreadsheet_make_it(loaded: Loaded, auditor: Client) -> None:
    book = auditor.get(f"{address(loaded, 'call')}.xlsx").get_data()
    header, *rows = cells_of(book, "Which count")
    assert header[:6] == ["Figure", "About", "Number", "Counts", "Of", ""]
    percentages = {key: each for key, each in review_of(loaded.programme, loaded.call("c1")).figures.items() if "%" in each.shown}
    assert len(percentages) > 25
    for key, figure in percentages.items():
        mine = [row for row in rows if row[0] == key]
        assert Fraction(sum(int(row[3]) for row in mine), sum(int(row[4]) for row in mine)) == figure.value, key
        assert len(mine) == len(figure.cases)
