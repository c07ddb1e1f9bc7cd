"""How much of the processor something takes: for promises of a ratio or a budget on a machine that has much else to do."""

import gc
from collections.abc import Callable
from time import thread_time


def processor_seconds(act: Callable[[], object], *, times: int = 3) -> float:
    """The least of some tries, in this thread alone, without the collector (it would go through what all earlier tests left)."""
    return min(_once(act) for _ in range(times))


def _once(act: Callable[[], object]) -> float:
    gc.disable()
    try:
        began = thread_time()
        act()
        return thread_time() - began
    finally:
        gc.enable()
