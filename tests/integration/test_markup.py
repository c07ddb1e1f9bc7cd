"""The HTML of what people are shown: every kind of page of the demonstration, as each of its people meets it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from mobility.core.database import db
from mobility.notifications.models import OutboxMessage
from mobility.notifications.rendering import html_of
from mobility.people.models import User
from tests.support.client import Client
from tests.support.factories import sign_in
from tests.support.markup import faults_of
from tests.support.walking import Seen, forms_on, kind_of, pages_for, refusals_of

LEAVING = ("/sign-in/demo", "/sign-out", "/admin/people/")
UNKNOWN = (
    "/nothing/here",
    "/vouchers/99999",
    "/check?code=0000-0000-0000-0000-0000-0000-0001",
    "/check?code=x",
    "/themes?page=99",
)


def met_by(client: Client, met: dict[str, Seen]) -> None:
    """Adds the kinds of page that nobody met before, and what their forms say when something is wrong."""
    for seen in pages_for(client):
        if met.setdefault(seen.kind, seen) is seen:
            met |= {each.kind: each for each in refusals_of(client, seen, lambda there: not there.startswith(LEAVING))}


@pytest.fixture(scope="module")
def shown(demo_url: str, lasting_app_on: Callable[..., Flask]) -> list[Seen]:
    """Every kind of page once: those with errors at their fields, of somebody who was slower, and of nothing; then the mails."""
    app = lasting_app_on(demo_url, DEMO=True)
    with app.app_context():
        met: dict[str, Seen] = {}
        met_by(app.test_client(), met)
        for person in db.session.scalars(select(User).where(User.demo_note != "").order_by(User.id)):
            client: Client = app.test_client()
            sign_in(client, person)
            met_by(client, met)
        for address in UNKNOWN:
            answer = client.get(address)
            met[address] = Seen(address, answer.status_code, answer.text)
        mails = {mail.kind: Seen(mail.kind, 200, html_of(mail), "mail") for mail in db.session.scalars(select(OutboxMessage))}
    return [*met.values(), *mails.values()]


@pytest.mark.databases("sqlite")
def test_every_page_and_mail_is_valid(shown: list[Seen]) -> None:
    if folder := os.environ.get("PAGES"):  # for the Nu checker (CONTRIBUTING.md)
        for number, seen in enumerate(shown):
            Path(folder, f"{number}{seen.kind.replace('/', '_')}.html").write_text(seen.page)
    assert [f"{seen.address} ({seen.by}, {seen.status}): {fault}" for seen in shown for fault in faults_of(seen.page)] == []
    kinds = {seen.kind for seen in shown}
    assert {seen.status for seen in shown} >= {200, 404, 409, 422}
    assert len({kind for kind in kinds if " GET 200" in kind}) > 80, sorted(kinds)
    assert len({kind for kind in kinds if " mail " in kind}) > 25, sorted(kinds)


MARKS = {"version", "seen", "form_key"}  # of what the form changes, or that it was sent before
WITHOUT = {  # forms that replace nothing somebody else could have changed meanwhile, each with what stands for a version
    "/account/expert/stop": "one button: nobody asks any more, or did not before",
    "/account/calendar/new": "one button: another address, whatever it was",
    "/account/close": "one button: the account is closed, whatever it was",
    "/account/data/file": "one button: a file",
    "/account/password": "the current password",
    "/account/security/apps/new": "the app's secret, set up once",
    "/account/security/passkeys/new": "a question that is answered once",
    "/admin/erasures/address": "an address is erased once",
    "/admin/people/{id}/act-for": "begins a record of its own",
    "/admin/people/{id}/close": "one button: the account is closed, whatever it was",
    "/admin/people/{id}/make-administrator": "one button",
    "/admin/people/{id}/send-link": "one button: a mail",
    "/admin/people/{id}/sign-out": "one button: nobody is signed in any more, whoever was",
    "/applications/{id}/talk": "begins a conversation, or leads to the one there is",
    "/exchanges/{id}/talk": "the same",
    "/memberships/{id}/end": "one button: the role has ended, or had already",
    "/messages/{id}/report": "a record of its own, once for each reader",
    "/password/forgotten": "a mail",
    "/register": "a mail",
    "/role-invitations/{id}/accept": "it is answered once",
    "/role-invitations/{id}/decline": "it is answered once",
    "/role-invitations/{id}/send-again": "one button: a mail",
    "/role-invitations/{id}/withdraw": "it is answered once",
    "/programmes/{id}/followups": "a mail to each who is ticked, at most once a day",
    "/sign-in": "nothing is changed",
    "/sign-in/demo": "nothing is changed",
    "/sign-in/passkey": "a question that is answered once",
    "/sign-out": "nothing is changed",
}


@pytest.mark.databases("sqlite")
def test_every_form_that_changes_something_knows_what_it_changes(shown: list[Seen]) -> None:
    """Else the slower of two people would overwrite what the other has saved."""
    forms = [(kind_of(form.address), form.names) for seen in shown for form in forms_on(seen)]
    assert {kind for kind, names in forms if not names & MARKS} == set(WITHOUT)
    assert len(dict(forms)) > 50, sorted(dict(forms))


PAGE = """<!doctype html><html lang="en"><head><title>x</title></head><body><main><h1 id="top">x</h1>{}</main></body></html>"""
WRONG = {
    '<p id="top">x</p>': "the id 'top' stands 2 times",
    '<p id="a" id="b">x</p>': "duplicate-attribute",
    "<p>x<div>y</div></p>": "unexpected-end-tag",
    "<table><tr><td>x</table>y</b>": "unexpected-end-tag",
    "<h3>x</h3>": "h3 follows h1",
    "<h1>x</h1>": "2 headings of the first level",
    '<label for="b">x</label>': "for leads to no id",
    '<a href="#b">x</a>': "leads nowhere in the page",
    '<input aria-describedby="b-help">': "aria-describedby leads to no id",
    '<input type="hidden" maxlength="20">': "maxlength means nothing at type=hidden",
    '<input type="hidden" list="top">': "list means nothing at type=hidden",
    '<input type="checkbox" placeholder="x">': "placeholder means nothing at type=checkbox",
    '<select required><option value="1">x</option></select>': "its first choice is not empty",
    '<select><option value="1" selected>x<option value="2" selected>y</select>': "more than one choice is selected",
    '<select><option value=""></option></select>': "a choice without words",
    '<time datetime="2027-03-01T09:00:00.123456+00:00">x</time>': "no machine reads this instant",
    '<table><tr><td align="right">x</table>': "align is obsolete",
    "<table><tr><td>x<td>y<tr><td>z</table>": "rows of [1, 2] cells",
    '<nav role="navigation">x</nav>': "the role is its own already",
    '<div aria-label="x">y</div>': "a name for what has no role",
    '<a href="">x</a>': "href is empty",
    "<ul><p>x</p></ul>": "may not stand in <ul>",
    "<span><div>x</div></span>": "may not stand in <span>",
    '<a href="/"><button>x</button></a>': "something to click in something to click",
    "<section>x</section>": "a section without a heading",
    '<img src="/x.png">': "a picture without a text",
}
RIGHT = """<h2>x</h2><label for="a">x</label> <input id="a" list="b" maxlength="9"><datalist id="b"><option value="x"></datalist>
<select required><option value="">x</option><option value="1" selected>x</option></select><input type="hidden" value="x">
<time datetime="2027-03-01T09:00:00.123Z">x</time><time datetime="2027-03-01">x</time>
<table><tr><td>x<td>y<tr><td colspan="2">z</table><svg width="14" height="14"><rect width="1" height="1"></rect></svg>
<a href="#top">x</a><dl><div><dt>x</dt><dd><p>y</p></dd></div></dl>"""


@pytest.mark.parametrize("html", WRONG)
def test_what_is_wrong_is_found(html: str) -> None:
    assert WRONG[html] in "; ".join(faults_of(PAGE.format(html)))


def test_what_is_right_is_left_alone() -> None:
    assert faults_of(PAGE.format(RIGHT)) == []
