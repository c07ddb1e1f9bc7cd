"""The list of stories for those who have to do with them, and what a story says that it serves."""

from types import ModuleType
from typing import Any

import pytest

from mobility.core.database import db
from mobility.keyfigures import operations as keyfigures
from mobility.people.roles import Role
from mobility.stories import operations, queries
from mobility.takeovers import operations as take_overs
from tests.support.client import Client, Visitor
from tests.support.factories import make_member, make_membership, make_user
from tests.support.forms import values_of
from tests.support.html import text_of
from tests.support.queries import queries as counted
from tests.support.stories import TEXTS, Telling, telling
from tests.support.takeovers import measured, taken


@pytest.fixture
def case(db_session: Any, clock: ModuleType) -> Telling:
    return telling()


# The list


def parts_of(client: Client) -> dict[str, str]:
    """What stands in each part of the page that only some see."""
    page = client.get("/stories").text
    found = {}
    for name in ("begin", "mine", "waiting"):
        if f'id="{name}"' in page:
            found[name] = page.partition(f'id="{name}"')[2].partition("</section>")[0]
    return found


def test_where_nothing_is_told_yet_both_sides_find_a_way_to_begin(case: Telling, visitor: Visitor) -> None:
    for person in (case.guest, case.asked.coordinator, case.host):
        found = parts_of(visitor(person))
        assert set(found) == {"begin"}
        assert f'action="/exchanges/{case.asked.exchange.id}/story"' in found["begin"]
        assert case.asked.exchange.theme.title in found["begin"]
    for person in (case.owner, case.reviewer, make_user()):
        assert parts_of(visitor(person)) == {}
    sent = visitor(case.guest).post(f"/exchanges/{case.asked.exchange.id}/story")
    assert sent.status_code == 303
    assert set(parts_of(visitor(case.host))) == {"mine"}


def test_a_draft_leads_to_its_writing_and_an_owner_sees_what_waits(case: Telling, visitor: Visitor) -> None:
    id = case.begin().id
    assert f'href="/stories/{id}/edit"' in parts_of(visitor(case.guest))["mine"]
    assert parts_of(visitor(case.owner)) == {}
    case.write()
    case.submit()
    assert f'href="/stories/{id}"' in parts_of(visitor(case.host))["mine"]
    assert "Rita Reviewer is reading it" in parts_of(visitor(case.owner))["waiting"]
    for person in (case.reviewer, make_user(), make_member(case.asked.programme, Role.AUDITOR)):
        assert parts_of(visitor(person)) == {}
    case.review()
    assert "Recommended: waits until both sides agree" in parts_of(visitor(case.owner))["waiting"]
    case.agree(case.guest)
    case.agree(case.host)
    assert parts_of(visitor(case.owner)) == {}
    assert "Published" in parts_of(visitor(case.guest))["mine"]


def test_nobody_signed_in_reads_only_what_is_public(case: Telling, client: Client) -> None:
    case.begin()
    assert parts_of(client) == {}


def test_as_many_queries_for_one_as_for_five(case: Telling, visitor: Visitor) -> None:
    client = visitor(case.owner)
    case.recommended()
    client.get("/stories")
    with counted() as one:
        client.get("/stories")
    for _ in range(4):
        other = telling()
        make_membership(case.owner, other.asked.programme, Role.OWNER)
        other.recommended()
    with counted() as five:
        page = client.get("/stories").text
    assert page.count("waits until both sides agree") == 5
    assert one.count == five.count == 7, five


# What it serves


@pytest.fixture
def measuring(case: Telling) -> dict[str, Any]:
    """Two key figures of the guest's organisation, one of the host's; two take-overs, one of them dropped."""
    home, host = case.asked.exchange.guest_organisation, case.asked.exchange.host
    figures = [measured(case.asked.coordinator, home, name=name) for name in ("Members abroad", "Firms served")]
    theirs = measured(make_member(host, Role.COORDINATOR), host, name="Nights sold")
    found = [taken(case.asked.exchange, by=case.guest, what=what) for what in ("The price list", "Free tests")]
    take_overs.drop(found[1], by=case.guest, reason="Nobody asked")
    db.session.commit()
    return {"figures": figures, "theirs": theirs, "taken": found}


def served(story: Any) -> list[str]:
    reading = queries.reading(story, drafts=True)
    assert reading is not None
    return [each["words"] for each in reading.texts["serves"]]


def test_what_the_exchange_serves_is_known_already(case: Telling, measuring: dict[str, Any]) -> None:
    exchange, figure = case.asked.exchange, measuring["figures"][1]
    keyfigures.serve(exchange, chosen=[figure.id], organisation_id=exchange.guest_organisation_id, today=exchange.programme.today)
    db.session.commit()
    story = case.begin()
    assert served(story) == ["Firms served (members)"]
    assert [each.id for each in queries.serving_figure(figure)] == [story.id]


def test_the_guest_s_side_says_what_it_serves_and_both_pages_lead_to_each_other(
    case: Telling, measuring: dict[str, Any], visitor: Visitor
) -> None:
    id, browser = case.begin().id, visitor(case.guest)
    figure, what = measuring["figures"][0], measuring["taken"][0]
    page = browser.get(f"/stories/{id}/edit")
    for words in ("Members abroad (members)", "Firms served (members)", "The price list"):
        assert words in page.text
    assert "Nights sold" not in page.text
    assert "Free tests" not in page.text  # it was dropped
    chosen = [f"figure-{figure.id}", f"takeover-{what.id}"]
    sent = browser.post(f"/stories/{id}/edit", data=values_of(page) | {"serves": chosen, "act": "save"})
    assert sent.status_code == 303
    assert served(case.story) == ["Members abroad (members)", "The price list"]
    shown = browser.get(f"/stories/{id}").text
    assert f'href="/keyfigures/{figure.id}"' in shown
    assert f'href="/takeovers/{what.id}"' in shown
    assert f'href="/stories/{id}"' in browser.get(f"/keyfigures/{figure.id}").text
    none = browser.post(
        f"/stories/{id}/edit", data={**values_of(browser.get(f"/stories/{id}/edit")), "serves": [], "act": "save"}
    )
    assert none.status_code == 303
    assert served(case.story) == []
    assert queries.serving_figure(figure) == []


def test_the_host_neither_sees_nor_changes_it(case: Telling, measuring: dict[str, Any], visitor: Visitor) -> None:
    id = case.begin().id
    chosen = [f"figure-{measuring['figures'][0].id}"]
    case.do(lambda story, by: operations.save(story, "story", {"serves": chosen}, by=by), case.guest)
    browser = visitor(case.host)
    page = browser.get(f"/stories/{id}/edit")
    assert "Firms served" not in page.text
    forged = {**values_of(page), "took": "Four months", "serves": [f"figure-{measuring['theirs'].id}"], "act": "save"}
    assert browser.post(f"/stories/{id}/edit", data=forged).status_code == 303
    assert served(case.story) == ["Members abroad (members)"]
    assert case.story.texts["took"] == "Four months"
    assert "/keyfigures/" not in browser.get(f"/stories/{id}").text


@pytest.mark.parametrize("key", ["figure-999999", "takeover-1x", "figure-", "exchange-1", "takeover-999999", "x" * 10_000])
def test_what_is_not_in_the_list_is_told_at_the_field(
    case: Telling, measuring: dict[str, Any], visitor: Visitor, key: str
) -> None:
    id, browser = case.begin().id, visitor(case.guest)
    typed = values_of(browser.get(f"/stories/{id}/edit")) | {"serves": [key], "took": "Half a year", "act": "save"}
    answer = browser.post(f"/stories/{id}/edit", data=typed)
    assert answer.status_code == 422
    assert 'id="serves-error"' in answer.text
    assert served(case.story) == []
    assert case.story.texts["took"] == "Half a year"


def test_another_organisation_s_figure_cannot_be_served(case: Telling, measuring: dict[str, Any], visitor: Visitor) -> None:
    id, browser = case.begin().id, visitor(case.guest)
    forged = values_of(browser.get(f"/stories/{id}/edit")) | {"serves": [f"figure-{measuring['theirs'].id}"], "act": "save"}
    assert browser.post(f"/stories/{id}/edit", data=forged).status_code == 422
    assert queries.serving_figure(measuring["theirs"]) == []


def test_a_version_keeps_the_words_and_the_public_reads_them_without_links(
    case: Telling, measuring: dict[str, Any], client: Client, visitor: Visitor
) -> None:
    figure = measuring["figures"][0]
    case.begin()
    case.write({**TEXTS, "serves": [f"figure-{figure.id}", f"takeover-{measuring['taken'][0].id}"]})  # type: ignore[dict-item]
    case.submit()
    figure.name = "Called otherwise since"
    db.session.commit()
    case.review()
    case.agree(case.guest)
    id = case.agree(case.host).id
    page = client.get(f"/stories/{id}", follow_redirects=True)
    assert "What it serves Members abroad (members) The price list" in " ".join(text_of(page).split())
    assert "/keyfigures/" not in page.text
    assert "/takeovers/" not in page.text
    assert client.get(f"/stories/{id}/story.pdf").status_code == 200


def test_a_figure_that_bears_a_name_keeps_a_story_from_being_told_without_names(case: Telling, measuring: dict[str, Any]) -> None:
    figure = measuring["figures"][0]
    figure.name = "Members of Danube Tech"
    db.session.commit()
    case.begin()
    case.write({**TEXTS, "serves": [f"figure-{figure.id}"]})  # type: ignore[dict-item]
    case.submit()
    case.review()
    with pytest.raises(operations.Refusal, match="“Danube Tech” is in the story"):
        case.agree(case.guest, "without")
