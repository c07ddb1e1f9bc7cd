"""A story from the exchange's page to everybody's, with a reviewer in between; and gone the moment one side withdraws it."""

from collections.abc import Callable

from playwright.sync_api import FilePayload

from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.people.roles import Role
from tests.support import factories, world
from tests.support.browser import Window
from tests.support.experts import make_expert
from tests.support.stories import TEXTS, photo
from tests.support.story import Arrange, in_days
from tests.support.world import GUEST, HOST

Windows = Callable[..., Window]
REVIEWER = "Rauha Niemi"
CHAPTERS = {
    "Title": "title",
    "Context and need": "context",
    "What was taken over": "taken_over",
    "What it took": "took",
    "What others can transfer": "transfer",
    "What did not work": "not_worked",
}


def over(title: str) -> int:
    """A stay that is over, on a theme that a reviewer elsewhere knows. Its id."""
    exchange: Exchange = world.agreed(title)
    exchange.theme.sectors = ["maritime"]
    exchange.state, exchange.self_funded, exchange.attended = "completed", True, [GUEST]
    exchange.actual_first_day, exchange.actual_last_day = in_days(-370), in_days(-366)
    place = factories.make_organisation(country="FI", city="Oulu", sectors=["maritime"])
    person = factories.make_member(place, Role.COORDINATOR, name=REVIEWER, demo_note="Reviews.")
    make_expert(place, person, topics=[], sectors=["maritime"])
    db.session.flush()
    return exchange.id


def picture(name: str, colour: str) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": photo(1200, 800, colour=colour)}


def test_told_reviewed_agreed_and_withdrawn(window: Windows, arrange: Arrange) -> None:
    with arrange():
        exchange = over("Boats that pay for themselves")
    guest, host = window(GUEST), window(HOST)
    guest.open(f"/exchanges/{exchange}").press("Tell your story").says("Tell your story", "Both sides write it together.")
    for label, key in CHAPTERS.items():
        guest.type(label, TEXTS[key])
    guest.page.get_by_label("Add pictures").set_input_files([picture("quay.jpg", "teal"), picture("crane.jpg", "olive")])
    guest.press("Add").look_everywhere()
    assert guest.value("What it took") == TEXTS["took"]
    guest.press("Send it to review", status=422).says("There is a problem", "Describe the pictures 1, 2")
    guest.type("What picture 1 shows", "The quay at low tide").type("What picture 2 shows", "The crane that members share")
    story = guest.number
    host.open("/").says("Tell your story").open(f"/stories/{story}").follow("Write the host’s view")
    host.type("The host’s view", "We learned to say no to free berths.").press("Save").says("We learned to say no")
    guest.press("Send it to review").says(f"{REVIEWER} has been asked to review it.")
    peer = window(REVIEWER)
    peer.open("/").says("Review a success story").follow("Review a success story").look_everywhere()
    peer.type("Comment on “What did not work”", "How much did that cost?").press("Send it back").says(
        "Sent back with your comments."
    )
    guest.open(f"/stories/{story}").says("How much did that cost?").follow("Go on writing").look_everywhere()
    guest.type("What did not work", "Discounts for founders cost us a season.")
    with guest.page.expect_navigation():
        guest.page.get_by_role("button", name="Tick it off").click()
    guest.says("Dealt with")
    guest.press("Send it to review").says("In review")
    peer.open(f"/stories/{story}/review").says("Discounts for founders cost us a season.").press("Recommend it").says(
        "Recommended."
    )
    nobody = window()
    nobody.open(f"/stories/{story}", status=404, look=False)
    for person in (guest, host):
        person.open("/").says("Say whether your story may be published")
        person.open(f"/stories/{story}/agree").look_everywhere().press("Agree to publish it")
    host.says("Both sides have agreed: it is public.", "Everybody can read it").look_everywhere()
    nobody.open("/stories").look_everywhere().follow("A price list for the test plant").look_everywhere()
    nobody.says("Discounts for founders cost us a season.", "Mur Valley Cluster", "Ria Food Cluster")
    assert nobody.page.get_by_alt_text("The quay at low tide").is_visible()
    host.open(f"/stories/{story}/withdraw").press("Withdraw it").says("Nobody else can read it any more.")
    nobody.open(nobody.path, status=410).says("no longer public")
    nobody.open("/stories").says("No story has been published yet")
