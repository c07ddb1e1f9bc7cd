"""Who cannot be reached, who has left, and who is asked once more: by the mail server's answer, by hand, by a colleague."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobility import jobs, reminders
from mobility.core.database import db, table_of
from mobility.followup.models import QuestionnaireRequest
from mobility.notifications.delivery import FORGOTTEN, deliver_pending
from mobility.notifications.models import OutboxMessage
from mobility.people.roles import Role
from tests.support.client import Client, Visitor
from tests.support.factories import make_guest, make_member
from tests.support.followups import Asked, ask, link_in, mails, visited
from tests.support.forms import values_of
from tests.support.markup import faults_of
from tests.support.smtp import SmtpServer


@pytest.fixture
def case(db_session: Any, clock: ModuleType) -> Asked:
    """Ana Guest and Hugo Host are to be asked on 12 March 2027, until 26 March."""
    case = visited(date(2027, 3, 5))
    to(clock, 12)
    return case


@pytest.fixture
def mail(app: Flask, smtp_server: SmtpServer) -> Iterator[SmtpServer]:
    app.config["MAIL_URL"], app.config["MAIL_FROM"] = smtp_server.url, "Mobility <no-reply@example.org>"
    return smtp_server


def to(clock: ModuleType, day: int, hour: int = 9) -> None:
    clock.set_to(datetime(2027, 3, day, hour, tzinfo=UTC))


def fresh(request: QuestionnaireRequest) -> QuestionnaireRequest:
    db.session.expire_all()
    return request


def act(browser: Client, request: QuestionnaireRequest, action: str, **typed: Any) -> Any:
    address = f"/followups/{fresh(request).id}/{action}"
    page = browser.get(address)
    return browser.post(address, data=values_of(page) | typed) if page.status_code == 200 else page


def test_what_the_mail_server_refuses_is_not_delivered(
    case: Asked, mail: SmtpServer, visitor: Visitor, clock: ModuleType
) -> None:
    ask()
    mail.behave("refuse")
    deliver_pending()
    jobs.run("return-questionnaires")
    request = fresh(case.request())
    assert (request.state, request.waiting_for, request.answer_by) == ("not_delivered", None, date(2027, 3, 26))
    assert "550 No such mailbox" in request.history()[0].note
    [told] = mails("questionnaire_undelivered", to=case.coordinator.email)
    assert told.subject_line == "Say who answers instead of Ana Guest by 26 March 2027"
    assert "Say who answers instead" in visitor(case.coordinator).get("/").text
    jobs.run("return-questionnaires")
    assert len(fresh(request).history()) == 2
    reminders.queue_due()
    assert mails("reminder") == []

    # it is sent again, and arrives
    mail.behave("accept")
    browser = visitor(case.owner)
    assert "It was sent today. It can be sent again tomorrow." in act(browser, request, "ask-again").text
    to(clock, 13)
    assert act(browser, request, "ask-again").status_code == 303
    deliver_pending()
    jobs.run("return-questionnaires")
    request = fresh(request)
    assert (request.state, request.answer_by) == ("asked", date(2027, 3, 27))  # all the time again
    assert len(mail.to(case.guest.email)) == 1


def test_a_server_that_is_busy_is_no_refusal(case: Asked, mail: SmtpServer) -> None:
    ask()
    mail.behave("defer")
    deliver_pending()
    jobs.run("return-questionnaires")
    assert fresh(case.request()).state == "asked"


def test_a_mail_with_a_personal_link_is_forgotten_once_it_is_sent(case: Asked, mail: SmtpServer) -> None:
    ask()
    deliver_pending()
    db.session.expire_all()
    assert {each.text for each in mails()} == {FORGOTTEN}
    assert all("/answers/" in each.text() for each in mail.messages)


def test_a_mail_without_a_personal_link_keeps_its_text(case: Asked, mail: SmtpServer) -> None:
    case.guest.active = False
    db.session.commit()
    ask()
    deliver_pending()
    db.session.expire_all()
    [told] = mails("questionnaire_undelivered", to=case.coordinator.email)
    assert told.state == "sent"
    assert "Ana Guest" in told.text


def test_what_waits_for_whom_handed_it_over_is_dropped(case: Asked, visitor: Visitor) -> None:
    """The colleague's own mail stays; the earlier link opens nothing, so its mail need not be sent."""
    ask()
    request = case.request()
    colleague = make_member(case.exchange.guest_organisation, Role.GUEST, name="Gil Guest")
    db.session.commit()
    assert act(visitor(case.coordinator), request, "hand-over", colleague=str(colleague.id)).status_code == 303
    reminders.drop_settled()
    db.session.rollback()
    assert [each.state for each in mails(to=case.guest.email)] == ["dropped"]
    assert [each.state for each in mails(to=colleague.email)] == ["waiting"]
    assert [each.state for each in mails(to=case.host.email)] == ["waiting"]


def test_nobody_is_asked_who_has_left(case: Asked, clock: ModuleType) -> None:
    case.guest.active = False
    db.session.commit()
    ask()
    request = fresh(case.request())
    assert request.state == "not_delivered"
    assert request.history()[0].note == f"Ana Guest no longer acts for {case.exchange.guest_organisation.name}."
    assert mails(to=case.guest.email) == []
    assert len(mails("questionnaire_undelivered", to=case.coordinator.email)) == 1


def test_whoever_leaves_meanwhile_is_replaced_in_one_click(
    case: Asked, clock: ModuleType, visitor: Visitor, client: Client
) -> None:
    ask()
    request, old = case.request(), link_in(mails(to=case.guest.email)[0])
    client.post(old, data=values_of(client.get(old)) | {"act": "save", "q-gave": "Ana's own words"})
    case.guest.memberships[0].until = clock.utc_now()
    db.session.commit()
    to(clock, 20)
    jobs.run("return-questionnaires")
    assert fresh(request).state == "not_delivered"
    browser = visitor(case.coordinator)
    page = browser.get(f"/followups/{request.id}/hand-over")
    assert values_of(page)["colleague"] == str(case.coordinator.id)  # themself, unless they choose another
    assert browser.post(f"/followups/{request.id}/hand-over", data=values_of(page)).status_code == 303
    request = fresh(request)
    assert (request.state, request.asked_name, request.answer_by) == ("asked", "Cara Coordinator", date(2027, 4, 3))
    assert request.draft is None
    assert client.get(old).status_code == 404
    new = link_in(mails(to=case.coordinator.email)[0])
    assert "Ana&#39;s own words" not in client.get(new).text
    typed = {"act": "send", "q-met-o1": "yes", "q-met-o2": "yes", "q-benefit": "yes"}
    assert client.post(new, data=values_of(client.get(new)) | typed).status_code == 303
    answer = fresh(request).answer
    assert answer is not None
    assert (answer.by_name, answer.handed_over) == ("Cara Coordinator", True)


def test_a_request_is_handed_to_colleagues_only(case: Asked, visitor: Visitor, clock: ModuleType) -> None:
    ask()
    request, stranger = case.request(), make_guest()
    colleague = make_member(case.exchange.guest_organisation, Role.GUEST, name="Carl Colleague")
    browser = visitor(case.coordinator)
    assert act(browser, request, "hand-over", colleague=stranger.id).status_code == 422
    assert act(visitor(case.guest), request, "hand-over", colleague=colleague.id).status_code == 403
    assert act(visitor(case.owner), request, "hand-over", colleague=colleague.id).status_code == 403
    to(clock, 24)
    browser = visitor(case.coordinator)
    assert act(browser, request, "hand-over", colleague=colleague.id).status_code == 303
    assert fresh(request).respondent is colleague
    assert (request.due_on, request.answer_by) == (date(2027, 4, 7), date(2027, 4, 7))


def test_by_hand_and_called_off(case: Asked, visitor: Visitor) -> None:
    ask()
    guest, host = case.request(), case.request("end_host")
    browser = visitor(case.owner)
    assert act(browser, guest, "report-undelivered", reason="The letter came back.").status_code == 303
    assert fresh(guest).state == "not_delivered"
    assert act(browser, guest, "call-off", reason="").status_code == 422
    assert act(browser, guest, "call-off", reason="Nobody is left there.").status_code == 303
    assert fresh(guest).state == "called_off"
    assert act(visitor(case.host), host, "call-off", reason="x").status_code == 403
    assert visitor(case.guest).get(f"/followups/{guest.id}/answer").status_code == 409


# The owner's list


def test_who_has_not_answered(case: Asked, visitor: Visitor, clock: ModuleType, client: Client) -> None:
    ask()
    guest, host = case.request(), case.request("end_host")
    address = f"/programmes/{case.programme.id}/followups"
    browser = visitor(case.owner)
    page = browser.get(address).text
    assert "Ana Guest" in page
    assert "Hugo Host" in page
    refused = browser.post(address, data={})
    assert refused.status_code == 422
    assert 'href="#chosen"' in refused.text
    assert faults_of(refused.text) == []  # also that the link leads to the list
    to(clock, 14)
    link = link_in(mails(to=case.host.email)[0])
    client.post(link, data=values_of(client.get(link)) | {"act": "send", "q-benefit": "yes"})
    sent = browser.post(address, data={"chosen": [guest.id, host.id, 999999, "x"]}, follow_redirects=True).text
    assert "Sent again to 1 person." in sent
    assert "Hugo Host: " in sent
    assert len(mails(to=case.guest.email)) == 2
    assert len(mails(to=case.host.email)) == 1
    again = browser.post(address, data={"chosen": [guest.id]}, follow_redirects=True).text
    assert "Ana Guest: It was sent today." in again
    only = browser.get(f"{address}?state=answered&key=end_host").text
    assert "Hugo Host" in only
    assert "Ana Guest" not in only
    assert "Nobody" in browser.get(f"{address}?state=nonsense").text


def test_what_was_sent_is_said_beside_many_refusals(case: Asked, visitor: Visitor, clock: ModuleType) -> None:
    """Only the newest few notices are kept: those with the same reason are one."""
    others = [(f"Delegate {number}", f"d{number}@elsewhere.org") for number in range(2, 14)]
    many = visited(date(2027, 3, 5), others=others)
    ask()
    first, *rest = [each for each in many.requests() if each.exchange_id == many.exchange.id]
    first.mailed_on = date(2027, 3, 11)
    db.session.commit()
    browser = visitor(many.owner)
    chosen = {"chosen": [first.id, *(each.id for each in rest)]}
    page = browser.post(f"/programmes/{many.programme.id}/followups", data=chosen, follow_redirects=True).text
    assert "Sent again to 1 person." in page
    assert page.count("It was sent today. It can be sent again tomorrow.") == 1
    assert "and 3 others: It was sent today." in page  # twelve delegates and the host, of whom ten are named


def test_the_list_is_the_programme_s(case: Asked, visitor: Visitor) -> None:
    ask()
    address = f"/programmes/{case.programme.id}/followups"
    auditor = make_member(case.programme, Role.AUDITOR)
    page = visitor(auditor).get(address)
    assert page.status_code == 200
    assert 'name="chosen"' not in page.text
    assert visitor(auditor).post(address, data={"chosen": [case.request().id]}).status_code == 404
    other = visited(date(2027, 3, 5))
    assert visitor(other.owner).get(address).status_code == 404
    there = f"/programmes/{other.programme.id}/followups"
    visitor(other.owner).post(there, data={"chosen": [case.request().id]})
    assert len(mails(to=case.guest.email)) == 1


def test_a_list_of_any_length_takes_the_same_queries(case: Asked, visitor: Visitor, queries: Any, clock: ModuleType) -> None:
    ask()
    browser, address = visitor(case.owner), f"/programmes/{case.programme.id}/followups"
    browser.get(address)
    with queries() as few:
        browser.get(address)
    for each in list(db.session.scalars(select(QuestionnaireRequest))):
        for place in range(10, 30):
            values = {name: getattr(each, name) for name in table_of(QuestionnaireRequest).columns.keys()}  # noqa: SIM118
            del values["id"], values["version"]
            db.session.add(QuestionnaireRequest(**values | {"place": place, "respondent_id": None}))
    db.session.commit()
    with queries() as many:
        browser.get(address)
    assert few.count == many.count, (few, many)
    assert db.session.scalar(select(OutboxMessage.id).limit(1))
