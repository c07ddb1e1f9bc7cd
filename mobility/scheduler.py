"""Runs the jobs by themselves, each at its time, until told to stop."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from flask import Flask

from mobility import jobs
from mobility.running import faults, logs
from mobility.upkeep import runs

LOOK_EVERY = 5.0  # seconds between two looks at the clock
STEP = timedelta(seconds=30)  # less is a correction, of which nobody notices anything
log = runs.log


def run(app: Flask) -> None:
    """Until a signal: TERM and INT end it, HUP begins it again with the code that is there now. It finishes what it is at."""
    stopped = threading.Event()
    again = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: _told(received, stopped, again))
    ticker = ticker_of(app)
    ticker.start()
    log.info("scheduler: started")
    clock = ClockWatch()
    while not stopped.wait(LOOK_EVERY):
        after_a_step(clock, ticker)
    runs.STOPPING.set()  # those at work finish the object at hand
    ticker.shutdown(wait=True)
    log.info("scheduler: stopped")
    if again.is_set():
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 (ourselves, as we were begun)


def _told(received: int, stopped: threading.Event, again: threading.Event) -> None:
    if received == signal.SIGHUP:
        again.set()
    stopped.set()


def ticker_of(app: Flask) -> BackgroundScheduler:
    """APScheduler only as a ticker: in memory, in UTC, a late tick is made up for once, no job runs beside itself.

    Everything runs once at the start: what was missed while no scheduler ran is done then.
    """
    ticker = BackgroundScheduler(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(len(jobs.TIMETABLE))},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    for job in jobs.TIMETABLE:
        ticker.add_job(_tick, id=job.name, args=[app, job.name], next_run_time=tickers_now(), **job.when)
    return ticker


def tickers_now() -> datetime:
    """By the ticker's own clock, which no test sets."""
    return DateTrigger(timezone="UTC").run_date


def _tick(app: Flask, name: str) -> None:
    with app.app_context(), logs.work():
        try:
            jobs.TIMETABLE.run_and_keep(name)
            logs.tell_what_is_over()
        except Exception as error:  # e.g. the database is away: the next tick tries again
            faults.tell(log, name, error)


class ClockWatch:
    """Notices when the clock is set: the ticker waits for a time of day, which may be a day away once it was set back."""

    def __init__(self, now: Callable[[], datetime] = tickers_now, running: Callable[[], float] = time.monotonic) -> None:
        self._now, self._running = now, running
        self._begun = self._difference()

    def _difference(self) -> datetime:
        """Stays the same as long as nobody sets the clock."""
        return self._now() - timedelta(seconds=self._running())

    def moved(self) -> timedelta:
        """By how much it was set since the last look; nothing when that is too little to matter."""
        difference = self._difference()
        step, self._begun = difference - self._begun, difference
        return step if abs(step) >= STEP else timedelta()


def after_a_step(clock: ClockWatch, ticker: BackgroundScheduler) -> None:
    """All jobs run now, and from then on at their times by the new clock."""
    if step := clock.moved():
        log.warning("scheduler: the clock was set by %d seconds; all jobs run now", step.total_seconds())
        for job in ticker.get_jobs():
            job.modify(next_run_time=tickers_now())
