"""A questionnaire is published anew while people answer it: each answers the version they were asked, and loses nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest

from mobility.core.database import db, transaction
from mobility.questionnaires import operations
from mobility.questionnaires.items import CHOICE, TEXT, Item, Option
from mobility.questionnaires.models import Questionnaire
from tests.support.client import Client, Visitor
from tests.support.followups import Asked, ask, link_in, mails, visited
from tests.support.forms import values_of
from tests.support.html import text_of

EXTRA = Item(
    key="mood", kind=CHOICE, text="How was the mood?", options=(Option("good", "Good"), Option("bad", "Bad")), required=True
)


@pytest.fixture
def case(db_session: Any, clock: ModuleType) -> Asked:
    case = visited(date(2027, 3, 5))
    clock.set_to(datetime(2027, 3, 12, 9, tzinfo=UTC))
    ask()
    return case


@pytest.fixture
def link(case: Asked) -> str:
    [mail] = mails(to=case.guest.email)
    return link_in(mail)


def publish_anew(case: Asked, key: str = "end_guest") -> None:
    """Without the hours and what was given, `length` in other words and wanted, `effort_worth` last, and two more items."""
    with transaction():
        form = db.session.query(Questionnaire).filter_by(programme_id=case.programme.id, key=key).one()
        kept = [each for each in form.newest.items if each.key not in {"hours", "gave", "effort_worth"}]
        changed = [
            replace(each, text="Too long, or too short?", required=True) if each.key == "length" else each for each in kept
        ]
        worth = [each for each in form.newest.items if each.key == "effort_worth"]
        items = [EXTRA, *changed, Item(key="words", kind=TEXT, text="In one word?", required=True), *worth]
        operations.edit_items(form, items, by=case.owner, seen=form.version)
        operations.publish(form, by=case.owner, seen=form.version)


HALF = {"q-met-o1": "yes", "q-hours": "5.5", "q-gave": "Our price list", "q-effort_worth": "yes"}
WHOLE = HALF | {"q-met-o2": "partly", "q-benefit": "yes"}


def test_the_form_that_was_open_is_sent_as_it_was_asked(client: Client, case: Asked, link: str) -> None:
    """By the link: read before, sent after. What version 2 wants is not wanted; what it left out is kept."""
    page = client.get(link)
    publish_anew(case)
    sent = client.post(link, data=values_of(page) | WHOLE | {"act": "send"})
    assert sent.status_code == 303, text_of(sent)
    answer = case.request().answer
    assert answer is not None
    assert answer.asked_version.number == 1
    assert answer.answers["hours"] == "5.5"
    assert answer.answers["gave"] == "Our price list"
    assert answer.answers["effort_worth"] is True or answer.answers["effort_worth"] == "yes"
    assert not {"mood", "words"} & answer.answers.keys()


def test_half_filled_then_published_then_opened_again(client: Client, case: Asked, link: str) -> None:
    page = client.get(link)
    saved = client.post(link, data=values_of(page) | HALF | {"act": "save"})
    assert saved.status_code == 303
    publish_anew(case)
    again = client.get(link)
    assert {key: values_of(again)[key] for key in HALF} == HALF
    assert "How many hours did the paperwork take you in all?" in text_of(again)
    assert "How was the mood?" not in text_of(again)
    assert "Too long, or too short?" not in text_of(again)
    refused = client.post(link, data=values_of(again) | {"act": "send"})
    assert refused.status_code == 422  # one objective and the benefit are still to be answered; nothing is lost by it
    assert {key: values_of(refused)[key] for key in HALF} == HALF
    sent = client.post(link, data=values_of(refused) | {"q-met-o2": "no", "q-benefit": "yes", "act": "send"})
    assert sent.status_code == 303
    answer = case.request().answer
    assert answer is not None
    assert (answer.asked_version.number, answer.answers["gave"]) == (1, "Our price list")


def test_saving_while_one_types_goes_on_across_it(client: Client, case: Asked, link: str) -> None:
    """The page stays open; autosave sends before and after the owner publishes."""
    page = client.get(link)
    first = client.post(link, data=values_of(page) | HALF | {"act": "save"}, headers={"Accept": "application/json"})
    publish_anew(case)
    version = first.json["version"] if first.is_json else 1
    typed = values_of(page) | HALF | {"q-gave": "Our price list, and time", "act": "save", "version": str(version)}
    second = client.post(link, data=typed, headers={"Accept": "application/json"})
    assert second.status_code in (200, 303), second.text
    draft = case.request().draft
    assert draft is not None
    assert draft.answers["gave"] == "Our price list, and time"
    assert draft.answers["hours"] == "5.5"


def test_items_of_a_version_that_was_not_asked_are_not_taken(client: Client, case: Asked, link: str) -> None:
    """Fields of version 2 in a form of version 1, as by a page that somebody else had open."""
    page = client.get(link)
    publish_anew(case)
    sent = client.post(link, data=values_of(page) | WHOLE | {"q-mood": "bad", "q-words": "Fine", "act": "send"})
    assert sent.status_code == 303
    answer = case.request().answer
    assert answer is not None
    assert not {"mood", "words"} & answer.answers.keys()


def test_signed_in_it_is_the_same(visitor: Visitor, case: Asked) -> None:
    path = f"/followups/{case.request().id}/answer"
    guest = visitor(case.guest)
    page = guest.get(path)
    publish_anew(case)
    assert guest.post(path, data=values_of(page) | WHOLE | {"act": "send"}).status_code == 303
    answer = case.request().answer
    assert answer is not None
    assert (answer.asked_version.number, answer.answers["hours"]) == (1, "5.5")


def test_sent_before_and_sent_again_after(client: Client, case: Asked, link: str) -> None:
    """The second sending replaces the first, and still answers what was asked: also to a question that is gone now."""
    page = client.get(link)
    client.post(link, data=values_of(page) | WHOLE | {"act": "send"})
    publish_anew(case)
    again = client.get(link)
    assert values_of(again)["q-hours"] == "5.5"
    assert client.post(link, data=values_of(again) | {"q-hours": "7", "act": "send"}).status_code == 303
    first, second = case.request().answers
    assert (first.asked_version.number, first.answers["hours"]) == (1, "5.5")
    assert (second.asked_version.number, second.answers["hours"], second.answers["gave"]) == (1, "7", "Our price list")


def test_who_reads_the_answer_reads_the_questions_that_were_asked(
    client: Client, visitor: Visitor, case: Asked, link: str
) -> None:
    client.post(link, data=values_of(client.get(link)) | WHOLE | {"act": "send"})
    publish_anew(case)
    page = text_of(visitor(case.owner).get(f"/followups/{case.request().id}"))
    assert "How many hours did the paperwork take you in all?" in page
    assert "How was the mood?" not in page


def test_who_is_asked_afterwards_answers_the_new_one(case: Asked, clock: ModuleType, client: Client) -> None:
    publish_anew(case)
    later = visited(date(2027, 3, 12))
    publish_anew(later)
    clock.set_to(datetime(2027, 3, 19, 9, tzinfo=UTC))
    ask()
    [mail] = mails(to=later.guest.email)
    link = link_in(mail)
    page = client.get(link)
    assert "How was the mood?" in text_of(page)
    assert "How many hours" not in text_of(page)
    refused = client.post(link, data=values_of(page) | WHOLE | {"act": "send"})
    assert refused.status_code == 422
    typed = {"q-mood": "good", "q-words": "Fine", "q-length": "right", "act": "send"}
    assert client.post(link, data=values_of(refused) | typed).status_code == 303
    [found] = [each for each in later.requests("end_guest") if each.exchange_id == later.exchange.id]
    assert found.answer is not None
    assert found.answer.asked_version.number == 2
    assert "hours" not in found.answer.answers
    assert found.answer.answers["mood"] == "good"


@pytest.mark.parametrize("value", ["", "x" * 10_000, "99999999", "later"])
def test_half_filled_with_what_neither_version_takes(client: Client, case: Asked, link: str, value: str) -> None:
    page = client.get(link)
    publish_anew(case)
    sent = client.post(link, data=values_of(page) | WHOLE | {"q-hours": value, "q-recommend": "11", "act": "send"})
    assert sent.status_code == 422
    assert values_of(sent)["q-gave"] == "Our price list"
    assert values_of(sent)["q-hours"] == value
    assert case.request().answer is None
