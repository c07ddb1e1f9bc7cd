"""Migration 0045: mails from before keep their HTML; going down, what was written since says its text."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from mobility.core.database import db, transaction
from mobility.notifications.models import OutboxMessage
from mobility.notifications.operations import row, store
from mobility.notifications.rendering import html_of
from tests.support.factories import make_user
from tests.support.letters import letter
from tests.support.processes import flask


def test_up_and_down_and_up_again(fresh_database: str, app_on: Callable[..., Flask]) -> None:
    app = app_on(fresh_database)

    def shown() -> list[str]:
        with app.app_context():
            return [html_of(each) for each in db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))]

    with app.app_context(), transaction():
        person = make_user()
        store([row("reminder", person, letter(text="Tea < coffee & <b>milk</b>"), "new")])
        store([row("reminder", person, letter(text="Then"), "earlier") | {"parts": None, "html": "<p>Then</p>"}])
    new, earlier = shown()
    assert '<p dir="auto">Tea &lt; coffee &amp; &lt;b&gt;milk&lt;/b&gt;</p>' in new
    assert earlier == "<p>Then</p>"
    flask(fresh_database, "db", "downgrade", "0044")
    flask(fresh_database, "db", "upgrade")
    assert shown() == ["<pre>Tea &lt; coffee &amp; &lt;b&gt;milk&lt;/b&gt;</pre>", "<p>Then</p>"]
