"""Putting messages into the outbox."""

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from mobility.core.database import db, transaction
from mobility.core.links import signer
from mobility.notifications.models import OutboxMessage
from mobility.notifications.operations import Addressee, post
from mobility.notifications.rendering import html_of, one_line
from tests.support.factories import make_submitted, make_user

pytestmark = pytest.mark.usefixtures("db_session")


def outbox() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def remind(*people: Any, about: Any = None, **context: Any) -> int:
    plausible = {
        "what": "Answer the application of Ana Kovač",
        "due": date(2027, 3, 3),
        "until": "in 2 days",
        "since": date(2027, 2, 21),
        "owing": True,
        "afterwards": "After that day the application lapses.",
    }
    return post("reminder", people, about=about, path="/applications/7", **plausible | context)


def test_a_message_has_a_subject_a_text_and_an_html_part_with_one_link_each() -> None:
    person = make_user(name="Ana Kovač", email="ana@example.org")
    remind(person)
    (message,) = outbox()
    link = f"http://localhost/go/{signer('link').dumps([person.id, '/applications/7'])}"
    assert message.subject_line == "Answer the application of Ana Kovač by 3 March 2027"
    assert message.text.splitlines()[0] == "Due by 3 March 2027, in 2 days: answer the application of Ana Kovač."
    assert message.text.count("http") == 1
    assert link in message.text
    assert html_of(message).count("http") == 1
    assert f'href="{link}"' in html_of(message)
    assert (message.address, message.recipient_id, message.state) == ("ana@example.org", person.id, "waiting")


def test_a_name_in_another_direction_does_not_turn_the_line() -> None:
    remind(make_user(name="Ana Kovač"), what="Answer the application of شبكة الابتكار")
    (message,) = outbox()
    assert message.subject_line == "Answer the application of شبكة الابتكار by 3 March 2027", "a header holds no such signs"
    assert '<p dir="auto">Due by 3 March 2027, in 2 days: answer the application of <bdi>' in html_of(message)
    assert not re.search(r"<p>", html_of(message))


def test_everybody_gets_it_once_and_nobody_who_is_no_longer_active() -> None:
    ana, ben, gone = make_user(), make_user(), make_user(active=False)
    assert remind(ana, ben, ana, gone) == 2
    assert [message.recipient_id for message in outbox()] == [ana.id, ben.id]


def test_the_same_act_writes_once_and_the_next_act_again() -> None:
    application, person = make_submitted(), make_user()
    before = len(outbox())
    assert remind(person, about=application) == 1
    assert remind(person, about=application) == 0
    application.motivation = "Another one"
    assert remind(person, about=application) == 1
    assert len(outbox()) == before + 2


def test_messages_about_nothing_are_each_their_own() -> None:
    person = make_user()
    assert remind(person) == 1
    assert remind(person) == 1
    assert len({message.message_id for message in outbox()}) == 2


def test_somebody_without_an_account_gets_the_page_itself() -> None:
    remind(Addressee("Ben", "ben@example.org"))
    (message,) = outbox()
    assert "http://localhost/applications/7" in message.text
    assert message.recipient_id is None


def test_what_people_wrote_is_text_in_the_html_part_and_one_line_in_the_subject() -> None:
    remind(make_user(), what="Answer <script>alert(1)</script>\r\nBcc: all@example.org")
    (message,) = outbox()
    assert message.subject_line == "Answer <script>alert(1)</script> Bcc: all@example.org by 3 March 2027"
    assert "<script>" not in html_of(message)
    assert "&lt;script&gt;" in html_of(message)


def test_it_is_rolled_back_with_what_it_tells_about() -> None:
    person = make_user()
    db.session.commit()

    def fail_afterwards() -> None:
        with transaction():
            remind(person)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_afterwards()
    assert outbox() == []


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x00", "\t"])
def test_no_character_begins_another_line(break_: str) -> None:
    assert one_line(f" a{break_}b ") == "a b"


@pytest.mark.parametrize("turn", ["\u202a", "\u202e", "\u2066", "\u2069"])
def test_no_character_turns_what_follows_in_a_subject(turn: str) -> None:
    assert one_line(f"{turn}Ana wants you to sign") == "Ana wants you to sign"


def test_a_name_from_right_to_left_stays_as_it_is() -> None:
    assert one_line("שרה לוי") == "שרה לוי"
