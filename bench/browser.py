"""A browser without a screen: one kept connection, cookies, and the fields of forms."""

import re
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from time import perf_counter
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.data import PASSWORD

TOKEN = re.compile(r'name="csrf_token"[^>]*? value="([^"]+)"')


@dataclass
class Answer:
    status: int
    headers: HTTPResponse
    content: bytes
    seconds: float

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def queries(self) -> int:
        return int(self.headers.getheader("X-Queries") or 0)


@dataclass
class Browser:
    """At one server. Times are from the first byte sent to the last one read."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)
    patience: int = 60  # seconds

    def __post_init__(self) -> None:
        self.connection = HTTPConnection(urlsplit(self.url).netloc, timeout=self.patience)

    def get(self, path: str) -> Answer:
        return self._send("GET", path, None)

    def post(self, path: str, **fields: object) -> Answer:
        return self._send("POST", path, urlencode(fields))

    def _send(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begun = perf_counter()
        response = self._response(method, path, body, headers)
        content = response.read()
        seconds = perf_counter() - begun
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return Answer(response.status, response, content, seconds)

    def _response(self, *request: Any) -> HTTPResponse:
        """The server ends connections that were idle for some seconds; browsers then connect again."""
        try:
            self.connection.request(*request)
            return self.connection.getresponse()
        except (RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.connection.close()
            self.connection.request(*request)
            return self.connection.getresponse()

    def sign_in(self, email: str) -> "Browser":
        """Returns itself."""
        form = self.get("/sign-in")
        answer = self.post("/sign-in", csrf_token=token_in(form.text), email=email, password=PASSWORD)
        assert answer.status == 303, f"{email} could not sign in: {answer.status}\n{answer.text[:2000]}"
        return self


def token_in(page: str) -> str:
    """The token of a page's forms: all forms of a session share it."""
    found = TOKEN.search(page)
    assert found, f"There is no form in this page:\n{page[:2000]}"
    return unescape(found[1])
