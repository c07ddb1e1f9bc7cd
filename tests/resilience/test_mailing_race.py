"""Sixty-four sendings at once, of one form and from sixty-four tabs: one mail for each person, no 500."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility.core.database import db, transaction
from mobility.mailings.models import Mailing, MailingLetter
from mobility.notifications.models import OutboxMessage
from mobility.people.roles import Role
from tests.support.databases import Databases
from tests.support.factories import make_exchange, make_guest, make_member, make_theme
from tests.support.forms import values_in
from tests.support.people_at_once import Browser, post_at_once
from tests.support.processes import LiveServer, running_server

pytestmark = pytest.mark.databases("postgresql")
AT_ONCE = 64


@pytest.fixture
def site(database_kind: str, databases_of: Callable[[str], Databases], app_on: Callable[..., Flask]) -> Iterator[LiveServer]:
    """A real server on an empty database, which is at hand in the test."""
    with databases_of(database_kind).fresh() as url, running_server(url, DEMO="1") as server, app_on(url).app_context():
        yield server


@pytest.mark.parametrize("tabs", [1, AT_ONCE])
def test_many_sendings_make_one_mail_for_each(site: LiveServer, tabs: int) -> None:
    with transaction():
        theme = make_theme(places=5)
        owner = make_member(theme.programme, Role.OWNER, demo_note="Acts in a test.")
        for _ in range(3):
            make_exchange(theme, make_guest())
        owner_id = owner.id
    browser = Browser(site).be(owner_id)
    _, page = browser.get("/exchanges")
    at = page.partition('href="/mailings/new?')[2].partition('"')[0].replace("&amp;", "&")
    path = f"/mailings/new?{at}"
    forms = []
    for _ in range(tabs):
        written = browser.form(path) | {"subject": "Book for {theme}", "text": "Dear {name}", "what": "news", "act": "all"}
        status, _, preview = browser.post(path, **written)
        assert status == 200
        forms.append(values_in(preview) | {"act": "send"})
    answers = post_at_once([(browser, path, forms[number % tabs]) for number in range(AT_ONCE)])
    assert set(answers) <= {302, 409}, answers
    assert answers[302] == (AT_ONCE if tabs == 1 else 1)
    db.session.rollback()
    mails = select(OutboxMessage.recipient_id, func.count()).where(OutboxMessage.kind == "mailing_news")
    assert [row[1] for row in db.session.execute(mails.group_by(OutboxMessage.recipient_id))] == [1, 1, 1]
    assert db.session.scalar(select(func.count(Mailing.id))) == 1
    assert db.session.scalar(select(func.count(MailingLetter.id))) == 3
