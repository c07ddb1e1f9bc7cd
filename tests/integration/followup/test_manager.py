"""The guest's manager: two taps from the mail, by a link that scanners may follow; named late, left, or nobody."""

from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest

from mobility import jobs
from mobility.core.database import db
from mobility.followup import operations as followup
from mobility.followup.models import Answer
from mobility.notifications.models import OutboxMessage
from mobility.notifications.rendering import html_of
from mobility.people.roles import Role
from mobility.takeovers import operations
from mobility.takeovers.models import TakeOver
from mobility.takeovers.queries import of_exchange
from tests.support.client import Client, Visitor
from tests.support.factories import make_member
from tests.support.followups import Asked, ask, mails, visited
from tests.support.takeovers import answer_end, board

MIA = {"manager_name": "Mia Manager", "manager_email": "mia@elsewhere.org"}


@pytest.fixture
def case(db_session: Any, clock: ModuleType) -> Asked:
    """Ana took three things home after her visit that ended on 5 March 2027; the agreement names Mia Manager."""
    case = visited(date(2027, 3, 5))
    for name, value in MIA.items():
        setattr(case.exchange.agreed_version, name, value)
    db.session.commit()
    to(clock, 12, 3)
    ask()
    answer_end(case, "A price list", "Their forms", "A plant")
    return case


def to(clock: ModuleType, day: int, month: int, year: int = 2027) -> None:
    clock.set_to(datetime(year, month, day, 9, tzinfo=UTC))


def managers() -> list[OutboxMessage]:
    return [each for each in mails() if each.address == MIA["manager_email"]]


def links(mail: OutboxMessage) -> list[str]:
    return [word.removeprefix("http://localhost") for word in mail.text.split() if "/answers/" in word]


def said(case: Asked) -> dict[tuple[str, str], tuple[str, date, str]]:
    """What is kept of the buttons: (take-over, occasion) -> (said, day, by whom)."""
    db.session.expire_all()
    found = of_exchange(case.exchange.id)
    return {(each.key, one.occasion): (one.said, one.on, one.by_name) for each in found for one in each.confirmations}


def one(case: Asked, key: str) -> TakeOver:
    return next(each for each in of_exchange(case.exchange.id) if each.key == key)


def press(client: Client, link: str, take_over: str, choice: str) -> Any:
    there = f"{link.partition('?')[0]}/confirm"
    return client.post(there, data={"take_over": take_over, "said": choice})


def test_they_are_asked_with_the_guest_after_six_and_twelve_months(case: Asked, clock: ModuleType) -> None:
    to(clock, 4, 9)
    assert ("manager", "Mia Manager") not in ask()
    to(clock, 5, 9)
    assert ("manager", "Mia Manager") in ask()
    assert ask() == []
    to(clock, 5, 3, 2028)
    assert ("manager", "Mia Manager") in ask()
    assert [each.occasion for each in case.requests("manager")] == ["month_6", "month_12"]
    assert [each.respondent for each in case.requests("manager")] == [None, None]


@pytest.fixture
def mail(case: Asked, clock: ModuleType) -> OutboxMessage:
    to(clock, 5, 9)
    ask()
    [found] = managers()
    return found


def test_the_mail_has_the_three_buttons_of_the_first(case: Asked, mail: OutboxMessage) -> None:
    assert "“A price list”" in mail.subject_line
    assert "19 September 2027" in mail.text.splitlines()[0]
    assert [each.partition("?")[2] for each in links(mail)] == ["said=in_use", "said=not_yet", "said=dropped"]
    assert html_of(mail).count("/answers/") == 3
    assert "2 more things" in mail.text


def test_two_taps_from_the_mail(client: Client, case: Asked, mail: OutboxMessage) -> None:
    page = client.get(links(mail)[0])
    assert "Confirm: in use" in page.text
    assert "Nothing has been sent yet" in page.text
    assert said(case) == {}
    assert (page.headers["Cache-Control"], page.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    sent = press(client, links(mail)[0], "t1", "in_use")
    assert sent.status_code == 303
    assert said(case) == {("t1", "month_6"): ("in_use", date(2027, 9, 5), "Mia Manager")}
    assert board(case.exchange)["t1"] == ("A price list", "planned")  # the button changes no state
    assert case.request("manager").state == "answered"
    newest = one(case, "t1").history()[0]
    assert (newest.action, newest.actor_name, newest.note) == ("confirm", "Mia Manager", "In use.")
    assert case.request("manager").title == "Is it in use at your organisation?"


def test_scanners_that_open_every_link_change_nothing(client: Client, case: Asked, mail: OutboxMessage) -> None:
    for _ in range(2):
        for link in links(mail):
            assert client.get(link).status_code == 200
            assert client.head(link).status_code == 200
    assert client.get(f"{links(mail)[0].partition('?')[0]}/confirm").status_code == 405
    assert (said(case), case.request("manager").state) == ({}, "asked")
    assert db.session.query(Answer).filter(Answer.request_id == case.request("manager").id).count() == 0


def test_one_take_over_a_page_each_by_one_tap(client: Client, case: Asked, mail: OutboxMessage) -> None:
    link = links(mail)[1].partition("?")[0]
    for number, (key, choice) in enumerate([("t1", "not_yet"), ("t2", "in_use"), ("t3", "dropped")], 1):
        page = client.get(link)
        assert f"{number} of 3" in page.text
        assert f'name="take_over" value="{key}"' in page.text
        sent = press(client, link, key, choice)
    assert sent.location.endswith("/sent")
    assert "Thank you" in client.get(sent.location).text
    assert [(key, choice) for (key, _), (choice, *_) in sorted(said(case).items())] == [
        ("t1", "not_yet"),
        ("t2", "in_use"),
        ("t3", "dropped"),
    ]
    assert case.request("manager").answer.answers == {"confirmed": {"t1": "not_yet", "t2": "in_use", "t3": "dropped"}}


def test_pressed_again_the_last_press_counts(client: Client, case: Asked, mail: OutboxMessage) -> None:
    for choice in ("not_yet", "in_use", "in_use"):
        assert press(client, links(mail)[0], "t1", choice).status_code == 303
    assert said(case)[("t1", "month_6")][0] == "in_use"
    assert [each.note for each in one(case, "t1").history() if each.action == "confirm"] == ["In use.", "Not yet."]


@pytest.mark.parametrize(("take_over", "choice"), [("t1", "yes"), ("t1", ""), ("t9", "in_use"), ("", ""), ("t1_seen", "in_use")])
def test_what_no_button_sends(client: Client, case: Asked, mail: OutboxMessage, take_over: str, choice: str) -> None:
    sent = press(client, links(mail)[0], take_over, choice)
    assert sent.status_code == 422
    assert "Press one of the three buttons." in sent.text
    assert said(case) == {}


@pytest.mark.parametrize("query", ["?said=drop_table", "?said=", "?said=in_use&said=x", "?x=1"])
def test_an_altered_button_suggests_nothing(client: Client, mail: OutboxMessage, query: str) -> None:
    page = client.get(links(mail)[0].partition("?")[0] + query)
    assert page.status_code == 200
    assert ("Confirm:" in page.text) is query.startswith("?said=in_use")


def test_an_altered_link_and_one_after_its_day(client: Client, case: Asked, mail: OutboxMessage, clock: ModuleType) -> None:
    link = links(mail)[0].partition("?")[0]
    assert client.get(f"{link}x?said=in_use").status_code == 404
    assert press(client, f"{link}x", "t1", "in_use").status_code == 404
    to(clock, 20, 9)
    page = client.get(f"{link}?said=in_use")
    assert (page.status_code, "19 September 2027" in page.text) == (409, True)
    assert press(client, link, "t1", "in_use").status_code == 409
    assert said(case) == {}


def test_what_was_dropped_is_not_asked_about(client: Client, case: Asked, clock: ModuleType) -> None:
    operations.drop(one(case, "t1"), by=case.guest, reason="No money")
    db.session.commit()
    to(clock, 5, 9)
    ask()
    [mail] = managers()
    assert "“Their forms”" in mail.subject_line
    assert "1 of 2" in client.get(links(mail)[0]).text


def test_what_was_dropped_while_its_page_was_open(client: Client, case: Asked, mail: OutboxMessage) -> None:
    """They are told what happened, and asked about the next that is left."""
    press(client, links(mail)[0], "t2", "in_use")
    operations.drop(one(case, "t1"), by=case.guest, reason="No money")
    db.session.commit()
    sent = press(client, links(mail)[0], "t1", "in_use")
    assert sent.status_code == 422
    assert "“A price list” has been dropped since you opened this page" in sent.text
    assert 'name="take_over" value="t3"' in sent.text
    assert "Press one of the three buttons." not in sent.text
    assert list(said(case)) == [("t2", "month_6")]


def test_what_was_said_after_a_year_stands_before_what_was_said_after_half(
    client: Client, case: Asked, mail: OutboxMessage, clock: ModuleType
) -> None:
    press(client, links(mail)[0], "t1", "not_yet")
    to(clock, 5, 3, 2028)
    ask()
    press(client, links(managers()[-1])[0], "t1", "in_use")
    db.session.expire_all()
    assert [each.occasion for each in one(case, "t1").confirmations] == ["month_12", "month_6"]


def test_all_was_dropped_after_they_were_asked(client: Client, case: Asked, mail: OutboxMessage, clock: ModuleType) -> None:
    """Their page was open: no button is left to press, and nobody waits or reminds them any more."""
    for key in ("t1", "t2", "t3"):
        jobs.CALL_OFF_QUESTIONNAIRES.run()
        assert case.request("manager").state == "asked"
        operations.drop(one(case, key), by=case.guest, reason="No money")
        db.session.commit()
    for answer in (client.get(links(mail)[0]), press(client, links(mail)[0], "t1", "in_use")):
        assert (answer.status_code, "nothing left to answer" in answer.text, "<button" in answer.text) == (409, True, False)
    jobs.CALL_OFF_QUESTIONNAIRES.run()
    db.session.expire_all()
    assert case.request("manager").state == "called_off"
    assert case.request("manager").history()[0].note == "All that was to be confirmed has been dropped."


def test_nobody_is_asked_where_nothing_was_taken_home_or_all_was_dropped(case: Asked, clock: ModuleType) -> None:
    for key in ("t1", "t2", "t3"):
        operations.drop(one(case, key), by=case.guest, reason="No money")
    db.session.commit()
    to(clock, 5, 9)
    ask()
    assert case.requests("manager") == []


def test_where_nobody_is_named_nobody_is_asked_until_somebody_is(case: Asked, clock: ModuleType, visitor: Visitor) -> None:
    case.exchange.agreed_version.manager_name = case.exchange.agreed_version.manager_email = ""
    db.session.commit()
    to(clock, 5, 9)
    ask()
    assert case.requests("manager") == []
    client, page = visitor(case.coordinator), f"/exchanges/{case.exchange.id}/name-manager"
    assert page in client.get(f"/exchanges/{case.exchange.id}").text
    assert client.post(page, data={"version": case.exchange.version, **MIA}).status_code == 303
    assert ("manager", "Mia Manager") in ask()
    db.session.expire_all()
    [newest, *_] = case.exchange.history()
    assert (newest.action, newest.note) == ("name_manager", "Mia Manager.")


def test_named_after_a_year_they_are_asked_once(case: Asked, clock: ModuleType) -> None:
    case.exchange.agreed_version.manager_name = case.exchange.agreed_version.manager_email = ""
    db.session.commit()
    to(clock, 6, 3, 2028)
    ask()
    followup.name_manager(case.exchange, by=case.coordinator, name="Mia Manager", email="mia@elsewhere.org")
    db.session.commit()
    assert ask() == [("manager", "Mia Manager")]
    assert [each.occasion for each in case.requests("manager")] == ["month_12"]
    assert ask() == []


@pytest.mark.parametrize(
    ("name", "email", "words"),
    [
        ("Ana", "GUEST", "your own address"),
        ("Ana Guest", "other@elsewhere.org", "your own name"),
        ("Hugo", "HOST", "the host"),
        ("Mia", "mia@", "address"),
        ("", "mia@elsewhere.org", "Please fill this in."),
    ],
)
def test_who_cannot_confirm_it(case: Asked, visitor: Visitor, name: str, email: str, words: str) -> None:
    typed = {"GUEST": case.guest.email, "HOST": case.host.email}.get(email, email)
    sent = visitor(case.guest).post(
        f"/exchanges/{case.exchange.id}/name-manager",
        data={"version": case.exchange.version, "manager_name": name, "manager_email": typed},
    )
    assert (sent.status_code, words in sent.text) == (422, True)


def test_the_manager_has_left_another_is_named_and_has_a_link_of_their_own(
    client: Client, case: Asked, mail: OutboxMessage, visitor: Visitor
) -> None:
    mail.state, mail.last_error = "dead", "550 no such user"
    db.session.commit()
    jobs.run("return-questionnaires")
    assert case.request("manager").state == "not_delivered"
    told = [each for each in mails("questionnaire_undelivered") if each.address == case.coordinator.email]
    assert len(told) == 1
    typed = {"version": case.exchange.version, "manager_name": "Ned New", "manager_email": "ned@elsewhere.org"}
    assert visitor(case.coordinator).post(f"/exchanges/{case.exchange.id}/name-manager", data=typed).status_code == 303
    request = case.request("manager")
    assert (request.state, request.name, request.link) == ("asked", "Ned New", 2)
    [theirs] = mails(to="ned@elsewhere.org")
    assert client.get(links(mail)[0]).status_code == 404
    assert press(client, links(theirs)[0], "t1", "in_use").status_code == 303
    assert said(case)[("t1", "month_6")][2] == "Ned New"


def test_it_is_handed_to_a_colleague_but_not_to_the_guest(case: Asked, mail: OutboxMessage) -> None:
    boss = make_member(case.exchange.guest_organisation, Role.COORDINATOR, name="Bea Boss")
    db.session.commit()
    request = case.request("manager")
    assert {each.name for each in request.colleagues} == {"Bea Boss", "Cara Coordinator"}
    followup.hand_over(request, by=case.coordinator, colleague=boss)
    db.session.commit()
    assert case.request("manager").respondent == boss


def test_if_the_owner_asks_more_the_buttons_lead_there(client: Client, case: Asked, mail: OutboxMessage) -> None:
    version = case.request("manager").asked_version
    version.stored = [*version.stored, {"key": "worth", "kind": "yes_no", "text": "Was it worth it?", "required": True}]
    db.session.commit()
    sent = press(client, links(mail)[0], "t1", "in_use")
    assert sent.location.endswith("?all=1")
    page = client.get(sent.location).text
    assert "Was it worth it?" in page
    assert said(case) == {}  # a draft so far
