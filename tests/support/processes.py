"""The application as processes of its own: the flask command, and a web server behind a real port.

Each is forked from a process that has imported the application already, since importing takes longer than most of what they
are started for. tests/resilience/test_run.py starts what `make run` does.
"""

import atexit
import ctypes
import multiprocessing
import os
import runpy
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from http.client import HTTPConnection
from multiprocessing.process import BaseProcess
from pathlib import Path
from shutil import rmtree
from tempfile import NamedTemporaryFile, mkdtemp
from typing import IO

from mobility.core import clock
from tests.support.smtp import free_port

ROOT = Path(__file__).resolve().parents[2]
SECRET_KEY = "of the tests, and of nothing else"
SET_PDEATHSIG = 1

_forked = multiprocessing.get_context("forkserver")
_forked.set_forkserver_preload(["mobility", "gunicorn.app.wsgiapp"])


def environment(database_url: str, **settings: str) -> dict[str, str]:
    """For a process that shall work on `database_url`, with further settings of config.py."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    heads = _files() / "heads" / sha256(database_url.encode()).hexdigest()  # of one log alone
    ours = {"DATABASE_URL": database_url, "SECRET_KEY": SECRET_KEY, "FILES_URL": _files().as_uri(), "AUDIT_HEADS": heads.as_uri()}
    return kept | ours | settings


@cache
def _files() -> Path:
    """Where these processes keep files: gone when the tests are over."""
    folder = Path(mkdtemp(prefix="mobility-files-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    return folder


def _start(arguments: tuple[str, ...], environment: dict[str, str], output: str | None = None) -> BaseProcess:
    """`python -m` with these arguments in a new process, which writes into the file named `output`, or where we write."""
    process = _forked.Process(target=_become, args=(arguments, environment, output, clock.utc_now()))
    process.start()
    return process


def _become(arguments: tuple[str, ...], environment: dict[str, str], output: str | None, now: datetime) -> None:
    ctypes.CDLL(None).prctl(SET_PDEATHSIG, signal.SIGTERM)  # dies with us, even when the tests are killed
    os.setsid()
    if output:
        descriptor = os.open(output, os.O_WRONLY | os.O_APPEND)
        os.dup2(descriptor, sys.stdout.fileno())
        os.dup2(descriptor, sys.stderr.fileno())
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    clock.set_to(now)
    sys.argv = list(arguments)
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)


def flask(database_url: str, *arguments: str, **settings: str) -> str:
    """Run `flask --app wsgi ...` to its end and return what it printed. AssertionError when it fails."""
    with NamedTemporaryFile("r", encoding="utf-8") as output:
        process = start_flask(database_url, *arguments, output=output.name, **settings)
        process.join(300)
        status, written = process.exitcode, output.read()
        process.kill()
    assert status == 0, f"{' '.join(['flask', *arguments])} ended with {status}:\n{written}"
    return written


def start_flask(database_url: str, *arguments: str, output: str | None = None, **settings: str) -> BaseProcess:
    """The same in the background: for schedulers, and whatever shall be killed."""
    return _start(("flask", "--app", "wsgi", *arguments), environment(database_url, **settings), output)


@dataclass(frozen=True)
class LiveServer:
    """Answers at `url`; whoever wants to arrange something writes into `database_url`."""

    url: str
    database_url: str
    log: IO[str]

    def flask(self, *arguments: str, **settings: str) -> str:
        """Run a flask command on the server's database."""
        return flask(self.database_url, *arguments, BASE_URL=self.url, **settings)

    def written(self) -> str:
        """What the server has logged so far."""
        self.log.seek(0)
        return self.log.read()


@contextmanager
def running_server(database_url: str, app: str = "wsgi:app", port: str = "", **settings: str) -> Iterator[LiveServer]:
    """gunicorn as in production, on a free port unless one is given; ends with the block, or with this process."""
    port = port or str(free_port())
    url = f"http://127.0.0.1:{port}"
    with NamedTemporaryFile("r", encoding="utf-8") as log:
        process = start_server(database_url, port, app, output=log.name, **settings)
        server = LiveServer(url, database_url, log)
        try:
            wait_for(process, port, server.written)
            yield server
        finally:
            _stop(process)


def start_server(database_url: str, port: str, app: str = "wsgi:app", output: str | None = None, **settings: str) -> BaseProcess:
    """The same in the background, on a port of one's choice: for what shall be killed. `wait_for` says when it answers."""
    settings = {"HOST": "127.0.0.1", "PORT": port, "BASE_URL": f"http://127.0.0.1:{port}"} | settings
    return _start(("gunicorn", app), environment(database_url, **settings), output)


def wait_for(process: BaseProcess, port: str, written: Callable[[], str]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.is_alive():
        connection = HTTPConnection("127.0.0.1", int(port), timeout=30)
        try:
            connection.request("GET", "/static/favicon.ico")
            connection.getresponse().read()
            return
        except ConnectionError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise AssertionError(f"The web server did not start:\n{written()}")


def _stop(process: BaseProcess) -> None:
    process.terminate()
    process.join(10)
    if process.is_alive():
        os.killpg(process.pid or 0, signal.SIGKILL)
        process.join()
