"""Known and unknown addresses: the same answer, by the same work."""

import re
from collections.abc import Callable
from time import process_time
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select

from mobility.accounts import passwords
from mobility.notifications.models import OutboxMessage
from tests.support.factories import make_user

PASSWORD = "blue kettle on a hill"


@pytest.fixture
def _people(db_session: Any) -> None:
    make_user(email="ana@example.org", password_hash=passwords.hash_of(PASSWORD))
    make_user(email="closed@example.org", password_hash=passwords.hash_of(PASSWORD), active=False)
    make_user(email="invited@example.org")


WHO = ("ana", "closed", "invited", "nobody")


def work_of(act: Callable[[str], Any], queries: Any) -> dict[str, tuple[list[str], str]]:
    """For each address: the kinds of statement that were needed, and the page without what differs on every page."""
    found = {}
    for who in WHO:
        with queries() as q:
            answer = act(f"{who}@example.org")
        plain = re.sub(r'(nonce|value)="[^"]*"', "", answer.text).replace(who, "somebody")
        found[who] = ([each.split()[0] for each in q.statements], f"{answer.status_code} {plain}")
    return found


@pytest.mark.usefixtures("_people")
def test_signing_in(client: Any, queries: Any) -> None:
    def wrong(email: str) -> Any:
        with patch.object(passwords, "_hasher", wraps=passwords._hasher) as hasher:
            answer = client.post("/sign-in", data={"email": email, "password": "wrong words here"})
            assert hasher.verify.call_count == 1, email
        return answer

    found = work_of(wrong, queries)
    assert all(each == found["nobody"] for each in found.values()), found


@pytest.mark.usefixtures("_people")
def test_asking_for_a_new_password(client: Any, queries: Any, db_session: Any) -> None:
    found = work_of(lambda email: client.post("/password/forgotten", data={"email": email}), queries)
    pages = {page for _work, page in found.values()}
    assert len(pages) == 1
    assert [each.recipient_id is not None for each in db_session.scalars(select(OutboxMessage))] == [True, True]
    writes = {who: len([each for each in work if each != "SELECT"]) for who, (work, _page) in found.items()}
    reads = {who: work.count("SELECT") for who, (work, _page) in found.items()}
    assert set(reads.values()) == {reads["nobody"]}, found
    assert max(writes.values()) - writes["nobody"] == 1, "a link and a mail; a row that says nothing"


@pytest.mark.usefixtures("_people")
def test_a_new_password_takes_as_long_for_nobody(client: Any, app: Any) -> None:
    """By the processor's time, the quickest of several: within a third of each other, and a letter is most of it."""
    app.config["WTF_CSRF_ENABLED"] = False

    def quickest(email: str) -> float:
        return min(_seconds(lambda: client.post("/password/forgotten", data={"email": email})) for _ in range(9))

    with patch("mobility.accounts.throttle.take_attempt"):
        client.post("/password/forgotten", data={"email": "warm@example.org"})
        known, unknown = quickest("ana@example.org"), quickest("nobody@example.org")
    assert 0.67 < unknown / known < 1.5, (known, unknown)


def _seconds(act: Callable[[], Any]) -> float:
    before = process_time()
    act()
    return process_time() - before
