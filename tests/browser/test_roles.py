"""Invited, accepted, left: what people see of roles, in a real browser."""

import os
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from mobility.core.database import db
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.teams import operations as teams
from tests.support import factories
from tests.support.browser import WIDE, Window
from tests.support.story import Arrange

Windows = Callable[..., Window]


def seen(window: Window, name: str) -> Window:
    """Looked at by axe, and kept for whoever looks at the pages: SHOTS=FOLDER."""
    window.look_everywhere()
    if folder := os.environ.get("SHOTS"):
        for width in (1280, 360):
            window.page.set_viewport_size({"width": width, "height": 900})
            window.page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
        window.page.set_viewport_size(WIDE)
    return window


def known(*people: User) -> None:
    """Whom the sign-in page of the demonstration offers."""
    for person in people:
        person.demo_note = "Is in a test."


@pytest.fixture
def place(arrange: Arrange) -> tuple[str, str, str, int]:
    """(its coordinator, somebody else, its name, its id)."""
    with arrange():
        home = factories.make_organisation(name="Saale Valley Cluster")
        coordinator = factories.make_member(home, Role.COORDINATOR, name="Rosa Lind", password_hash="x")
        exchange = factories.make_exchange(signed=True)
        other = exchange.guest
        other.name, other.password_hash = "Tom Vesely", "x"
        home_of_other = exchange.guest_organisation
        factories.make_member(home_of_other, Role.COORDINATOR, name="Ida Holm")
        known(coordinator, other)
        for role in ("guest", "host"):
            teams.invite_into_organisation(home, by=coordinator, email=other.email, name=other.name, role=role)
        return coordinator.name, other.name, home.name, home.id


def test_roles_begin_and_end_by_those_whose_they_are(window: Windows, place: tuple[str, str, str, int]) -> None:
    coordinator, other, name, id = place
    theirs = seen(window(other).open("/").says("Become a guest?", "Invited by Rosa Lind"), "home")
    theirs.page.locator(".task", has_text="Become a guest?").get_by_role("link", name="Accept or decline").click()
    theirs.page.wait_for_url("**/role-invitations/*")
    seen(theirs, "invitation").says(f"Become a guest of {name}?").press("Accept").says(f"You are a guest of {name} from today.")
    seen(theirs, "roles")
    theirs.page.locator("#invitations").get_by_role("link").first.click()
    theirs.page.wait_for_url("**/role-invitations/*")
    theirs.press("Decline").says(f"You have declined to become a host of {name}.")
    lead = window(coordinator).open(f"/organisations/{id}/team").says("Tom Vesely")
    seen(
        lead.type("Name", "Jana Novak").type("E-mail address", "jana@example.org").choose("Role", "Host").press("Invite"), "team"
    )
    theirs.open("/roles").page.get_by_role("row", name="Guest Saale Valley Cluster").get_by_role("link", name="Leave").click()
    theirs.page.wait_for_url("**/memberships/*/end")
    theirs.look().says("Nothing is open there.").press("Leave this role").says(f"You are no longer a guest of {name}.")
    lead.open(f"/organisations/{id}/team").says("Earlier members (1)")
    theirs.page.locator("#current").get_by_role("link", name="Leave").last.click()
    theirs.page.wait_for_url("**/memberships/*/end")
    seen(theirs, "leave").says("They pass to Ida Holm, who is told by mail.", "Exchange: agreed")
    seen(theirs.open("/account/close"), "close").says("Ida Holm").press("Close the account").says("Your account is closed.")


def test_somebody_new_accepts_by_choosing_a_password(window: Windows, arrange: Arrange) -> None:
    with arrange():
        home = factories.make_organisation(name="Unstrut Cluster")
        lead = factories.make_member(home, Role.COORDINATOR, name="Uwe Lang", password_hash="x")
        known(lead)
        invitation = teams.invite_into_organisation(home, by=lead, email="new.person@example.org", name="Pia Neu", role="guest")
        text = db.session.scalars(select(OutboxMessage.text).where(OutboxMessage.recipient_id == invitation.person_id)).one()
        path = re.search(r"(/invitations/\S+)", text)[1]
    page = window().open(path).says("By choosing a password you become:", "a guest of Unstrut Cluster")
    seen(page, "first").type("Choose a password", "four quiet grey otters").press("Accept and start").says("Your tasks")
    page.open("/roles").says("Guest Unstrut Cluster")


def test_an_administrator_acts_for_somebody(window: Windows, arrange: Arrange) -> None:
    with arrange():
        person = factories.make_member(factories.make_organisation(), Role.COORDINATOR, name="Vera Blum", password_hash="x")
        robin = factories.make_user(name="Robin Kern", is_administrator=True, password_hash="x")
        known(person, robin)
        path = f"/admin/people/{person.id}"
    page = window("Robin Kern").open(path).look_everywhere().follow("Act for Vera Blum")
    page.type("Reason", "She rang and cannot find the button.")
    seen(page, "act-for").press("Begin to act for Vera Blum")
    seen(page, "acting").says("Hello Vera Blum")
    assert "You, Robin Kern, act for Vera Blum until" in page.page.locator("aside.acting").inner_text()
    page.open("/roles").press("End").says("Who acted for Vera Blum", "She rang and cannot find the button.")
