"""A flask command as somebody types it, in a python of its own: how long it takes and how much memory, starting included."""

import os
import subprocess
import sys
from dataclasses import dataclass
from time import perf_counter

from tests.support.processes import ROOT, environment


@dataclass(frozen=True)
class Measured:
    seconds: float
    mebibytes: float  # at most
    said: str


def measured(database_url: str, *arguments: str) -> Measured:
    """AssertionError when it fails."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    begun = perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(database_url), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        said = process.stdout.read().strip() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{' '.join(arguments)} ended with {process.returncode}: {said}"
    return Measured(perf_counter() - begun, usage.ru_maxrss / 1024, said)
