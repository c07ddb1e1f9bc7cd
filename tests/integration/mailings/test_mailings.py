"""Mail to the people of a list (docs/decisions/0042-mail-to-a-list.md): who may write to whom, what is seen before, once only."""

import re
from datetime import timedelta
from time import process_time
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError

from mobility.audit.models import AuditEntry
from mobility.core import clock
from mobility.core.database import db
from mobility.core.links import signer
from mobility.exchanges.models import Exchange
from mobility.lists import reaching
from mobility.lists.columns import Kind, Line, Reached, Said
from mobility.mailings import operations
from mobility.mailings.models import Mailing, MailingLetter, MailRefusal
from mobility.mailings.queries import Draft
from mobility.notifications import choosing
from mobility.notifications.delivery import deliver_pending
from mobility.notifications.models import OutboxMessage
from mobility.notifications.rendering import html_of
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.questionnaires.operations import furnish
from mobility.themes.models import Theme
from tests.support.cases import make_case
from tests.support.client import Client, Visitor
from tests.support.factories import (
    coordinator_of,
    end_roles,
    make_exchange,
    make_funded_programme,
    make_guest,
    make_member,
    make_membership,
    make_organisation,
    make_programme,
    make_submitted,
    make_theme,
    make_user,
    make_validated,
)
from tests.support.followups import ask
from tests.support.forms import values_of
from tests.support.queries import queries
from tests.support.smtp import SmtpServer

WAY = re.compile(r'href="([^"]*/mailings/new\?[^"]*)"')
TEXT = {"subject": "Book for {theme}", "text": "Dear {name},\n\n{theme} begins on {first_day}.", "what": "case"}


@pytest.fixture
def theme(db_session: Any) -> Theme:
    return make_theme(title="Membership fees")


@pytest.fixture
def owner(theme: Theme) -> User:
    return make_member(theme.programme, Role.OWNER, name="Olga Ferrante")


def exchanges(theme: Theme, *guests: User) -> list[Exchange]:
    made = [make_exchange(theme, each) for each in guests]
    db.session.commit()
    return made


def way(browser: Client, path: str = "/exchanges") -> str:
    """Where the page of a list leads to."""
    found = WAY.search(browser.get(path).text)
    assert found, "nobody to write to"
    return found[1].replace("&amp;", "&")


def previewed(browser: Client, at: str, act: str = "all", **fields: Any) -> Any:
    values = values_of(browser.get(at))
    values.pop("rows", None)
    return browser.post(at, data=values | TEXT | fields | {"act": act})


def send(browser: Client, at: str, **fields: Any) -> Any:
    """Through the preview, as one has to."""
    shown = previewed(browser, at, **fields)
    assert shown.status_code == 200, shown.text
    return browser.post(at, data=values_of(shown) | {"act": "send"})


def mails(kind: str = "mailing") -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)))


def letters() -> list[tuple[str, str]]:
    return [(each.name, each.left_out) for each in db.session.scalars(select(MailingLetter).order_by(MailingLetter.id))]


# The way through


def test_an_owner_writes_to_the_guests_of_a_list(visitor: Visitor, theme: Theme, owner: User) -> None:
    theme.places = 5
    guests = [make_guest(name="Ana Zupan"), make_guest(name="Liis Tamm")]
    made = exchanges(theme, *guests)
    browser = visitor(owner)
    at = way(browser)
    page = browser.get(at).text
    assert "In whose name" not in page
    assert all(words in page for words in ("Ana Zupan", "Liis Tamm", "{first_day}", "Preview for all 2"))
    shown = previewed(browser, at)
    assert "Dear Ana Zupan" in shown.text
    assert "Nothing has been sent yet. 2 people get a mail" in shown.text
    assert mails() == []
    done = browser.post(at, data=values_of(shown) | {"act": "send"})
    mailing = db.session.scalars(select(Mailing)).one()
    assert (done.status_code, done.headers["Location"]) == (302, f"/mailings/{mailing.id}")
    assert (mailing.by_name, mailing.programme_id, mailing.mailed, mailing.list_path) == (
        owner.name,
        theme.programme_id,
        2,
        "/exchanges",
    )
    sent = {each.recipient_id: each for each in mails()}
    assert sent.keys() == {each.id for each in guests}
    first = sent[guests[0].id]
    assert first.subject_line == "Book for Membership fees"
    assert f"begins on {made[0].first_day:%-d %B %Y}" in first.text
    assert (first.reply_to, first.unsubscribe, first.subject_id) == ("", "", mailing.id)
    record = browser.get(f"/mailings/{mailing.id}").text
    assert all(words in record for words in ("Liis Tamm", "Waiting", "Dear {name}", theme.programme.name))
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "mailing_sent")).one()
    assert (entry.by_id, entry.programme_id, entry.about) == (
        owner.id,
        theme.programme_id,
        "“Book for {theme}”, 2 mails to Exchanges",
    )


def test_only_those_who_are_ticked(visitor: Visitor, theme: Theme, owner: User) -> None:
    theme.places = 5
    made = exchanges(theme, make_guest(name="Ana Zupan"), make_guest(name="Liis Tamm"))
    browser = visitor(owner)
    at = way(browser)
    nobody = previewed(browser, at, "ticked")
    assert (nobody.status_code, "Tick the rows" in nobody.text) == (422, True)
    assert "Dear {name}" in nobody.text  # nothing typed is lost
    assert send(browser, at, act="ticked", rows=str(made[1].id)).status_code == 302
    assert letters() == [("Liis Tamm", "")]


def test_change_it_leads_back_with_everything(visitor: Visitor, theme: Theme, owner: User) -> None:
    made = exchanges(theme, make_guest())
    browser = visitor(owner)
    at = way(browser)
    shown = previewed(browser, at, "ticked", rows=str(made[0].id), reply="y", text="\n  One\nTwo {theme}")
    again = browser.post(at, data=values_of(shown) | {"act": "change"})
    assert again.status_code == 200
    values = values_of(again)
    assert (values["subject"], values["what"], values["reply"], values["rows"]) == (TEXT["subject"], "case", "y", str(made[0].id))
    assert "One\nTwo {theme}" in values["text"].replace("\r\n", "\n")


def test_answers_reach_the_writer_only_if_they_say_so(visitor: Visitor, theme: Theme, owner: User) -> None:
    exchanges(theme, make_guest())
    browser = visitor(owner)
    send(browser, way(browser), reply="y")
    assert mails()[0].reply_to == owner.email
    assert owner.email in mails()[0].text


# Fields


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("text", "Dear {nmae}", "Do you mean {name}?"),
        ("subject", "{colour}", "It has {name}, {theme}"),
        ("text", "Dear {name", "stands alone"),
        ("text", "{e_mail}", "no field"),
    ],
)
def test_an_unknown_field_is_an_error_at_its_text(
    visitor: Visitor, theme: Theme, owner: User, field: str, typed: str, said: str
) -> None:
    exchanges(theme, make_guest())
    browser = visitor(owner)
    answer = previewed(browser, way(browser), **{field: typed})
    assert answer.status_code == 422
    error = re.search(rf'id="{field}-error">.*?</p>', answer.text, re.S)
    assert error
    assert said in error[0]
    assert values_of(answer)[field].strip() == typed


def test_who_has_an_empty_field_is_shown_and_gets_nothing_unless_one_says_so(visitor: Visitor, theme: Theme, owner: User) -> None:
    theme.places = 5
    exchange = exchanges(theme, make_guest(name="Ana Zupan"))[0]
    exchange.due_on = None
    other = exchanges(theme, make_guest(name="Liis Tamm"))[0]
    assert other.due_on
    browser = visitor(owner)
    at = way(browser)
    shown = previewed(browser, at, text="By {due}.")
    assert "For these, a field is empty" in shown.text
    assert "1 person gets a mail" in shown.text
    assert browser.post(at, data=values_of(shown) | {"act": "send"}).status_code == 302
    assert sorted(letters()) == [("Ana Zupan", "empty"), ("Liis Tamm", "")]
    assert len(mails()) == 1
    shown = previewed(browser, at, text="Please by {due}.")
    browser.post(at, data=values_of(shown) | {"act": "send", "with_empty": "y"})
    assert sorted(letters())[2:] == [("Liis Tamm", ""), ("Liis Tamm", "")]
    assert any("Please by ." in each.text for each in mails())


def test_one_mail_about_both_rows_of_a_person(visitor: Visitor, theme: Theme, owner: User) -> None:
    guest, second = make_guest(name="Ana Zupan"), make_theme(title="Pilot lines", programme=theme.programme)
    make_exchange(theme, guest)
    exchanges(second, guest)
    browser = visitor(owner)
    shown = previewed(browser, way(browser), text="You come for {theme}.")
    assert "One mail about several rows" in shown.text
    browser.post(way(browser), data=values_of(shown) | {"act": "send"})
    (mail,) = mails()
    assert re.search(r"You come for (Membership fees and Pilot lines|Pilot lines and Membership fees)\.", mail.text)
    assert letters() == [("Ana Zupan", "")]


# Once


def test_the_same_form_twice_and_another_tab_are_one_mailing(visitor: Visitor, theme: Theme, owner: User) -> None:
    exchanges(theme, make_guest())
    browser = visitor(owner)
    at = way(browser)
    first, second = previewed(browser, at), previewed(browser, at)
    values = values_of(first) | {"act": "send"}
    answers = [browser.post(at, data=values) for _ in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    late = browser.post(at, data=values_of(second) | {"act": "send"})
    assert (late.status_code, "This was sent already" in late.text) == (409, True)
    assert (len(mails()), db.session.scalar(select(func.count(Mailing.id)))) == (1, 1)


def test_whoever_came_to_the_list_meanwhile_gets_the_mail_that_the_others_had(
    visitor: Visitor, theme: Theme, owner: User
) -> None:
    theme.places = 5
    exchanges(theme, make_guest(name="Ana Zupan"))
    browser = visitor(owner)
    at = way(browser)
    send(browser, at)
    exchanges(theme, make_guest(name="Liis Tamm"))
    shown = previewed(browser, at)
    assert "1 person gets a mail" in shown.text
    assert "has had exactly this mail" in shown.text
    browser.post(at, data=values_of(shown) | {"act": "send"})
    assert sorted(letters()) == [("Ana Zupan", ""), ("Ana Zupan", "had_it"), ("Liis Tamm", "")]


def test_a_day_later_the_same_words_go_out_again(
    visitor: Visitor, theme: Theme, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchanges(theme, make_guest())
    browser = visitor(owner)
    send(browser, way(browser))
    later = clock.utc_now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "utc_now", lambda: later)
    assert send(browser, way(browser)).status_code == 302
    assert len(mails()) == 2


def test_a_list_that_changed_since_is_shown_again(visitor: Visitor, theme: Theme, owner: User) -> None:
    theme.places = 5
    made = exchanges(theme, make_guest(name="Ana Zupan"))
    browser = visitor(owner)
    at = way(browser)
    shown = previewed(browser, at)
    exchanges(theme, make_guest(name="Liis Tamm"))
    answer = browser.post(at, data=values_of(shown) | {"act": "send"})
    assert answer.status_code == 409
    assert "not what it was when you looked" in answer.text
    assert "Dear Liis Tamm" in answer.text
    assert mails() == []
    made[0].first_day += timedelta(days=1)  # what a row says has changed
    db.session.commit()
    again = browser.post(at, data=values_of(answer) | {"act": "send"})
    assert again.status_code == 409
    assert browser.post(at, data=values_of(again) | {"act": "send"}).status_code == 302
    assert len(mails()) == 2


def test_without_a_look_at_it_nothing_is_sent(visitor: Visitor, theme: Theme, owner: User) -> None:
    exchanges(theme, make_guest())
    browser = visitor(owner)
    answer = previewed(browser, way(browser), "send", everyone="yes")
    assert (answer.status_code, mails()) == (409, [])


def test_so_many_in_a_day(visitor: Visitor, theme: Theme, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_A_DAY", 2)
    exchanges(theme, make_guest())
    browser = visitor(owner)
    at = way(browser)
    answers = [send(browser, at, text=f"Number {number}") for number in range(3)]
    assert [each.status_code for each in answers] == [302, 302, 429]
    assert "You have written to 2 lists within a day" in answers[2].text
    assert "Number 2" in answers[2].text
    monkeypatch.setattr(operations, "MOST_A_DAY", 20)
    monkeypatch.setattr(operations, "MOST_PEOPLE_A_DAY", 2)
    assert send(browser, at, text="Once more").status_code == 429


# News, and who wants none


def test_news_can_be_refused_with_one_click_and_stay_refused(visitor: Visitor, client: Client, theme: Theme, owner: User) -> None:
    guest = make_guest(name="Ana Zupan")
    exchanges(theme, guest)
    browser = visitor(owner)
    at = way(browser)
    send(browser, at, what="news")
    (mail,) = mails("mailing_news")
    assert mail.unsubscribe in mail.text
    assert mail.unsubscribe in html_of(mail)
    path = "/" + mail.unsubscribe.partition("://")[2].partition("/")[2]
    opened = client.get(path)
    assert (opened.status_code, theme.programme.name in opened.text) == (200, True)
    assert db.session.scalar(select(func.count(MailRefusal.id))) == 0  # programs open links
    for _ in range(2):
        done = client.post(path, data={"List-Unsubscribe": "One-Click", "csrf_token": ""})
        assert (done.status_code, "You get no more news" in done.text) == (200, True)
    assert db.session.scalar(select(func.count(MailRefusal.id))) == 1
    assert [each.state for each in mails("mailing_news")] == ["dropped"]  # what has not left yet does not leave
    shown = previewed(browser, at, what="news", text="More news")
    assert "wants no news from here" in shown.text
    refused = browser.post(at, data=values_of(shown) | {"act": "send"})
    assert (refused.status_code, len(mails("mailing_news"))) == (409, 1)
    assert send(browser, at, text="Your own case").status_code == 302
    assert len(mails()) == 1
    mine = visitor(guest)
    assert theme.programme.name in mine.get("/account/mails").text
    assert mine.post(f"/account/mails/programme/{theme.programme_id}/again").status_code == 303
    assert f"You get news from {theme.programme.name} again" in mine.get("/").text
    assert theme.programme.name not in mine.get("/account/mails").text
    assert send(browser, at, what="news", text="More news").status_code == 302
    acts = list(db.session.scalars(select(AuditEntry.act).where(AuditEntry.person_id == guest.id).order_by(AuditEntry.id)))
    assert [each for each in acts if each.startswith("news")] == ["news_refused", "news_wanted"]


def test_who_wants_no_news_at_all_gets_none(visitor: Visitor, theme: Theme, owner: User) -> None:
    guest = make_guest(name="Ana Zupan")
    exchanges(theme, guest)
    seen = choosing.seen(choosing.choice_of(guest))
    choosing.choose(guest, seen=seen, decisions="at_once", deadlines="at_once", news="none", timezone="Europe/Vienna")
    db.session.commit()
    browser = visitor(owner)
    assert "wants no news from here" in previewed(browser, way(browser), what="news").text


@pytest.mark.parametrize("token", ["x", "a.b", "WzEsMl0.x"])
def test_another_link_stops_nothing(client: Client, db_session: Any, token: str) -> None:
    assert client.get(f"/mails/stop/{token}").status_code == 404
    assert client.post(f"/mails/stop/{token}").status_code == 404


def test_a_link_of_another_kind_is_none(client: Client, theme: Theme, owner: User) -> None:
    for values in ([owner.id, "programme", theme.programme_id], [owner.id, "/"]):
        assert client.post(f"/mails/stop/{signer('link').dumps(values)}").status_code == 404
    assert client.post(f"/mails/stop/{signer('mails').dumps([owner.id, 'programme', 0])}").status_code == 404
    assert client.post(f"/mails/stop/{signer('mails').dumps([0, 'programme', theme.programme_id])}").status_code == 404


def test_what_one_has_not_refused_cannot_be_wanted_again(visitor: Visitor, theme: Theme, owner: User) -> None:
    assert visitor(owner).post(f"/account/mails/programme/{theme.programme_id}/again").status_code == 404


# Who may


def test_who_may_write_to_whom(visitor: Visitor, theme: Theme, owner: User) -> None:
    exchange = exchanges(theme, make_guest())[0]
    may = [owner, coordinator_of(theme), make_member(theme.host, Role.HOST)]
    not_in_their_list = [
        exchange.guest,
        make_member(exchange.guest_organisation, Role.COORDINATOR),
        *(make_member(theme.programme, role) for role in (Role.ASSESSOR, Role.FINANCE_OFFICER, Role.AUDITOR)),
        make_member(make_programme(), Role.OWNER),
        make_user(is_administrator=True),
    ]
    db.session.commit()
    at = way(visitor(owner))
    for person in may:
        assert way(visitor(person)), person.name
        assert visitor(person).get(at).status_code == 200
    for person in not_in_their_list:
        browser = visitor(person)
        assert not WAY.search(browser.get("/exchanges").text), person.memberships
        assert browser.get(at).status_code == 404  # somebody else's way: their own list has nobody to write to
        assert browser.post(at, data=TEXT | {"act": "all"}).status_code == 404


def test_nobody_writes_with_a_made_up_way(visitor: Visitor, client: Client, theme: Theme, owner: User) -> None:
    exchanges(theme, make_guest())
    browser = visitor(owner)
    assert client.get(way(browser)).status_code in (302, 303)
    for at in ("", "x", signer("link").dumps(["/exchanges", "exchanges"]), signer("list").dumps(["/exchanges", "other"])):
        assert browser.get("/mailings/new", query_string={"at": at}).status_code == 404
    for path in ("/themes", "/nowhere", "/admin/people", "/mailings"):
        assert browser.get("/mailings/new", query_string={"at": signer("list").dumps([path, "exchanges"])}).status_code == 404
    assert browser.get(way(browser) + "&as=programme-0").status_code == 404


def test_rows_of_others_in_the_same_list_are_left_out(visitor: Visitor, theme: Theme, owner: User) -> None:
    """An owner who also travels sees both in one list."""
    theirs = exchanges(theme, make_guest(name="Ana Zupan"))
    make_membership(owner, make_organisation(), Role.GUEST)
    exchanges(make_theme(title="Elsewhere"), owner)
    browser = visitor(owner)
    page = browser.get(way(browser)).text
    assert ("Ana Zupan" in page, "Elsewhere" in page) == (True, False)
    foreign = db.session.scalars(select(Exchange.id).where(Exchange.id != theirs[0].id)).one()
    assert previewed(browser, way(browser), "ticked", rows=str(foreign)).status_code == 422


def test_in_one_name_at_a_time(visitor: Visitor, theme: Theme, owner: User) -> None:
    second = make_theme(title="Pilot lines", programme=make_programme(name="Danube Fund"))
    make_membership(owner, second.programme, Role.OWNER)
    make_exchange(theme, make_guest(name="Ana Zupan"))
    exchanges(second, make_guest(name="Liis Tamm"))
    browser = visitor(owner)
    at = way(browser)
    pages = [browser.get(f"{at}&as=programme-{id}").text for id in (theme.programme_id, second.programme_id)]
    assert [("Ana Zupan" in page, "Liis Tamm" in page) for page in pages] == [(True, False), (False, True)]
    assert all("In whose name" in page for page in pages)


def test_who_has_left_meanwhile_sends_nothing(visitor: Visitor, theme: Theme, owner: User) -> None:
    exchanges(theme, make_guest())
    browser = visitor(owner)
    at = way(browser)
    shown = previewed(browser, at)
    end_roles(owner, theme.programme)
    db.session.commit()
    assert browser.post(at, data=values_of(shown) | {"act": "send"}).status_code == 404
    assert mails() == []


def test_who_reads_the_record(visitor: Visitor, theme: Theme, owner: User) -> None:
    exchange = exchanges(theme, make_guest(name="Ana Zupan"))[0]
    send(visitor(owner), way(visitor(owner)))
    id = db.session.scalars(select(Mailing.id)).one()
    readers = [owner, make_member(theme.programme, Role.OWNER), make_member(theme.programme, Role.AUDITOR)]
    others = [
        exchange.guest,
        coordinator_of(theme),
        make_member(theme.programme, Role.ASSESSOR),
        make_member(make_programme(), Role.OWNER),
        make_user(is_administrator=True),
    ]
    db.session.commit()
    for person, status in [*((each, 200) for each in readers), *((each, 404) for each in others)]:
        browser = visitor(person)
        assert browser.get(f"/mailings/{id}").status_code == status, person.memberships
        assert ("Book for" in browser.get("/mailings").text) == (status == 200)
    assert visitor(owner).get(f"/mailings/{id + 1}").status_code == 404


def test_nobody_writes_for_somebody_else(visitor: Visitor, theme: Theme, owner: User) -> None:
    exchanges(theme, make_guest())
    at = way(visitor(owner))
    owner.password_hash = "x"
    administrator = make_user(is_administrator=True, name="Robin Keller", password_hash="x")
    browser = visitor(administrator)
    values = {"reason": "They asked for help."}
    assert browser.post(f"/admin/people/{owner.id}/act-for", data=values).status_code in (302, 303)
    assert not WAY.search(browser.get("/exchanges").text)
    assert browser.get(at).status_code == 403


# Each list that has people


def test_a_host_writes_to_those_who_apply(visitor: Visitor, theme: Theme) -> None:
    make_submitted(theme, make_guest(name="Ana Zupan"))
    browser = visitor(coordinator_of(theme))
    at = way(browser, "/applications?state=submitted")
    assert send(browser, at, text="{guest} {due} {submitted}").status_code == 302
    mailing = db.session.scalars(select(Mailing)).one()
    assert (mailing.organisation_id, mailing.programme_id, mailing.filters) == (theme.host_id, None, {"state": "submitted"})
    assert "/applications?state=submitted" in browser.get(f"/mailings/{mailing.id}").text


def test_the_lists_of_a_programme(visitor: Visitor, theme: Theme, owner: User) -> None:
    case = make_case()
    voucher, colleague = case.take_to("requested"), case.finance_officer
    db.session.commit()
    browser, of = visitor(case.owner), f"/programmes/{voucher.programme_id}"
    at = way(browser, f"{of}/desk?show=all")
    assert send(browser, at, text="{holder} {amount}", subject="{name}").status_code == 302
    assert {each.recipient_id for each in mails()} == {voucher.holder_id}
    at = way(browser, f"{of}/team")
    assert 'name="what"' not in browser.get(at).text
    values = {"subject": "We meet", "text": "Dear {name}, {roles}"}
    shown = browser.post(at, data=values_of(browser.get(at)) | values | {"act": "all"})
    browser.post(at, data=values_of(shown) | {"act": "send"})
    assert colleague.id in {each.recipient_id for each in mails("mailing_news")}


def test_what_waits_for_an_answer_for_payment_or_has_links(visitor: Visitor, db_session: Any) -> None:
    programme = make_funded_programme()
    owner = make_member(programme, Role.OWNER)
    exchange = make_exchange(make_theme(programme=programme, places=3), signed=True)
    furnish(programme)
    db.session.commit()
    assert len(ask()) == 1
    validated = make_validated(programme, by=make_member(programme, Role.OWNER))
    make_membership(make_member(validated.host, Role.HOST), validated.holder_organisation, Role.GUEST)  # works for both sides
    db.session.commit()
    browser, of = visitor(owner), f"/programmes/{programme.id}"
    wanted = {
        f"{of}/followups": ("{who_is_asked} {answer_by}", exchange.guest_id),
        f"{of}/payments": ("{payee} {amount} {pay_by}", validated.holder_id),
        f"{of}/safeguards": ("{voucher} {why}", validated.holder_id),
    }
    for number, (path, (text, person_id)) in enumerate(wanted.items()):
        assert send(browser, way(browser, path), text=f"{text} {number}", subject="{name}", with_empty="y").status_code == 302, (
            path
        )
        assert person_id in {each.recipient_id for each in mails() if f" {number}\n" in each.text}, path


def test_no_way_where_nobody_is_written_to(visitor: Visitor, theme: Theme, owner: User) -> None:
    browser = visitor(owner)
    for path in ("/themes", "/programmes", "/experts", f"/programmes/{theme.programme_id}/budget"):
        assert not WAY.search(browser.get(path).text), path


NASTY = [
    "n" * 6000,
    "\u202egnp.exe\u202c Z\u0351",
    "before\x00after",
    "<b>'\"&-- {{ 7*7 }} %s ${y}",
    "9" * 40,
    "\r\n\t=1+1';",
    "",
    "{" * 500,
]


@pytest.mark.parametrize("typed", NASTY)
def test_whatever_is_sent_is_answered(visitor: Visitor, theme: Theme, owner: User, typed: str) -> None:
    exchanges(theme, make_guest())
    browser = visitor(owner)
    at = way(browser)
    for field in ("subject", "text", "what", "reply", "rows", "everyone", "seen", "form_key", "act", "with_empty"):
        for act in ("ticked", "all", "send", "change"):
            answer = browser.post(at, data=values_of(browser.get(at)) | TEXT | {"act": act} | {field: typed})
            assert answer.status_code in (200, 409, 422), (field, act)
    assert browser.get("/mailings/new", query_string={"at": typed}).status_code in (400, 404)
    assert browser.get(f"{at}&{urlencode({'as': typed})}").status_code in ((400, 404) if typed else (200,))
    assert mails() == []


# Records and limits


def test_a_record_is_never_changed(visitor: Visitor, theme: Theme, owner: User) -> None:
    exchanges(theme, make_guest())
    send(visitor(owner), way(visitor(owner)))
    for statement in (
        Mailing.__table__.update().values(text="Other"),
        Mailing.__table__.delete(),
        MailingLetter.__table__.update().values(left_out="closed"),
        MailingLetter.__table__.delete(),
    ):
        with pytest.raises(DatabaseError):
            db.session.execute(statement)
        db.session.rollback()


def test_a_list_that_is_too_long_says_so(visitor: Visitor, theme: Theme, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    theme.places = 5
    exchanges(theme, make_guest(), make_guest())
    browser = visitor(owner)
    at = way(browser)
    monkeypatch.setattr("mobility.lists.reaching.MOST_LINES", 1)
    answer = browser.get(at)
    assert (answer.status_code, "Choose fewer with its filters" in answer.text) == (422, True)


def test_a_closed_account_gets_nothing(visitor: Visitor, theme: Theme, owner: User) -> None:
    theme.places = 5
    gone = make_guest(name="Ana Zupan")
    exchanges(theme, gone, make_guest(name="Liis Tamm"))
    gone.active = False
    db.session.commit()
    send(visitor(owner), way(visitor(owner)))
    assert sorted(letters()) == [("Ana Zupan", "closed"), ("Liis Tamm", "")]
    assert len(mails()) == 1


def people(theme: Theme, count: int) -> None:
    guests = [make_guest() for _ in range(count)]
    theme.places = 400
    for guest in guests:
        make_exchange(theme, guest)
    db.session.commit()


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_queries(visitor: Visitor, theme: Theme, owner: User, rows: int) -> None:
    people(theme, rows)
    browser = visitor(owner)
    at = way(browser)
    values = values_of(browser.get(at))
    counts = []
    with queries() as asked:
        browser.get(at)
    counts.append(asked.count)
    with queries() as asked:
        shown = browser.post(at, data=values | TEXT | {"act": "all"})
    counts.append(asked.count)
    with queries() as sending:
        browser.post(at, data=values_of(shown) | {"act": "send"})
    counts.append(sending.count)
    id = db.session.scalars(select(Mailing.id)).one()
    for path in ("/mailings", f"/mailings/{id}"):
        with queries() as asked:
            browser.get(path)
        counts.append(asked.count)
    sent = 42 if db.engine.dialect.name == "postgresql" else 41  # the throttle locks there
    assert counts == [13, 17, sent, 3, 4], (counts, str(sending))


def test_the_longest_list_takes_less_than_a_second(theme: Theme, owner: User) -> None:
    """Of the processor, with the longest text; whoever reads the list itself is measured where files are."""
    guests = [make_user() for _ in range(reaching.MOST_LINES)]
    place = ("programme", theme.programme_id)
    says = {"theme": Said("t" * 200), "due": Said(clock.today(theme.timezone), Kind.DAY)}
    lines = [Line(str(each.id), each.id, (place,), says) for each in guests]
    reached = Reached("guests", "guest_id", page="exchanges.show")
    reach = reaching.Reach("exchanges", "Exchanges", reached, {"theme": "Theme", "due": "Due"}, lines, "/exchanges", {})
    draft = Draft(place, "{theme} {due}", "{name} {theme} by {due}. " * 40 + "Words of no meaning. " * 150, is_case=False)
    began = process_time()
    operations.send(reach, lines, draft, by=owner)
    assert process_time() - began < 1
    db.session.commit()
    assert len(mails("mailing_news")) == reaching.MOST_LINES


# As it arrives


def test_news_arrive_with_their_headers_and_a_case_without(
    app: Flask, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch, visitor: Visitor, theme: Theme, owner: User
) -> None:
    monkeypatch.setitem(app.config, "MAIL_URL", smtp_server.url)
    monkeypatch.setitem(app.config, "MAIL_FROM", "Mobility <no-reply@example.org>")
    guest = make_guest(name="Ana Zupan")
    exchanges(theme, guest)
    browser = visitor(owner)
    send(browser, way(browser), what="news", reply="y", subject="We meet in May\u2028Bcc: all@example.org")
    send(browser, way(browser), text="Your case")
    deliver_pending(kind="mailing_news")
    deliver_pending(kind="mailing")
    news, case = (each.message for each in smtp_server.to(guest.email)[-2:])
    (mail,) = mails("mailing_news")
    assert news["List-Unsubscribe"] == f"<{mail.unsubscribe}>"
    assert news["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert news["Reply-To"] == owner.email
    assert news["Bcc"] is None
    assert (case["List-Unsubscribe"], case["List-Unsubscribe-Post"], case["Reply-To"]) == (None, None, None)
    assert "Sent" in browser.get(f"/mailings/{mail.subject_id}").text
