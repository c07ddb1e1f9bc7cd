"""`kill -HUP` begins web and scheduler anew, with the code that is there now: an upgrade without a moment of silence."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.processes import ROOT, environment
from tests.support.smtp import free_port

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what runs, so that its code can be changed."""
    for name in ("mobility", "templates", "migrations"):
        shutil.copytree(ROOT / name, tmp_path / "clone" / name)
    for name in ("config.py", "wsgi.py", "gunicorn.conf.py"):
        shutil.copy(ROOT / name, tmp_path / "clone")
    (tmp_path / "clone" / "static").symlink_to(ROOT / "static")
    return tmp_path / "clone"


@contextmanager
def running(copy: Path, url: str, *command: str, **settings: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    log = copy.parent / f"{command[0]}.log"
    with log.open("w") as file:
        process = subprocess.Popen([sys.executable, "-m", *command], cwd=copy, env=environment(url, **settings), stderr=file)
    try:
        yield process, log
    finally:
        process.terminate()
        process.wait(30)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def until(true: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + 90
    while not true():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)


def read(address: str) -> str:
    try:
        with urlopen(address, timeout=10) as answer:
            return answer.read().decode()
    except OSError:
        return ""


def test_the_web_has_the_new_code(database_kind: str, fresh_database: str, copy: Path) -> None:
    port = str(free_port())
    address = f"http://127.0.0.1:{port}/healthz"
    settings = {"PORT": port, "WEB_CONCURRENCY": "2", "BASE_URL": f"http://127.0.0.1:{port}"}
    with running(copy, fresh_database, "gunicorn", **settings) as (process, log):
        until(lambda: read(address) == "ok\n", log)
        edit(copy / "mobility" / "upkeep" / "views.py", 'return "ok\\n"', 'return "new\\n"')
        os.kill(process.pid, signal.SIGHUP)
        until(lambda: read(address) == "new\n", log)
        time.sleep(2)
        assert {read(address) for _ in range(8)} == {"new\n"}
        assert process.poll() is None


def test_the_scheduler_has_the_new_code_under_the_same_number(database_kind: str, fresh_database: str, copy: Path) -> None:
    command = ("flask", "--app", "wsgi", "scheduler")
    with running(copy, fresh_database, *command, BASE_URL="http://localhost") as (process, log):
        until(lambda: "scheduler: started" in log.read_text(), log)
        edit(copy / "mobility" / "scheduler.py", '"scheduler: started"', '"scheduler: started as new"')
        os.kill(process.pid, signal.SIGHUP)
        until(lambda: "scheduler: stopped" in log.read_text(), log)
        until(lambda: "scheduler: started as new" in log.read_text(), log)
        assert process.poll() is None
