"""A programme begins where nobody is yet: an installation without a demonstration.

Once the programme has its first owner, no administrator does anything: organisations register, people join, and the first
exchange is agreed with three signatures.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext
from sqlalchemy import select

from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.core.links import signer
from mobility.joining.forms import OPENED
from mobility.notifications.models import OutboxMessage
from tests.browser.conftest import windows_on
from tests.support import story
from tests.support.browser import Met, Window
from tests.support.processes import flask, running_server
from tests.support.story import Arrange, in_days

PASSWORD = "four quiet grey otters"
PROGRAMME, TITLE = "Skagerrak Exchange Fund", "How our members came to pay"
ROBOTS, FOOD = "Fjord Robotics Cluster", "Kattegat Food Cluster"

Windows = Callable[..., Window]


@pytest.fixture
def arrange(fresh_database: str, app_on: Callable[..., Flask]) -> Arrange:
    app = app_on(fresh_database)

    @contextmanager
    def arranging() -> Iterator[None]:
        with app.app_context(), transaction():
            yield

    return arranging


@pytest.fixture
def window(fresh_database: str, new_context: Callable[..., BrowserContext], met: Met) -> Iterator[Windows]:
    with running_server(fresh_database, WEB_CONCURRENCY="2") as server:
        yield from windows_on(server, new_context, met)


def mailed(arrange: Arrange, kind: str, address: str) -> str:
    """The link in the newest mail of a kind."""
    with arrange():
        written = select(OutboxMessage.text).where(OutboxMessage.kind == kind, OutboxMessage.address == address)
        text = db.session.scalars(written.order_by(OutboxMessage.id.desc())).first()
    found = re.search(r"https?://[^/\s]+(/\S+)", text or "")
    assert found, text
    return found[1]


def task(window: Window, words: str) -> Window:
    """Follows the button of a task on the first page."""
    window.open("/").says(words)
    with window.page.expect_navigation():
        window.page.locator(".task", has_text=words).locator(".btn").first.click()
    return window


def begun(arrange: Arrange, database_url: str, administrator: Window) -> None:
    """The only steps of an administrator."""
    link = re.search(r"/invitations/\S+", flask(database_url, "create-administrator", "root@skagerrak.example.org", "Rut Aas"))
    assert link
    administrator.open(link[0]).type("Choose a password", PASSWORD).press("Start").says("Protect your account")
    task_or_way = administrator.open("/").follow("Create the first programme")
    task_or_way.type("Name", PROGRAMME).type("What it funds", "Visits around the Skagerrak.").choose("Level", "Regional")
    administrator.choose("Scheme", "Light: one decision approves and issues a voucher")
    administrator.type("Name of the first owner", "Olaf Berg")
    administrator.type("E-mail address of the first owner", "olaf@skagerrak.example.org").press("Create the programme")


def set_up(owner: Window) -> None:
    """As the first page tells: rules, rates, a call with money in it."""
    task(owner, "Set your rules").choose("Timezone", "Europe/Oslo").tick("Cluster manager")
    for country in ("Norway", "Sweden", "Denmark"):
        owner.tick(country)
    owner.choose("The guest's own organisation", "It endorses the agreement before the voucher").press("Save the rules")
    task(owner, "Set your rates").follow("One fixed amount").press("Save as a new version")
    task(owner, "Open your first call").type("Name", "2027").type("Opens on", in_days(0).isoformat())
    owner.type("Money for mobility vouchers", "50000").press("Create the call").says("2027")
    owner.open("/").says("Welcome: you have no tasks yet")


def registered(window: Window, arrange: Arrange, email: str, name: str) -> Window:
    window.open("/").follow("Register", within="main").type("Your e-mail address at work", email)
    with arrange():  # the server's clock stands still, and nobody is so quick
        opened = signer(OPENED).dumps(clock.utc_now().timestamp() - 10)
    window.page.evaluate("stamp => { document.querySelector('[name=opened]').value = stamp; }", opened)
    window.press("Send me a link").says("Check your mail").open(mailed(arrange, "registration", email))
    window.type("Your name", name).choose("You are a", "Cluster manager").type("Choose a password", PASSWORD)
    return window.press("Make my account").says("Join your organisation")


def admitted(window: Window, owner: Window, name: str, country: str, city: str) -> Window:
    """An organisation is registered, and the programme's owner lets it in."""
    window.follow("Register an organisation").type("Name of the organisation", name).choose("Country", country)
    window.type("City", city).choose("Kind", "Cluster organisation").press("Register it").says("Waiting for the owners of")
    task(owner, f"Check a new organisation: {name}").follow("Accept").press("Accept").says(
        f"is a coordinator of {name} from today"
    )
    return window


def asked_and_answered(guest: Window, host: Window) -> None:
    """Before applying."""
    guest.follow("Themes", within="header").follow(TITLE).follow("Ask the host")
    guest.type("Your question", "Is March possible?").press("Send the question").says("Is March possible?")
    host.open("/").says("New messages").follow(re.compile("Is March possible|" + TITLE))
    host.type("Your message", "Yes, from the first week.").press("Send").says("Yes, from the first week.")
    guest.open("/").says("New messages")


def applied(guest: Window) -> int:
    guest.follow("Themes", within="header").follow(TITLE).follow("Apply")
    guest.type("Why do you want to come?", "Our grant ends in June.")
    guest.type("What do you want to learn, and what for?", "A price list of our own by autumn.")
    guest.type("What do you bring?", "Ten years of figures, good and bad.")
    guest.type("First day", in_days(1).isoformat()).type("Last day", in_days(story.STAY).isoformat())
    return guest.press("Submit").says(f"{ROBOTS} answers next").number


def test_from_nothing_to_an_exchange_with_three_signatures(window: Windows, arrange: Arrange, fresh_database: str) -> None:
    begun(arrange, fresh_database, window())
    owner = window().open(mailed(arrange, "invitation", "olaf@skagerrak.example.org"))
    owner.type("Choose a password", PASSWORD).press("Accept and start").says("Protect your account")
    set_up(owner)
    host = registered(window(), arrange, "hanna@fjord-robotics.no", "Hanna Lie")
    admitted(host, owner, ROBOTS, "Norway", "Bergen")
    head = registered(window(), arrange, "karl@kattegat-food.dk", "Karl Munk")
    admitted(head, owner, FOOD, "Denmark", "Aarhus")
    guest = registered(window(), arrange, "tove@kattegat-food.dk", "Tove Dahl")
    guest.type("Name or city of your organisation", "kattegat").press("Search").follow(re.compile("^Ask to join"))
    guest.tick("Guest: I want to visit others").press("Ask to join").says(f"Waiting for the coordinators of {FOOD}")
    task(head, "Answer Tove Dahl, who asks to join").follow("Accept").press("Accept").says("Tove Dahl is a guest of")
    story.publish(host, TITLE)
    asked_and_answered(guest, host)
    application = applied(guest)
    task(host, "Answer the application").says("In dialogue").follow("Accept").press("Accept").says("The guest confirms next")
    task(guest, "Confirm your exchange").open(f"/applications/{application}").follow("Confirm").press("Confirm")
    exchange = story.agree(host, guest)
    task(head, "Endorse").follow("Endorse").tick(f"I have read version 2 and endorse it for {FOOD}")
    head.press("Endorse").says("Endorsed")
    guest.open(f"/exchanges/{exchange}").says("Agreed", "Karl Munk")
    guest.open("/").says("Request your voucher")
