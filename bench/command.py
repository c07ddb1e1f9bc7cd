"""A flask command as somebody types it, in a python of its own, starting included: what it takes, in something bare."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from tempfile import TemporaryFile
from time import monotonic, sleep
from typing import Any

from bench.processor import spent
from bench.turns import Clock, in_slices
from tests.support.processes import ROOT, environment

SLICE = 0.5  # seconds


@dataclass(frozen=True)
class Measured:
    """`times` the bare work, as `in_slices` counts it; `mebibytes` at most."""

    times: float
    seconds: float
    mebibytes: float
    said: str


def measured(database_url: str, *arguments: str, bare: Callable[[], float], others: Clock) -> Measured:
    """`others` counts the processor time that other processes take for it. AssertionError when it fails."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    settings: dict[str, Any] = {
        "cwd": ROOT,
        "env": environment(database_url),
        "stdin": subprocess.DEVNULL,
        "start_new_session": True,
    }
    with TemporaryFile("w+") as output, subprocess.Popen(command, stdout=output, **settings) as process:
        times = in_slices(process.pid, partial(_ended, process.pid), lambda: spent(process.pid) + others(), bare)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read().strip()
    assert process.returncode == 0, f"{' '.join(arguments)} ended with {process.returncode}: {said}"
    return Measured(times, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said)


def _ended(process: int) -> bool:
    """Looks for a slice's time. Its end is left to be asked for once more, by who wants to know of its memory."""
    until = monotonic() + SLICE
    while monotonic() < until:
        if os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return True
        sleep(SLICE / 50)
    return False
