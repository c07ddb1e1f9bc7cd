"""A clock that is set back: the ticker would wait for the old time of day, a day or longer."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from mobility import jobs, scheduler
from mobility.upkeep.runs import Job, Report, Timetable

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


class Clocks:
    """One that can be set, and one that only runs."""

    def __init__(self) -> None:
        self.shown, self.running = NOON, 100.0

    def run(self, seconds: float) -> None:
        self.shown += timedelta(seconds=seconds)
        self.running += seconds


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def watch(clocks: Clocks) -> scheduler.ClockWatch:
    return scheduler.ClockWatch(lambda: clocks.shown, lambda: clocks.running)


@pytest.mark.parametrize("step", [timedelta(days=-1), timedelta(days=1), timedelta(hours=-1)])
def test_a_step_is_noticed_once(clocks: Clocks, watch: scheduler.ClockWatch, step: timedelta) -> None:
    clocks.run(5)
    assert not watch.moved()
    clocks.shown += step
    clocks.run(5)
    assert watch.moved() == step
    clocks.run(5)
    assert not watch.moved()


def test_small_corrections_are_nothing(clocks: Clocks, watch: scheduler.ClockWatch) -> None:
    for _ in range(100):
        clocks.run(5)
        clocks.shown -= timedelta(milliseconds=500)
        assert not watch.moved()


def test_after_a_day_back_jobs_run_at_once(clocks: Clocks, watch: scheduler.ClockWatch, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = threading.Event()
    hourly = Job("hourly", lambda: (ran.set(), Report())[1], {"trigger": "interval", "hours": 1})  # type: ignore[func-returns-value]
    monkeypatch.setattr(jobs, "TIMETABLE", Timetable((hourly,)))
    ticker = scheduler.ticker_of(Flask(__name__))
    ticker.start()
    try:
        assert ran.wait(10), "at the start"
        ran.clear()
        ticker.get_job("hourly").modify(next_run_time=scheduler.tickers_now() + timedelta(days=1, hours=1))
        scheduler.after_a_step(watch, ticker)
        assert not ran.wait(1), "nobody has set the clock"
        clocks.shown -= timedelta(days=1)
        scheduler.after_a_step(watch, ticker)
        assert ran.wait(10)
    finally:
        ticker.shutdown()
