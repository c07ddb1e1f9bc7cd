"""Somebody new registers, and joins an organisation; another one registers a new one, which an owner checks, and publishes a
theme: no administrator has done anything."""

import os
import re
from collections.abc import Callable

from sqlalchemy import select

from mobility.core import clock
from mobility.core.database import db
from mobility.core.links import signer
from mobility.joining.forms import OPENED
from mobility.notifications.models import OutboxMessage
from mobility.people.roles import Role
from tests.support import factories, story
from tests.support.browser import WIDE, Window
from tests.support.story import Arrange
from tests.support.world import OWNER, PROGRAMME

Windows = Callable[..., Window]
PASSWORD = "four quiet grey otters"


def seen(window: Window, name: str) -> Window:
    """Looked at by axe, and kept for whoever looks at the pages: SHOTS=FOLDER."""
    window.look_everywhere()
    if folder := os.environ.get("SHOTS"):
        for width in (1280, 360):
            window.page.set_viewport_size({"width": width, "height": 900})
            window.page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
        window.page.set_viewport_size(WIDE)
    return window


def registered(window: Window, arrange: Arrange, email: str, name: str) -> Window:
    """From the front page to the page on which one finds one's organisation."""
    seen(window.open("/").follow("Register", within="main"), "register")
    window.type("Your e-mail address at work", email)
    with arrange():  # the server's clock stands still, and nobody is so quick
        opened = signer(OPENED).dumps(clock.utc_now().timestamp() - 10)
    window.page.evaluate("stamp => { document.querySelector('[name=opened]').value = stamp; }", opened)
    seen(window.press("Send me a link").says("Check your mail"), "register-sent")
    with arrange():
        text = db.session.scalars(
            select(OutboxMessage.text).where(OutboxMessage.kind == "registration", OutboxMessage.address == email)
        ).one()
    found = re.search(r"(/register/\S+)", text)
    assert found
    seen(window.open(found[1]).says("Your account", email), "confirm")
    window.type("Your name", name).choose("You are a", "Cluster manager").type("Choose a password", PASSWORD)
    return window.press("Make my account").says("Join your organisation")


def test_somebody_new_joins_an_organisation(window: Windows, arrange: Arrange) -> None:
    with arrange():
        home = factories.make_organisation(
            name="Zwickau Textile Cluster", city="Zwickau", country="DE", website="https://www.ztc-zwickau.de"
        )
        lead = factories.make_member(home, Role.COORDINATOR, name="Gitte Lund", password_hash="x")
        lead.demo_note = "Is in a test."
    new = seen(registered(window(), arrange, "pia@ztc-zwickau.de", "Pia Anders"), "join")
    new.says("Is it this one?", "Zwickau Textile Cluster")
    new.type("Name or city of your organisation", "zwickau textile").press("Search")
    seen(new, "join-found").follow(re.compile("^Ask to join"))
    seen(new, "join-form").tick("Guest: I want to visit others").type("A word to those who decide", "I work with Gitte.")
    new.press("Ask to join").says("Waiting for the coordinators of Zwickau Textile Cluster")
    seen(new, "request-own")
    coordinator = seen(window("Gitte Lund").open("/").says("Answer Pia Anders, who asks to join"), "home-coordinator")
    coordinator.page.locator(".task", has_text="Answer Pia Anders").locator(".btn").click()
    coordinator.page.wait_for_url("**/joinings/*")
    seen(coordinator, "request-coordinator").follow("Ask a question")
    coordinator.type("Your question", "In which team?").press("Ask a question")
    new.open("/").page.locator(".task", has_text="Answer the question").locator(".btn").click()
    new.page.wait_for_url("**/joinings/*/answer")
    new.type("Your answer", "In yours.").press("Answer").says("With the organisation")
    coordinator.follow("Requests to join")
    seen(coordinator, "queue").follow("Pia Anders").follow("Accept")
    seen(coordinator, "accept").press("Accept").says("Pia Anders is a guest of Zwickau Textile Cluster from today")
    seen(new.open("/join").follow("Zwickau Textile Cluster"), "request-joined").says("Joined")


def test_somebody_new_registers_an_organisation_and_publishes_a_theme(window: Windows, arrange: Arrange) -> None:
    with arrange():
        factories.make_organisation(name="Wood Cluster Tyrol", city="Innsbruck")
        nobody_administers = db.session.scalars(select(OutboxMessage.id).where(OutboxMessage.kind == "escalation")).all()
    new = registered(window(), arrange, "max@holz-tirol.at", "Max Innerhofer").follow("Register an organisation")
    new.type("Name of the organisation", "Tyrol Wood Cluster GmbH").choose("Country", "Austria").type("City", "Innsbruck")
    new.page.locator("#resembling").get_by_role("link", name="Wood Cluster Tyrol", exact=True).wait_for()  # while one types
    new.choose("Kind", "Cluster organisation").type("Website", "https://www.holz-tirol.at")
    if new.page.get_by_label("In which programme do you want to take part?").count():
        new.choose("In which programme do you want to take part?", PROGRAMME)
    new.press("Register it", status=422)
    seen(new, "new-alike").tick("It is none of these").press("Register it")
    seen(new.says("Waiting for the owners of"), "request-new")
    owner = seen(window(OWNER).open("/").says("Check a new organisation: Tyrol Wood Cluster GmbH"), "home-owner")
    owner.page.locator(".task", has_text="Tyrol Wood Cluster").locator(".btn").click()
    owner.page.wait_for_url("**/joinings/*")
    seen(owner, "request-checker").says("Wood Cluster Tyrol", "has a similar name")
    address = owner.path
    seen(owner.follow("It is here already"), "merge")
    seen(owner.open(address).follow("Accept"), "admit").press("Accept")
    owner.says("Max Innerhofer is a coordinator of Tyrol Wood Cluster GmbH from today")
    story.publish(new, "How wood clusters pay for their labs")
    assert not nobody_administers
