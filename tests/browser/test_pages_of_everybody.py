"""Every kind of page as the people of the demonstration meet it: light and dark, wide and at 320 px, by keyboard, on paper."""

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize
from pypdf import PdfReader
from sqlalchemy import select

from mobility.core.database import db
from mobility.people.models import User
from tests.browser.conftest import windows_on
from tests.support.browser import NARROW, TOO_WIDE, Met, Window, focus_order
from tests.support.processes import LiveServer, running_server
from tests.support.walking import FILES

Windows = Callable[..., Window]
TELEPHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def demonstration(demo_url: str) -> Iterator[LiveServer]:
    """A server on the whole demonstration."""
    with running_server(demo_url, DEMO="1", WEB_CONCURRENCY="2") as server:
        yield server


@pytest.fixture(scope="module")
def people(demonstration: LiveServer, lasting_app_on: Callable[..., object]) -> list[str]:
    """Whom the sign-in page offers."""
    app = lasting_app_on(demonstration.database_url)
    with app.app_context():  # type: ignore[attr-defined]
        return list(db.session.scalars(select(User.name).where(User.demo_note != "").order_by(User.id)))


@pytest.fixture
def window(demonstration: LiveServer, new_context: Callable[..., BrowserContext], met: Met) -> Iterator[Windows]:
    """As in conftest.py, on the demonstration."""
    yield from windows_on(demonstration, new_context, met)


WANTED = {
    *("/", "/themes", "/themes/{id}", "/applications/{id}", "/exchanges/{id}", "/vouchers/{id}", "/programmes/{id}/desk"),
    *("/applications/{id}/accept", "/exchanges/{id}/sign", "/exchanges/{id}/amend", "/vouchers/{id}/request"),
    *("/vouchers/{id}/approve", "/vouchers/{id}/reject", "/vouchers/{id}/recommend", "/programmes/{id}/rates"),
    *("/vouchers/new", "/vouchers/{id}/claim", "/vouchers/{id}/validate", "/vouchers/{id}/confirm-delivery", "/bank-accounts"),
    *("/programmes/{id}/payments", "/payments/{id}", "/payments/{id}/approve", "/programmes/{id}/paying-account"),
    *("/programmes/{id}/budget/{id}", "/programmes/{id}/safeguards"),
    *("/account", "/admin/organisations", "/admin/people/{id}", "/outbox/{id}", "/audit"),
}


def test_everybody_and_their_pages(window: Windows, people: list[str]) -> None:
    """From each person's first page to all that it leads to. Each kind of page is looked at once, wherever it is met first."""
    seen: dict[str, int] = {}
    for name in people:
        walk(window(name, looks=False), "/", seen, set())
    assert seen.keys() >= WANTED, WANTED - seen.keys()
    in_both = [kind for kind, depth in seen.items() if depth < DEEP]
    assert len(in_both) >= 40, "axe looks at 40 kinds of page in light and in the dark, wide and at 320 px"


DEEP = 4  # from there on, pages are looked at in light only
PLAIN = {"/.well-known/security.txt"}  # text that programs read, not a page


def walk(someone: Window, address: str, seen: dict[str, int], met: set[str], depth: int = 0) -> None:
    """Home, lists, objects, actions: each person meets one of every kind, and of the actions those that nobody met before."""
    met.add(pattern(address))
    if pattern(address) not in seen:
        seen[pattern(address)] = depth
        someone.open(address, look=False)
        someone.look_everywhere() if depth < DEEP else someone.look()
    for inner in links(someone.page, address, "main a" if depth else "header a, main a"):
        known = PLAIN | (met if depth < 2 else met | seen.keys())
        if depth < 4 and pattern(inner) not in known:
            walk(someone, inner, seen, met, depth + 1)


def pattern(address: str) -> str:
    """/vouchers/12/approve?page=2 -> /vouchers/{id}/approve"""
    return "/".join("{id}" if part.isdigit() else part for part in address.split("?")[0].split("#")[0].split("/"))


LINKS = """async ([address, selector]) => {
    const text = await (await fetch(address)).text();
    const found = new DOMParser().parseFromString(text, "text/html").querySelectorAll(selector);
    return [...found].map((each) => each.getAttribute("href") || "");
}"""


def links(page: Page, address: str, selector: str) -> list[str]:
    """The pages of ours to which the one at `address` leads, each once; it is read, not shown, which is much quicker."""
    found = page.evaluate(LINKS, [address, selector])
    ours = [each for each in dict.fromkeys(found) if each.startswith("/") and not each.startswith(("//", "/static/"))]
    return [each for each in ours if not each.split("?")[0].endswith(FILES) and "/evidence/" not in each]


def test_pages_of_nobody(window: Windows) -> None:
    visitor = window()
    for address in ("/", "/sign-in", "/password/forgotten", "/programmes", "/check"):
        visitor.open(address, look=False).look_everywhere()
    visitor.open("/check?code=0000-0000-0000-0000-0000-0000-0001", status=422)  # the check symbols do not fit
    visitor.open("/check?code=0000-0000-0000-0000-0000-0000-0000", status=404).says("This code is not ours")
    visitor.open("/nothing/here", status=404, look=False).look_everywhere()
    visitor.open("/sign-in", look=False).page.get_by_label("E-mail address").fill("nobody@example.org")
    visitor.page.get_by_label("Password").fill("not the right one")
    visitor.press("Sign in", status=422, within="main")


def test_pages_to_which_few_links_lead(window: Windows) -> None:
    owner = window("Camille Laurent", looks=False).open("/programmes").follow("European Cluster Mobility")
    programme = owner.path
    owner.open(f"{programme}/de-minimis").look_everywhere()
    owner.open(f"{programme}/review/competences").look_everywhere()
    owner.page.locator(".competences td a").first.click()
    owner.look_everywhere()
    for page in ("review/publish", "review/cases/objectives_met.yes", "followups"):
        owner.open(f"{programme}/{page}").look_everywhere()


def test_catalogue_with_many_one_and_none(window: Windows) -> None:
    visitor = window().open("/themes", look=False).look_everywhere()
    title = visitor.page.locator(".theme-card h3").first.inner_text()
    visitor.type("What would you like to learn?", title).press("Show themes").says("1 theme found")
    visitor.type("What would you like to learn?", "xylophone").press("Show themes").says("No theme matches all of this")
    visitor.follow("See all themes").page.go_back()
    assert visitor.value("What would you like to learn?") == "xylophone"


def test_by_keyboard_alone(window: Windows) -> None:
    """Everything is reached in order, and it shows where the focus is; the first stop leads past the navigation."""
    someone = window("Marta Nogueira", looks=False)
    for address in ("/", "/themes", "/applications"):
        reached = focus_order(someone.open(address).page)
        assert reached[0]["text"] == "Skip to the content"
        hidden = [each["text"] for each in reached if not each["visible"]]
        assert not hidden, f"{address}: no visible focus at {hidden}"
    someone.open("/").page.locator(".task-do a").first.focus()
    with someone.page.expect_navigation():
        someone.page.keyboard.press("Enter")
    assert someone.page.locator("h1").is_visible()


def test_at_twice_the_size_and_on_paper(window: Windows, people: list[str]) -> None:
    """200 % zoom of a window of 1280 px has the room of 640; on paper there is no navigation, and the text is all there."""
    someone = window(people[0], looks=False)
    for address in ("/", "/themes", "/exchanges", "/vouchers"):
        someone.open(address).page.set_viewport_size({"width": 640, "height": 450})
        assert someone.page.evaluate(TOO_WIDE) == []
        someone.page.set_viewport_size(NARROW)
        someone.page.emulate_media(media="print")
        assert someone.page.locator("h1").is_visible()
        assert not someone.page.locator(".main-nav").is_visible()
        someone.page.emulate_media(media="screen")


CUT = """() => [...document.querySelectorAll(".table-wrap, .table-wrap :is(th, td)")]
    .filter((each) => each.scrollWidth > each.clientWidth + 1 || each.getBoundingClientRect().right > innerWidth)
    .map((each) => `${each.tagName} ${each.innerText.slice(0, 40)}: ${each.scrollWidth} of ${each.clientWidth} px`)"""


def test_nothing_of_a_team_is_cut_on_a_telephone(window: Windows) -> None:
    """Every name, address and role is read without moving the table; longer ones than those of the demonstration, too."""
    owner = window("Camille Laurent", looks=False).open("/programmes").follow("European Cluster Mobility", look=False)
    coordinator = window("Marta Nogueira", looks=False).open("/account", look=False)
    organisation = coordinator.page.locator("main a[href^='/organisations/']").first.get_attribute("href")
    for someone, address in ((owner, f"{owner.path}/team"), (coordinator, organisation)):
        someone.open(address, look=False).page.set_viewport_size(TELEPHONE)
        table = someone.page.locator(".table-wrap.team")
        assert table.locator("tbody tr").count() >= 1
        assert someone.page.evaluate(CUT) == [], address
        table.locator("tbody td").first.evaluate("each => each.textContent = 'a.rather.long.name@a-department.example.org'")
        assert someone.page.evaluate(CUT) == [], address


def test_the_desk_on_paper_begins_on_its_first_page(window: Windows) -> None:
    """A table longer than a page was pushed to the second, and the first was blank under its heading."""
    owner = window("Camille Laurent", looks=False).open("/programmes").follow("European Cluster Mobility", look=False)
    owner.open(f"{owner.path}/desk?show=all", look=False)
    holders = owner.page.locator("table.desk tbody tr td ~ th[scope=row] a, table.desk tbody tr > th[scope=row]:first-child a")
    names = holders.all_inner_texts()
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(owner.page.pdf(format="A4"))).pages]
    assert len(pages) > 1, "the test needs a long desk"
    assert names[0] in pages[0]
    assert names[-1] in pages[-1]
    assert all(any(name in page for name in names) for page in pages)
