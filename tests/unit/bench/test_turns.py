"""Multiples stay the same while the machine's speed does not; processor time is what was really used."""

import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest

from bench import turns
from bench.processor import own, spent
from bench.turns import in_slices, take_turns

SPIN = "import time\nwhile time.process_time() < {}: pass\n"


class Machine:
    """Each turn, or slice, finds it at another speed."""

    def __init__(self) -> None:
        self.used, self.speeds = 0.0, cycle([1.0, 0.5, 0.5, 0.25, 2.0])

    def clock(self) -> float:
        return self.used

    def work(self, amount: float, speed: float) -> float:
        self.used += amount / speed
        return amount / speed


@pytest.mark.parametrize("dear", [2, 9])
def test_turns_say_how_many_times_whatever_the_speed(dear: float) -> None:
    machine, speed = Machine(), 1.0

    def bare() -> int:
        nonlocal speed
        speed = next(machine.speeds)
        machine.work(10, speed)
        return 10

    def ours() -> int:
        machine.work(5 * dear, speed)
        return 5

    assert take_turns(20, ours, bare, machine.clock).times == pytest.approx(dear)


def test_turns_also_see_who_only_waits() -> None:
    def ours() -> int:
        time.sleep(0.05)
        return 1

    def bare() -> int:
        time.sleep(0.001)
        return 1

    assert take_turns(3, ours, bare, time.process_time).times_as_long > 5


@pytest.mark.parametrize("total", [20.0, 50.0])
def test_slices_add_up_whatever_the_speed(monkeypatch: Any, total: float) -> None:
    monkeypatch.setattr(turns.os, "killpg", lambda *_: None)
    machine, left, speed = Machine(), total, 1.0

    def over() -> bool:
        nonlocal left, speed
        speed = next(machine.speeds)
        machine.work(5, speed)
        left -= 5
        return left == 0

    assert in_slices(0, over, machine.clock, lambda: 0.5 / speed) == pytest.approx(total / 0.5)


@pytest.fixture
def busy() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", SPIN.format(60)], start_new_session=True) as process:
        yield process.pid
        process.kill()


def test_what_is_measured_in_slices_rests_meanwhile_and_then_goes_on(busy: int) -> None:
    rested, slices = [], iter([False, False, True])

    def over() -> bool:
        before = own(busy)
        while own(busy) < before + 0.02:  # for ever, if it did not go on
            time.sleep(0.01)
        return next(slices)

    def bare() -> float:
        time.sleep(0.01)  # until the signal has arrived
        before = own(busy)
        time.sleep(0.1)
        rested.append(own(busy) - before)
        return 0.02

    assert in_slices(busy, over, lambda: own(busy), bare) >= 3
    assert max(rested) < 0.01


def test_the_time_of_those_that_were_started_counts_also_when_they_have_ended() -> None:
    child = f"import subprocess, sys, time; subprocess.run([sys.executable, '-c', {SPIN.format(0.3)!r}]); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", child]) as process:
        deadline = time.monotonic() + 30
        while spent(process.pid) < 0.3 and time.monotonic() < deadline:
            time.sleep(0.02)
        running = spent(process.pid)
        time.sleep(0.2)
        assert spent(process.pid) >= 0.3 <= running
        assert own(process.pid) < 0.3
        process.kill()


def test_a_process_that_is_gone_has_used_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert spent(process.pid) == 0
