"""The application as processes of its own: the flask command, and a web server behind a real port."""

import atexit
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryFile, mkdtemp
from typing import IO

from tests.support.smtp import free_port

ROOT = Path(__file__).resolve().parents[2]
SECRET_KEY = "of the tests, and of nothing else"
DIES_WITH_US = ["setpriv", "--pdeathsig", "TERM", "--"]  # even when the tests are killed


def environment(database_url: str, **settings: str) -> dict[str, str]:
    """For a process that shall work on `database_url`, with further settings of config.py."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    ours = {"DATABASE_URL": database_url, "SECRET_KEY": SECRET_KEY, "FILES_URL": _files().as_uri(), "PYTHONUNBUFFERED": "1"}
    return kept | ours | settings


@cache
def _files() -> Path:
    """Where these processes keep files: gone when the tests are over."""
    folder = Path(mkdtemp(prefix="mobility-files-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    return folder


def flask_command(*arguments: str) -> list[str]:
    return [*DIES_WITH_US, sys.executable, "-m", "flask", "--app", "wsgi", *arguments]


def flask(database_url: str, *arguments: str, **settings: str) -> str:
    """Run `flask --app wsgi ...` to its end and return what it printed. AssertionError when it fails."""
    done = subprocess.run(
        flask_command(*arguments),
        cwd=ROOT,
        env=environment(database_url, **settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    command = " ".join(["flask", *arguments])
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def start_flask(database_url: str, *arguments: str, **settings: str) -> subprocess.Popen[bytes]:
    """The same in the background: for schedulers, and whatever shall be killed."""
    return subprocess.Popen(
        flask_command(*arguments), cwd=ROOT, env=environment(database_url, **settings), stdin=subprocess.DEVNULL
    )


@dataclass(frozen=True)
class LiveServer:
    """Answers at `url`; whoever wants to arrange something writes into `database_url`."""

    url: str
    database_url: str
    log: IO[bytes]

    def flask(self, *arguments: str, **settings: str) -> str:
        """Run a flask command on the server's database."""
        return flask(self.database_url, *arguments, BASE_URL=self.url, **settings)

    def written(self) -> str:
        """What the server has logged so far."""
        self.log.seek(0)
        return self.log.read().decode()


@contextmanager
def running_server(database_url: str, app: str = "wsgi:app", **settings: str) -> Iterator[LiveServer]:
    """gunicorn as in production, on a free port; ends with the block, or with this process."""
    port = str(free_port())
    url = f"http://127.0.0.1:{port}"
    with TemporaryFile() as log:
        process = subprocess.Popen(
            [*DIES_WITH_US, sys.executable, "-m", "gunicorn", app],
            cwd=ROOT,
            env=environment(database_url, **{"HOST": "127.0.0.1", "PORT": port, "BASE_URL": url} | settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        server = LiveServer(url, database_url, log)
        try:
            _wait_for(server, process, int(port))
            yield server
        finally:
            _stop(process)


def _wait_for(server: LiveServer, process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/static/favicon.ico")
            connection.getresponse().read()
            return
        except ConnectionError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise AssertionError(f"The web server did not start:\n{server.written()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
