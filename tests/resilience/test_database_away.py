"""A database that is frozen, thawed, and stopped: pages say so soon, /healthz answers, and the log has one line a minute."""

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.postgres import Cluster, running_cluster
from tests.support.processes import LiveServer, flask, running_server, start_flask

pytestmark = pytest.mark.databases("postgresql")  # SQLite is a file: nothing of it can be frozen
SECONDS = "1"  # for a statement: a server that is frozen is left after six
SAID = "the database does not answer: is it running, and is DATABASE_URL right?"


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """One of this test's own, with a migrated database "mobility"."""
    with running_cluster() as cluster:
        flask(cluster.create_database("mobility"), "db", "upgrade")
        yield cluster


def look(server: LiveServer, path: str) -> tuple[int, str, float]:
    """The status, the page, and how many seconds it took."""
    address, begun = urlsplit(server.url), time.monotonic()
    connection = HTTPConnection(address.hostname or "", address.port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), time.monotonic() - begun
    finally:
        connection.close()


@contextmanager
def frozen(cluster: Cluster) -> Iterator[None]:
    cluster.signal_all(signal.SIGSTOP)
    try:
        yield
    finally:
        cluster.signal_all(signal.SIGCONT)


def errors(log: str) -> list[str]:
    return [line for line in log.splitlines() if " ERROR " in line or "Traceback" in line]


def test_a_frozen_database_is_said_so_and_left_alone_until_it_thaws(database_kind: str, cluster: Cluster) -> None:
    settings = {"WEB_CONCURRENCY": "1", "WEB_THREADS": "2", "DATABASE_TIMEOUT": SECONDS}
    with running_server(cluster.url("mobility"), **settings) as server:
        assert look(server, "/themes")[0] == 200
        with frozen(cluster), ThreadPoolExecutor(12) as people:
            begun = time.monotonic()
            pages = list(people.map(lambda _: look(server, "/themes"), range(12)))
            assert {status for status, _, _ in pages} == {503}
            assert all("The database does not answer." in page for _, page, _ in pages)
            assert time.monotonic() - begun < 30, "twelve pages of two threads, not twelve times six seconds"
            asking = people.submit(look, server, "/themes")
            status, _, took = look(server, "/healthz")
            assert (status, took < 4) == (200, True), "while another page asks the database again"
            assert asking.result()[0] == 503
            assert len(errors(server.written())) == 1, server.written()
            assert SAID in server.written()
        until(lambda: look(server, "/themes")[0] == 200)
        until(lambda: look(server, "/themes")[0] == 200 and "The database answers again: away for" in server.written())


def test_a_stopped_database_is_one_line_a_minute_of_all_jobs(database_kind: str, cluster: Cluster, tmp_path: Path) -> None:
    """It was 120 lines every five seconds."""
    log = tmp_path / "log"
    log.touch()
    process = start_flask(cluster.url("mobility"), "scheduler", output=str(log), BASE_URL="http://localhost")
    try:
        until(lambda: "scheduler: started" in log.read_text())
        time.sleep(2)
        cluster.signal_all(signal.SIGQUIT)
        until(lambda: SAID in log.read_text())
        time.sleep(12)  # two more rounds of what runs every five seconds
        assert len(errors(log.read_text())) == 1, log.read_text()
    finally:
        process.terminate()
        process.join(30)
    assert process.exitcode == 0
    assert log.read_text().splitlines()[-1].endswith("scheduler: stopped")


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "It did not happen in time"
        time.sleep(0.2)
