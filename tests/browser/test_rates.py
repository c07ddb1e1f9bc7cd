"""An owner writes the schemes of money.md as rate cards, and sees what each comes to."""

from collections.abc import Callable
from typing import Any

import pytest

from mobility.people.roles import Role
from tests.support.browser import Window
from tests.support.factories import make_membership, make_programme
from tests.support.story import Arrange
from tests.support.world import DECIDER, person

TRAVEL = {"From, in km": "10", "Standard": "360", "Green travel": "500"}
DAYS = {"Group": "A", "A day": "180", "Group of all other countries": "A"}
Parts = dict[str, dict[str, Any]]

# What is typed into which part, the case that is tried, and what the page says then
SCHEMES: dict[str, tuple[str, Parts, dict[str, Any], list[str]]] = {
    "travel days added": (
        "mobility",
        {"distance_band": TRAVEL, "daily": DAYS | {"Travel days added, at most": "2", "By green travel, at most": "6"}},
        {"Days": "5", "Kilometres one way": "730", "Travel days": "2"},
        ["5 days of stay and 2 travel days", "€1,260.00", "Total €1,620.00"],
    ),
    "more by green travel": (
        "mobility",
        {"distance_band": TRAVEL, "daily": DAYS | {"Travel days added, at most": "2", "By green travel, at most": "6"}},
        {"Days": "5", "Kilometres one way": "730", "Travel days": "6", "By train, bus or shared car": True},
        ["5 days of stay and 6 travel days", "Total €2,480.00"],
    ),
    "a delegation, by nights": (
        "mobility",
        {"daily": DAYS | {"Counted in": "Nights", "For each person who travels": True}},
        {"Days": "5", "Persons": "3"},
        ["4 nights for each of 3 persons", "Total €2,160.00"],
    ),
    "a supplement under a condition, two of a kind with caps of their own": (
        "mobility",
        {
            "fixed": {
                "Amount": "25",
                "What it is called": "Inclusion",
                "Paid for": "Each day of the stay",
                "Only paid if": "A guest needs support",
                "At most for this part": "100",
            },
            "fixed-2": {"Amount": "500", "What it is called": "Host contribution", "At most for this part": "450"},
        },
        {"Days": "5", "All conditions hold": True},
        ["Condition: A guest needs support", "Cap of “Inclusion” At most €100.00 for this part -€25.00", "Total €550.00"],
    ),
    "real costs beside unit costs": (
        "mobility",
        {"daily": DAYS, "real_costs": {"What it is for": "Accommodation", "The programme pays, in percent": "80"}},
        {"Days": "5", "Real costs, of each kind": "400"},
        ["Accommodation 80 % of what it costs €320.00", "Total €1,220.00"],
    ),
    "topped up": (
        "mobility",
        {"daily": DAYS, "floor": {"At least per voucher": "1000"}},
        {"Days": "5"},
        ["Topped up At least €1,000.00 per voucher €100.00", "Total €1,000.00"],
    ),
    "a price less an own contribution": (
        "knowledge",
        {"share_of_cost": {"The programme pays, in percent": "100", "At most": "4000", "Own contribution": "1000"}},
        {"Agreed price": "3500"},
        ["100 % of the agreed price of €3,500.00 less an own contribution of €1,000.00", "Total €2,500.00"],
    ),
    "by kind of organisation": (
        "knowledge",
        {"share_of_cost": {"The programme pays, in percent": "50", "Public authority, in percent": "80"}},
        {"Agreed price": "1000", "Kind of organisation": "Public authority"},
        ["80 % of the agreed price, as for a public authority", "Total €800.00"],
    ),
}


@pytest.fixture
def programme(window: Callable[..., Window], arrange: Arrange) -> int:
    """One without rates, which is the owner's."""
    with arrange():
        found = make_programme()
        make_membership(person(DECIDER), found, Role.OWNER)
        return found.id


def fill(place: Any, label: str, value: Any) -> None:
    field = place.get_by_label(label, exact=True).first
    if not field.is_visible():
        place.get_by_text("More", exact=True).click()
    if value is True:
        field.check()
    elif field.evaluate("element => element.tagName") == "SELECT":
        field.select_option(label=value)
    else:
        field.fill(value)


def write(window: Window, parts: Parts) -> None:
    for key, typed in parts.items():
        part = window.page.locator(f"#{key}")
        if not part.count():
            window.page.locator(f"#{key.partition('-')[0]}").get_by_role("button", name="Another one of this kind").click()
        part.locator(".rate-on input").check()
        for label, value in typed.items():
            fill(part, label, value)


def test_each_scheme_can_be_written_as_a_card(window: Callable[..., Window], programme: int) -> None:
    owner = window(DECIDER)
    for kind, parts, case, says in SCHEMES.values():
        owner.open(f"/programmes/{programme}/rates/{kind}", look=False)
        write(owner, parts)
        owner.page.get_by_text("Try a case of your own").click()
        for label, value in case.items():
            fill(owner.page.locator(".rate-try"), label, value)
        owner.press("Show what it comes to").says(*says)


def test_a_card_is_saved_read_and_changed(window: Callable[..., Window], programme: int) -> None:
    owner = window(DECIDER).open(f"/programmes/{programme}/rates", look=False)
    for kind, parts, _, _ in SCHEMES.values():
        if kind == "mobility" and "fixed-2" in parts:
            write(owner, parts)
    owner.look_everywhere()
    owner.press("Save as a new version").says(
        "€25.00 for each day.", "Only paid if this is declared and confirmed: A guest needs support"
    )
    owner.open(f"/programmes/{programme}/rates", look=False)
    owner.page.locator("#fixed .rate-on input").uncheck()
    owner.press("Save as a new version").says("Host contribution", "At most €450.00 for this part.")
    assert "€25.00" not in owner.text
