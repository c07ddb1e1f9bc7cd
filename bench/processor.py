"""Processor time, user and system: what was done, whatever else the machine does meanwhile and however long that takes."""

import os
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

from bench.data import Database

TICKS = os.sysconf("SC_CLK_TCK")


def spent(*roots: int) -> float:
    """Seconds so far of these processes and of all that they have started, those that have ended included."""
    children = _children()
    waiting, total = list(roots), 0.0
    while waiting:
        process = waiting.pop()
        total += own(process) + _of_the_ended(process)
        waiting += children[process]
    return total


def largest(root: int) -> float:
    """The most memory that one of a process and those it has started has ever had, in MB."""
    waiting, children, found = [root], _children(), 0.0
    while waiting:
        process = waiting.pop()
        found = max(found, _most_memory(process))
        waiting += children[process]
    return found


def _most_memory(process: int) -> float:
    with suppress(OSError):
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        return sum(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM:"))
    return 0.0


def _children() -> dict[int, list[int]]:
    children = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        process = int(folder.name)
        children[parent(process)].append(process)
    return children


def own(process: int) -> float:
    """To the nanosecond, while /proc tells hundredths; the number of the clock is that of clock_getcpuclockid(3)."""
    with suppress(OSError):
        return time.clock_gettime(~process << 3 | 2)
    return 0.0


def _of_the_ended(process: int) -> float:
    user, system = _status(process)[13:15]
    return (int(user) + int(system)) / TICKS


def parent(process: int) -> int:
    return int(_status(process)[1])


def _status(process: int) -> list[str]:
    """proc_pid_stat(5) from its third field on, all zero of a process that is gone."""
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return ["0"] * 50


def postmaster(database: Database) -> int:
    """The process that starts all others of this PostgreSQL server. SystemExit when it runs on another machine."""
    with database.connect() as connection:
        backend = connection.info.backend_pid
        with suppress(OSError):
            if Path(f"/proc/{backend}/comm").read_text().startswith("postgres"):
                return parent(backend)
    raise SystemExit("PostgreSQL has to run on this machine: its processor time is counted.")
