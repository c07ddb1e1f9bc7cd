"""Conversations (docs/decisions/0034-talking.md): who reads and writes, first contacts, mail, what is new, drafts and files."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError

from mobility.accounts import standing
from mobility.administration import operations as administration
from mobility.applications import operations as applications
from mobility.applications.models import Application
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import NotAllowed, Refusal
from mobility.notifications.models import OutboxMessage
from mobility.notifications.rendering import html_of
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.talking import operations, queries
from mobility.talking.models import Conversation, Message, Reader
from tests.support import evidence as samples
from tests.support.cases import make_case
from tests.support.client import Client, Visitor
from tests.support.factories import (
    coordinator_of,
    end_roles,
    make_exchange,
    make_guest,
    make_member,
    make_submitted,
    make_theme,
    make_user,
    make_voucher,
    sign_in,
)
from tests.support.forms import values_of
from tests.support.queries import queries as counted


@pytest.fixture
def application(db_session: Any) -> Application:
    return make_submitted()


def host_of(application: Application) -> User:
    return coordinator_of(application.theme)


def begun(subject: Any, by: User) -> Conversation:
    conversation = operations.start(subject, by=by)
    db.session.commit()
    return conversation


def say(conversation: Conversation, by: User, text: str = "Hello.", **given: Any) -> Message:
    message = operations.send(queries.find(conversation.id, by, for_update=True), by=by, text=text, **given)
    db.session.commit()
    return message


def mails(kind: str = "message_written") -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)))


def address(conversation: Conversation) -> str:
    return f"/conversations/{conversation.id}"


def sent(client: Client, conversation: Conversation, text: str, act: str = "send", **more: Any) -> Any:
    values = values_of(client.get(address(conversation)))
    return client.post(address(conversation), data=values | {"text": text, "act": act} | more)


# The first contact (P9)


def test_both_have_written_so_the_host_can_accept(application: Application) -> None:
    conversation, host = begun(application, application.guest), host_of(application)
    say(conversation, application.guest, "May I come in May?")
    assert (application.state, application.first_contacts) == ("submitted", [])
    say(conversation, host, "May is fine.")
    contact = application.first_contacts[0]
    assert (application.state, contact.kind, contact.held_on) == ("in_dialogue", "message", clock.today(application.timezone))
    say(conversation, application.guest, "Thank you.")
    assert len(application.first_contacts) == 1
    applications.accept(application, by=host, first_day=application.first_day, last_day=application.last_day)
    assert application.state == "accepted"


def test_one_side_alone_is_no_contact(application: Application) -> None:
    conversation = begun(application, application.guest)
    say(conversation, application.guest)
    say(conversation, make_member(application.guest_organisation, Role.COORDINATOR))
    assert application.first_contacts == []


def test_a_guest_s_coordinator_and_the_host_have_talked(application: Application) -> None:
    """The coordinator notes no contact; the host, who may, has written before."""
    conversation = begun(application, application.guest)
    say(conversation, host_of(application))
    say(conversation, make_member(application.guest_organisation, Role.COORDINATOR))
    assert [each.recorded_by_id for each in application.first_contacts] == [host_of(application).id]


def test_what_was_recorded_by_hand_is_not_recorded_again(application: Application) -> None:
    applications.record_contact(application, by=application.guest, held_on=clock.today(application.timezone), kind="call")
    conversation = begun(application, application.guest)
    say(conversation, application.guest)
    say(conversation, host_of(application))
    assert [each.kind for each in application.first_contacts] == ["call"]


# A question before applying


def test_an_answered_question_goes_on_in_the_application_as_the_first_contact(db_session: Any, clock: Any) -> None:
    theme, guest = make_theme(), make_guest()
    organisation = guest.current_memberships[0].organisation
    conversation = operations.ask(theme, by=guest, guest_organisation=organisation, text="Is it in English?")
    db.session.commit()
    assert conversation.kind == "question"
    clock.set_to(clock.utc_now() + timedelta(days=1))
    say(conversation, coordinator_of(theme), "Yes.")
    answered_on = clock.today(theme.timezone)
    clock.set_to(clock.utc_now() + timedelta(days=2))
    application = make_submitted(theme, guest)
    db.session.commit()
    assert (conversation.kind, conversation.application) == ("application", application)
    assert application.state == "in_dialogue"
    assert [(each.kind, each.held_on) for each in application.first_contacts] == [("message", answered_on)]
    assert queries.about(application) is conversation


def test_a_question_without_an_answer_goes_on_and_is_no_contact(db_session: Any) -> None:
    theme, guest = make_theme(), make_guest()
    asked = operations.ask(
        theme, by=guest, guest_organisation=guest.current_memberships[0].organisation, text="Is it in English?"
    )
    application = make_submitted(theme, guest)
    assert (asked.application, application.state, application.first_contacts) == (application, "submitted", [])


def test_only_who_asked_and_the_host_read_a_question(db_session: Any) -> None:
    theme, guest = make_theme(), make_guest()
    asked = operations.ask(
        theme, by=guest, guest_organisation=guest.current_memberships[0].organisation, text="Is it in English?"
    )
    colleague = make_member(guest.current_memberships[0].organisation, Role.COORDINATOR)
    owner = make_member(theme.programme, Role.OWNER)
    host = make_member(theme.host, Role.HOST)
    readers = [guest, coordinator_of(theme), host]
    assert [queries.reads(each, asked) for each in (*readers, colleague, owner, make_guest())] == [True] * 3 + [False] * 3


def test_nobody_asks_their_own_host(visitor: Visitor, db_session: Any) -> None:
    theme = make_theme()
    assert visitor(coordinator_of(theme)).get(f"/themes/{theme.id}/ask").status_code == 404
    assert visitor(make_user()).get(f"/themes/{theme.id}/ask").status_code == 404


def test_asked_twice_by_a_double_click_it_is_one_question(visitor: Visitor, db_session: Any) -> None:
    theme = make_theme()
    client = visitor(make_guest())
    page = client.get(f"/themes/{theme.id}/ask")
    data = values_of(page) | {"text": "Is it in English?"}
    first, second = (client.post(f"/themes/{theme.id}/ask", data=data) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.location == second.location
    assert db.session.scalar(select(func.count(Message.id))) == 1
    assert client.get(f"/themes/{theme.id}/ask").location == first.location


def test_ten_questions_a_day(visitor: Visitor, db_session: Any) -> None:
    programme = make_theme().programme
    client = visitor(make_guest())
    statuses = []
    for _ in range(11):
        theme = make_theme(programme=programme)
        page = client.get(f"/themes/{theme.id}/ask")
        answer = client.post(f"/themes/{theme.id}/ask", data=values_of(page) | {"text": "Is it in English?"})
        statuses.append(answer.status_code)
    assert statuses == [302] * 10 + [429]
    assert "Is it in English?" in answer.text


# Who reads and writes


def people_of(exchange: Any) -> dict[str, User]:
    programme, host, home = exchange.programme, exchange.host, exchange.guest_organisation
    left = make_member(host, Role.COORDINATOR)
    end_roles(left)
    return {
        "guest": exchange.guest,
        "guest coordinator": make_member(home, Role.COORDINATOR),
        "colleague": make_member(home, Role.GUEST),
        "host coordinator": make_member(host, Role.COORDINATOR),
        "host": make_member(host, Role.HOST),
        "guest of the host": make_member(host, Role.GUEST),
        "who left the host": left,
        "owner": make_member(programme, Role.OWNER),
        "assessor": make_member(programme, Role.ASSESSOR),
        "finance officer": make_member(programme, Role.FINANCE_OFFICER),
        "auditor": make_member(programme, Role.AUDITOR),
        "administrator": make_user(is_administrator=True),
        "stranger": make_guest(),
    }


READERS = {
    "application": {"guest", "guest coordinator", "host coordinator", "host"},
    "exchange": {"guest", "guest coordinator", "host coordinator", "host"},
    "voucher": {"guest", "guest coordinator", "owner", "assessor", "finance officer", "auditor"},
}


def test_who_reads_what_in_python_and_in_sql(db_session: Any) -> None:
    around = make_case("light")
    around.take_to("issued")
    voucher, exchange = around.voucher, around.voucher.exchange
    people = people_of(exchange)
    subjects = {"application": exchange.application, "exchange": exchange, "voucher": voucher}
    for kind, subject in subjects.items():
        conversation = operations.start(subject, by=exchange.guest)
        db.session.flush()
        assert {who for who, person in people.items() if queries.reads(person, conversation)} == READERS[kind]
        query = select(Conversation.id).where(Conversation.id == conversation.id)
        found = {who for who, person in people.items() if db.session.scalar(query.where(queries.may_read(person)))}
        assert found == READERS[kind]
        writers = {who for who, person in people.items() if queries.side_of(person, conversation)}
        assert writers == READERS[kind] - {"auditor"}


def test_each_page_is_404_for_who_takes_no_part(visitor: Visitor, db_session: Any) -> None:
    exchange = make_exchange()
    conversation = begun(exchange, exchange.guest)
    message = say(conversation, exchange.guest, "Secret.")
    for who, person in people_of(exchange).items():
        expected = 200 if who in READERS["exchange"] else 404
        client = visitor(person)
        assert (who, client.get(address(conversation)).status_code) == (who, expected)
        values = values_of(client.get(address(conversation))) if expected == 200 else {}
        saved = client.post(address(conversation), data=values | {"act": "save", "text": "x"}).status_code
        assert (who, saved) == (who, 303 if expected == 200 else 404)
        assert client.get(f"/messages/{message.id}/report").status_code == expected
        start = client.post(f"/exchanges/{exchange.id}/talk").status_code
        assert (who, start) == (who, 303 if expected == 200 else 403 if exchange.workflow.may_see(person, exchange) else 404)


def test_who_has_left_reads_what_was_theirs_and_writes_no_more(visitor: Visitor, application: Application) -> None:
    conversation, guest = begun(application, application.guest), application.guest
    say(conversation, guest, "May I come in May?")
    end_roles(guest)
    client = visitor(guest)
    page = client.get(address(conversation))
    assert "May I come in May?" in page.text
    assert 'name="text"' not in page.text
    answer = client.post(address(conversation), data={"act": "send", "text": "Still me.", "form_key": "k"})
    assert answer.status_code == 403
    assert "Still me." in answer.text
    assert "ended on" in answer.text
    with pytest.raises(NotAllowed):
        operations.send(conversation, by=guest, text="Still me.")


def test_who_acts_for_somebody_neither_reads_nor_writes(visitor: Visitor, application: Application) -> None:
    conversation = begun(application, application.guest)
    say(conversation, application.guest, "Secret words.")
    administrator, guest = make_user(is_administrator=True), application.guest
    guest.password_hash = "x"
    stand = administration.act_for(guest, by=administrator, reason="They asked.")
    db.session.commit()
    client = visitor(administrator)
    with client.session_transaction() as cookie:
        cookie[standing.ACTING] = stand.id
    assert "Conversation</h2>" not in client.get(f"/applications/{application.id}").text
    for path in (address(conversation), "/conversations", f"/themes/{application.theme_id}/ask"):
        answer = client.get(path)
        assert (path, answer.status_code) == (path, 403)
        assert "Secret" not in answer.text
    assert client.post(address(conversation), data={"act": "send", "text": "x", "form_key": "k"}).status_code == 403
    assert client.post(f"/applications/{application.id}/talk").status_code == 403
    assert client.post("/conversations/read").status_code == 403
    assert "New messages" not in client.get("/").text


def test_a_draft_has_nobody_to_talk_to(db_session: Any) -> None:
    voucher = make_voucher()
    assert voucher.state == "draft"
    with pytest.raises(NotAllowed):
        operations.start(voucher, by=voucher.holder)


# Mail


def test_one_mail_to_the_others_until_they_have_looked(visitor: Visitor, application: Application) -> None:
    conversation, host = begun(application, application.guest), host_of(application)
    for text in ("One.", "Two."):
        say(conversation, application.guest, text)
    assert [each.recipient_id for each in mails()] == [host.id]
    assert "One." not in mails()[0].text + html_of(mails()[0])
    assert mails()[0].reply_to == ""
    visitor(host).get(address(conversation))
    assert mails()[0].state == "dropped"
    say(conversation, application.guest, "Three.")
    assert [(each.recipient_id, each.state) for each in mails()] == [(host.id, "dropped"), (host.id, "waiting")]


def test_an_answer_by_mail_reaches_who_chose_that(application: Application) -> None:
    conversation = begun(application, application.guest)
    say(conversation, application.guest, shows_address=True)
    assert [each.reply_to for each in mails()] == [application.guest.email]
    say(conversation, host_of(application))
    assert [each.reply_to for each in mails()] == [application.guest.email, ""]


def test_a_closed_account_gets_no_mail(application: Application) -> None:
    conversation, host = begun(application, application.guest), host_of(application)
    say(conversation, host)
    host.active = False
    other = make_member(application.theme.host, Role.COORDINATOR)
    say(conversation, application.guest)
    assert [each.recipient_id for each in mails()] == [application.guest.id, other.id]


def test_who_has_written_for_the_host_is_told_and_not_all_of_it(application: Application) -> None:
    conversation = begun(application, application.guest)
    colleague = make_member(application.theme.host, Role.HOST)
    say(conversation, colleague)
    say(conversation, application.guest)
    assert [each.recipient_id for each in mails()] == [application.guest.id, colleague.id]


def test_no_reminder_is_about_talking(application: Application) -> None:
    conversation = begun(application, application.guest)
    say(conversation, application.guest)
    assert all(each.promise is None and each.due_on is None for each in mails())


# What is new


def test_new_until_one_has_looked(visitor: Visitor, application: Application) -> None:
    conversation, host = begun(application, application.guest), host_of(application)
    say(conversation, application.guest)
    client = visitor(host)
    home = client.get("/").text
    assert "New messages" in home
    assert application.theme.title in home
    assert "Read and answer" in client.get(f"/applications/{application.id}").text
    client.get(address(conversation))
    assert "New messages" not in client.get("/").text
    assert "Open the conversation" in client.get(f"/applications/{application.id}").text
    assert "New messages" not in visitor(application.guest).get("/").text


def test_all_marked_as_read(visitor: Visitor, application: Application) -> None:
    conversation, client = begun(application, application.guest), visitor(host_of(application))
    say(conversation, application.guest)
    assert "New</span>" in client.get("/conversations").text
    assert client.post("/conversations/read").status_code == 303
    assert "New messages" not in client.get("/").text


@pytest.mark.parametrize("count", [1, 3, 300])
def test_queries_of_a_conversation_and_of_the_list(visitor: Visitor, application: Application, count: int) -> None:
    conversation, host = begun(application, application.guest), host_of(application)
    say(conversation, application.guest)
    now = clock.utc_now()
    rows = [
        Message(conversation_id=conversation.id, author_id=host.id, author_name="H", organisation_name="O", side="host",
                text=str(number), written_at=now)
        for number in range(count)
    ]  # fmt: skip
    db.session.add_all(rows)
    db.session.flush()
    conversation.newest_id = rows[-1].id
    client, path = visitor(host), address(conversation)
    client.get(path)
    with counted() as of_page:
        client.get(path)
    with counted() as of_list:
        client.get("/conversations")
    assert of_page.count == 8, str(of_page)
    assert of_list.count == 3, of_list


# Writing


def test_sent_twice_it_is_one_message(visitor: Visitor, application: Application) -> None:
    conversation, client = begun(application, application.guest), visitor(application.guest)
    data = values_of(client.get(address(conversation))) | {"text": "Once.", "act": "send"}
    answers = [client.post(address(conversation), data=data) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert db.session.scalars(select(Message.text)).all() == ["Once."]
    assert queries.own(conversation.id, application.guest).draft == ""


def test_another_tab_is_told_and_loses_nothing(visitor: Visitor, application: Application) -> None:
    conversation, client = begun(application, application.guest), visitor(application.guest)
    values = values_of(client.get(address(conversation)))
    assert client.post(address(conversation), data=values | {"text": "Here.", "act": "save"}).status_code == 303
    answer = client.post(address(conversation), data=values | {"text": "There.", "act": "save", "form_key": "other"})
    assert answer.status_code == 409
    assert "Here." in answer.text
    assert "There." in answer.text


def test_a_draft_is_kept_and_is_nobody_else_s(visitor: Visitor, application: Application) -> None:
    conversation, client = begun(application, application.guest), visitor(application.guest)
    sent(client, conversation, "Not finished", act="save", shows_address="y")
    page = client.get(address(conversation))
    assert values_of(page)["text"] == "Not finished"
    assert "Not finished" not in visitor(host_of(application)).get(address(conversation)).text
    assert mails() == []


def test_nothing_is_refused_in_words(visitor: Visitor, application: Application) -> None:
    conversation, client = begun(application, application.guest), visitor(application.guest)
    answer = sent(client, conversation, " \n ")
    assert answer.status_code == 422
    assert "Write something, or add a file." in answer.text


def test_ten_thousand_characters_and_one_more(visitor: Visitor, application: Application) -> None:
    conversation, client = begun(application, application.guest), visitor(application.guest)
    assert sent(client, conversation, "ü" * 10_000).status_code == 303
    answer = sent(client, conversation, "ü" * 10_001)
    assert answer.status_code == 422
    assert "up to 10,000 characters" in answer.text
    assert "ü" * 10_001 in answer.text


def test_twenty_files_are_refused_in_words(visitor: Visitor, application: Application) -> None:
    conversation, client = begun(application, application.guest), visitor(application.guest)
    values = values_of(client.get(address(conversation))) | {"text": "Look.", "act": "send"}
    pictures = [samples.picture(size=20 + number) for number in range(20)]
    files = [(BytesIO(each), f"{number}.png") for number, each in enumerate(pictures)]
    answer = client.post(address(conversation), data=values | {"files": files}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "These are 20 files. The first 10 have been looked at" in answer.text
    assert db.session.scalar(select(func.count(Message.id))) == 0
    again = values_of(client.get(address(conversation)))
    assert again["text"] == "Look."
    eleventh = (BytesIO(samples.picture(size=99)), "more.png")
    data = again | {"act": "send", "files": [eleventh]}
    answer = client.post(address(conversation), data=data, content_type="multipart/form-data")
    assert "A message takes up to 10 files" in answer.text


def test_a_file_is_for_those_who_read_the_message(visitor: Visitor, application: Application) -> None:
    conversation, client = begun(application, application.guest), visitor(application.guest)
    values = values_of(client.get(address(conversation))) | {"text": "", "act": "send"}
    data = values | {"files": [(BytesIO(samples.pdf()), "plan.pdf")]}
    assert client.post(address(conversation), data=data, content_type="multipart/form-data").status_code == 303
    message = db.session.scalars(select(Message)).one()
    path = f"/conversations/files/{message.files[0].id}"
    answer = visitor(host_of(application)).get(path)
    assert (answer.status_code, answer.data) == (200, samples.pdf())
    assert "attachment" in answer.headers["Content-Disposition"]
    assert visitor(make_guest()).get(path).status_code == 404
    assert visitor(make_member(application.theme.programme, Role.OWNER)).get(path).status_code == 404


def test_a_file_of_a_draft_is_its_writer_s_alone_and_can_be_taken_out(visitor: Visitor, application: Application) -> None:
    conversation, client = begun(application, application.guest), visitor(application.guest)
    values = values_of(client.get(address(conversation))) | {"text": "Soon.", "act": "save"}
    data = values | {"files": [(BytesIO(samples.pdf()), "plan.pdf")]}
    client.post(address(conversation), data=data, content_type="multipart/form-data")
    kept = queries.own(conversation.id, application.guest).files[0].id
    assert client.get(f"/conversations/files/{kept}").status_code == 200
    assert visitor(host_of(application)).get(f"/conversations/files/{kept}").status_code == 404
    values = values_of(client.get(address(conversation)))
    assert client.post(f"{address(conversation)}/files/{kept}/remove", data=values).status_code == 303
    assert client.get(f"/conversations/files/{kept}").status_code == 404
    assert queries.own(conversation.id, application.guest).draft == "Soon."


def test_sixty_messages_an_hour(visitor: Visitor, application: Application) -> None:
    conversation, client = begun(application, application.guest), visitor(application.guest)
    for _ in range(60):
        assert sent(client, conversation, "x").status_code == 303
    answer = sent(client, conversation, "One more.")
    assert answer.status_code == 422
    assert "Please wait" in answer.text
    assert "One more." in answer.text


def test_links_can_be_followed_and_scripts_cannot(visitor: Visitor, application: Application) -> None:
    conversation = begun(application, application.guest)
    say(conversation, application.guest, "See https://example.org/a?b=1&c=2. Or javascript:alert(1) <script>alert(2)</script>")
    page = visitor(host_of(application)).get(address(conversation)).text
    link = '<a href="https://example.org/a?b=1&amp;c=2" rel="nofollow noopener noreferrer ugc">https://example.org/a?b=1&amp;c=2</a>.'
    assert link in page
    assert re.search(r'href="\s*javascript:', page) is None
    assert "<script>alert(2)" not in page


def test_what_was_read_is_never_changed(application: Application) -> None:
    message = say(begun(application, application.guest), application.guest, "As it was.")
    for change in ("text", "author_name", "side"):
        with pytest.raises(DatabaseError):
            db.session.execute(Message.__table__.update().values({change: "another"}))
        db.session.rollback()
    with pytest.raises(DatabaseError):
        db.session.execute(Message.__table__.delete())
    db.session.rollback()
    assert db.session.get_one(Message, message.id).text == "As it was."


def test_text_is_refused_before_it_is_stored(application: Application) -> None:
    conversation = begun(application, application.guest)
    for text in ("", " " * 20, "x" * 10_001):
        with pytest.raises(Refusal):
            operations.send(conversation, by=application.guest, text=text)


def test_readers_are_few(application: Application) -> None:
    """Nobody is told of what does not concern them."""
    conversation = begun(application, application.guest)
    make_member(application.theme.programme, Role.OWNER)
    say(conversation, application.guest)
    assert set(db.session.scalars(select(Reader.person_id))) == {application.guest_id, host_of(application).id}


def test_a_page_that_somebody_went_back_to_sends_another_message_or_keeps_what_was_typed(
    client: Client, application: Application
) -> None:
    guest = application.guest
    conversation = begun(application, guest)
    sign_in(client, guest)
    values = values_of(client.get(address(conversation))) | {"act": "send"}
    for _ in range(2):
        assert client.post(address(conversation), data=values | {"text": " One. "}).status_code == 303
    answer = client.post(address(conversation), data=values | {"text": "Two, quite other words."})
    texts = db.session.scalars(select(Message.text)).all()
    assert texts.count("One.") == 1
    assert "Two, quite other words." in [*texts, *values_of(answer).values()]


def test_a_form_s_key_that_no_form_of_ours_has(client: Client, application: Application) -> None:
    conversation = begun(application, application.guest)
    sign_in(client, application.guest)
    values = values_of(client.get(address(conversation))) | {"act": "send", "text": "Hello.", "form_key": "a\x00b" * 20}
    assert client.post(address(conversation), data=values).status_code == 303
    assert db.session.scalars(select(Message.text)).all() == ["Hello."]
