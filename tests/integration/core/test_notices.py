"""Notices wait in the session's cookie until a page shows them (core/pages.py)."""

from typing import Any

from flask import Flask

from mobility.core.pages import NOTICES
from mobility.people.models import Role
from tests import factories
from tests.factories import sign_in

COOKIE = 4093  # bytes that every browser keeps
OFTEN = 60


def test_whoever_acts_often_without_looking_at_a_page_stays_signed_in(app: Flask, db_session: Any, client: Any) -> None:
    organisation = factories.make_organisation()
    sign_in(client, factories.make_member(organisation, Role.COORDINATOR))
    theme = factories.make_theme(host=organisation)
    longest = 0
    for number in range(OFTEN):
        act = ("close", "reopen")[number % 2]
        answer = client.post(f"/themes/{theme.id}/{act}", data={"version": number + 2})
        assert answer.status_code == 303, answer.text
        longest = max(longest, len(answer.headers["Set-Cookie"]))
    assert longest < COOKIE
    assert client.get("/themes").text.count('role="status"') == NOTICES
