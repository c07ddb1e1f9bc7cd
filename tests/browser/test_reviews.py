"""An owner reads a review, drills down, compares, writes lessons, publishes, takes files; a stranger reads what is public."""

from collections.abc import Callable

from mobility.people.models import User
from mobility.people.roles import Role
from tests.support.browser import Window
from tests.support.factories import make_call, make_member
from tests.support.followups import agree
from tests.support.reviews import BIG, reviewed
from tests.support.story import Arrange

Windows = Callable[..., Window]
OWNER, COORDINATOR = "Odile Owner", "Cosimo Coordinator"


def known(person: User, name: str) -> User:
    """Somebody one can be by a click."""
    person.name, person.demo_note = name, "In the reviews"
    return person


def world() -> int:
    """A programme of two calls."""
    made = reviewed(BIG, name="Alpine Exchange")
    made.call.name = "Spring"
    make_call(made.programme, name="Autumn")
    known(made.owner, OWNER)
    made.exchanges[0].theme.title = "Energy audits"
    return made.programme.id


def hosted() -> int:
    """An exchange that took place, of another programme."""
    [exchange] = reviewed((("AT", "PT", 1),)).exchanges
    agree(exchange, "A price list")
    known(make_member(exchange.host, Role.COORDINATOR), COORDINATOR)
    return exchange.id


def saved(window: Window, link: str) -> bytes:
    with window.page.expect_download() as download:
        window.page.get_by_role("link", name=link, exact=True).first.click()
    return download.value.path().read_bytes()


def test_from_the_overview_to_what_everybody_reads(window: Windows, arrange: Arrange) -> None:
    with arrange():
        programme = world()
    owner = window(OWNER)
    owner.follow("Overview", within="header").says("33 exchanges took place", "6 organisations in 4 countries").look_everywhere()
    owner.follow("Review: Spring").says("Exchanges completed", "Who met whom").look_everywhere()
    owner.page.get_by_text("The table of this picture: Countries: guests to hosts").click()
    owner.look().follow("9").says("Austria to Portugal", "It rests on 9 cases.", "Energy audits").look_everywhere()
    owner.follow("Review of Spring")
    assert saved(owner, "Spreadsheet").startswith(b"PK")
    assert saved(owner, "PDF").startswith(b"%PDF")
    assert b"pipeline.exchanges_completed" in saved(owner, "CSV")
    owner.follow("Compare two calls").choose("First call", "Spring").choose("Second call", "Autumn").press("Compare")
    owner.says("Exchanges completed").look_everywhere().open(f"/programmes/{programme}/review", look=False)
    owner.follow("Knowledge flow").says("Austria learned from Portugal").look_everywhere()
    owner.follow("Spring").follow("Review of Spring", look=False)
    lessons(owner)
    owner.follow("Review of Spring").follow("Publish").says("figures and", "tables can be shown").look_everywhere()
    published = owner.press("Publish it").says("Published. Everybody can read it now.").path
    stranger(window(), published)
    owner.open(f"/programmes/{programme}/published").follow(
        "Withdraw Spring, " + owner.page.locator("th .help").first.inner_text()[6:]
    )
    owner.press("Withdraw it", status=422).type("Why", "A wrong number").press("Withdraw it").says("Withdrawn").look_everywhere()
    window().open(published, status=410).says("Withdrawn")


def lessons(owner: Window) -> None:
    owner.follow("Lessons").press("Close the review", status=422).says("Write at least one lesson").look_everywhere()
    owner.type("Keep", "Two days of preparation").type("Stop", "Paper receipts").press("Close the review")
    owner.says("The review is closed", "Paper receipts").look_everywhere()
    there = owner.path
    owner.open("/programmes").follow("Alpine Exchange").follow("Rules").says(
        "Lessons of earlier calls", "Two days of preparation"
    )
    owner.open(there)


def stranger(reader: Window, published: str) -> None:
    """Reads the snapshot and its files, and nothing else of the review."""
    reader.open("/").follow("Outcomes").follow("Spring").says("What came of it: Spring", "33", "Who met whom").look_everywhere()
    reader.page.get_by_text("All 2 figures of “Who met whom”, each with what it is").click()
    reader.look()
    assert reader.path == published
    assert b"not shown" in saved(reader, "CSV")
    assert reader.page.locator("a[href*='/cases/']").count() == 0


def test_a_host_changes_its_mind_about_being_named(window: Windows, arrange: Arrange) -> None:
    with arrange():
        exchange = hosted()
    host = window(COORDINATOR).open(f"/exchanges/{exchange}").says("May others be told?", "Not said yet, so: no")
    host.follow("Change it for the host").press("Save", status=422).says("Choose one of the answers.").look_everywhere()
    host.tick("Yes, with names").press("Save").says("Changed. It holds at once.", "Yes, with names")
