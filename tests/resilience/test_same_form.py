"""The same form posted eight times at once gives one row, one mail and no 500; the last place is taken once."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility.applications.models import Application
from mobility.core.database import db, transaction
from mobility.exchanges.models import Exchange
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.themes.models import Theme
from tests.support import factories
from tests.support.cases import DECLARATIONS
from tests.support.databases import Databases
from tests.support.people_at_once import Browser, post_at_once
from tests.support.processes import LiveServer, running_server

Site = tuple[LiveServer, Flask]
CLICKS = 8
GUESTS = 64


@pytest.fixture(scope="module")
def running(database_kind: str, databases_of: Callable[[str], Databases], lasting_app_on: Callable[..., Flask]) -> Iterator[Site]:
    """A real server, and an application on the same database."""
    with databases_of(database_kind).fresh() as url, running_server(url, DEMO="1") as server:
        yield server, lasting_app_on(url)


@pytest.fixture
def site(running: Site, database_kind: str, databases_of: Callable[[str], Databases]) -> Iterator[LiveServer]:
    """The server on an empty database, which is at hand in the test."""
    server, app = running
    with app.app_context():
        yield server
    databases_of(database_kind).empty(server.database_url)


def visible(user: User) -> int:
    """Someone the tester can be with one click."""
    user.demo_note = "Acts in a test."
    return user.id


def count(model: Any, *where: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def mails(kind: str) -> int:
    return count(OutboxMessage, OutboxMessage.kind == kind)


def no_failures(answers: Any) -> None:
    assert not [status for status in answers if status >= 500], answers


def test_accepting_eight_times_at_once_sends_one_mail(site: LiveServer) -> None:
    with transaction():
        application = factories.make_submitted()
        host = visible(factories.coordinator_of(application.theme))
        address = f"/applications/{application.id}/accept"
        days = {"first_day": f"{application.first_day}", "last_day": f"{application.last_day}", "know_each_other": "y"}
    browser = Browser(site).be(host)
    fields = browser.form(address) | days
    answers = post_at_once([(browser, address, fields)] * CLICKS)
    no_failures(answers)
    assert count(Application, Application.state == "accepted") == 1
    assert mails("application_accepted") == 1
    assert answers[303] == CLICKS  # the same click of the same person: each leads to the result


def test_applying_eight_times_at_once_gives_one_application(site: LiveServer) -> None:
    with transaction():
        theme = factories.make_theme()
        guest = factories.make_guest()
        address, guest_id = f"/themes/{theme.id}/apply", visible(guest)
    browser = Browser(site).be(guest_id)
    fields = browser.form(address) | {"motivation": "We want to learn.", "save": "1"}
    answers = post_at_once([(browser, address, fields)] * CLICKS)
    no_failures(answers)
    assert count(Application) == 1


def test_eight_clicks_on_publish_and_one_theme(site: LiveServer) -> None:
    with transaction():
        factories.make_funded_programme()
        host = factories.make_organisation()
        coordinator = visible(factories.make_member(host, Role.COORDINATOR))
        fields = {"title": "One theme"}
    browser = Browser(site).be(coordinator)
    answers = post_at_once([(browser, "/themes/new", browser.form("/themes/new") | fields)] * CLICKS)
    no_failures(answers)
    assert count(Theme) == 1


def test_requesting_eight_times_at_once_asks_the_programme_once(site: LiveServer) -> None:
    with transaction():
        programme = factories.make_funded_programme(scheme="light")
        factories.make_rate_card(programme)
        factories.make_member(programme, Role.OWNER)
        voucher = factories.make_voucher(factories.make_agreed_exchange(programme=programme))
        address, holder = f"/vouchers/{voucher.id}/request", visible(voucher.holder)
    browser = Browser(site).be(holder)
    fields = browser.form(address)
    assert browser.post(address, **fields, declarations=list(DECLARATIONS)[:1])[0] == 422  # one is not all of them
    answers = post_at_once([(browser, address, fields | {"declarations": list(DECLARATIONS)})] * CLICKS)
    no_failures(answers)
    assert answers[303] == CLICKS
    assert mails("voucher_requested") == 1


def test_64_confirmations_for_the_last_place_give_one(site: LiveServer) -> None:
    with transaction():
        theme = factories.make_theme(places=1)
        offers = [factories.make_accepted(theme) for _ in range(GUESTS)]
        people = [(visible(offer.guest), f"/applications/{offer.id}/confirm") for offer in offers]
    ready = []
    for guest, address in people:
        browser = Browser(site).be(guest)
        ready.append((browser, address, browser.form(address)))
    answers = post_at_once(ready)
    no_failures(answers)
    assert (answers[303], answers[409]) == (1, GUESTS - 1)
    assert count(Application, Application.state == "confirmed") == 1
    assert count(Exchange) == 1
    assert count(Theme, Theme.places_taken == 1) == 1
    assert mails("exchange_confirmed") == 1
