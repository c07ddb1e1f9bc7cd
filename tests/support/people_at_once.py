"""Several browsers, each on a connection of its own, that post at the same moment to a real server."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from threading import Barrier
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.support.forms import values_in
from tests.support.processes import LiveServer


class Browser:
    """Keeps its cookies; signs in through the demo's sign-in page."""

    def __init__(self, server: LiveServer) -> None:
        self.address = urlsplit(server.url).netloc
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> tuple[int, str]:
        status, _, page = self._ask("GET", path, None)
        return status, page

    def post(self, path: str, **fields: str | list[str]) -> tuple[int, str, str]:
        """(status, where it leads, page)"""
        return self._ask("POST", path, fields)

    def be(self, user_id: int) -> "Browser":
        token = self.form("/sign-in")["csrf_token"]
        status, _, page = self.post("/sign-in/demo", person=str(user_id), csrf_token=token)
        assert status in (302, 303), page
        return self

    def form(self, path: str) -> dict[str, Any]:
        """The fields of the page's form, as they were when it was opened."""
        status, page = self.get(path)
        assert status == 200, page
        return values_in(page)

    def copy(self) -> "Browser":
        """Another connection of the same browser."""
        twin = object.__new__(Browser)
        twin.address, twin.cookies = self.address, dict(self.cookies)
        return twin

    def _ask(self, method: str, path: str, fields: dict[str, Any] | None) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields is not None:
            body, headers["Content-Type"] = urlencode(fields, doseq=True), "application/x-www-form-urlencoded"
        with closing(HTTPConnection(self.address, timeout=180)) as connection:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            page = response.read().decode()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return response.status, response.getheader("Location") or "", page


def post_at_once(posts: list[tuple[Browser, str, dict[str, Any]]]) -> Counter[int]:
    """Post all at the same moment, and count the answers by their status."""
    ready = Barrier(len(posts))

    def post(browser: Browser, path: str, fields: dict[str, Any]) -> int:
        ready.wait()
        return browser.copy().post(path, **fields)[0]

    with ThreadPoolExecutor(len(posts)) as pool:
        return Counter(pool.map(lambda each: post(*each), posts))
