"""The numbered lines of an agreement: moved, removed and added with and without JavaScript, by keyboard alone, on a telephone."""

from collections.abc import Callable

from mobility.core.database import db
from mobility.exchanges.models import Exchange
from tests.support import world
from tests.support.browser import NARROW, Window
from tests.support.lines import lined
from tests.support.story import Arrange
from tests.support.world import GUEST

Windows = Callable[..., Window]
THREE = "A price list by autumn\nTwo firms that pay\nA date for the board"
FINGER = 44  # px


def planned(title: str) -> Exchange:
    """Its agreement has three objectives, and nobody has signed it yet."""
    exchange = world.planned(title)
    exchange.newest_version.objectives = lined(objectives=THREE)["objectives"]  # type: ignore[union-attr]
    return exchange


def objectives(window: Window) -> list[str]:
    """What stands in the rows that are seen."""
    rows = window.page.locator("#objectives textarea:visible").all()
    return [row.input_value() for row in rows]


def rearranged(guest: Window, exchange: int) -> None:
    """The whole way, by the buttons of the page."""
    guest.open(f"/exchanges/{exchange}/amend")
    assert objectives(guest) == THREE.split("\n")
    guest.type("Contact of the guest", "Typed, and not lost.")
    guest.press("Up: Objective 3", look=False)
    assert guest.page.locator(":focus").get_attribute("aria-label") == "Up: Objective 2", "one goes on from where it stands now"
    assert objectives(guest) == ["A price list by autumn", "A date for the board", "Two firms that pay"]
    guest.press("Remove: Objective 1")
    assert objectives(guest) == ["A date for the board", "Two firms that pay"]
    assert guest.value("Contact of the guest") == "Typed, and not lost."
    guest.page.locator("#objectives summary").click()
    guest.type("Objective 3", "A colleague who knows how").type("Objective 1", "A date for our board")
    guest.press("Amend the agreement")
    guest.says("Version 2")
    guest.open(f"/exchanges/{exchange}/agreement/2").says("Objective 1, reworded", "Objective 3, added", "Objective 1, removed")
    guest.says("Objectives, in another order")


def keys(arrange: Arrange, id: int) -> list[str]:
    with arrange():
        version = db.session.get_one(Exchange, id).newest_version
        assert version
        return [line["key"] for line in version.objectives]


def test_lines_are_moved_without_javascript(window: Windows, arrange: Arrange) -> None:
    with arrange():
        exchange = planned("Lines without JavaScript").id
    rearranged(window(GUEST, looks=False, java_script_enabled=False), exchange)
    assert keys(arrange, exchange) == ["o3", "o2", "o4"]


def test_lines_are_moved_on_a_telephone(window: Windows, arrange: Arrange) -> None:
    with arrange():
        exchange = planned("Lines on a telephone").id
    guest = window(GUEST)
    guest.page.set_viewport_size(NARROW)
    rearranged(guest, exchange)
    assert keys(arrange, exchange) == ["o3", "o2", "o4"]
    guest.open(f"/exchanges/{exchange}/amend")
    assert guest.page.locator(".kept").count() == 0, "nothing is offered again that was sent"
    for button in guest.page.locator(".line-buttons button:visible").all():
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= FINGER
