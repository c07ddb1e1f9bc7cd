"""Somebody's window in a real browser. It looks at every page it comes to: by axe, at 320 px, and for errors."""

import re
from decimal import Decimal
from fcntl import LOCK_EX, flock
from hashlib import md5
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Response, ViewportSize

from tests.support.forms import values_in

WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 320, "height": 640}  # WCAG 2.2, 1.4.10 Reflow
Scheme = Literal["light", "dark"]
AXE = Axe().axe_script
PERSON = re.compile(r'id="person-(\d+)">([^<]+)<')
VIOLATIONS = "options => axe.run(document, options).then(results => results.violations)"
COLOURS = "color-contrast"  # takes axe longer than all other rules together
PAINTED = """() => {
    const tells = (name) => /^(class|disabled|type|aria-(current|invalid|disabled|selected))$/.test(name);
    const one = (element) => [...element.attributes].map((each) => tells(each.name) ? `${each.name}=${each.value}` : each.name)
        .concat(element.tagName).join(" ");
    const path = (element) => element ? `${path(element.parentElement)} > ${one(element)}` : "";
    window.painted = [...document.querySelectorAll("body *")].filter((each) => each.checkVisibility());
    window.written = (element) => /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName)
        || [...element.childNodes].some((each) => each.nodeType === Node.TEXT_NODE && each.data.trim());
    return painted.map((each) => `${written(each)} ${path(each)}`);
}"""
HARD_TO_READ = """([places, options]) => {
    const include = places.map((each) => painted[each]).filter(written);
    return include.length ? axe.run({ include }, options).then(results => results.violations) : [];
}"""
REPORTED = {"resultTypes": ["violations"]}
TOO_WIDE = """() => {
    const room = document.scrollingElement.clientWidth;
    if (document.scrollingElement.scrollWidth <= room) return [];
    const name = (element) => element.tagName.toLowerCase() + [...element.classList].map((each) => "." + each).join("");
    const beyond = [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > room + 1);
    return beyond.slice(0, 5).map(name).concat(`${document.scrollingElement.scrollWidth} px`);
}"""


class Met:
    """What any window of any pytest worker has looked at already: a file of fingerprints per scheme and width."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def new(self, where: str, things: list[str]) -> list[int]:
        """Which of them are met for the first time, by their places; from now on they are known."""
        prints = {md5(thing.encode(), usedforsecurity=False).hexdigest(): at for at, thing in enumerate(things)}
        with (self.folder / f"met-{where}").open("a+") as notes:
            flock(notes, LOCK_EX)
            notes.seek(0)
            first_met = prints.keys() - set(notes.read().split())
            notes.writelines(f"{each}\n" for each in first_met)
        return [prints[each] for each in first_met]


class Window:
    """One tab of one person. Whatever goes wrong in it is collected in `faults`; the fixture reads them at the end."""

    def __init__(self, context: BrowserContext, url: str, met: "Met", *, looks: bool = True) -> None:
        self.context = context
        self.url = url
        self.met = met
        self.looks = looks
        self.faults: list[str] = []
        self.status = 0
        self._documents: set[str] = set()
        self._shown: tuple[Scheme, ViewportSize] = ("light", WIDE)
        self.page = context.new_page()
        self.page.set_viewport_size(WIDE)
        self.page.set_default_timeout(20_000)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        self.page.on("response", self._receive)

    # Going about

    def sign_in(self, name: str) -> "Window":
        """Be one of the demo people, by the one click on the sign-in page."""
        self.page.goto(f"{self.url}/sign-in")
        self.press(f"Be {name}", look=False)
        return self

    def arrive_as(self, name: str) -> "Window":
        """The same without showing the sign-in page, which is quicker; then their home."""
        page = self.context.request.get(f"{self.url}/sign-in").text()
        offered = {found[2]: found[1] for found in PERSON.finditer(page)}
        form = {"person": offered[name], "csrf_token": values_in(page)["csrf_token"]}
        self.context.request.post(f"{self.url}/sign-in/demo", form=form, max_redirects=0)
        return self.open("/", look=False)

    def open(self, path: str, *, status: int = 200, look: bool = True) -> "Window":
        """Go to an address of ours."""
        self.page.goto(path if path.startswith("http") else self.url + path)
        return self._arrived(status, look)

    def follow(self, name: str | re.Pattern[str], *, status: int = 200, look: bool = True, within: str = "body") -> "Window":
        """Click a link."""
        return self._click(self.page.locator(within).get_by_role("link", name=name, exact=True).first, status, look)

    def press(self, name: str, *, status: int = 200, look: bool = True, within: str = "body") -> "Window":
        """Click a button that sends a form."""
        return self._click(self.page.locator(within).get_by_role("button", name=name, exact=True).first, status, look)

    def _click(self, target: Locator, status: int, look: bool) -> "Window":
        with self.page.expect_navigation():
            target.click()
        return self._arrived(status, look)

    def _arrived(self, status: int, look: bool) -> "Window":
        assert self.status == status, f"{self.page.url} answered {self.status}: {self.text[:600]}"
        return self.look() if look and self.looks else self

    def type(self, label: str, value: str) -> "Window":
        """Write into a field, found as people find it: by its label."""
        self.page.get_by_label(label, exact=True).first.fill(value)
        return self

    def tick(self, label: str) -> "Window":
        self.page.get_by_label(label, exact=True).first.check()
        return self

    def choose(self, label: str, option: str) -> "Window":
        self.page.get_by_label(label, exact=True).first.select_option(label=option)
        return self

    # Looking

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.url)

    @property
    def number(self) -> int:
        """The id of the object whose page this is."""
        found = re.search(r"/(\d+)", self.path)
        assert found, self.path
        return int(found[1])

    @property
    def text(self) -> str:
        return self.page.locator("main").inner_text()

    def says(self, *sentences: str) -> "Window":
        words = " ".join(self.text.split())
        for sentence in sentences:
            assert sentence in words, f"{self.path} does not say “{sentence}”:\n{words}"
        return self

    def amount_after(self, words: str) -> Decimal:
        """The first amount in euros after these words."""
        found = re.search(rf"{re.escape(words)}\s+€([\d,]+\.\d\d)", self.text)
        assert found, f"{self.path} says no amount after “{words}”:\n{self.text}"
        return Decimal(found[1].replace(",", ""))

    def value(self, label: str) -> str:
        return self.page.get_by_label(label, exact=True).first.input_value()

    def look(self) -> "Window":
        """No axe violation in light on a wide screen, and nothing that is wider than a narrow telephone."""
        self._examine("light", WIDE)
        self._use("light", NARROW)
        if beyond := self.page.evaluate(TOO_WIDE):
            self.faults.append(f"{self.path} is wider than 320 px: {', '.join(beyond)}")
        return self._use("light", WIDE)

    def look_everywhere(self) -> "Window":
        """As `look`, and in the dark and on a telephone: what is shown depends on the width, its colours on both."""
        self.look()
        self._examine("dark", NARROW)
        self._examine("dark", WIDE, only_colours=True)
        self._examine("light", NARROW, only_colours=True)
        return self._use("light", WIDE)

    def _use(self, scheme: Scheme, size: ViewportSize) -> "Window":
        if self._shown != (scheme, size):
            self.page.emulate_media(color_scheme=scheme)
            self.page.set_viewport_size(size)
            self._shown = (scheme, size)
        return self

    def _examine(self, scheme: Scheme, size: ViewportSize, *, only_colours: bool = False) -> None:
        """By axe, unless all on the page was seen already on another of its kind, in this scheme and size; colours of the new."""
        self._use(scheme, size)
        where, kind = f"{scheme}-{size['width']}", re.sub(r"\d+", "{id}", self.path.split("?")[0])
        new, first = self.met.new(where, self.page.evaluate(PAINTED)), self.met.new(f"{where}-pages", [kind])
        if new:
            self._run_axe(where, HARD_TO_READ, [new, {"runOnly": [COLOURS]} | REPORTED])
        if (new or first) and not only_colours:
            rules = {"target-size": {"enabled": True}, COLOURS: {"enabled": False}}  # the first: off by default, but WCAG 2.2 AA
            self._run_axe(where, VIOLATIONS, {"rules": rules} | REPORTED)

    def _run_axe(self, where: str, script: str, argument: Any) -> None:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        for each in self.page.evaluate(script, argument):
            places = ", ".join(str(node["target"][0]) for node in each["nodes"][:4])
            summary = each["nodes"][0]["failureSummary"]
            self.faults.append(f"{self.path} ({where} px): {each['id']} at {places}: {summary}")

    # Hearing

    def _receive(self, response: Response) -> None:
        if response.request.resource_type == "document" and response.frame == self.page.main_frame:
            self._documents.add(response.url)
            if not 300 <= response.status < 400:
                self.status = response.status
        elif response.status >= 400:
            self.faults.append(f"{self.page.url}: {response.url} answered {response.status}")
        if response.status >= 500:
            self.faults.append(f"{response.request.method} {response.url} answered {response.status}")

    def _hear(self, message: ConsoleMessage) -> None:
        """Errors, and what the content security policy stopped; not that a page which should be a 404 is one."""
        expected = "Failed to load" in message.text and message.location["url"] in self._documents
        if message.type in {"error", "warning"} and not expected:
            self.faults.append(f"{self.page.url}: {message.text}")


def other_tab(window: Window) -> Window:
    """A second tab of the same person."""
    return Window(window.context, window.url, window.met, looks=window.looks)


def focus_order(page: Page, most: int = 40) -> list[dict[str, Any]]:
    """What the Tab key reaches, in order, each with whether it can be seen."""
    page.keyboard.press("Home")
    page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
                const at = document.activeElement;
                if (!at || at === document.body) return null;
                const style = getComputedStyle(at), box = at.getBoundingClientRect();
                const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
                const inSight = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0;
                return { text: (at.innerText || at.value || at.ariaLabel || at.name || "").trim(), visible: ring && inSight };
            }"""
        )
        if found is None:
            break
        reached.append(found)
    return reached
