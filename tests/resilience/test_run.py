"""What `make run` starts, each command in a python of its own: other tests fork theirs (tests/support/processes.py)."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.processes import ROOT, environment
from tests.support.smtp import free_port


def wait_for(true: Callable[[], bool], output: Path) -> None:
    deadline = time.monotonic() + 90
    while not true():
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.1)


@pytest.mark.databases("sqlite")
def test_a_new_database_is_migrated_and_served_with_a_scheduler_until_it_is_told_to_stop(
    database_kind: str, tmp_path: Path
) -> None:
    output, port = tmp_path / "output", str(free_port())
    settings = environment(f"sqlite:///{tmp_path / 'new.db'}", HOST="127.0.0.1", PORT=port, DEMO="0")
    with output.open("w") as file:
        running = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", "tools/run.sh"],
            cwd=ROOT, env=settings, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
        )  # fmt: skip
    try:
        wait_for(lambda: "Mobility is ready" in output.read_text() and "scheduler: started" in output.read_text(), output)
        assert f"http://127.0.0.1:{port}" in output.read_text()
        with urlopen(f"http://127.0.0.1:{port}/themes") as answer:
            assert answer.status == 200
    finally:
        running.terminate()
    assert running.wait(30) == 0, output.read_text()
    with pytest.raises(OSError, match="refused"):
        urlopen(f"http://127.0.0.1:{port}/themes")
