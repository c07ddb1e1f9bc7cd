"""Acts that are sent without their page: by each role at each stage, and when the other side says otherwise meanwhile."""

from types import ModuleType
from typing import Any

import pytest

from mobility.consents import operations as consents
from mobility.core.database import db
from mobility.notifications.models import OutboxMessage
from mobility.people.roles import Role
from mobility.stories import queries
from tests.support.client import Client, Visitor
from tests.support.factories import make_member, make_user
from tests.support.forms import values_of
from tests.support.html import text_of
from tests.support.stories import Telling, telling


@pytest.fixture
def case(db_session: Any, clock: ModuleType) -> Telling:
    return telling()


PEOPLE = ("guest", "coordinator", "host", "reviewer", "owner", "auditor", "next reviewer", "stranger")
SIDES = {"guest", "coordinator", "host"}
SEE = {
    "draft": {*SIDES, "owner", "auditor"},
    "in review": {*SIDES, "owner", "auditor", "reviewer"},
    "recommended": {*SIDES, "owner", "auditor", "reviewer"},
    "withdrawn": {*SIDES, "owner", "auditor"},
}
MAY: dict[str, dict[str, set[str]]] = {  # stage -> act -> who
    "draft": {"edit": SIDES, "host-view": {"host"}, "submit": SIDES, "withdraw": {*SIDES, "owner"}},
    "in review": {
        "review": {"reviewer"},
        "decline": {"reviewer"},
        "assign": {"owner"},
        "take-back": SIDES,
        "withdraw": {*SIDES, "owner"},
    },
    "recommended": {"agree": SIDES, "take-back": SIDES, "withdraw": {*SIDES, "owner"}},
    "withdrawn": {"rework": SIDES},
}
ACTS = ("edit", "host-view", "submit", "review", "decline", "assign", "agree", "take-back", "withdraw", "rework", "pictures")


@pytest.mark.parametrize("stage", MAY)
def test_an_act_of_somebody_whose_turn_it_is_not_changes_nothing(
    case: Telling, visitor: Visitor, client: Client, stage: str
) -> None:
    """Those with no part in it find nothing, others read why not."""
    case.begin()
    case.write()
    if stage != "draft":
        case.submit()
    people = {
        "guest": case.guest,
        "coordinator": case.asked.coordinator,
        "host": case.host,
        "reviewer": case.reviewer,
        "owner": case.owner,
        "auditor": make_member(case.asked.programme, Role.AUDITOR),
        "next reviewer": case.other,
        "stranger": make_user(),
    }
    if stage == "recommended":
        case.review()
    if stage == "withdrawn":
        visitor(case.guest).post(f"/stories/{case.story.id}/withdraw", data={"version": case.story.version})
    story = case.story
    before = (story.state, story.version, story.edition, story.texts)
    assert client.post(f"/stories/{story.id}/withdraw").status_code == 401
    for name, person in people.items():
        browser = visitor(person)
        for act in ACTS:
            if name in MAY[stage].get("edit" if act == "pictures" else act, set()):
                continue
            typed = {
                "version": str(before[1]),
                "note": "x",
                "publish": "with_names",
                "reviewer": "1",
                "took": "x",
                "act": "submit",
            }
            status = browser.post(f"/stories/{story.id}/{act}", data=typed).status_code
            assert status in ({403, 409} if name in SEE[stage] else {404}), (name, act, status)
    story = case.story
    assert (story.state, story.version, story.edition, story.texts) == before


@pytest.mark.parametrize("word", ["no", "without"])
def test_a_word_taken_back_while_the_other_side_s_page_is_open(case: Telling, visitor: Visitor, word: str) -> None:
    """The guest has agreed, and takes it back on the exchange's page; the host, who has the page open, sends it then."""
    case.recommended()
    story = case.agree(case.guest)
    host = visitor(case.host)
    page = host.get(f"/stories/{story.id}/agree")
    texts = dict(story.newest.texts)
    if word == "without":
        story.newest.texts = {**texts, "took": "All of Danube Tech helped."}
    consents.change_consent(case.asked.exchange, side="guest", publish=word, by=case.guest)
    db.session.commit()
    sent = host.post(f"/stories/{story.id}/agree", data=values_of(page) | {"publish": "with_names", "note": "At last"})
    assert sent.status_code == 422
    assert "Danube Tech had agreed, but has said since that the exchange may not be told like that." in text_of(sent)
    assert values_of(sent)["note"] == "At last"
    assert (case.story.state, queries.told(story.id)) == ("in_review", None)
    assert db.session.query(OutboxMessage).filter_by(kind="story_published").count() == 0
    consents.change_consent(case.asked.exchange, side="guest", publish="with_names", by=case.guest)
    db.session.commit()
    assert host.post(f"/stories/{story.id}/agree", data=values_of(sent) | {"publish": "with_names"}).status_code == 303
    assert queries.told(story.id) is not None


def test_withdrawn_while_others_have_it_open(case: Telling, visitor: Visitor, client: Client) -> None:
    """The reviewer's comments come back as typed; who reads the public page and goes on to its picture gets nothing."""
    case.begin()
    case.write(pictures=1)
    case.submit()
    id, reviewer = case.story.id, visitor(case.reviewer)
    page = reviewer.get(f"/stories/{id}/review")
    visitor(case.host).post(f"/stories/{id}/withdraw", data={"version": case.story.version})
    sent = reviewer.post(f"/stories/{id}/review", data=values_of(page) | {"whole": "Very clear.", "act": "recommend"})
    assert sent.status_code in (404, 409)
    other = telling()
    other.published(pictures=1)
    picture = other.story.chosen_pictures[0].id
    assert client.get(f"/stories/pictures/{picture}.jpg").status_code == 200
    consents.change_consent(other.asked.exchange, side="host", publish="no", by=other.host)
    db.session.commit()
    assert client.get(f"/stories/pictures/{picture}.jpg").status_code == 404
    assert client.get(f"/stories/{other.story.id}", follow_redirects=True).status_code == 410
    assert client.get(f"/stories/{other.story.id}/story.pdf").status_code == 410
    assert "A price list for the test plant" not in client.get("/stories.atom").text


@pytest.mark.parametrize("field", ["title", "took", "serves", "alts-0", "version", "act"])
@pytest.mark.parametrize("typed", ["x" * 10_000, "\0", "-1", "9" * 400, "{{ 7 * 7 }}", "\ud83d"])
def test_whatever_stands_in_a_field_is_no_fault_of_ours(case: Telling, visitor: Visitor, field: str, typed: str) -> None:
    id, browser = case.begin().id, visitor(case.guest)
    sent = values_of(browser.get(f"/stories/{id}/edit")) | {field: typed.encode("utf-8", "surrogatepass")}
    assert browser.post(f"/stories/{id}/edit", data=sent).status_code in (303, 409, 422)


def test_a_draft_in_two_tabs(case: Telling, visitor: Visitor) -> None:
    """The guest in one, the host in the other, both with the list of pictures and of what it serves."""
    id = case.begin().id
    guest, host = visitor(case.guest), visitor(case.host)
    ours, theirs = values_of(guest.get(f"/stories/{id}/edit")), values_of(host.get(f"/stories/{id}/edit"))
    assert guest.post(f"/stories/{id}/edit", data=ours | {"took": "Four months"}).status_code == 303
    slower = host.post(f"/stories/{id}/edit", data=theirs | {"took": "Half a year"})
    assert slower.status_code == 409
    assert "Four months" in slower.text
    assert values_of(slower)["took"] == "Half a year"
    assert host.post(f"/stories/{id}/edit", data=values_of(slower)).status_code == 303
    assert case.story.texts["took"] == "Half a year"
