"""Snapshots: what is public of a review, and stays hidden beside everything that was published before."""

import csv
import re
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

from mobility.core.database import db
from mobility.core.errors import GuardRefused
from mobility.reviews import operations, queries
from mobility.reviews.models import PublishedReview
from tests.support.client import Client, Visitor
from tests.support.html import Reader, fields_of, text_of
from tests.support.reviews import BIG, Reviewed, add, reviewed

FEW = (("AT", "PT", 3),)


def publish(made: Reviewed, visitor: Visitor, of: str = "") -> PublishedReview:
    owner = visitor(made.owner)
    address = f"{of or made.of_call}/review/publish"
    answer = owner.post(address, data={"seen": fields_of(owner.get(address))["seen"]})
    assert answer.status_code == 303, text_of(answer)
    return db.session.get_one(PublishedReview, int(answer.location.rpartition("/")[2]))


def test_everybody_reads_what_was_published(client: Client, visitor: Visitor, db_session: Any) -> None:
    made = reviewed(BIG, name="Alpine Exchange")
    assert "Nothing published yet" in text_of(client.get("/outcomes"))
    snapshot = publish(made, visitor)
    assert made.call.name in text_of(client.get("/outcomes"))
    page = client.get(f"/outcomes/{snapshot.id}")
    text = text_of(page)
    assert f"What came of it: {made.call.name}" in text
    figures = rows(page)
    assert figures["pipeline.exchanges_completed"] == ["33", "33"]
    assert figures["win_win"] == ["not shown", ""]  # of nobody
    assert "Answered by" not in text
    assert "/review/cases/" not in page.text
    assert "Publish" not in text


def rows(page: Any) -> dict[str, list[str]]:
    found = {}
    for row in page.text.split('<tr data-figure="')[1:]:
        key, _, rest = row.partition('"')
        found[key] = Reader("<tr>" + rest.partition(">")[2].partition("</tr>")[0] + "</tr>").texts("td")
    return found


def test_a_table_shows_no_number_of_few_and_none_that_gives_it_away(visitor: Visitor, client: Client, db_session: Any) -> None:
    """Worked out by hand. FI to PT 2 and FI to AT 1 are few, and so is FI's total 3. Columns: PT has 9 + 8 + 2 and hides the
    2 alone, so the 8 goes too; AT has 6 + 1, so the 6. Totals of rows: FI's 3 alone, so DE's 14 goes as well. Then DE's row
    hides both, 14 in all; AT to PT 9, AT to DE 7 and the total of DE stay."""
    made = reviewed(BIG)
    snapshot = publish(made, visitor)
    shown = {(row, column): number for row, column, number in snapshot.tables["countries"]["shown"] if number}
    assert shown == {
        ("AT", "PT"): 9,
        ("AT", "DE"): 7,
        ("AT", "*"): 16,
        ("*", "AT"): 7,
        ("*", "DE"): 7,
        ("*", "PT"): 19,
    }
    page = client.get(f"/outcomes/{snapshot.id}").text
    table = page.partition('id="chart-countries"')[2].partition("</figure>")[0]
    assert {each.text for each in Reader("<i>" + table.partition(">")[2] + "</i>").all("td")} >= {"9", "7", "– not shown"}
    assert ">2<" not in table
    assert ">14<" not in table


def test_nothing_of_a_small_call_is_public_but_counts_and_kept_rates(visitor: Visitor, client: Client, db_session: Any) -> None:
    made = reviewed(FEW)
    snapshot = publish(made, visitor)
    page = client.get(f"/outcomes/{snapshot.id}")
    known = {key for key, cells in rows(page).items() if cells[0] != "not shown"}
    assert {key.partition(".")[0] for key in known} == {"pipeline", "pipeline_knowledge", "kept"}
    assert "Too few exchanges to show who met whom" in text_of(page)
    assert 'id="chart-countries"' not in page.text


def test_whoever_publishes_sees_first_what_is_hidden_and_why(visitor: Visitor, db_session: Any) -> None:
    """The button comes before all that would be shown, part by part."""
    made = reviewed(FEW)
    page = visitor(made.owner).get(f"{made.of_call}/review/publish")
    text = text_of(page)
    hidden = {key for key, cells in rows(page).items() if cells[0] == "not shown"}
    assert hidden == set(), "what is hidden is named above, and not once more in the tables"
    assert text.index("Publish it") < text.index("What is hidden, and why") < text.index("What everybody will see")
    assert "27 of 99 figures" in text  # 10 and 5 steps of the pipelines, 12 kept rates
    assert "Rests on fewer than five exchanges or vouchers: 72 figures" in text
    assert "The table “Countries: guests to hosts” is left out" in text


def test_a_later_snapshot_hides_what_differs_by_few(visitor: Visitor, client: Client, db_session: Any) -> None:
    """33 exchanges, then 35: both shown would tell of two. Of 38 the difference is five."""
    made = reviewed(BIG)
    first = publish(made, visitor)
    add(made, (("AT", "PT", 2),))
    second = publish(made, visitor)
    add(made, (("AT", "PT", 3),))
    third = publish(made, visitor)
    shown = [rows(client.get(f"/outcomes/{each.id}"))["first_time_pairs"] for each in (first, second, third)]
    assert [cells[1] for cells in shown] == ["33", "", "38"]
    assert rows(client.get(f"/outcomes/{second.id}"))["pipeline.exchanges_completed"] == ["35", "35"]
    assert [first.number, second.number, third.number] == [1, 2, 3]


def test_a_withdrawn_snapshot_cannot_be_read_but_still_counts(visitor: Visitor, client: Client, db_session: Any) -> None:
    made = reviewed(BIG)
    first = publish(made, visitor)
    owner, address = visitor(made.owner), f"{made.at}/published/{first.id}/withdraw"
    assert owner.post(address, data={"seen": "1", "reason": ""}).status_code == 422
    assert visitor(made.auditor).post(address, data={"seen": "1", "reason": "No"}).status_code == 404
    assert owner.post(address, data={"seen": "1", "reason": "Too early"}).status_code == 303
    assert owner.post(address, data={"seen": "1", "reason": "Again"}).status_code == 409
    gone = client.get(f"/outcomes/{first.id}")
    assert gone.status_code == 410
    assert "33" not in re.sub(r"Call \d+", "", text_of(gone))
    assert client.get(f"/outcomes/{first.id}.csv").status_code == 404
    assert "Nothing published yet" in text_of(client.get("/outcomes"))
    assert "Too early" in text_of(visitor(made.auditor).get(f"{made.at}/published"))
    add(made, (("AT", "PT", 2),))
    second = publish(made, visitor)
    assert rows(client.get(f"/outcomes/{second.id}"))["first_time_pairs"][0] == "not shown"


def test_the_same_click_twice_and_two_owners_make_one_snapshot(visitor: Visitor, db_session: Any) -> None:
    made = reviewed(FEW)
    owner, address = visitor(made.owner), f"{made.of_call}/review/publish"
    seen = fields_of(owner.get(address))["seen"]
    assert owner.post(address, data={"seen": seen}).status_code == 303
    slower = owner.post(f"{made.at}/review/publish", data={"seen": seen})
    assert slower.status_code == 409
    assert "Somebody else has just published" in text_of(slower)
    assert fields_of(slower)["seen"] == "1"
    assert owner.post(address, data={"seen": "nonsense"}).status_code == 409
    assert len(queries.snapshots(made.programme.id)) == 1


def test_what_was_published_stays_as_it_was_when_names_change(visitor: Visitor, client: Client, db_session: Any) -> None:
    made = reviewed(BIG, name="Alpine Exchange")
    was = made.call.name
    snapshot = publish(made, visitor)
    made.programme.name, made.call.name = "Something else", "Other"
    add(made, (("SI", "PT", 9),))
    page = text_of(client.get(f"/outcomes/{snapshot.id}"))
    assert "Alpine Exchange" in page
    assert was in page
    assert rows(client.get(f"/outcomes/{snapshot.id}"))["pipeline.exchanges_completed"] == ["33", "33"]


def test_the_public_list_asks_as_often_for_many(
    visitor: Visitor, client: Client, db_session: Any, queries: Callable[..., Any]
) -> None:
    made = reviewed(FEW)
    counts = []
    for _ in range(3):
        publish(made, visitor)
        with queries() as q:
            assert client.get("/outcomes").status_code == 200
        counts.append(q.count)
    assert counts == [2, 2, 2]


# Files


def cells_of(content: bytes, sheet: str) -> list[list[str]]:
    """What stands in a sheet, as texts."""
    names = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with ZipFile(BytesIO(content)) as book:
        texts = book.read("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in book.namelist() else b"<sst/>"
        strings = ["".join(each.itertext()) for each in ElementTree.fromstring(texts)]
        sheets = [each.get("name") for each in ElementTree.fromstring(book.read("xl/workbook.xml")).find("s:sheets", names)]
        root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{sheets.index(sheet) + 1}.xml"))
    found = []
    for row in root.iter(f"{{{names['s']}}}row"):
        line = {}
        for cell in row:
            text = "".join(cell.itertext())
            column = "".join(each for each in cell.get("r") if each.isalpha())
            line[column] = strings[int(text)] if cell.get("t") == "s" else text
        found.append([line.get(chr(65 + at), "") for at in range(26)])
    return found


def test_public_files_say_what_the_page_says(visitor: Visitor, client: Client, db_session: Any) -> None:
    made = reviewed(BIG)
    snapshot = publish(made, visitor)
    page = rows(client.get(f"/outcomes/{snapshot.id}"))
    listed = list(csv.DictReader(StringIO(client.get(f"/outcomes/{snapshot.id}.csv").get_data().decode("utf-8-sig"))))
    assert {row["Key"]: row["Value"] for row in listed if row["Key"] == "pipeline.exchanges_completed"} == {
        "pipeline.exchanges_completed": "33"
    }
    hidden = {row["Key"] for row in listed if row["Value"] == "not shown" and row["Key"] in page}
    assert hidden == {key for key, cells in page.items() if cells[0] == "not shown"}
    assert not any(row["n"] for row in listed if row["Key"] in hidden)
    book = client.get(f"/outcomes/{snapshot.id}.xlsx").get_data()
    sheet = {row[1]: row for row in cells_of(book, "Figures")}
    assert {key: row[3] for key, row in sheet.items() if key in page and row[3] != "not shown"} == {
        row["Key"]: row["Value"] for row in listed if row["Key"] in page and row["Value"] != "not shown"
    }
    assert [row[1:5] for row in cells_of(book, "Countries")[1:]] == [
        ["0", "7", "9", "16"],
        ["not shown", "0", "not shown", "not shown"],
        ["not shown", "0", "not shown", "not shown"],
        ["7", "7", "19", ""],
    ]
    assert client.get(f"/outcomes/{snapshot.id}.pdf").get_data().startswith(b"%PDF")


def test_names_that_begin_a_formula_are_text(visitor: Visitor, db_session: Any) -> None:
    made = reviewed(FEW)
    made.exchanges[0].theme.title = "=1+1"
    book = visitor(made.owner).get(f"{made.of_call}/review.xlsx").get_data()
    assert "'=1+1" in {row[12] for row in cells_of(book, "Exchanges")}


def test_an_auditor_works_figures_out_from_the_sheet_alone(visitor: Visitor, db_session: Any) -> None:
    """Shares, counts and pairs of countries by plain arithmetic on the rows."""
    made = reviewed(BIG)
    book = visitor(made.auditor).get(f"{made.of_call}/review.xlsx").get_data()
    header, *stays = cells_of(book, "Exchanges")
    at = {name: header.index(name) for name in header if name}
    took_place = [row for row in stays if row[at["Completed"]] == "1"]
    figures = {row[1]: row for row in cells_of(book, "Figures")}
    assert figures["pipeline.exchanges_completed"][3] == str(len(took_place)) == "33"
    pairs = [frozenset((row[at["Guest organisation"]], row[at["Host organisation"]])) for row in took_place]
    assert float(figures["levels.mixed"][7]) == 0.0
    countries = [(row[at["Guest country"]], row[at["Host country"]]) for row in took_place]
    table = cells_of(book, "Countries")
    assert table[0][:5] == ["Guests from, to hosts in", "Austria", "Germany", "Portugal", "All"]
    assert table[1][:5] == ["Austria", "0", str(countries.count(("AT", "DE"))), str(countries.count(("AT", "PT"))), "16"]
    assert len(set(pairs)) == 6


def test_finance_does_not_read_answers_in_the_file(visitor: Visitor, db_session: Any) -> None:
    made = reviewed(FEW)
    names = {}
    for name, person in (("finance", made.finance), ("auditor", made.auditor)):
        with ZipFile(BytesIO(visitor(person).get(f"{made.of_call}/review.xlsx").get_data())) as book:
            names[name] = "Answers" in book.read("xl/workbook.xml").decode()
    assert names == {"finance": False, "auditor": True}


# Two at once


def test_whoever_publishes_second_knows_the_first(db_session: Any) -> None:
    made = reviewed(BIG)
    found = queries.of(made.programme, made.call)
    operations.publish(made.programme, found, by=made.owner, seen=0)
    with pytest.raises(GuardRefused, match="just published"):
        operations.publish(made.programme, queries.of(made.programme), by=made.owner, seen=0)
