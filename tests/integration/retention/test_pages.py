"""The pages of the periods: who sees them, what they say, and what is set on them."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from mobility.audit.models import AuditEntry
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.retention import operations
from mobility.retention.models import RetentionPeriod
from mobility.retention.night import remove_old_data
from mobility.retention.rules import BY_KEY, NIGHTS
from tests.support.client import Client, Visitor
from tests.support.factories import make_member, make_programme, make_user, sign_in
from tests.support.html import fields_of, text_of

PAGE = "/admin/retention"
MAILS = f"{PAGE}/mails"


@pytest.fixture
def admin(client: Client, db_session: Any) -> User:
    found = make_user(name="Robin Keller", is_administrator=True)
    db_session.commit()
    sign_in(client, found)
    return found


def send(client: Client, **typed: str) -> Any:
    return client.post(MAILS, data=fields_of(client.get(MAILS)) | {"reason": "The law says so."} | typed)


def days_of(key: str = "mails") -> int | None:
    db.session.expire_all()
    return db.session.scalars(select(RetentionPeriod.days).where(RetentionPeriod.key == key)).one()


@pytest.mark.parametrize("path", [PAGE, MAILS])
def test_only_administrators(visitor: Visitor, client: Client, db_session: Any, path: str) -> None:
    owner, auditor = (make_member(make_programme(), role) for role in (Role.OWNER, Role.AUDITOR))
    for each in (owner, auditor, make_user()):
        assert visitor(each).get(path).status_code == 404
        assert visitor(each).post(MAILS, data={"days": "1", "reason": "x", "seen": "1"}).status_code == 404
    assert client.get(path).status_code == 302


def test_before_any_night(client: Client, admin: User) -> None:
    said = text_of(client.get(PAGE))
    assert "Evidence 10 years Only reports 7 more nights no night yet" in said
    assert "Deleted within hours, days or weeks" in said
    assert "No night has reported yet" in text_of(client.get(MAILS))
    assert client.get(f"{PAGE}/nonsense").status_code == 404


def test_a_period_is_set_with_a_reason(client: Client, admin: User) -> None:
    assert send(client, days="400").status_code == 303
    assert days_of() == 400
    assert "400 days, as set by Robin Keller" in text_of(client.get(MAILS))
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "retention_changed")).one()
    assert (entry.by_id, entry.after["reason"]) == (admin.id, "The law says so.")
    assert send(client, days="").status_code == 303
    assert days_of() is None
    assert "Mails for ever Kept for ever" in text_of(client.get(PAGE))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"days": "29"}, "Enter a whole number from 30 to 36500."),
        ({"days": "36501"}, "Enter a whole number from 30 to 36500."),
        ({"days": "-5"}, "Enter a whole number from 30 to 36500."),
        ({"days": "a year"}, "Enter a whole number, such as 10."),
        ({"days": "9" * 400}, "whole number"),
        ({"days": "400", "reason": ""}, "Error:"),
        ({"days": "365"}, "It is this already."),
    ],
)
def test_what_is_wrong_is_said_at_the_field(client: Client, admin: User, typed: dict[str, str], words: str) -> None:
    answer = send(client, **typed)
    assert answer.status_code in (409, 422)
    assert words in text_of(answer)
    assert db.session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.act == "retention_changed")) == 0


def test_evidence_is_kept_ten_years_at_least(client: Client, admin: User) -> None:
    page = client.get(f"{PAGE}/evidence")
    answer = client.post(f"{PAGE}/evidence", data=fields_of(page) | {"days": "3000", "reason": "Space."})
    assert answer.status_code == 422
    assert "Space." in answer.text


def test_the_slower_of_two_loses_nothing(client: Client, admin: User) -> None:
    opened = fields_of(client.get(MAILS)) | {"reason": "Mine.", "days": "500"}
    assert send(client, days="400").status_code == 303
    answer = client.post(MAILS, data=opened)
    assert answer.status_code == 409
    assert "Somebody else has set the period since you opened this page: it is 400 days now." in text_of(answer)
    assert days_of() == 400
    assert client.post(MAILS, data=fields_of(answer)).status_code == 303
    assert days_of() == 500


@pytest.mark.parametrize("seen", ["", "x", "-1", "0", "99"])
def test_nonsense_was_seen_by_nobody(client: Client, admin: User, seen: str) -> None:
    assert send(client, days="400", seen=seen).status_code == 409


@pytest.mark.parametrize("nights", [1, 3, 60])
def test_the_pages_ask_as_often_for_many_nights(
    client: Client, admin: User, queries: Callable[..., Any], nights: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        operations.set_period(BY_KEY["mails"], by=db.session.merge(admin), days=400, reason="x", seen=1)
        operations._there(BY_KEY["mails"]).nights = NIGHTS - 1
    for _ in range(nights):
        remove_old_data()
        clock.move(days=1)
    sign_in(client, admin)
    client.get(PAGE)
    with queries() as asked:
        assert client.get(PAGE).status_code == 200
    assert asked.count == 3, asked  # who it is, the periods, the newest night of each
    with queries() as asked:
        said = text_of(client.get(MAILS))
    assert asked.count == 4, asked  # the same, and the newest nights; the reader is whoever set it
    assert ("Removes every night" in said) is (nights > 0)
