"""For every Python that `make test-days` starts: libfaketime 0.9.10 refuses how Python sleeps when monotonic time is real."""

import time
from select import select


def sleep(seconds: float) -> None:
    """`time.sleep` by other means."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select([], [], [], seconds)


time.sleep = sleep
