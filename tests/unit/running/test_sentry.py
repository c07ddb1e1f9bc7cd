"""A fault is told to a server that speaks Sentry's language, and nothing of people with it."""

import gzip
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

import config
from mobility.running.sentry import scrubbed
from tests.support.processes import ROOT

FAULT = """
import logging
from mobility.running import sentry
sentry.begin({dsn!r}, "mobility@abc")
def approve(secret):
    raise ValueError(f"the voucher of {{secret}}")
try:
    approve("ana@example.org")
except ValueError:
    logging.getLogger("mobility").exception("themes.index failed")
import sentry_sdk
sentry_sdk.flush(10)
"""


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """Its address as SENTRY_DSN has it, and what it received."""
    received: list[str] = []

    class Keep(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None: ...

    listening = HTTPServer(("127.0.0.1", 0), Keep)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield f"http://key@127.0.0.1:{listening.server_port}/1", received
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_a_fault_arrives_without_anything_of_people(server: tuple[str, list[str]]) -> None:
    dsn, received = server
    subprocess.run([sys.executable, "-c", FAULT.format(dsn=dsn)], cwd=ROOT, check=True, timeout=120)
    told = "".join(received)
    assert "ValueError" in told
    assert '"function":"approve"' in told.replace(" ", "")
    assert "mobility@abc" in told
    assert "ana@example.org" not in told


def test_what_may_leave() -> None:
    event: dict[str, Any] = {
        "user": {"id": 1},
        "request": {"url": "https://x/answers/secret", "method": "POST", "data": {"iban": "x"}, "headers": {"Cookie": "x"}},
        "exception": {"values": [{"type": "ValueError", "value": "of ana@example.org", "stacktrace": {}}]},
        "server_name": "host",
    }
    assert scrubbed(event, {}) == {
        "request": {"method": "POST"},
        "exception": {"values": [{"type": "ValueError", "value": "", "stacktrace": {}}]},
        "tags": {"request_id": ""},
    }


def test_what_is_wrong_around_us_is_not_told() -> None:
    away = OperationalError("SELECT", {}, Exception("connection failed: Connection refused"))
    assert scrubbed({}, {"exc_info": (type(away), away, None)}) is None


@pytest.mark.parametrize("dsn", ["sentry.example.org", "https://sentry.example.org/1", "https://key@sentry.example.org"])
def test_an_address_that_is_none_is_refused(dsn: str) -> None:
    with pytest.raises(config.InvalidSettings, match=r"SENTRY_DSN: must be like https://key@sentry\.example\.org/1"):
        config.from_env({"SENTRY_DSN": dsn})


def test_without_the_library_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "find_spec", lambda name: None)
    with pytest.raises(config.InvalidSettings, match=r"requirements-sentry\.txt"):
        config.from_env({"SENTRY_DSN": "https://key@sentry.example.org/1"})
