"""Somebody reads all pages and files that were ever published, and works out what was hidden; in programmes made up by chance."""

import csv
import re
from io import StringIO
from itertools import islice
from random import Random
from typing import Any

import pytest

from mobility.core.database import db
from mobility.findings import queries as findings
from mobility.outcomes.hiding import PublicTable
from mobility.outcomes.publication import Snapshot
from mobility.outcomes.tables import TOTAL, Cell, Table
from mobility.people.roles import Level
from mobility.programmes.models import Call, Programme
from mobility.reviews import operations, queries
from mobility.reviews.models import PublishedReview
from tests.integration.reviews.test_example import figures_on
from tests.integration.reviews.test_publishing import cells_of
from tests.support.client import Client
from tests.support.factories import make_call
from tests.support.reviews import reviewed
from tests.unit.outcomes.test_attack import (
    COUNTRIES,
    KINDS,
    PARTS,
    PLACES,
    Known,
    Stay,
    counts_of,
    differing,
    facts_of,
    is_possible,
    parts_of,
    told,
    worlds,
)

NAMES = {"AT": "Austria", "DE": "Germany", "PT": "Portugal", TOTAL: "All"}
CELL = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.S)


def made_up(seed: int) -> list[Stay]:
    """Groups of alike stays: of few, and of many."""
    chance = Random(seed)
    groups = []
    for _ in range(chance.randint(3, 11)):
        stay = Stay(
            guest=chance.choice(COUNTRIES),
            host=chance.choice(COUNTRIES),
            kind=chance.choice(KINDS),
            levels=frozenset(chance.sample(list(Level), chance.randint(1, 2))),
            call=chance.choice(["c1", "c1", "c2", None]),
            paid=chance.choice([None, chance.randint(100, 999)]),
            answers={"members_served": chance.randint(0, 9), "anyway": "later"} if chance.random() < 0.5 else {},
            late=chance.random() < 0.3,
        )
        groups += [stay] * chance.randint(1, 9)
    return groups


class Published:
    """One call, the programme, the other call; and once more when the late ones are over, too."""

    def __init__(self, programme: list[Stay], patch: pytest.MonkeyPatch) -> None:
        made = reviewed((("AT", "PT", 1),))
        self.programme, self.calls = made.programme, {"c1": made.call, "c2": make_call(made.programme)}
        self.keys: dict[int | None, str | None] = {None: None} | {call.id: key for key, call in self.calls.items()}
        self.known: list[tuple[int, Stay]] = []
        patch.setattr(findings, "review_of", self.review_of)
        numbered = list(enumerate(programme))
        self.snapshots: list[PublishedReview] = []
        for self.known in ([each for each in numbered if not each[1].late], numbered):
            for call in (self.calls["c1"], None, self.calls["c2"]):
                found = queries.of(self.programme, call)
                seen = len(self.snapshots)
                self.snapshots.append(operations.publish(self.programme, found, by=made.owner, seen=seen))

    def review_of(self, programme: Programme, call: Call | None = None, *, whole: bool = False) -> Any:
        return findings.computed(facts_of(self.known), self.keys[call.id if call else None])  # type: ignore[arg-type]


def squares_on(page: str) -> dict[Cell, int]:
    """What the table of countries on a page shows, with its totals."""
    table = page.partition('id="chart-countries"')[2].partition("</figure>")[0]
    rows = [[_text(each) for each in CELL.findall(row)] for row in table.split("<tr>")[1:]]
    return _numbers(rows)


def _text(cell: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", cell).split())


def _numbers(rows: list[list[str]]) -> dict[Cell, int]:
    codes = {name: code for code, name in NAMES.items()}
    found = {}
    for row in rows[1:] if rows else ():
        for column, text in zip(rows[0][1:], row[1:], strict=False):
            if column in codes and text.isdigit() and (codes[row[0]], codes[column]) != (TOTAL, TOTAL):
                found[codes[row[0]], codes[column]] = int(text)
    return found


def read(client: Client, snapshot: PublishedReview) -> dict[Cell, int]:
    """From the page, the list and the spreadsheet together."""
    at = f"/outcomes/{snapshot.id}"
    found = squares_on(client.get(at).text)
    for row in csv.DictReader(StringIO(client.get(f"{at}.csv").get_data().decode("utf-8-sig"))):
        if row["Key"].startswith("countries.") and row["Value"].isdigit():
            _, *cell = row["Key"].split(".")
            found[cell[0], cell[1]] = int(row["Value"])
    book = client.get(f"{at}.xlsx").get_data()
    if snapshot.tables["countries"]["rows"]:
        found |= _numbers(cells_of(book, "Countries"))
    return found


def snapshot_of(published: Published, number: int) -> Snapshot:
    """As it was made: the true tables, to know what is hidden."""
    programme = published.known if number >= 3 else [each for each in published.known if not each[1].late]
    call = published.keys[published.snapshots[number].call_id]
    review = findings.computed(facts_of(programme), call)  # type: ignore[arg-type]
    return operations.without_what_tells_of_few(review, [each.remembered for each in published.snapshots[:number]])


@pytest.mark.parametrize("seed", range(8))
def test_nothing_hidden_follows_from_all_pages_and_files_together(
    client: Client, db_session: Any, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    programme = made_up(seed)
    published = Published(programme, monkeypatch)
    true = [snapshot_of(published, number) for number in range(6)]
    known = [_known(true[number], read(client, each), number) for number, each in enumerate(published.snapshots)]
    assert [each.public.shown for each in known] == [each.tables["countries"].shown for each in true]
    _assert_nothing_told(programme, known)
    pages = [figures_on(client.get(f"/outcomes/{each.id}")) for each in published.snapshots]
    keys = {key for each in true for key, (figure, _) in each.figures.items() if not figure.definition.bare}
    for key in keys:
        shown = [each.figures[key][0].cases for each, page in zip(true, pages, strict=True) if page[key][0] != "not shown"]
        assert told(shown) == [], key


def _known(true: Snapshot, shown: dict[Cell, int], number: int) -> Known:
    table: Table = true.tables["countries"].table
    assert all(table.numbers[cell] == each for cell, each in shown.items())
    hidden = frozenset(cell for cell in table.numbers if cell not in shown)
    return Known(PublicTable(table, hidden), parts_of(true, late=number >= 3))


def _assert_nothing_told(programme: list[Stay], known: list[Known]) -> None:
    """Each number that is hidden is another in some programme that would publish the same."""
    counts = {(part, place): 0 for part in range(len(PARTS)) for place in PLACES} | counts_of(programme)
    assert is_possible(counts, known)
    left = {(n, cell) for n, each in enumerate(known) if not each.public.left_out for cell in each.public.hidden}
    for other in worlds(counts, known) if left else ():
        left -= differing(other, counts, known, left)
    for world in islice(worlds(counts, known), 200) if left else ():
        for other in worlds(world, known) if left else ():
            left -= differing(other, counts, known, left)
    assert left == set()


def test_pages_and_lists_are_made_of_nothing_but_what_is_public(
    client: Client, db_session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The very same page without the trace, in which the cases are, and without the exchanges."""
    published = Published(made_up(3), monkeypatch)
    addresses = [f"/outcomes/{each.id}{kind}" for each in published.snapshots for kind in ("", ".csv", ".pdf")]
    before = [client.get(each).get_data() for each in addresses]
    for each in published.snapshots:
        db.session.refresh(each)
        each.trace, each.exchanges = {"sets": [], "figures": {}, "money": [], "tables": {}}, []
    assert [_without_nonce(client.get(each).get_data()) for each in addresses] == list(map(_without_nonce, before))
    everything = b"".join(before[::3])
    assert b"trace" not in everything
    assert b"complement" not in everything


def _without_nonce(content: bytes) -> bytes:
    return re.sub(rb'nonce="[^"]*"', b"", content)
