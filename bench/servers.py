"""The web servers that are compared, and their processor time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.browser import Answer, Browser
from tests.support.processes import running_server

ONE_PROCESS = {"WEB_CONCURRENCY": "1", "WEB_THREADS": "1"}  # how long one request takes, not how many there are at once
BARE_ROWS = 25  # as many as a page of a list shows


@dataclass(frozen=True)
class Server:
    """`process` has started all others, and leads their group."""

    url: str
    process: int


@contextmanager
def server(database_url: str, app: str = "wsgi:app", **settings: str) -> Iterator[Server]:
    with TemporaryDirectory(prefix="mobility-bench-") as folder:
        file = Path(folder) / "pid"
        with running_server(database_url, app, GUNICORN_CMD_ARGS=f"--pid {file}", **settings) as running:
            yield Server(running.url, int(file.read_text()))


@contextmanager
def bare_server(database_url: str, **settings: str) -> Iterator[Server]:
    with server(database_url, "bench.bare:app", **settings) as running:
        yield running


def look(browser: Browser, path: str, times: int) -> int:
    """Ask for a page so many times; returns how many."""
    for _ in range(times):
        see(browser, path)
    return times


def look_bare(browser: Browser, times: int, rows: int = BARE_ROWS) -> int:
    """The same for the bare page, which must have as many rows."""
    for _ in range(times):
        found = see(browser, f"/?rows={rows}").text.count("<tr>")
        assert found == rows, f"The bare page has {found} rows instead of {rows}"
    return times


def see(browser: Browser, path: str) -> Answer:
    answer = browser.get(path)
    assert answer.status == 200, f"{path}: {answer.status}\n{answer.text[:2000]}"
    return answer
