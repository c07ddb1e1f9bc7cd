"""A fifth subject needs its own folder and one line in the list: nothing else is told of it (architecture.md)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobility import reminders, subjects
from mobility.core.database import db, table_of, transaction
from mobility.notifications.models import OutboxMessage
from mobility.notifications.recipients import Directory
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.workflows.visibility import plays
from mobility.workflows.workflow import Actor
from tests.support.factories import make_agreed_exchange, make_member, make_user, sign_in
from tests.support.postcards.models import Postcard
from tests.support.postcards.views import blueprint


@pytest.fixture
def app(fresh_database: str, app_on: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application of its own, with the postcard's page, and its one line in the list."""
    monkeypatch.setattr(subjects, "SUBJECTS", (*subjects.SUBJECTS, Postcard))
    app = app_on(fresh_database)
    app.register_blueprint(blueprint)
    with app.app_context():
        table_of(Postcard).create(db.engine)
    yield app
    with app.app_context():
        table_of(Postcard).drop(db.engine)


@pytest.fixture
def postcard(db_session: Any) -> Postcard:
    exchange = make_agreed_exchange(state="completed")
    make_member(exchange.host, Role.COORDINATOR)
    make_member(exchange.programme, Role.OWNER, name="Olga Owner")
    card = Postcard(exchange=exchange, guest=exchange.guest)
    db_session.add(card)
    db_session.flush()
    card.workflow.enter(card, by=exchange.guest, acted_as=Actor.GUEST)
    db_session.commit()
    return card


def owner_of(card: Postcard) -> User:
    [found] = Directory([card], [Actor.OWNER]).of(card, [Actor.OWNER])
    return found.person


def send(id: int) -> None:
    with transaction():
        card = db.session.get_one(Postcard, id)
        card.workflow.apply("send", card, by=card.guest)


def test_tasks_journey_and_history(client: Any, postcard: Postcard) -> None:
    id = postcard.id
    sign_in(client, postcard.guest)
    home, page = client.get("/").text, client.get(f"/postcards/{id}").text
    assert "Send a postcard" in home
    assert f'href="/postcards/{id}"' in home
    for label in ("Theme", "Match", "Agreement", "Visit", "Follow-up"):
        assert label in page
    assert "Your turn, by 8 March 2027" in page
    send(id)
    assert "Your turn" not in client.get(f"/postcards/{id}").text
    home = client.get("/").text
    assert "Send a postcard" not in home
    assert f'Postcard sent: <a href="/postcards/{id}">' in home
    assert [entry.action for entry in db.session.get_one(Postcard, id).history()] == ["send", "create"]


def test_recipients_rows_reminders_and_escalations(postcard: Postcard, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    guest, owner = postcard.guest, owner_of(postcard)
    assert owner.name == "Olga Owner"
    for person, actors, expected in (
        (guest, (), [postcard]),
        (owner, (), [postcard]),
        (owner, (Actor.OWNER,), [postcard]),
        (owner, (Actor.GUEST,), []),
        (make_user(), (), []),
    ):
        assert list(db.session.scalars(select(Postcard).where(plays(Postcard, person, *actors)))) == expected
    clock.move(days=5)
    with monkeypatch.context() as without:
        without.setattr(subjects, "SUBJECTS", subjects.SUBJECTS[:-1])
        reminders.queue_due()
        assert told() == {}
    reminders.queue_due()
    mails = told()
    assert f"end {postcard.exchange.host.name} a postcard." in mails.pop(guest.id)
    assert mails
    assert all(f"xpect a postcard of {guest.name}." in text for text in mails.values())
    clock.move(days=3)
    assert reminders.escalate() == 1
    assert owner.id in told()


def told() -> dict[int | None, str]:
    """The mails about postcards, by whom they go to."""
    mails = select(OutboxMessage).where(OutboxMessage.subject_type == "postcard")
    return {mail.recipient_id: mail.text for mail in db.session.scalars(mails)}
