"""Two things compared while the machine's speed changes: they take turns, so that each is measured at the speed of the other."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

Clock = Callable[[], float]


@dataclass(frozen=True)
class Taken:
    """By one piece of work: seconds of processor time, and as a clock on the wall shows them."""

    processor: float
    wall: float


@dataclass
class Turns:
    """What our pieces of work and the bare ones took, turn by turn."""

    ours: list[Taken] = field(default_factory=list)
    bare: list[Taken] = field(default_factory=list)

    @property
    def times(self) -> float:
        """The processor time of ours, in that of the bare ones next to it."""
        return median(ours.processor / bare.processor for ours, bare in self._pairs())

    @property
    def times_as_long(self) -> float:
        """The same for who waits."""
        return median(ours.wall / bare.wall for ours, bare in self._pairs())

    def _pairs(self) -> Iterator[tuple[Taken, Taken]]:
        return zip(self.ours, self.bare, strict=True)

    def __str__(self) -> str:
        ours, bare = (1000 * median(each.wall for each in taken) for taken in (self.ours, self.bare))
        return f"{ours:.1f} ms, bare {bare:.1f} ms"


def take_turns(rounds: int, ours: Callable[[], int], bare: Callable[[], int], processor: Clock) -> Turns:
    """Both say how many pieces of work they have done; `processor` counts the time of both."""
    turns = Turns()
    for _ in range(rounds):
        turns.bare.append(_taken(bare, processor))
        turns.ours.append(_taken(ours, processor))
    return turns


def _taken(work: Callable[[], int], processor: Clock) -> Taken:
    used, begun = processor(), perf_counter()
    pieces = work()
    wall = perf_counter() - begun
    return Taken((processor() - used) / pieces, wall / pieces)


def in_slices(group: int, over: Callable[[], bool], processor: Clock, bare: Callable[[], float]) -> float:
    """How many times the bare work's processor time a group of processes takes until it is `over` (which waits for a while).

    For what cannot be divided: it is halted again and again, and each slice is measured by the bare work done right after it,
    which returns its processor time. `processor` counts that of the group, and what its databases do for it.
    """
    times, counted, ended = 0.0, processor(), False
    while not ended:
        ended = over()
        with _halted(group):
            bare_took = bare()
        before, counted = counted, processor()
        times += (counted - before) / bare_took
    return times


@contextmanager
def _halted(group: int) -> Iterator[None]:
    os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(group, signal.SIGCONT)
