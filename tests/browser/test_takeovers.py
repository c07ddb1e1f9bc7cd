"""From what a guest takes home to its being in use: the board, the manager's two taps, and the organisation's key figures."""

import os
import re
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from mobility.core import clock
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.followup import operations as followup
from mobility.followup import queries as requests
from mobility.followup.models import QuestionnaireRequest
from mobility.notifications.models import OutboxMessage
from mobility.people.roles import Role
from mobility.questionnaires.models import Questionnaire
from mobility.takeovers import operations
from tests.browser.test_questionnaires import ended
from tests.support.browser import NARROW, Window
from tests.support.factories import make_member
from tests.support.story import Arrange, in_days
from tests.support.world import GUEST

Windows = Callable[..., Window]
LEAD = "Carla Koch"


def taken_home(title: str, *what: str) -> Exchange:
    """A stay that ended half a year ago, with what its guest took home."""
    exchange = ended(title)
    guest = exchange.guest
    for each in what:
        given = {"who": guest.name, "by_when": in_days(40), "objective": ""}
        operations.add(exchange, by=guest, what=each, **given)
    return exchange


def shot(window: Window, name: str) -> None:
    """For whoever looks at the pages: SHOTS=FOLDER."""
    if folder := os.environ.get("SHOTS"):
        for scheme in ("light", "dark"):
            for width in (1280, 360):
                window.page.emulate_media(color_scheme=scheme)
                window.page.set_viewport_size({"width": width, "height": 900})
                window.page.screenshot(path=f"{folder}/{name}-{scheme}-{width}.png", full_page=True)
        window.page.emulate_media(color_scheme="light")


def test_the_board_needs_no_drag(window: Windows, arrange: Arrange) -> None:
    with arrange():
        exchange = taken_home("A board of buttons", "A price list on one page", "Their forms, in our language", "A test plant")
        home = exchange.guest_organisation_id
    guest = window(GUEST).open(f"/organisations/{home}").follow("Take-overs").look_everywhere()
    planned = re.search(r"Planned (\d+)", guest.says("A price list on one page", "Started 0").text)
    assert planned
    assert int(planned.group(1)) >= 3  # other stories of this run may have planned something there, too
    shot(guest, "board")
    guest.press("It has started : A price list on one page").says("“A price list on one page” is started now.", "Started 1")
    guest.press("It is in use : A price list on one page").says("In use 1")
    guest.follow("A price list on one page").look_everywhere()
    guest.follow("Add evidence").type("Link", "example.org").press("Add evidence", status=422)
    guest.says("Enter an address that begins with https://").type("Link", "https://example.org/prices")
    guest.type("What it shows", "Our prices").press("Add evidence").says("Our prices", "Evidence added")
    shot(guest, "takeover")
    guest.follow("Drop it").type("Why", "Our board prefers the old one").press("Drop it")
    guest.says("Why it was dropped", "Our board prefers the old one")
    guest.follow("Back to planned").press("Back to planned").says("Planned again")
    guest.follow("Take-overs of " + re.sub(r"^Take-overs of ", "", guest.page.locator(".back a").inner_text().strip()))
    guest.follow("Add one").look_everywhere().type("What you take over", "A fifth thing").press("Add it").says("A fifth thing")


def asked_manager(exchange: Exchange) -> str:
    """Half a year later: the address in the first button of the mail."""
    exchange.manager_name, exchange.manager_email = "Mia Manager", "mia@elsewhere.org"
    exchange.actual_last_day = clock.today() - timedelta(days=190)
    manager = select(Questionnaire).where(Questionnaire.programme_id == exchange.programme_id, Questionnaire.key == "manager")
    questionnaire = db.session.scalars(manager).one()
    questionnaire.asks_from = clock.today() - timedelta(days=60)
    db.session.flush()
    for one in list(requests.due()):
        if one.questionnaire_id == questionnaire.id and one.id == exchange.id:
            followup.ask(one)
    asked = select(QuestionnaireRequest.id).where(QuestionnaireRequest.email == exchange.manager_email)
    id = db.session.scalar(asked.where(QuestionnaireRequest.exchange_id == exchange.id))
    mail = select(OutboxMessage.text).where(OutboxMessage.kind == "questionnaire", OutboxMessage.subject_id == id)
    found = re.search(r"/answers/\S+", db.session.scalar(mail) or "")
    assert found
    return found[0]


def test_the_manager_s_two_taps(window: Windows, arrange: Arrange) -> None:
    with arrange():
        exchange = taken_home("Two taps from the mail", "A price list on one page", "A test plant")
        link, id = asked_manager(exchange), exchange.id
    window().open(link).look_everywhere()
    telephone = window(looks=False, has_touch=True, java_script_enabled=False)
    telephone.page.set_viewport_size(NARROW)
    telephone.open(link).says("A price list on one page", "Nothing has been sent yet", "1 of 2")  # the first tap, in the mail
    shot(telephone, "manager")
    telephone.press("Confirm: in use").says("A test plant", "2 of 2")  # the second
    telephone.press("Not yet").says("Thank you, your answers are sent")
    guest = (
        window(GUEST).open(f"/exchanges/{id}").follow("A price list on one page").says("The manager, after half a year In use")
    )
    assert guest.page.locator(".page-state").inner_text().strip() == "Planned"


def test_key_figures_from_the_menu_to_their_line(window: Windows, arrange: Arrange) -> None:
    with arrange():
        exchange = taken_home("What it serves")
        make_member(exchange.guest_organisation, Role.COORDINATOR, name=LEAD, demo_note="Coordinates.")
        home, id = exchange.guest_organisation_id, exchange.id
    lead = window(LEAD).open(f"/organisations/{home}").follow("Own key figures").look_everywhere()
    lead.follow("Add one").look_everywhere().choose("From the menu", "Members active in another country")
    lead.type("Where you start", "ten").press("Add it", status=422).says("Enter a number, such as 12")
    lead.type("Where you start", "10").type("On which day", in_days(-400).isoformat())
    lead.type("Where you want to be", "20").type("By which day", in_days(400).isoformat())
    lead.type("Which strategy it serves", "Internationalisation 2030").press("Add it").says("Where you want to be")
    lead.follow("Enter a value").type("Value (members)", "14.5").type("On which day", in_days(-30).isoformat())
    lead.press("Enter a value").look_everywhere().says("14.5", "You have gone 45 % of the way.")
    shot(lead, "figure")
    lead.follow(re.compile("the value of")).type("What is right", "15").press("Correct a value").says(
        "50 % of the way", "before: 14.5 members"
    )
    lead.open(f"/exchanges/{id}").follow("Choose your key figures").look_everywhere()
    lead.tick("Members active in another country (members)").press("Save").says("Members active in another country")
    lead.open(f"/organisations/{home}/keyfigures").look_everywhere().says("15 members", "50 % of the way.")
    shot(lead, "figures")
