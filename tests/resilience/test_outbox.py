"""A mail server that refuses, or breaks off after DATA: nothing lost, a second copy only with the same Message-ID.

Each run is a process of its own, as the scheduler's would be; tests/integration/notifications has the other ways to fail.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.core.links import path_of
from mobility.notifications.models import OutboxMessage
from mobility.notifications.operations import post
from tests.support import factories
from tests.support.processes import flask
from tests.support.smtp import SmtpServer

LETTERS = 4


@pytest.fixture
def waiting(fresh_database: str, app_on: Callable[..., Flask]) -> str:
    """A database with a few letters in the outbox."""
    with app_on(fresh_database).app_context(), transaction():
        theme = factories.make_theme()
        people = [factories.make_user() for _ in range(LETTERS)]
        post("theme_closed", people, about=theme, path=path_of("themes.show", id=theme.id), theme=theme, reason="A test.")
    return fresh_database


def deliver(url: str, mail_url: str, days: int = 0) -> None:
    day = (clock.today() + timedelta(days=days)).isoformat()
    flask(url, "run-job", "deliver-outbox", "--on", day, MAIL_URL=mail_url, BASE_URL="http://localhost")


def letters(app: Flask) -> dict[str, tuple[str, str]]:
    """address -> (state, Message-ID)"""
    with app.app_context():
        rows = db.session.execute(select(OutboxMessage.address, OutboxMessage.state, OutboxMessage.message_id)).all()
        return {address: (state, message_id) for address, state, message_id in rows}


def test_nothing_is_lost_and_a_second_copy_is_the_same_letter(
    waiting: str, app_on: Callable[..., Flask], smtp_server: SmtpServer
) -> None:
    app = app_on(waiting)
    smtp_server.behave("break off")
    deliver(waiting, smtp_server.url)
    assert {state for state, _ in letters(app).values()} == {"waiting"}
    smtp_server.behave("accept")
    deliver(waiting, smtp_server.url, days=2)
    sent = letters(app)
    assert {state for state, _ in sent.values()} == {"sent"}
    for address, (_, message_id) in sent.items():
        copies = smtp_server.to(address)
        assert [copy.acknowledged for copy in copies].count(True) == 1
        assert {copy.message_id for copy in copies} == {message_id}


def test_a_mailbox_that_does_not_exist_is_not_tried_for_ever(
    waiting: str, app_on: Callable[..., Flask], smtp_server: SmtpServer
) -> None:
    smtp_server.behave("refuse")
    deliver(waiting, smtp_server.url)
    assert {state for state, _ in letters(app_on(waiting)).values()} == {"dead"}
    assert smtp_server.messages == []
