"""An administrator signs somebody out everywhere: a telephone was lost, or somebody else sits at it."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from mobility.audit.models import AuditEntry
from mobility.people.roles import Role
from tests.support.client import Visitor
from tests.support.factories import make_member, make_organisation, make_user
from tests.support.html import text_of


def is_in(client: Any) -> bool:
    return bool(client.get("/account").status_code == 200)


def test_everywhere_and_the_account_stays_open(visitor: Visitor, db_session: Any, app: Flask) -> None:
    robin = make_user(name="Robin", is_administrator=True)
    ana, ben = make_user(name="Ana"), make_user(name="Ben")
    browsers, other, here = [visitor(ana), visitor(ana)], visitor(ben), visitor(robin)
    assert "Sign out everywhere" in text_of(here.get(f"/admin/people/{ana.id}"))
    answer = here.post(f"/admin/people/{ana.id}/sign-out", follow_redirects=True)
    assert "Ana is signed out in every browser, and can sign in again." in text_of(answer)
    assert [is_in(each) for each in (*browsers, other, here)] == [False, False, True, True]
    entry = db_session.scalars(select(AuditEntry).where(AuditEntry.act == "sessions_ended")).one()
    assert (entry.by_id, entry.person_id, entry.after) == (robin.id, ana.id, {"browsers": 2})
    assert is_in(visitor(ana))


def test_nobody_else_can(visitor: Visitor, db_session: Any) -> None:
    ana = make_user(name="Ana")
    there = visitor(ana)
    coordinator = visitor(make_member(make_organisation(), Role.COORDINATOR))
    assert coordinator.post(f"/admin/people/{ana.id}/sign-out").status_code == 404
    assert is_in(there)
