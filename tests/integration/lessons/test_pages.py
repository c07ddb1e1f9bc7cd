"""Lessons of a call: written by owners, closed, opened again, and shown to whoever sets rules next (P18)."""

from datetime import timedelta
from typing import Any

from mobility.lessons.models import Lessons
from tests.support.client import Visitor
from tests.support.factories import make_call
from tests.support.html import fields_of, text_of
from tests.support.reviews import Reviewed, reviewed

TEXTS = {"keep": "Two\ndays of preparation", "change": "Ask for <one> objective", "stop": "", "seen": "0"}


def closed(made: Reviewed, visitor: Visitor, **texts: str) -> Any:
    return visitor(made.owner).post(f"{made.of_call}/lessons", data=TEXTS | texts)


def test_an_owner_closes_the_review_and_others_read_it(visitor: Visitor, db_session: Any) -> None:
    made = reviewed()
    auditor = visitor(made.auditor)
    assert "Not written yet" in text_of(auditor.get(f"{made.of_call}/lessons"))
    assert closed(made, visitor).status_code == 303
    page = text_of(auditor.get(f"{made.of_call}/lessons"))
    for words in ("The review is closed", made.owner.name, "Two days of preparation", "Ask for &lt;one&gt; objective"):
        assert words in page, words
    assert "Open it again" not in page
    assert "This review is closed" in text_of(auditor.get(f"{made.of_call}/review"))
    assert auditor.post(f"{made.of_call}/lessons", data=TEXTS).status_code == 404


def test_without_a_lesson_it_stays_open_and_nothing_typed_is_lost(visitor: Visitor, db_session: Any) -> None:
    made = reviewed()
    page = closed(made, visitor, keep=" ", change="")
    assert page.status_code == 422
    assert "Write at least one lesson: to keep, to change, or to stop." in text_of(page)
    too_long = closed(made, visitor, keep="x" * 20_000)
    assert too_long.status_code == 422
    assert "Ask for &lt;one&gt; objective" in too_long.text
    assert db_session.query(Lessons).count() == 0


def test_of_two_owners_the_slower_learns_what_the_other_wrote(visitor: Visitor, db_session: Any) -> None:
    made = reviewed()
    closed(made, visitor)
    slower = closed(made, visitor, keep="Mine")
    assert slower.status_code == 409
    assert "Somebody else has saved lessons of this call meanwhile" in text_of(slower)
    assert ">\r\nMine</textarea>" in slower.text or ">Mine</textarea>" in slower.text or "Mine</textarea>" in slower.text
    assert "Two days of preparation" in text_of(slower)
    assert fields_of(slower)["seen"] == "1"
    assert closed(made, visitor, keep="Mine", seen="1").status_code == 303
    assert [(each.number, each.keep) for each in db_session.query(Lessons).order_by(Lessons.number)] == [
        (1, "Two\ndays of preparation"),
        (2, "Mine"),
    ]


def test_a_review_is_opened_again_with_its_history(visitor: Visitor, db_session: Any) -> None:
    made = reviewed()
    closed(made, visitor)
    owner = visitor(made.owner)
    assert owner.post(f"{made.of_call}/lessons/reopen", data={"seen": "1", "reason": ""}).status_code == 422
    assert owner.post(f"{made.of_call}/lessons/reopen", data={"seen": "1", "reason": "New answers"}).status_code == 303
    assert owner.post(f"{made.of_call}/lessons/reopen", data={"seen": "2", "reason": "Again"}).status_code == 409
    page = owner.get(f"{made.of_call}/lessons")
    assert fields_of(page)["seen"] == "2"
    assert "Ask for &lt;one&gt; objective</textarea>" in page.text
    for words in ("Opened again version 2", "New answers", "Closed version 1"):
        assert words in text_of(page)
    assert closed(made, visitor, stop="The form", seen="2").status_code == 303


def test_the_next_call_shows_the_lessons_of_those_before(visitor: Visitor, db_session: Any) -> None:
    """On the rules, where a call is opened, and where the next one is changed; not on the call's own page, nor while open."""
    made = reviewed()
    following = make_call(made.programme, name="Next", opens_on=made.call.opens_on + timedelta(days=9))
    owner = visitor(made.owner)
    pages = [f"{made.at}/rules", f"{made.at}/calls/new", f"{made.at}/calls/{following.id}/edit"]
    assert not any("Lessons of earlier calls" in owner.get(each).text for each in pages)
    closed(made, visitor)
    for each in pages:
        page = text_of(owner.get(each))
        assert "Lessons of earlier calls" in page, each
        assert "Two days of preparation" in page, each
    assert "Lessons of earlier calls" not in owner.get(f"{made.of_call}/edit").text
    owner.post(f"{made.of_call}/lessons/reopen", data={"seen": "1", "reason": "New answers"})
    assert "Lessons of earlier calls" not in owner.get(pages[0]).text
