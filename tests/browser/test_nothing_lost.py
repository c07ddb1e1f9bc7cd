"""Nothing that somebody typed is ever lost: not by a colleague, a slip, a timeout, or a closed tab (look.md)."""

import re
from collections.abc import Callable

from mobility.core.links import link_for
from tests.support import factories, world
from tests.support.browser import Window, other_tab
from tests.support.story import Arrange, in_days
from tests.support.world import COLLEAGUE, GUEST, HOST

Windows = Callable[..., Window]
WORDS = "Three firms, two of which pay; and the words «שלום», Ελλάδα, é."


def test_the_slower_of_two_tabs_keeps_what_was_typed(window: Windows, arrange: Arrange) -> None:
    with arrange():
        exchange = world.planned("Two tabs").id
    first = window(HOST).open(f"/exchanges/{exchange}/amend")
    second = other_tab(first).open(f"/exchanges/{exchange}/amend", look=False)
    second.type("Benefit of the guest 1", "Second thoughts.").press("Amend the agreement", look=False)
    first.type("Benefit of the host 1", WORDS).press("Amend the agreement", status=409)
    first.says("You changed this in another tab", "Amend the agreement", HOST)
    assert first.value("Benefit of the host 1") == WORDS
    first.press("Amend the agreement").says("Version 3", WORDS)


def test_signed_out_in_another_tab(window: Windows, arrange: Arrange) -> None:
    with arrange():
        application = world.applied("Signed out meanwhile").id
    tab = window(HOST).open(f"/applications/{application}/decline").type("Reason", WORDS)
    other = other_tab(tab).open("/", look=False)
    other.page.locator(".account summary").click()
    other.press("Sign out", look=False).says("You are signed out.")
    tab.press("Decline", status=401).says("You were signed out", WORDS)
    other.sign_in(HOST)
    tab.press("Send again", status=400).says("You have signed in since you opened this form", WORDS)
    tab.press(f"Send it as {HOST}").says("Declined", WORDS)


def test_who_signs_out_leaves_nothing_in_the_browser(window: Windows, arrange: Arrange) -> None:
    """In no tab, not even in one in which somebody goes on typing."""
    with arrange():
        application = world.applied("Left behind").id
    tab = window(HOST).open(f"/applications/{application}/decline", look=False).type("Reason", WORDS)
    kept = "Object.keys(localStorage).filter((key) => key.startsWith('mobility:kept')).length"
    tab.page.wait_for_timeout(1000)
    assert tab.page.evaluate(kept) == 1
    other = other_tab(tab).open("/", look=False)
    other.page.locator(".account summary").click()
    other.press("Sign out", look=False).says("You are signed out.")
    tab.type("Reason", f"{WORDS} And more.")
    tab.page.wait_for_timeout(600)  # longer than it waits before it keeps
    assert other.page.evaluate(kept) == 0


def test_a_slip_keeps_everything_else(window: Windows) -> None:
    host = window(HOST).open("/themes/new", look=False)
    host.type("Title", "What a slip leaves").type("What guests can learn", WORDS).tick("Policy maker")
    host.type("First day", in_days(9).isoformat()).type("Last day", in_days(5).isoformat())
    host.type("Apply by", in_days(2).isoformat()).press("Save draft", status=422)
    host.says("There is a problem", "The last day is before the first day.")
    assert host.value("What guests can learn") == WORDS
    assert host.value("Last day") == in_days(5).isoformat()
    assert host.page.get_by_label("Policy maker").is_checked()
    summary = host.page.locator("#errors")
    summary.get_by_role("link").first.click()
    assert host.page.evaluate("document.activeElement.labels[0].innerText") == "Last day"


def test_a_draft_saves_itself(window: Windows, arrange: Arrange) -> None:
    with arrange():
        theme = world.offered("Saves itself").id
    guest = window(GUEST).open(f"/themes/{theme}/apply", look=False).type("Why do you want to come?", WORDS)
    guest.page.locator(".saved", has_text="Saved at").wait_for()
    guest.page.close()
    again = other_tab(guest).open(f"/themes/{theme}/apply")
    assert again.value("Why do you want to come?") == WORDS


def test_a_draft_in_two_tabs(window: Windows) -> None:
    """The one that saves itself later is told, replaces nothing by itself, and sees both once its button is pressed."""
    first = window(HOST).open("/themes/new", look=False).type("Title", "In two tabs").press("Save draft", look=False)
    address = f"{first.path}/edit"
    second = other_tab(first.open(address, look=False)).open(address, look=False)
    first.type("In short", "Typed first.").page.locator(".saved", has_text="Saved at").wait_for()
    second.type("In short", WORDS).page.locator(".saved", has_text="this has changed in another window").wait_for()
    second.faults.clear()  # the script was told by a 409
    second.press("Save draft", status=409).says("Your draft has changed in another window", "What is stored now")
    assert second.value("In short") == WORDS
    second.press("Save draft").says(WORDS)


def test_a_closed_tab_offers_what_was_typed(window: Windows, arrange: Arrange) -> None:
    """And to nobody else who uses the same browser."""
    with arrange():
        application = world.applied("A closed tab").id
    address = f"/applications/{application}/decline"
    tab = window(HOST).open(address, look=False).type("Reason", WORDS)
    tab.page.wait_for_timeout(1000)  # it is kept 0.4 seconds after the last key
    tab.page.close()
    again = other_tab(tab).open(address).says("What you typed here")
    assert again.value("Reason") == ""
    again.page.get_by_role("button", name="Restore it").click()
    assert again.value("Reason") == WORDS
    assert not again.sign_in(GUEST).page.evaluate("Object.keys(localStorage).length")


def test_what_was_saved_is_not_called_lost(window: Windows, arrange: Arrange) -> None:
    """The server writes a sentence in its own way: without spaces at its ends."""
    with arrange():
        theme = world.offered("Saved with spaces").id
    guest = window(GUEST).open(f"/themes/{theme}/apply", look=False).press("Save draft", look=False)
    guest.type("Why do you want to come?", f"  {WORDS}  ").press("Save draft", look=False)
    assert guest.value("Why do you want to come?") == WORDS
    assert "What you typed here" not in guest.text


def test_what_a_form_made_on_its_own_page_is_not_called_lost(window: Windows, arrange: Arrange) -> None:
    """But what is typed into the next one of its kind is offered after an accident."""
    with arrange():
        factories.make_user(name="Rut Aas", is_administrator=True, demo_note="Is in a test.")
    administrator = window("Rut Aas").open("/admin/programmes", look=False).type("Name", "Skagerrak Fund")
    administrator.type("Name of the first owner", "Olaf Berg").type("E-mail address of the first owner", "olaf@berg.example.org")
    administrator.press("Create the programme", look=False).says("Olaf Berg has been invited to own it")
    assert "What you typed here" not in administrator.text
    administrator.type("Name", "Kattegat Fund").page.wait_for_timeout(1000)  # it is kept 0.4 seconds after the last key
    administrator.open("/admin/programmes", look=False).says("What you typed here")


def test_a_mailed_link_in_the_wrong_hands(window: Windows, arrange: Arrange) -> None:
    """A page that says for whom it is and how to switch; and for those signed out, the way in."""
    with arrange():
        application = world.applied("A mailed link")
        path = f"/applications/{application.id}"
        link = link_for(world.person(GUEST), path)
    wrong = window(COLLEAGUE).open(link).says(f"This link is for {GUEST}", f"Stay signed in as {COLLEAGUE}")
    wrong.press(f"Sign in as {GUEST}").press(f"Be {GUEST}").says("A mailed link")
    assert wrong.path == path
    assert window(GUEST).open(link).path == path


def test_a_foreign_page_is_like_none(window: Windows, arrange: Arrange) -> None:
    with arrange():
        application = world.applied("Not for everybody").id
    foreign = window(COLLEAGUE).open(f"/applications/{application}", status=404).says("There is nothing here").text
    absent = window(COLLEAGUE).open("/applications/99999", status=404, look=False).text
    assert without_id(foreign) == without_id(absent)


def without_id(text: str) -> str:
    """Of an error page, whose request has an id of its own."""
    return re.sub(r"quote [0-9a-f]{8}\b", "", text)
