"""`kill -9` while the demonstration is loaded: the database is as empty as before, and the next start loads the whole."""

import os
import signal
import time
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.support.processes import flask, start_flask


def count(url: str, table: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.scalar(text(f'SELECT count(*) FROM "{table}"'))
    engine.dispose()
    return found


def wait_for_evidence(folder: Path) -> None:
    """Claims have files, which are written past the database: by then half a year is loaded."""
    deadline = time.monotonic() + 120
    while not any(path.is_file() for path in folder.rglob("*")):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_killed_in_the_middle(fresh_database: str, tmp_path: Path) -> None:
    files = tmp_path / "files"
    settings = {"DEMO": "1", "FILES_URL": files.as_uri()}
    loading = start_flask(fresh_database, "demo", "--if-empty", **settings)
    wait_for_evidence(files)
    os.kill(loading.pid or 0, signal.SIGKILL)
    loading.join()
    assert loading.exitcode == -signal.SIGKILL
    assert (count(fresh_database, "user"), count(fresh_database, "application")) == (0, 0)
    flask(fresh_database, "demo", "--if-empty", **settings)
    assert (count(fresh_database, "user") > 40, count(fresh_database, "application")) == (True, 163)
