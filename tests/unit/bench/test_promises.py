"""Each promise of `make bench` can be broken: planted figures that are too high, or no figures at all, end it with 1."""

import math
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from bench import __main__ as bench
from bench import promises
from bench.cases import Case, cases
from bench.pages import Look, _result
from bench.promises import PAGE, Promise, Result, status
from bench.turns import Taken, Turns

ALL = {name: value for name, value in vars(promises).items() if isinstance(value, Promise)}


def result(*figures: promises.Figure) -> Result:
    return Result("Something", figures, "")


@pytest.mark.parametrize("promise", ALL.values(), ids=ALL)
def test_what_is_just_more_than_promised_breaks_it(promise: Promise) -> None:
    assert status([result(promise.of(promise.most))]) == 0
    assert status([result(promise.of(promise.most * 1.01))]) == 1


def test_one_broken_promise_among_many_is_enough_and_is_named() -> None:
    broken = result(PAGE.of(7.9), Promise(7, "queries").of(8))
    assert status([result(PAGE.of(1)), broken, result(PAGE.of(1))]) == 1
    assert "NOT KEPT: 8 of 7 queries" in str(broken)
    assert "NOT KEPT" not in str(result(PAGE.of(7.9)))


@pytest.mark.parametrize("measured", [0, -1, math.nan, math.inf])
def test_what_was_not_measured_is_not_kept(measured: float) -> None:
    assert status([result(PAGE.of(measured))]) == 1


def test_measuring_nothing_keeps_nothing() -> None:
    assert status([]) == 1


def test_the_bounds_that_were_given() -> None:
    assert (promises.PAGE.most, promises.APPROVAL.most) == (8, 6)
    assert (promises.NIGHT_MEMORY.most, promises.CHECK_MEMORY.most) == (300, 300)


def test_no_page_may_make_more_than_twelve_queries() -> None:
    anywhere: Any = SimpleNamespace(ask=lambda *_: [(1, 2, 3)])
    assert max(case.queries for case in cases(anywhere)) <= 12


def page(*, times: float = 6, as_long: float = 6, queries: int = 7, of_small: int = 7, promised: bool = True) -> Result:
    turns = Turns([Taken(times, as_long)], [Taken(1, 1)])
    person: Any = Look(Case("Page", 1, "/", "<li", queries=7, promised=promised), None, 25, queries)  # type: ignore[arg-type]
    return _result(person, turns, of_small)


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ({"times": 8.1}, "8.1 of 8 bare pages with as many rows"),
        ({"as_long": 25}, "25 of 24 times as long"),
        ({"queries": 8, "of_small": 8}, "8 of 7 queries"),
        ({"of_small": 6}, "7 of 6 with little data"),
        ({"promised": False, "queries": 8, "of_small": 8}, "8 of 7 queries"),
    ],
)
def test_a_page_that_became_dearer(planted: dict[str, Any], said: str) -> None:
    assert list(map(str, page(**planted).broken)) == [said]


def test_a_page_that_is_as_it_was() -> None:
    assert not page().broken
    assert not page(times=10, promised=False).broken


@pytest.mark.parametrize(("times", "ended"), [(8, 0), (8.1, 1)])
def test_the_shell_is_told(monkeypatch: Any, capsys: Any, times: float, ended: int) -> None:
    parts = {"good": lambda *_: [result(PAGE.of(1))], "planted": lambda *_: [result(PAGE.of(times))]}
    monkeypatch.setattr(bench, "PARTS", parts)
    monkeypatch.setattr(bench, "databases", no_databases)
    assert bench.main([]) == ended
    assert ("NOT KEPT" in capsys.readouterr().out) == bool(ended)


@contextmanager
def no_databases() -> Any:
    yield SimpleNamespace(size=SimpleNamespace(themes=0, applications=0, vouchers=0)), None
