"""A run of a job: what it did, in words; one line in the log if that is something; and a row for whoever operates this.

The jobs themselves, and when each runs, are in jobs.py.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mobility.core import clock
from mobility.core.database import transaction
from mobility.running import faults, logs
from mobility.upkeep import operations
from mobility.upkeep.operations import Ran

STOPPING = threading.Event()  # set when the process is asked to end: jobs stop after the object at hand
MINUTE = 60.0
LOOK_INTO_THE_LOG = "The log says what failed."
log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass
class Report:
    """What a run did, in words; nothing when there was nothing to do."""

    done: str = ""
    failed: int = 0

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.done, f"{self.failed} FAILED" if self.failed else "")))

    @classmethod
    def of(cls, count: int, what: str, failed: int = 0) -> "Report":
        """`count` of something; of none nothing is said."""
        return cls(f"{count} {what}" if count else "", failed)


@dataclass(frozen=True)
class Job:
    """`when` are APScheduler's words for a trigger, in UTC. `brings_the_day`: it does what a new day brings; the others keep
    house."""

    name: str
    run: Callable[[], Report]
    when: Mapping[str, Any]
    brings_the_day: bool = True


@dataclass
class Timetable:
    """Jobs by their names, in the order in which a night runs them. `_nothing`: when this process last noted that a job had
    nothing to do, by the monotonic clock."""

    jobs: tuple[Job, ...]
    _by_name: dict[str, Job] = field(init=False)
    _nothing: dict[str, float] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_name = {job.name: job for job in self.jobs}

    def __iter__(self) -> Iterator[Job]:
        return iter(self.jobs)

    def __len__(self) -> int:
        return len(self.jobs)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def run(self, name: str) -> Report:
        """Run one job now, and log one line if it did something. KeyError for an unknown name."""
        report = self._by_name[name].run()
        if report.done or report.failed:
            log.log(logging.ERROR if report.failed else logging.INFO, "%s: %s", name, report)
        return report

    def run_and_keep(self, name: str) -> Report:
        """The same, and keep what came of it: when, how long, what was done, what failed."""
        began_at, begun = clock.utc_now(), time.perf_counter()
        try:
            report = self.run(name)
        except Exception as error:
            seconds, words = time.perf_counter() - begun, faults.words_of(error)
            self._keep(Ran(name, began_at, seconds, failed=1, error=words, trace=logs.request_id()))
            raise
        seconds, why = time.perf_counter() - begun, LOOK_INTO_THE_LOG if report.failed else ""
        self._keep(Ran(name, began_at, seconds, report.done, report.failed, why, logs.request_id()))
        return report

    def run_nightly(self) -> int:
        """All that a new day brings: for the demonstration, which plays a year. Returns how much failed."""
        return sum(self.run(job.name).failed for job in self.jobs if job.brings_the_day)

    def _keep(self, ran: Ran) -> None:
        """Whatever keeps it from being kept, e.g. a database that is away, is told in the log and changes nothing for the job."""
        now = time.monotonic()
        nothing = not (ran.done or ran.failed)
        if nothing and now - self._nothing.get(ran.job, -MINUTE) < MINUTE:
            return
        self._nothing[ran.job] = now if nothing else -MINUTE
        try:
            with transaction():
                operations.keep_run(ran)
        except Exception as error:
            faults.tell(log, f"keeping the run of {ran.job}", error)


def one_by_one(due: Iterable[T], act: Callable[[T], int], what: str) -> tuple[int, int]:
    """Does each; one that fails never stops the others. Returns how much was done, and how many failed."""
    done = failed = 0
    for one in due:
        if STOPPING.is_set():
            break
        try:
            done += act(one)
        except Exception as error:
            failed += note_failure(f"{what} {one}", error)
    return done, failed


def note_failure(what: str, error: Exception) -> int:
    """One more that failed. With the database away all others would, too: then the run ends."""
    cause = faults.cause_of(error)
    if cause is not None and cause.away:
        raise error
    faults.tell(log, what, error)
    return 1
