"""The administrator's outbox."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobility.core.database import db
from mobility.notifications.models import OutboxMessage
from mobility.notifications.operations import row, store
from mobility.notifications.rendering import html_of
from mobility.people.models import User
from mobility.visits import operations as visits
from tests.support.client import Client
from tests.support.delegates import BIA, mails, make_stay
from tests.support.factories import make_theme, make_user, sign_in
from tests.support.html import text_of
from tests.support.letters import letter


@pytest.fixture
def administrator(db_session: Any, client: Client) -> User:
    user = make_user(is_administrator=True, name="Ada Administrator")
    sign_in(client, user)
    return user


def write(count: int = 1, kind: str = "application_submitted", **values: Any) -> list[int]:
    letters = [letter(f"Answer number {number}", "Line one\n\n<b>& two</b>", body="Hello") for number in range(count)]
    store([row(kind, make_user(), each, f"test:{number}") for number, each in enumerate(letters)])
    for message in db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)):
        for name, value in values.items():
            setattr(message, name, value)
    db.session.commit()
    return list(db.session.scalars(select(OutboxMessage.id).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)))


@pytest.mark.parametrize("path", ["/outbox", "/outbox/1", "/outbox/1/html"])
def test_only_administrators_see_it(db_session: Any, client: Client, path: str) -> None:
    write()
    assert client.get(path).status_code in {302, 303}
    sign_in(client, make_user())
    assert client.get(path).status_code == 404


def test_only_administrators_try_again(db_session: Any, client: Client) -> None:
    (id,) = write(state="dead")
    sign_in(client, make_user())
    assert client.post(f"/outbox/{id}/try-again").status_code == 404
    assert db.session.scalar(select(OutboxMessage.state)) == "dead"


def test_an_empty_outbox_says_so(administrator: User, client: Client) -> None:
    page = client.get("/outbox")
    assert page.status_code == 200
    assert "Nothing written yet" in page.text


def test_it_says_that_messages_are_kept_here_when_there_is_no_mail_server(
    app: Flask, administrator: User, client: Client
) -> None:
    assert "No mail server is set up" in client.get("/outbox").text
    app.config["MAIL_URL"] = "smtp://127.0.0.1"
    assert "No mail server is set up" not in client.get("/outbox").text


def test_filters_stay_in_the_address(administrator: User, client: Client) -> None:
    write(2, "reminder", state="sent")
    write(3, "application_submitted", state="dead")
    everything = client.get("/outbox").text
    assert everything.count("/outbox/") == 5
    assert client.get("/outbox?state=dead").text.count('scope="row"') == 3
    assert client.get("/outbox?kind=reminder").text.count('scope="row"') == 2
    assert client.get("/outbox?search=NUMBER+2").text.count('scope="row"') == 1
    assert client.get("/outbox?state=dead&kind=reminder").text.count('scope="row"') == 0
    assert client.get("/outbox?state=nonsense&kind=%27&search=%25").status_code == 200
    assert client.get("/outbox?search=%25").text.count('scope="row"') == 0, "% is a character like others"
    assert "/outbox?state=sent&amp;kind=reminder" in client.get("/outbox?kind=reminder").text


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_list_takes_the_same_number_of_queries(
    administrator: User, client: Client, queries: Any, count: int, database_kind: str
) -> None:
    """Five, and those of the audit log's entry: the end of the chain, the entry, and who it is again; PostgreSQL's lock."""
    write(count)
    with queries() as q:
        assert client.get("/outbox").status_code == 200
    assert q.count == (8 if database_kind == "postgresql" else 7), q


def test_a_message_is_shown_as_text_without_its_links(administrator: User, client: Client) -> None:
    (id,) = write(text="Until 3 March: answer.\n\nhttp://localhost/go/abc\n\n<script>alert(1)</script>")
    page = client.get(f"/outbox/{id}").text
    assert "Until 3 March: answer.\n\n[link, only for whoever the message is to]" in page
    assert "go/abc" not in page
    assert "<script>alert(1)" not in page


LINK = "https://vouchers.example.org/go/abc"


@pytest.mark.parametrize("place", ["text", "parts", "earlier_html", "subject_line", "last_error"])
@pytest.mark.parametrize("state", ["waiting", "sending", "sent", "kept", "dead", "dropped"])
def test_a_link_is_shown_nowhere(administrator: User, client: Client, place: str, state: str) -> None:
    """Whatever name the site had when it was written; also in the subject, and in what a mail server repeats."""
    html = f'<p>{LINK}</p><a href="{LINK}">Answer</a><a HREF = \'{LINK}\'>b</a><a href={LINK}>c</a><img src="{LINK}">'
    held: dict[str, Any] = {"parts": letter(text=f"See {LINK} now", link=LINK).parts, "earlier_html": html}
    earlier = {"parts": None} if place == "earlier_html" else {}
    (id,) = write(**earlier, **{place: held.get(place, f"See {LINK} now")}, state=state, tries=2)
    pages = [client.get(path).text for path in ("/outbox", f"/outbox/{id}", f"/outbox/{id}/html")]
    assert not any("go/abc" in page for page in pages)
    assert place not in held or ">Answer</a>" in pages[2]


def test_the_html_part_has_no_power(administrator: User, client: Client) -> None:
    (id,) = write()
    response = client.get(f"/outbox/{id}/html")
    assert '<p dir="auto">Hello</p>' in response.text
    assert response.text == html_of(db.session.get_one(OutboxMessage, id))
    policy = response.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "script" not in policy


def test_a_dead_message_is_tried_again_as_if_new(administrator: User, client: Client) -> None:
    (id,) = write(state="dead", tries=8, last_error="550 No such mailbox")
    assert "550 No such mailbox" in client.get(f"/outbox/{id}").text
    assert client.post(f"/outbox/{id}/try-again").status_code == 303
    message = db.session.get_one(OutboxMessage, id)
    assert (message.state, message.tries) == ("waiting", 0)


def test_what_was_sent_is_not_sent_again(administrator: User, client: Client) -> None:
    (id,) = write(state="sent")
    assert "Try again" not in client.get(f"/outbox/{id}").text
    page = client.post(f"/outbox/{id}/try-again", follow_redirects=True)
    assert "Only messages that could not be sent" in page.text
    assert db.session.scalar(select(OutboxMessage.state)) == "sent"


def test_what_was_kept_can_be_sent_once_there_is_a_server(app: Flask, administrator: User, client: Client) -> None:
    (id,) = write(state="kept")
    assert "Send it now" not in client.get(f"/outbox/{id}").text
    app.config["MAIL_URL"] = "smtp://127.0.0.1"
    assert "Send it now" in client.get(f"/outbox/{id}").text
    client.post(f"/outbox/{id}/try-again")
    assert db.session.scalar(select(OutboxMessage.state)) == "waiting"


def test_absent_messages_are_not_found(administrator: User, client: Client) -> None:
    for path in ("/outbox/999", "/outbox/999/html", "/outbox/99999999999999999999"):
        assert client.get(path).status_code == 404
    assert client.post("/outbox/999/try-again").status_code == 404
    assert client.get("/outbox/1/try-again").status_code in {404, 405}


# Calendar files


def test_a_message_says_what_its_calendar_file_does(administrator: User, client: Client) -> None:
    stay = make_stay(theme=make_theme(title="Gebühren <b>& Preise</b>"))
    (invitation,) = mails("stay_agreed")
    page = client.get(f"/outbox/{invitation.id}").text
    assert "Invitation, which puts it into the calendar or moves it there" in page
    assert "Exchange: Gebühren &lt;b&gt;&amp; Preise&lt;/b&gt;</span>, 10 to 14 April 2027" in page
    visits.cancel(stay, by=stay.guest, reason="A fire.")
    db.session.commit()
    cancellation = next(each for each in mails("stay_cancelled") if each.address == BIA)
    assert "Cancellation, which takes it out of the calendar" in text_of(client.get(f"/outbox/{cancellation.id}"))


def test_the_list_and_its_file_say_which_have_one(administrator: User, client: Client) -> None:
    make_stay()
    assert text_of(client.get("/outbox?kind=stay_agreed")).count("With a calendar file: invitation") == 1
    assert "With a calendar file" not in client.get("/outbox?kind=exchange_confirmed").text
    rows = client.get("/outbox?kind=stay_agreed&file=outbox.csv").text.splitlines()
    assert ("Calendar" in rows[0], "Invitation" in rows[1]) == (True, True)


@pytest.mark.parametrize("broken", ["nonsense", "METHOD:REQUEST", "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n"])
def test_a_file_that_cannot_be_read_breaks_no_page(administrator: User, client: Client, broken: str) -> None:
    (id,) = write(calendar=broken)
    assert client.get(f"/outbox/{id}").status_code == 200
    assert client.get("/outbox").status_code == 200
