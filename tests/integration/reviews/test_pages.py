"""The pages of a review: who may see them, what they lead to, and that they ask the database as often for many as for few."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mobility.people.roles import Role
from tests.support.client import Client, Visitor
from tests.support.factories import make_call, make_member, make_user
from tests.support.html import Reader, text_of
from tests.support.reviews import BIG, Reviewed, reviewed

FOR_READERS = (
    "{at}/review",
    "{call}/review",
    "{at}/review/cases/pipeline.exchanges_completed",
    "{call}/review/cases/countries.AT.PT",
    "{at}/review/cases/levels.mixed/cases.csv",
    "{call}/review/cases/countries.AT.PT/cases.csv",
    "{at}/review/compare",
    "{at}/review/competences",
    "{call}/lessons",
    "{at}/published",
    "{at}/overview",
    "{at}/late",
    "{call}/review.xlsx",
    "{at}/review.csv",
    "{call}/review.pdf",
    "{call}/review.zip",
)
LISTS = (
    "{call}/review",
    "{call}/review/cases/pipeline.exchanges_completed",
    "{at}/overview",
    "{at}/late",
    "{at}/published",
    "{call}/lessons",
)
COUNTS = {"review": 22, "pipeline.exchanges_completed": 22, "overview": 9, "late": 4, "published": 3, "lessons": 5}
FOR_OWNERS = ("{at}/review/flow", "{call}/review/flow", "{at}/review/publish", "{call}/review/publish", "{call}/lessons/reopen")


def addresses(made: Reviewed, patterns: tuple[str, ...]) -> Iterator[str]:
    return (each.format(at=made.at, call=made.of_call) for each in patterns)


def people(made: Reviewed) -> dict[str, Any]:
    return {
        "owner": made.owner,
        "finance": made.finance,
        "auditor": made.auditor,
        "assessor": made.assessor,
        "guest": made.exchanges[0].guest,
        "owner of another": make_member(reviewed().programme, Role.OWNER),
        "administrator": make_user(is_administrator=True),
    }


def test_each_page_is_for_whom_it_is_made(client: Client, visitor: Visitor, db_session: Any) -> None:
    """A programme's figures are for its owners, finance officers and auditors; what shows single exchanges for owners."""
    made = reviewed()
    for name, person in people(made).items():
        browser = visitor(person)
        for patterns, allowed in ((FOR_READERS, ("owner", "finance", "auditor")), (FOR_OWNERS, ("owner",))):
            found = {address: browser.get(address).status_code for address in addresses(made, patterns)}
            assert found == dict.fromkeys(found, 200 if name in allowed else 404), name
    for address in addresses(made, FOR_READERS + FOR_OWNERS):
        assert client.get(address).status_code == 302, address


def test_a_call_of_another_programme_is_not_found(visitor: Visitor, db_session: Any) -> None:
    made, other = reviewed(), reviewed()
    owner = visitor(made.owner)
    assert owner.get(f"{made.at}/calls/{other.call.id}/review").status_code == 404
    assert owner.get(f"{made.at}/review/cases/no.such").status_code == 404
    assert owner.get(f"{made.at}/review/cases/countries.XX.PT").status_code == 404


def shown(page: Any) -> dict[str, tuple[str, str]]:
    """key -> (value, n), as they stand in the tables of all figures."""
    found, body = {}, page.get_data(as_text=True)
    for row in body.split('<tr data-figure="')[1:]:
        key, _, rest = row.partition('"')
        cells = Reader("<tr>" + rest.partition(">")[2].partition("</tr>")[0] + "</tr>")
        value, n = cells.texts("td")
        found[key] = (value, n)
    return found


def test_the_review_shows_every_figure_with_its_definition_and_n(visitor: Visitor, db_session: Any) -> None:
    made = reviewed(BIG)
    page = visitor(made.owner).get(f"{made.of_call}/review")
    figures = shown(page)
    assert figures["pipeline.exchanges_completed"] == ("33", "33")
    assert figures["levels.mixed"] == ("0 %", "33")
    assert figures["first_time_pairs"] == ("100 %", "33")
    assert figures["win_win"] == ("no figure", "0")
    assert "Exchanges whose host confirmed that they took place." in text_of(page)
    picture = page.text.partition('<desc id="d-countries">')[2].partition("</desc>")[0]
    assert "Austria to Portugal, 9." in picture


def test_a_figure_leads_to_its_cases_and_says_how_many_one_may_see(visitor: Visitor, db_session: Any) -> None:
    made = reviewed(BIG)
    owner = visitor(made.owner)
    assert f"{made.of_call}/review/cases/pipeline.exchanges_completed" in owner.get(f"{made.of_call}/review").text
    page = owner.get(f"{made.of_call}/review/cases/pipeline.exchanges_completed")
    assert "It rests on 33 cases." in text_of(page)
    assert page.text.count('<th scope="row">') == 25
    second = owner.get(f"{made.of_call}/review/cases/pipeline.exchanges_completed?page=2")
    assert second.text.count('<th scope="row">') == 8
    assert f"/exchanges/{made.exchanges[0].id}" in second.text
    cell = text_of(owner.get(f"{made.of_call}/review/cases/countries.FI.PT"))
    assert "Finland to Portugal" in cell
    assert "It rests on 2 cases." in cell
    total = text_of(owner.get(f"{made.of_call}/review/cases/countries.DE.*"))
    assert "Germany to all" in total
    assert "It rests on 14 cases." in total


@pytest.mark.parametrize("stays", [(("AT", "PT", 1),), BIG], ids=["one", "many"])
def test_pages_ask_as_often_for_many_as_for_one(
    visitor: Visitor, db_session: Any, queries: Callable[..., Any], stays: Any
) -> None:
    made = reviewed(stays)
    owner = visitor(made.owner)
    counts = {}
    for address in LISTS:
        path = address.format(at=made.at, call=made.of_call)
        with queries() as q:
            assert owner.get(path).status_code == 200
        counts[address.rpartition("/")[2]] = q.count
    assert counts == COUNTS


# Two calls, knowledge flow


def test_two_calls_stand_side_by_side(visitor: Visitor, db_session: Any) -> None:
    made = reviewed(BIG)
    owner = visitor(made.owner)
    assert "Nothing to compare yet" in text_of(owner.get(f"{made.at}/review/compare"))
    second = make_call(made.programme, name="Autumn", opens_on=made.call.opens_on)
    page = owner.get(f"{made.at}/review/compare?first={made.call.id}&second={second.id}")
    row = page.text.partition("Exchanges completed")[2].partition("</tr>")[0]
    assert [each.attributes["value"] for each in Reader("<i>" + row.partition("</th>")[2] + "</i>").all("data")] == ["33", "0"]
    assert "Autumn" in page.text
    assert owner.get(f"{made.at}/review/compare?first=x&second=999999").status_code == 200


def test_the_flow_goes_from_the_host_to_the_guest(visitor: Visitor, db_session: Any) -> None:
    made = reviewed(BIG)
    made.exchanges[0].theme.title = "Energy <audits>"
    page = text_of(visitor(made.owner).get(f"{made.of_call}/review/flow"))
    assert page.index("Austria learned from Portugal 9 exchanges") < page.index("Finland learned from Austria 1 exchange")
    assert "Energy &lt;audits&gt;" in page
    made.exchanges[0].host.region = "PT-11"
    by_region = text_of(visitor(made.owner).get(f"{made.at}/review/flow?by=region"))
    assert "Austria learned from Lisbon, Portugal 9 exchanges" in by_region
