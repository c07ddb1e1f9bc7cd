"""Filling in a page's form as a browser would: what is in it already is sent along."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from typing import Any

from werkzeug.test import TestResponse

from tests.support.client import Client, commit_what_the_test_holds


class _Form(HTMLParser):
    """The values of the last form of a page (the one before may be the sign-out button's)."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self._area: str | None = None
        self._select: str | None = None
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name")
        if tag == "form":
            self._inside = given.get("method") == "post"
            self.values = {} if self._inside else self.values
        elif not self._inside:
            return
        elif tag == "input" and name and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.values[name] = given.get("value") or ""
        elif tag == "textarea":
            self._area = name
            self.values[name or ""] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.values):
            self.values[self._select] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data


def values_of(page: TestResponse) -> dict[str, Any]:
    """What the page's form would send as it is."""
    return values_in(page.text)


def values_in(page: str) -> dict[str, Any]:
    """The same of a page as text."""
    form = _Form()
    form.feed(page)
    return {name: value.removeprefix("\r\n").removeprefix("\n") for name, value in form.values.items()}


def fill(client: Any, address: str, **typed: Any) -> TestResponse:
    """Open a page, type, and send its form to the page's own address."""
    page = client.get(address)
    assert page.status_code == 200, (address, page.status_code)
    return client.post(address, data=values_of(page) | typed)


def at_once(browser: Client, count: int, send: Callable[[Client], TestResponse]) -> list[TestResponse]:
    """The same request from `count` tabs of one browser at the same time."""
    commit_what_the_test_holds()
    tabs = [browser.other_tab() for _ in range(count)]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(send, tabs))
