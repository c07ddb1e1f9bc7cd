"""For every Python that `make test-days` starts, what libfaketime 0.9.10 gets wrong: it refuses how Python sleeps when monotonic
time is real, and it moves the clocks of processors as if they had a date."""

import os
import time
from select import select

MOVED_BY = float(os.environ.get("FAKETIME", "0").rstrip("s"))  # such as "+1234s"
clock_gettime = time.clock_gettime


def sleep(seconds: float) -> None:
    """`time.sleep` by other means."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select([], [], [], seconds)


def of_processors(clock: int) -> float:
    """`time.clock_gettime`: negative are the clocks of processes (clock_getcpuclockid(3))."""
    return clock_gettime(clock) - (MOVED_BY if clock < 0 else 0)


time.sleep, time.clock_gettime = sleep, of_processors
