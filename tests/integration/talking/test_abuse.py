"""A reported message: an administrator sees that one, hides it or not, and the audit log says who looked."""

from typing import Any

import pytest
from sqlalchemy import select

from mobility.audit.models import AuditEntry
from mobility.core.database import db
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.talking import operations
from mobility.talking.models import Message, MessageReport
from tests.support.client import Visitor
from tests.support.factories import coordinator_of, make_member, make_submitted, make_user


@pytest.fixture
def message(db_session: Any) -> Message:
    application = make_submitted()
    conversation = operations.start(application, by=application.guest)
    operations.send(conversation, by=application.guest, text="Before it.")
    found = operations.send(conversation, by=application.guest, text="You fool.")
    db.session.commit()
    return found


def host_of(message: Message) -> User:
    return coordinator_of(message.conversation.application.theme)


def reported(visitor: Visitor, message: Message) -> MessageReport:
    answer = visitor(host_of(message)).post(f"/messages/{message.id}/report", data={"reason": "An insult."})
    assert answer.status_code == 303
    db.session.rollback()
    return db.session.scalars(select(MessageReport)).one()


def told(kind: str) -> list[int | None]:
    return list(db.session.scalars(select(OutboxMessage.recipient_id).where(OutboxMessage.kind == kind)))


def acts() -> list[tuple[str, int | None]]:
    return [(each.act, each.by_id) for each in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_an_administrator_sees_that_message_alone_and_hides_it(visitor: Visitor, message: Message) -> None:
    administrator = make_user(is_administrator=True)
    report = reported(visitor, message)
    assert told("message_reported") == [administrator.id]
    client = visitor(administrator)
    assert client.get(f"/conversations/{message.conversation_id}").status_code == 404
    assert "Look at a reported message" in client.get("/").text
    page = client.get(f"/admin/reported/{report.id}").text
    assert "You fool." in page
    assert "Before it." not in page
    assert ("reported_message_read", administrator.id) in acts()
    assert client.post(f"/admin/reported/{report.id}", data={"act": "hide", "answer": "No insults."}).status_code == 303
    for person in (host_of(message), message.author):
        page = visitor(person).get(f"/conversations/{message.conversation_id}").text
        assert "You fool." not in page
        assert "No insults." in page
        assert "Before it." in page
    assert told("report_answered") == [host_of(message).id]
    assert told("message_hidden") == [message.author_id]
    assert ("message_hidden", administrator.id) in acts()
    assert "Look at a reported message" not in client.get("/").text


def test_a_message_that_stays(visitor: Visitor, message: Message) -> None:
    client, report = visitor(make_user(is_administrator=True)), reported(visitor, message)
    assert client.post(f"/admin/reported/{report.id}", data={"act": "leave", "answer": ""}).status_code == 422
    assert client.post(f"/admin/reported/{report.id}", data={"act": "leave", "answer": "It was a joke."}).status_code == 303
    assert client.post(f"/admin/reported/{report.id}", data={"act": "hide", "answer": "Or not."}).status_code == 409
    assert "You fool." in visitor(host_of(message)).get(f"/conversations/{message.conversation_id}").text
    assert told("report_answered") == [host_of(message).id]


def test_nobody_else_judges_and_nobody_reports_twice_or_their_own(visitor: Visitor, message: Message) -> None:
    report = reported(visitor, message)
    for person in (host_of(message), message.author, make_member(message.conversation.application.programme, Role.OWNER)):
        assert visitor(person).get(f"/admin/reported/{report.id}").status_code == 404
        assert visitor(person).get("/admin/reported").status_code == 404
    again = visitor(host_of(message)).post(f"/messages/{message.id}/report", data={"reason": "Again."})
    own = visitor(message.author).post(f"/messages/{message.id}/report", data={"reason": "Mine."})
    assert (again.status_code, own.status_code) == (422, 422)
    assert "already" in again.text
    assert visitor(make_user()).post(f"/messages/{message.id}/report", data={"reason": "x"}).status_code == 404
