"""Guest and host who write 64 messages at the same moment: each is there, and the first contact is noted once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility.applications.models import Application, FirstContact
from mobility.core.database import db, transaction
from mobility.core.forms import retried
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.talking import operations, queries
from mobility.talking.models import Conversation, Message
from tests.support.factories import coordinator_of, make_submitted

MESSAGES = 64


@pytest.fixture
def racing_app(fresh_database: str, app_on: Callable[..., Flask]) -> Flask:
    options = {"pool_size": 16, "max_overflow": 4} if fresh_database.startswith("postgresql") else {}
    return app_on(fresh_database, SQLALCHEMY_ENGINE_OPTIONS=options)


@pytest.fixture
def writers(fresh_database: str) -> int:
    """SQLite has one writer at a time, and lets the others wait without a queue."""
    return 16 if fresh_database.startswith("postgresql") else 4


def write_at_once(app: Flask, application_id: int, people: list[int], writers: int) -> None:
    ready = Barrier(writers)

    def one(number: int) -> None:
        with app.app_context():
            ready.wait()
            by = people[number % 2]
            id = retried(lambda: begin(application_id, by))
            for _ in range(MESSAGES // writers):
                with transaction():
                    person = db.session.get_one(User, by)
                    operations.send(queries.find(id, person, for_update=True), by=person, text=f"From {number}.")

    with ThreadPoolExecutor(writers) as threads:
        list(threads.map(one, range(writers)))


def begin(application_id: int, by: int) -> int:
    application = db.session.get_one(Application, application_id)
    return operations.start(application, by=db.session.get_one(User, by)).id


def test_64_messages_at_once_and_one_first_contact(racing_app: Flask, writers: int) -> None:
    with racing_app.app_context():
        application = make_submitted()
        db.session.commit()
        id, people = application.id, [application.guest_id, coordinator_of(application.theme).id]
    write_at_once(racing_app, id, people, writers)
    with racing_app.app_context():
        assert db.session.scalar(select(func.count(Message.id))) == MESSAGES
        assert db.session.scalar(select(func.count(FirstContact.id))) == 1
        conversation = db.session.scalars(select(Conversation)).one()
        assert conversation.newest_id == db.session.scalar(select(func.max(Message.id)))
        assert db.session.get_one(Application, id).state == "in_dialogue"
        mails = select(OutboxMessage.recipient_id).where(OutboxMessage.kind == "message_written")
        assert len(set(db.session.scalars(mails))) == 2
