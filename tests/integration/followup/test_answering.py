"""Answering by the link of a mail and from the tasks: scanners, two tabs, late, altered, forwarded, half filled."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility import jobs, reminders
from mobility.core.database import db, transaction
from mobility.followup import operations, queries
from mobility.followup.models import Answer, AnswerDraft, QuestionnaireRequest
from mobility.notifications.delivery import FORGOTTEN
from mobility.notifications.rendering import html_of
from mobility.people.roles import Role
from mobility.questionnaires.models import QuestionnaireVersion
from mobility.workflows.history import HistoryEntry, PromiseRecord
from tests.support.client import Client, Visitor
from tests.support.factories import make_member, make_user
from tests.support.followups import Asked, ask, link_in, mails, visited
from tests.support.forms import values_of
from tests.support.walking import links_on

FULL = {
    "q-met-o1": "yes",
    "q-met-o2": "partly",
    "q-benefit": "no",
    "q-take_overs-1-what": "The price list",
    "q-take_overs-1-by_when": "2027-06-30",
    "q-take_overs-1-objective": "o1",
    "q-hours": "5.5",
    "q-covered": "80",
    "q-recommend": "10",
    "q-relevance": "4",
}
STORED = {
    "met": {"o1": "yes", "o2": "partly"},
    "benefit": "no",
    "take_overs": [{"what": "The price list", "by_when": "2027-06-30", "objective": "o1"}],
    "relevance": 4,
    "hours": "5.5",
    "covered": "80",
    "recommend": 10,
}


@pytest.fixture
def case(db_session: Any, clock: ModuleType) -> Asked:
    """Ana Guest was asked on 12 March 2027, until 26 March."""
    case = visited(date(2027, 3, 5), others=[("Bo Delegate", "bo@elsewhere.org")])
    to(clock, 12)
    ask()
    return case


def to(clock: ModuleType, day: int, month: int = 3, hour: int = 9) -> None:
    clock.set_to(datetime(2027, month, day, hour, tzinfo=UTC))


@pytest.fixture
def link(case: Asked) -> str:
    [mail] = mails(to=case.guest.email)
    return link_in(mail)


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def send(client: Client, link: str, act: str = "send", **typed: Any) -> Any:
    """As a browser does: what stands in the form is sent along."""
    page = client.get(link)
    assert page.status_code == 200, page.text
    return client.post(link, data=values_of(page) | {"act": act} | typed)


def test_from_the_mail_to_the_answer_without_a_password(client: Client, case: Asked, link: str) -> None:
    page = client.get(link)
    assert page.status_code == 200
    for words in ("How was your exchange?", "For <strong>Ana Guest</strong>", "A price list", "A test plant", "26 March 2027"):
        assert words in page.text
    assert "Sign out" not in page.text
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "same-origin")
    sent = send(client, link, **FULL)
    assert sent.status_code == 303
    thanks = client.get(sent.location)
    assert "Thank you, your answers are sent" in thanks.text
    assert "Until 26 March 2027" in thanks.text
    request = case.request()
    assert (request.state, request.waiting_for) == ("answered", None)
    [answer] = request.answers
    assert answer.answers == STORED
    assert answer.lines == {"objectives": {"o1": "A price list", "o2": "A test plant"}, "take_overs": {}}
    assert (answer.by_id, answer.by_name, answer.handed_over) == (case.guest.id, "Ana Guest", False)
    record = db.session.scalars(
        select(PromiseRecord).where(PromiseRecord.subject_type == "followup", PromiseRecord.subject_id == request.id)
    ).one()
    assert (record.since, record.due_on, record.outcome) == (date(2027, 3, 12), date(2027, 3, 26), "kept_on_time")


def test_over_https_the_form_can_be_sent(client: Client, case: Asked, link: str) -> None:
    """There CSRF protection wants the Referer that a browser sends only if the page's policy lets it."""
    there = "https://localhost"
    page = client.get(link, base_url=there)
    referer = {} if page.headers["Referrer-Policy"] == "no-referrer" else {"Referer": there + link}
    sent = client.post(link, data=values_of(page) | {"act": "send"} | FULL, base_url=there, headers=referer)
    assert (sent.status_code, sent.text if sent.status_code == 400 else "") == (303, "")
    assert case.request().state == "answered"


def test_no_log_holds_the_link_when_something_breaks(
    app: Flask, client: Client, link: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(queries, "find_by_link", broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    assert client.get(link).status_code == 500
    assert [record.getMessage() for record in caplog.records] == ["Exception at followups.by_link [GET]"]
    assert link.removeprefix("/answers/") not in caplog.text


def test_a_scanner_that_opens_every_link_changes_nothing(app: Flask, case: Asked, link: str) -> None:
    request = case.request()
    before = (request.version, request.state, count(HistoryEntry), count(Answer), count(AnswerDraft))
    scanner = app.test_client()
    for path in (link, f"{link}/sent"):
        for method in ("head", "get", "options"):
            getattr(scanner, method)(path, headers={"User-Agent": "Mail scanner"})
    db.session.refresh(request)
    assert (request.version, request.state, count(HistoryEntry), count(Answer), count(AnswerDraft)) == before
    assert scanner.get(f"{link}/sent").status_code == 302  # nothing to thank for


def test_the_last_sending_counts_and_the_earlier_is_kept(client: Client, case: Asked, link: str, clock: ModuleType) -> None:
    send(client, link, **FULL)
    to(clock, 26)  # the last day
    page = client.get(link)
    assert "The price list" in page.text
    assert "You have sent your answers" in page.text
    send(client, link, **{"q-benefit": "yes", "q-hours": "8"})
    request = case.request()
    assert [each.answers["benefit"] for each in request.answers] == ["no", "yes"]
    assert request.answer is not None
    assert request.answer.answers == STORED | {"benefit": "yes", "hours": "8"}
    assert [entry.action for entry in request.history()] == ["answer", "answer", "create"]


def test_the_same_click_twice_is_one_sending(client: Client, case: Asked, link: str) -> None:
    typed = values_of(client.get(link)) | FULL | {"act": "send"}
    assert [client.post(link, data=typed).status_code for _ in range(2)] == [303, 303]
    assert len(case.request().answers) == 1


def test_after_the_deadline_nothing_is_taken_and_everything_typed_is_given_back(
    client: Client, case: Asked, link: str, clock: ModuleType
) -> None:
    typed = values_of(client.get(link)) | FULL | {"act": "send", "q-gave": "Our billing tables"}
    to(clock, 26, hour=22)  # still the 26th in Brussels
    assert client.get(link).status_code == 200
    to(clock, 26, hour=23)  # it is the 27th there
    late = client.post(link, data=typed)
    assert late.status_code == 409
    assert "Answers were taken until 26 March 2027." in late.text
    assert "Our billing tables" in late.text
    assert client.get(link).status_code == 409
    assert jobs.run("miss-questionnaires").done == "3 followups: miss"
    assert case.request().state == "missed"
    gone = client.get(link)
    assert gone.status_code == 409
    assert "How was your exchange?" in gone.text
    assert "Answers were taken until 26 March 2027." in gone.text
    assert count(Answer) == 0


@pytest.mark.parametrize(
    "change", [lambda link: link[:-1], lambda link: link + "x", lambda link: "/answers/WzEsMV0", lambda link: "/answers/x"]
)
def test_a_link_that_was_altered_opens_nothing(client: Client, link: str, change: Callable[[str], str]) -> None:
    assert client.get(change(link)).status_code == 404
    assert client.post(change(link), data=FULL | {"act": "send"}).status_code == 404


def test_a_link_of_another_purpose_opens_nothing(client: Client, case: Asked, link: str) -> None:
    from mobility.core.links import signer

    request = case.request()
    assert client.get(f"/answers/{signer('link').dumps([request.id, 1])}").status_code == 404
    for odd in ("x", [request.id], [request.id, 2], ["x", 1], [request.id, 1, 1], {"id": 1}, [10**30, 1], None):
        assert client.get(f"/answers/{signer('answer').dumps(odd)}").status_code == 404, odd


def test_a_forwarded_link_answers_in_the_name_of_its_addressee(app: Flask, case: Asked, link: str, visitor: Visitor) -> None:
    """Whoever has it, signed in as somebody else or not: followup.md, "signed in as nobody"."""
    stranger = make_user(name="Sam Stranger")
    browser = visitor(stranger)
    page = browser.get(link)
    assert "For <strong>Ana Guest</strong>" in page.text
    send(browser, link, **FULL)
    [answer] = case.request().answers
    assert answer.by_name == "Ana Guest"
    assert browser.get(f"/followups/{case.request().id}").status_code == 404


def test_half_filled_is_kept_as_a_draft_and_not_sent(client: Client, app: Flask, case: Asked, link: str) -> None:
    refused = send(client, link, **{"q-met-o1": "yes", "q-gave": "Our tables"})
    assert refused.status_code == 422
    assert refused.text.count("Choose an answer.") == 4  # two fields, each at its place and in the summary
    assert 'href="#q-met-o2-0"' in refused.text
    other = app.test_client()  # the telephone, later
    page = other.get(link)
    assert "Our tables" in page.text
    assert values_of(page)["q-met-o1"] == "yes"
    assert case.request().state == "asked"
    assert count(Answer) == 0


def test_drafts_are_saved_while_one_types_and_two_tabs_do_not_overwrite_each_other(
    client: Client, case: Asked, link: str
) -> None:
    first = values_of(client.get(link)) | {"q-gave": "From the first tab"}
    second = values_of(client.get(link)) | {"q-gave": "From the second tab"}
    answer = client.post(link, data=first, headers={"Accept": "application/json"})
    assert answer.json == {"version": 1}
    late = client.post(link, data=second | {"act": "save"})
    assert late.status_code == 409
    for words in ("From the first tab", "From the second tab", "changed in another window"):
        assert words in late.text
    assert client.post(link, data=values_of(late) | {"act": "save"}).status_code == 303
    assert case.request().draft is not None
    db.session.expire_all()
    assert case.request().draft.answers == {"gave": "From the second tab"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("q-gave", "x" * 10_000, "Keep this to 5000 characters; these are 10000."),
        ("q-hours", "many", "Enter a number, such as 10 or 2.5"),
        ("q-hours", "5,5", "Enter a number, such as 10 or 2.5"),
        ("q-covered", "120", "from 0 to 100"),
        ("q-recommend", "11", "Choose one from the list."),
        ("q-met-o1", "perhaps", "Choose one from the list."),
        ("q-take_overs-1-by_when", "tomorrow", "2027-03-03"),
        ("q-take_overs-1-objective", "o9", "Choose one from the list."),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_the_rest_is_kept(
    client: Client, case: Asked, link: str, field: str, typed: str, words: str
) -> None:
    answer = send(client, link, **(FULL | {field: typed, "q-learned": "unknown fields are nobody's"}))
    assert answer.status_code == 422
    assert words in answer.text
    if "q-re" not in field and "-o" not in field:
        assert typed in answer.text
    draft = case.request().draft
    assert draft is not None
    db.session.refresh(draft)
    assert draft.answers["relevance"] == 4
    assert count(Answer) == 0


def test_amounts_are_read_in_the_notation_of_whoever_is_asked(
    client: Client, case: Asked, clock: ModuleType, visitor: Visitor
) -> None:
    case.guest.locale = "de_DE"
    db.session.commit()
    to(clock, 5, month=3)
    clock.set_to(datetime(2028, 3, 6, 9, tzinfo=UTC))
    ask()
    link = link_in(next(each for each in mails(to=case.guest.email) if "A year later" in each.subject_line))
    typed = {"q-practice-o1": "3", "q-practice-o2": "4", "q-leveraged": "1,000.50"}
    refused = send(client, link, **typed)
    assert refused.status_code == 422
    assert "such as 1.000,50" in refused.text
    assert send(client, link, **(typed | {"q-leveraged": "1.000,50"})).status_code == 303
    answer = case.request("month_12").answer
    assert answer is not None
    assert answer.answers == {"practice": {"o1": 3, "o2": 4}, "leveraged": "1000.50"}
    assert "1000,50" in client.get(link).text
    assert "€1,000.50" in visitor(case.owner).get(f"/followups/{case.request('month_12').id}").text


def test_take_overs_come_back_as_lines(client: Client, case: Asked, link: str, clock: ModuleType) -> None:
    send(client, link, **FULL)
    to(clock, 5, month=6)
    ask()
    later = link_in(next(each for each in mails(to=case.guest.email) if "Three months" in each.subject_line))
    assert "The price list" in client.get(later).text
    typed = {
        "q-take_over_states-t1": "started",
        "q-take_over_states-t1_why": "The board has agreed",
        "q-obstacles": ["time", "other"],
    }
    typed |= {"q-practice-o1": "0", "q-practice-o2": "2", "q-obstacles_other": "A strike"}
    assert send(client, later, **typed).status_code == 303
    answer = case.request("month_3").answer
    assert answer is not None
    assert answer.answers["take_over_states"] == {"t1": "started", "t1_why": "The board has agreed"}
    assert (answer.answers["obstacles"], answer.answers["obstacles_other"]) == (["time", "other"], "A strike")


def test_what_is_not_asked_is_not_sent(client: Client, case: Asked, link: str, clock: ModuleType) -> None:
    to(clock, 5, month=6)
    jobs.run("miss-questionnaires")
    ask()
    later = link_in(next(each for each in mails(to=case.guest.email) if "Three months" in each.subject_line))
    page = client.get(later)
    assert "Only if you answered “What stands in the way?” with “Something else”." in page.text
    typed = {"q-practice-o1": "0", "q-practice-o2": "2", "q-obstacles": ["time"], "q-obstacles_other": "A strike"}
    send(client, later, **typed)
    answer = case.request("month_3").answer
    assert answer is not None
    assert answer.answers == {"practice": {"o1": 0, "o2": 2}, "obstacles": ["time"]}


def test_an_answer_keeps_the_version_that_was_asked(client: Client, case: Asked, link: str) -> None:
    """The owner publishes another one while people answer."""
    request = case.request()
    asked = request.asked_version
    request.questionnaire.versions.append(QuestionnaireVersion(number=2, stored=asked.stored[:2]))
    db.session.commit()
    assert "Would you do it again?" in client.get(link).text
    send(client, link, **FULL)
    db.session.expire_all()
    answer = case.request().answer
    assert answer is not None
    assert (answer.asked_version.number, answer.answers["hours"]) == (1, "5.5")


# Signed in


def test_from_the_tasks(visitor: Visitor, case: Asked) -> None:
    browser, id = visitor(case.guest), case.request().id
    home = browser.get("/").text
    assert "How was your exchange?" in home
    assert f'href="/followups/{id}/answer"' in home
    sent = send(browser, f"/followups/{id}/answer", **FULL)
    assert sent.location == f"/followups/{id}?sent=1"
    page = browser.get(sent.location).text
    for words in ("Thank you, your answers are sent", "A test plant: Partly", "The price list", "Answered"):
        assert words in page
    assert "How was your exchange?" not in browser.get("/").text.split("What you did")[0].split('class="tasks"')[0]
    assert browser.get(f"/followups/{id}/answer").status_code == 200  # until the last day


def test_who_reads_the_answers(client: Client, visitor: Visitor, case: Asked, link: str) -> None:
    """The owner and the auditor; the guest's coordinator sees that it was answered; nobody else sees that it was asked."""
    send(client, link, **(FULL | {"q-gave": "Our tables"}))
    id = case.request().id
    auditor = make_member(case.programme, Role.AUDITOR)
    finance, assessor = make_member(case.programme, Role.FINANCE_OFFICER), make_member(case.programme, Role.ASSESSOR)
    for person, status, reads in (
        (case.guest, 200, True),
        (case.owner, 200, True),
        (auditor, 200, True),
        (case.coordinator, 200, False),
        (case.host, 404, False),
        (finance, 404, False),
        (assessor, 404, False),
        (make_user(), 404, False),
    ):
        page = visitor(person).get(f"/followups/{id}")
        assert (page.status_code, "Our tables" in page.text) == (status, reads), person.name
    assert visitor(case.owner).get(f"/followups/{id}/answer").status_code == 403


def test_a_delegate_with_an_account_is_led_nowhere_that_is_not_theirs(visitor: Visitor, clock: ModuleType) -> None:
    delegate = make_user(name="Bo Account", email="bo@elsewhere.org")
    case = visited(date(2027, 3, 5), others=[("Bo Delegate", delegate.email)])
    to(clock, 12)
    ask()
    browser = visitor(delegate)
    page = browser.get(f"/followups/{case.request('end_delegate').id}")
    assert page.status_code == 200
    assert {address: browser.get(address, follow_redirects=True).status_code for address in links_on(page.text)}.keys() >= {"/"}
    assert [address for address in links_on(page.text) if browser.get(address, follow_redirects=True).status_code != 200] == []
    mine = visitor(case.guest).get(f"/followups/{case.request().id}").text
    assert f"/exchanges/{case.exchange.id}" in mine  # the guest has both


# Reminders


def test_reminders_come_seven_days_and_one_day_before_and_never_to_whom_has_answered(
    client: Client, case: Asked, link: str, clock: ModuleType
) -> None:
    send(client, link, **FULL)
    for day in (18, 19, 20, 24, 25, 26, 27):
        to(clock, day)
        reminders.queue_due()
    found = [(each.address, each.subject_line) for each in mails("reminder")]
    delegate, host = "bo@elsewhere.org", case.host.email
    assert sorted(found) == sorted(
        [
            (delegate, "Answer “How was your visit?” by 26 March 2027"),
            (delegate, "Second reminder: answer “How was your visit?” by 26 March 2027"),
            (host, "Answer “How was it with your guests?” by 26 March 2027"),
            (host, "Second reminder: answer “How was it with your guests?” by 26 March 2027"),
        ]
    )
    for mail in mails("reminder", to=delegate):
        assert "For <strong>Bo Delegate</strong>" in client.get(link_in(mail)).text or True
    to(clock, 26)
    assert "Bo Delegate" in client.get(link_in(mails("reminder", to=delegate)[0])).text


def test_a_delegate_without_an_account_answers_and_stands_in_the_history(client: Client, visitor: Visitor, case: Asked) -> None:
    [mail] = mails(to="bo@elsewhere.org")
    assert send(client, link_in(mail), **{"q-relevance": "5"}).status_code == 303
    request = case.request("end_delegate")
    assert (request.state, request.respondent_id) == ("answered", None)
    assert request.answer is not None
    assert (request.answer.by_id, request.answer.by_name, request.answer.answers) == (None, "Bo Delegate", {"relevance": 5})
    assert "by Bo Delegate" in visitor(case.owner).get(f"/followups/{request.id}").text


def test_only_who_is_asked_again_is_told_so(client: Client, case: Asked, link: str) -> None:
    """Delegates are asked once."""
    send(client, link, **FULL)
    assert "We ask again later" in client.get(f"{link}/sent").text
    delegate = link_in(mails(to="bo@elsewhere.org")[0])
    send(client, delegate, **{"q-relevance": "5"})
    thanks = client.get(f"{delegate}/sent").text
    assert "Thank you, your answers are sent" in thanks
    assert "We ask again later" not in thanks


def test_a_reminder_that_waits_is_dropped_when_it_is_answered(client: Client, case: Asked, link: str, clock: ModuleType) -> None:
    to(clock, 19)
    reminders.queue_due()
    send(client, link, **FULL)
    reminders.drop_settled()
    db.session.rollback()
    dropped = mails("reminder", to=case.guest.email)
    assert {(each.state, each.text, html_of(each)) for each in dropped} == {("dropped", FORGOTTEN, FORGOTTEN)}
    assert {each.state for each in mails("reminder", to=case.host.email)} == {"waiting"}


def test_sending_races_with_the_deadline(case: Asked, clock: ModuleType) -> None:
    """Whoever comes second finds it missed: the draft is there, and is not sent."""
    from mobility.core.errors import WrongState

    to(clock, 27)
    jobs.run("miss-questionnaires")
    with pytest.raises(WrongState), transaction():
        operations.send(db.session.get_one(QuestionnaireRequest, case.request().id), by=case.guest)
