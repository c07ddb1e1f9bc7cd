"""The call that was worked out by hand (review_example.md), loaded through the models, as pages and files tell of it."""

import csv
import re
from io import StringIO
from types import ModuleType
from typing import Any

import pytest

from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.people.models import User
from mobility.people.roles import Role
from tests.integration.findings.test_example import at_the_end_of
from tests.support.client import Client, Visitor
from tests.support.factories import make_member
from tests.support.html import fields_of, text_of
from tests.support.loaded import Loaded
from tests.support.outcomes import Row, example

DATA = example()
IN_TABLES = {"levels", "countries"}
ROW = re.compile(r'<tr data-figure="([^"]+)">(.*?)</tr>', re.S)


@pytest.fixture
def loaded(db_session: Any, clock: ModuleType) -> Loaded:
    loaded = Loaded(DATA)
    clock.set_to(at_the_end_of(DATA["as_of"], loaded.reader.zone))
    return loaded


@pytest.fixture
def owner(loaded: Loaded) -> User:
    return make_member(loaded.programme, Role.OWNER)


def address(loaded: Loaded, scope: str) -> str:
    call = f"/calls/{loaded.ids['c1']}" if scope == "call" else ""
    return f"/programmes/{loaded.programme.id}{call}/review"


def figures_on(page: Any) -> dict[str, tuple[str, int | None, bool]]:
    """key -> (as shown, n, marked)"""
    found = {}
    for key, row in ROW.findall(page.text):
        shown = re.search(r'<data value="([^"]+)"', row)
        n = re.sub(r"\D", "", row.rpartition('<td class="number">')[2])
        found[key] = (shown.group(1) if shown else "not shown", int(n) if n else None, "few answered" in row)
    return found


def in_tables(row: Row) -> bool:
    return row["key"].partition(".")[0] in IN_TABLES and row["key"] != "levels.mixed"


@pytest.mark.parametrize("scope", ["call", "programme"])
def test_the_page_shows_each_figure_as_worked_out_by_hand(loaded: Loaded, owner: User, visitor: Visitor, scope: str) -> None:
    page = figures_on(visitor(owner).get(address(loaded, scope)))
    rows = [row for row in DATA["figure"] if row["scope"] == scope and not in_tables(row)]
    assert len(rows) > 60
    right = {row["key"]: (row["shown"], row["n"], row.get("few_answered", False)) for row in rows}
    assert {key: page[key] for key in right} == right


def test_what_is_public_is_what_was_worked_out_by_hand(loaded: Loaded, owner: User, visitor: Visitor, client: Client) -> None:
    """The call's snapshot first, then the programme's; on the page and in the file."""
    browser = visitor(owner)
    for scope in ("call", "programme"):
        where = f"{address(loaded, scope)}/publish"
        there = browser.post(where, data={"seen": fields_of(browser.get(where))["seen"]}).location
        rows = [row for row in DATA["figure"] if row["scope"] == scope and not in_tables(row)]
        right = {row["key"]: row["shown"] if row["public"] == "shown" else "not shown" for row in rows}
        page = figures_on(client.get(there))
        assert {key: page[key][0] for key in right} == right
        assert all(page[key][1] is None for key, shown in right.items() if shown == "not shown")
        file = client.get(f"{there}.csv").get_data().decode("utf-8-sig")
        listed = {row["Key"]: row["Value"] + " %" * (row["Unit"] == "%") for row in csv.DictReader(StringIO(file))}
        hidden = {key for key, value in listed.items() if value.startswith("not shown")}
        assert hidden & right.keys() == {key for key, value in right.items() if value == "not shown"}
        assert {key: listed[key] for key in right.keys() - hidden if right[key] != "no figure"} == {
            key: value for key, value in right.items() if key not in hidden and value != "no figure"
        }
        assert not any(key.startswith(("countries.", "levels.c", "levels.p")) for key in listed), "both tables are left out"


def test_a_finance_officer_reads_no_answers(loaded: Loaded, visitor: Visitor) -> None:
    """Neither of few nor of many (test_subtraction.py says why), and no row for it; what nobody was asked is shown as it is."""
    finance, auditor = (
        figures_on(visitor(make_member(loaded.programme, role)).get(address(loaded, "call")))
        for role in (Role.FINANCE_OFFICER, Role.AUDITOR)
    )
    made_of_answers = {"win_win": "50 %", "objectives_met.yes": "62 %", "take_overs.dropped": "2"}
    assert {key: auditor[key][0] for key in made_of_answers} == made_of_answers
    assert finance.keys().isdisjoint(made_of_answers)
    for key in ("cost.total", "redemption_rate", "levels.mixed", "kept.payment", "response.end_guest"):
        assert finance[key] == auditor[key], key


# Consent: x02 may be told with names; of x04 the host says without


def test_a_changed_mind_holds_at_once(loaded: Loaded, visitor: Visitor) -> None:
    exchange = db.session.get_one(Exchange, loaded.ids["x02"])
    speaks = visitor(make_member(exchange.host, Role.COORDINATOR))
    shown = text_of(speaks.get(f"/exchanges/{exchange.id}"))
    assert "The programme may tell others about this exchange, with names." in shown
    where = f"/exchanges/{exchange.id}/publishing/host"
    assert speaks.get(where).status_code == 200
    assert speaks.post(where, data={"seen": "with_names", "publish": "no"}).status_code == 303
    assert "The programme tells nobody else about this exchange." in text_of(speaks.get(f"/exchanges/{exchange.id}"))


def test_each_side_speaks_for_itself_and_sees_what_was_said_meanwhile(loaded: Loaded, visitor: Visitor) -> None:
    exchange = db.session.get_one(Exchange, loaded.ids["x02"])
    guest, host = visitor(exchange.guest), visitor(make_member(exchange.host, Role.COORDINATOR))
    where = f"/exchanges/{exchange.id}/publishing"
    assert guest.get(f"{where}/host").status_code == 404
    assert host.get(f"{where}/guest").status_code == 404
    assert visitor(make_member(loaded.programme, Role.OWNER)).post(f"{where}/host", data={"publish": "no"}).status_code == 404
    assert guest.post(f"{where}/guest", data={"seen": "with_names", "publish": ""}).status_code == 422
    assert guest.post(f"{where}/guest", data={"seen": "with_names", "publish": "perhaps"}).status_code == 422
    slower = guest.post(f"{where}/guest", data={"seen": "no", "publish": "without"})
    assert slower.status_code == 409
    assert "This has changed since you opened it." in text_of(slower)
    assert fields_of(slower)["seen"] == "with_names"


def test_before_it_has_taken_place_nothing_is_asked(loaded: Loaded, visitor: Visitor) -> None:
    exchange = db.session.get_one(Exchange, loaded.ids["x10"])
    guest = visitor(exchange.guest)
    assert "May others be told?" not in guest.get(f"/exchanges/{exchange.id}").text
    assert guest.get(f"/exchanges/{exchange.id}/publishing/guest").status_code == 404
