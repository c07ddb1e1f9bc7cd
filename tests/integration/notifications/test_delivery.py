"""Delivering the outbox to a real SMTP server, good and bad."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parseaddr
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobility.core.database import db, transaction
from mobility.notifications import delivery, smtp
from mobility.notifications.delivery import LEASE, MOST_TRIES, claim, deliver_pending, free_ended_leases, wait_before
from mobility.notifications.models import OutboxMessage
from mobility.notifications.operations import row, store
from mobility.notifications.rendering import html_of
from mobility.people.models import User
from tests.support.factories import make_user
from tests.support.letters import letter
from tests.support.smtp import SmtpServer, free_port, running_smtp_server


@pytest.fixture(autouse=True)
def mail(app: Flask, db_session: Any, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmtpServer]:
    """The application sends to the tests' server, and is not as patient as usual."""
    app.config["MAIL_URL"] = smtp_server.url
    app.config["MAIL_FROM"] = "Mobility <no-reply@example.org>"
    monkeypatch.setattr(smtp, "TIMEOUT", 1.0)
    return smtp_server


def queue(count: int = 1, **values: Any) -> list[int]:
    """Some messages to one person each; returns their ids in order."""
    for number in range(count):
        person = make_user(**{"name": "Ana Kovač"} | values)
        greeting = letter(f"Answer by 3 March 2027 ({number})", "Grüße, Łódź\n")
        store([row("application_submitted", person, greeting, f"test:{person.id}")])
    db.session.commit()
    return list(db.session.scalars(select(OutboxMessage.id).order_by(OutboxMessage.id)))


def messages() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def states() -> list[str]:
    return [message.state for message in messages()]


def test_text_and_html_arrive_with_the_headers_of_a_machine(mail: SmtpServer) -> None:
    queue(email="ana@example.org")
    assert str(deliver_pending()) == "1 sent"
    (received,) = mail.messages
    (stored,) = messages()
    assert (stored.state, stored.tries, stored.last_error) == ("sent", 1, "")
    assert stored.sent_at is not None
    assert received.recipients == ("ana@example.org",)
    assert received.sender == "no-reply@example.org"
    assert parseaddr(received.message["To"]) == ("Ana Kovač", "ana@example.org")
    assert received.message["From"] == "Mobility <no-reply@example.org>"
    assert received.subject == "Answer by 3 March 2027 (0)"
    assert received.message_id == stored.message_id
    assert received.message["Auto-Submitted"] == "auto-generated"
    assert received.message["Date"] == "Mon, 01 Mar 2027 09:00:00 +0000"
    assert received.text() == "Grüße, Łódź\n"
    assert '<p dir="auto">Grüße, Łódź</p>' in received.html()
    assert received.html() == html_of(stored) + "\n"


def test_what_is_sent_is_not_sent_again(mail: SmtpServer) -> None:
    queue(3)
    assert deliver_pending().sent == 3
    assert str(deliver_pending()) == ""
    assert len(mail.messages) == 3


def test_a_limit_is_kept(mail: SmtpServer) -> None:
    queue(5)
    assert deliver_pending(limit=2).sent == 2
    assert states() == ["sent", "sent", "waiting", "waiting", "waiting"]
    assert deliver_pending(limit=0).sent == 0


def test_asked_to_stop_it_gives_back_what_it_had_taken(mail: SmtpServer) -> None:
    queue(5)
    answers = iter([False, False, False])
    assert deliver_pending(stop=lambda: next(answers, True)).sent == 2
    assert states() == ["sent", "sent", "waiting", "waiting", "waiting"]


def test_more_than_one_batch_goes_over_one_connection(mail: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "BATCH", 4)
    opened = []
    original = smtp.Server._open
    monkeypatch.setattr(smtp.Server, "_open", lambda self: opened.append(1) or original(self))
    queue(10)
    assert deliver_pending().sent == 10
    assert len(opened) == 1


def test_without_a_mail_server_messages_are_kept(app: Flask, mail: SmtpServer) -> None:
    app.config["MAIL_URL"] = None
    queue(2)
    assert str(deliver_pending()) == "2 kept"
    assert states() == ["kept", "kept"]
    assert mail.messages == []


def test_a_recipient_whom_the_server_refuses_for_good_is_dead_at_once(mail: SmtpServer) -> None:
    mail.behave("refuse")
    queue()
    assert str(deliver_pending()) == "1 dead"
    (message,) = messages()
    assert (message.state, message.tries, message.last_error) == ("dead", 1, "550 No such mailbox")


def test_a_message_refused_after_data_is_dead_at_once(mail: SmtpServer) -> None:
    mail.behave("reject")
    queue()
    assert str(deliver_pending()) == "1 dead"
    assert messages()[0].last_error == "554 Not wanted"


def test_put_off_it_is_tried_again_later_and_later_and_then_given_up(mail: SmtpServer, clock: ModuleType) -> None:
    mail.behave("defer")
    queue()
    waits = []
    for _ in range(MOST_TRIES - 1):
        assert str(deliver_pending()) == "1 put off"
        assert str(deliver_pending()) == "", "not yet"
        message = messages()[0]
        assert message.last_error == "451 Try again later"
        waits.append(message.next_try_at - clock.utc_now())
        clock.set_to(message.next_try_at)
    assert [wait.total_seconds() / 60 for wait in waits] == [1, 4, 16, 64, 256, 1024, 1440]
    assert str(deliver_pending()) == "1 dead"
    assert messages()[0].tries == MOST_TRIES


def test_waiting_grows_up_to_a_day() -> None:
    assert wait_before(1) == timedelta(minutes=1)
    assert wait_before(3) == timedelta(minutes=16)
    assert wait_before(50) == timedelta(days=1)


@pytest.mark.parametrize("behaviour", ["hang", "break off"])
def test_a_server_that_never_says_250_gets_the_same_message_again(mail: SmtpServer, clock: ModuleType, behaviour: str) -> None:
    queue(2)
    mail.behave(behaviour)
    assert str(deliver_pending()) == "2 put off"
    mail.behave("accept")
    clock.move(minutes=2)
    assert deliver_pending().sent == 2
    assert states() == ["sent", "sent"]
    assert len(mail.messages) == 4
    assert {received.message_id for received in mail.messages} == {message.message_id for message in messages()}


def test_while_no_server_listens_nothing_is_lost_and_no_try_is_counted(app: Flask, mail: SmtpServer) -> None:
    queue(3)
    app.config["MAIL_URL"] = f"smtp://127.0.0.1:{free_port()}"
    for _ in range(MOST_TRIES + 2):
        assert str(deliver_pending()) == ""
    assert [(message.state, message.tries) for message in messages()] == [("waiting", 0)] * 3
    assert "cannot be used" in messages()[0].last_error
    app.config["MAIL_URL"] = mail.url
    assert deliver_pending().sent == 3


def test_a_server_that_says_nothing_is_left_alone(app: Flask) -> None:
    queue()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        app.config["MAIL_URL"] = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        assert str(deliver_pending()) == ""
    message = messages()[0]
    assert (message.state, message.leased_by) == ("waiting", "")
    assert "timed out" in message.last_error


def test_it_signs_in_and_a_wrong_password_loses_nothing(app: Flask) -> None:
    queue()
    with running_smtp_server("mobility", "s3cret!@") as server:
        app.config["MAIL_URL"] = f"smtp://mobility:wrong@{server.host}:{server.port}"
        assert str(deliver_pending()) == ""
        app.config["MAIL_URL"] = f"smtp://{server.host}:{server.port}"
        assert str(deliver_pending()) == "1 put off", "530 is a fault of the settings"
        with transaction():
            messages()[0].tries = 0
        app.config["MAIL_URL"] = f"smtp://mobility:s3cret%21%40@{server.host}:{server.port}"
        assert deliver_pending().sent == 1
        assert server.logins == ["mobility"]


def test_what_a_dead_worker_had_taken_is_taken_up_after_its_lease(mail: SmtpServer, clock: ModuleType) -> None:
    ids = queue(2)
    assert claim("dead worker", 10) == ids
    assert claim("another", 10) == []
    assert str(deliver_pending()) == ""
    clock.set_to(clock.utc_now() + LEASE + timedelta(seconds=1))
    assert deliver_pending().sent == 2
    assert [message.tries for message in messages()] == [1, 1]


def test_a_worker_that_was_too_slow_sends_nothing(mail: SmtpServer, clock: ModuleType) -> None:
    """Its lease has ended and another has taken the row: it notices before it speaks to the server."""
    (id,) = queue()
    claim("slow", 1)
    clock.set_to(clock.utc_now() + LEASE + timedelta(seconds=1))
    free_ended_leases()
    claim("quick", 1)
    with smtp.Server(mail.url, "Mobility <no-reply@example.org>") as server:
        delivery._deliver(id, "slow", server, delivery.Delivered())
    assert mail.messages == []
    assert messages()[0].leased_by == "quick"


def test_one_bad_address_does_not_stop_the_others(mail: SmtpServer) -> None:
    queue(email="not an address\r\nBcc: all@example.org")
    queue()
    assert str(deliver_pending()) == "1 sent, 1 dead"
    assert "cannot be written as a mail" in messages()[0].last_error
    assert len(mail.messages) == 1


@pytest.mark.parametrize(
    "name",
    [
        "Ana\r\nBcc: everybody@example.org",
        "א" * 300,
        "A\u0301" * 150 + " \u202eevil",
        'Quote " and \\ and <angle@example.org>',
        "名前 👩‍🔬",
        "",
    ],
)
def test_no_name_makes_a_header_of_its_own(mail: SmtpServer, name: str) -> None:
    queue(name=name, email="ana@example.org")
    assert deliver_pending().sent == 1
    (received,) = mail.messages
    assert received.recipients == ("ana@example.org",)
    assert received.message["Bcc"] is None
    assert [address.addr_spec for address in received.message["To"].addresses] == ["ana@example.org"]


def test_a_mail_from_before_there_were_parts_leaves_as_it_was_written(mail: SmtpServer) -> None:
    (id,) = queue()
    stored = db.session.get_one(OutboxMessage, id)
    stored.parts, stored.earlier_html = None, "<p>As it was.</p>"
    db.session.commit()
    deliver_pending()
    assert mail.messages[0].html() == "<p>As it was.</p>\n"


def test_a_secret_link_is_forgotten_once_it_was_sent(mail: SmtpServer) -> None:
    person = make_user()
    link = "http://localhost/secret"
    store([row("invitation", person, letter("Set your password", link, link=link), "test")])
    db.session.commit()
    deliver_pending()
    assert "secret" in mail.messages[0].text()
    assert f'href="{link}"' in mail.messages[0].html()
    assert "http" not in messages()[0].text + html_of(messages()[0])
    assert messages()[0].parts is None


def test_the_name_is_read_before_the_server_is_waited_for(mail: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """No database transaction is open while the mail server takes its time."""
    queue()
    original = smtp.Server.send

    def send(self: smtp.Server, message: OutboxMessage) -> smtp.Outcome:
        assert not db.session().in_transaction()
        return original(self, message)

    monkeypatch.setattr(smtp.Server, "send", send)
    assert deliver_pending().sent == 1
    assert db.session.scalar(select(User.name)) == "Ana Kovač"
