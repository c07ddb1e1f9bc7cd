"""Walking through the site as one person, from the first page along every link, without a browser."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from tests.support.client import TOKEN, Client
from tests.support.forms import values_in

FILES = (".pdf", ".ics", ".atom", ".csv", ".xlsx", ".ods", ".xml", ".zip")
LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"')
FORM = re.compile(r'(<form\b[^>]*?method="post"[^>]*>)(.*?)</form>', re.S)
NAME = re.compile(r'\bname="([^"]*)"')
ACTION = re.compile(r'action="([^"]*)"')
KEPT = re.compile(r'<(?:input\b(?=[^>]*type="hidden")|select\b)[^>]*\bname="([^"]*)"')


@dataclass(frozen=True)
class Seen:
    """What somebody was shown at an address; `by` is "GET", or how a form was filled in."""

    address: str
    status: int
    page: str
    by: str = "GET"

    @property
    def kind(self) -> str:
        return f"{kind_of(self.address)} {self.by} {self.status}"


def kind_of(address: str) -> str:
    """/vouchers/12/approve?page=2 -> /vouchers/{id}/approve"""
    return "/".join("{id}" if part.isdigit() else part for part in address.split("?")[0].split("#")[0].split("/"))


def links_on(page: str, files: bool = False) -> list[str]:
    """The pages of ours to which one leads, each once; on demand, the files, too."""
    found = dict.fromkeys(unescape(link).split("#")[0] for link in LINK.findall(page))
    ours = [link for link in found if link.startswith("/") and not link.startswith(("//", "/static/"))]
    return [link for link in ours if files or (not link.split("?")[0].endswith(FILES) and "/evidence/" not in link)]


def pages_for(client: Client, of_each: int = 1, go: Callable[[str], bool] = bool) -> Iterator[Seen]:
    """From the first page on, `of_each` of every kind of page; nothing is sent. `go` says which addresses are of interest."""
    waiting, met, counts = ["/"], {"/"}, dict[str, int]()
    while waiting:
        address = waiting.pop(0)
        if counts.get(kind_of(address), 0) >= of_each or not go(address):
            continue
        counts[kind_of(address)] = counts.get(kind_of(address), 0) + 1
        answer = client.get(address, follow_redirects=True)
        if answer.mimetype == "text/html":
            yield Seen(address, answer.status_code, answer.text)
            new = [link for link in links_on(answer.text) if link not in met]
            met.update(new)
            waiting.extend(new)


@dataclass(frozen=True)
class Form:
    """One that can be sent: where it goes, and the names of its fields."""

    address: str
    names: frozenset[str]
    stands_in_main: bool


def forms_on(seen: Seen) -> list[Form]:
    main = seen.page.find("<main")
    found = []
    for form in FORM.finditer(seen.page):
        action = ACTION.search(form[1])
        address = unescape(action[1]) if action else seen.address
        found.append(Form(address, frozenset(NAME.findall(form[2])), form.start() > main))
    return found


def refusals_of(client: Client, seen: Seen, go: Callable[[str], bool] = bool) -> Iterator[Seen]:
    """What the page says when its form comes back empty, and when somebody else was faster."""
    form = next((form for form in forms_on(seen) if form.stands_in_main), None)
    if form is None:
        return
    filled = values_in(seen.page)
    kept = {TOKEN, *KEPT.findall(seen.page)}
    ways: dict[str, dict[str, Any]] = {"empty": {name: value if name in kept else "" for name, value in filled.items()}}
    if "version" in filled:
        ways["slower"] = filled | {"version": "-1"}
    for by, typed in ways.items() if go(form.address) else ():
        answer = client.post(form.address, data=typed)
        if answer.mimetype == "text/html" and answer.status_code >= 400:
            yield Seen(form.address, answer.status_code, answer.text, by)
