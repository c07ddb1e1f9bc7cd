"""Two people at the same moment: a consent and an edit, a withdrawal and the last consent, both sides who begin or agree."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import ModuleType
from typing import Any

import pytest

from mobility.core.database import db
from mobility.stories import queries
from mobility.stories.models import StoryConsent, StoryReview, SuccessStory
from tests.support.client import Client, Visitor, commit_what_the_test_holds
from tests.support.forms import values_of
from tests.support.stories import Telling, telling


@pytest.fixture
def case(db_session: Any, clock: ModuleType) -> Telling:
    return telling()


def together(*posts: tuple[Client, str, dict[str, Any]]) -> list[int]:
    """The statuses of requests that are sent at the same moment."""
    commit_what_the_test_holds()
    start = Barrier(len(posts))

    def send(post: tuple[Client, str, dict[str, Any]]) -> int:
        client, path, data = post
        start.wait()
        return client.other_tab().post(path, data=data).status_code

    with ThreadPoolExecutor(len(posts)) as pool:
        statuses = list(pool.map(send, posts))
    db.session.rollback()
    db.session.expire_all()
    return statuses


def act(client: Client, path: str) -> tuple[Client, str, dict[str, Any]]:
    """An act whose page is open."""
    return client, path, values_of(client.get(path))


def test_a_consent_while_it_is_taken_back_to_be_changed(case: Telling, visitor: Visitor) -> None:
    """Whoever is slower learns that it has changed; what was agreed to never stands beside another text."""
    case.recommended()
    case.agree(case.guest)
    there = f"/stories/{case.story.id}"
    statuses = together(act(visitor(case.host), f"{there}/agree"), act(visitor(case.guest), f"{there}/take-back"))
    assert sorted(statuses) == [303, 409]
    story = case.story
    assert (story.state, queries.told(story.id) is not None) == (("published", True) if statuses[0] == 303 else ("draft", False))


def test_a_withdrawal_while_the_last_consent_is_given(case: Telling, visitor: Visitor, client: Client) -> None:
    case.recommended()
    case.agree(case.guest)
    there = f"/stories/{case.story.id}"
    statuses = together(act(visitor(case.host), f"{there}/agree"), act(visitor(case.guest), f"{there}/withdraw"))
    assert sorted(statuses) == [303, 409]
    story = case.story
    assert story.state == ("published" if statuses[0] == 303 else "withdrawn")
    assert (queries.told(story.id) is not None) == (statuses[0] == 303)
    guest = visitor(case.guest)
    if statuses[0] == 303:
        guest.post(f"{there}/withdraw", data=act(guest, f"{there}/withdraw")[2])
    assert client.get(there).status_code in {404, 410}


def test_both_sides_agree(case: Telling, visitor: Visitor) -> None:
    case.recommended()
    there = f"/stories/{case.story.id}/agree"
    host, guest = visitor(case.host), visitor(case.guest)
    statuses = together(act(host, there), act(guest, there))
    assert sorted(statuses) == [303, 409]
    assert (case.story.state, db.session.query(StoryConsent).count()) == ("in_review", 1)
    slower = guest if statuses[0] == 303 else host
    assert slower.post(there, data=act(slower, there)[2]).status_code == 303
    assert (case.story.state, db.session.query(StoryConsent).count()) == ("published", 2)


def test_both_sides_begin(case: Telling, visitor: Visitor) -> None:
    path = f"/exchanges/{case.asked.exchange.id}/story"
    posts = [(visitor(person), path, {}) for person in (case.guest, case.host)]
    for client, *_ in posts:
        client.get("/")
    assert together(*posts) == [303, 303]
    assert db.session.query(SuccessStory).count() == 1


def test_the_owner_s_choice_while_the_reviewer_sends_theirs(case: Telling, visitor: Visitor) -> None:
    case.begin()
    case.write()
    there = f"/stories/{case.story.id}"
    case.submit()
    owner, reviewer = visitor(case.owner), visitor(case.reviewer)
    chosen = act(owner, f"{there}/assign")[2] | {"reviewer": str(case.other.id)}
    typed = act(reviewer, f"{there}/review")[2] | {"act": "recommend", "whole": "Clear."}
    statuses = together((owner, f"{there}/assign", chosen), (reviewer, f"{there}/review", typed))
    story = case.story
    if story.recommended_on:
        assert statuses == [409, 303]
    else:
        assert (statuses[0], story.reviewer) == (303, case.other)
        assert story.comments == []
    assert db.session.query(StoryReview).filter_by(ended_on=None).count() == (0 if story.recommended_on else 1)
