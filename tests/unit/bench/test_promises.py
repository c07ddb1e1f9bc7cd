"""Each promise of `make bench` can be broken: planted figures that are too high, or no figures at all, end it with 1."""

import math
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pytest

from bench import __main__ as bench
from bench import promises, reviews
from bench.browser import Answer
from bench.cases import Case, cases
from bench.followed import Followed
from bench.pages import Look, _result
from bench.promises import PAGE, Promise, Result, status
from bench.reviews import file_result, review_pages, see_file
from bench.turns import Taken, Turns

ALL = {name: value for name, value in vars(promises).items() if isinstance(value, Promise)}


def zip_of(take_overs: int) -> bytes:
    with ZipFile(target := BytesIO(), "w") as archive:
        archive.writestr("take-overs.csv", "Take-over\r\n" + "1\r\n" * take_overs)
    return target.getvalue()


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

    assert (promises.REVIEW_PAGE.most, promises.FILE.most, promises.FILE_MEMORY.most) == (20, 10, 300)


REVIEWED = Followed(programme_id=4, call_id=5, exchanges=20_000, answers=200_000, take_overs=60_000)


def test_no_page_may_make_more_than_twelve_queries() -> None:
    anywhere: Any = SimpleNamespace(ask=lambda *_: [(1, 2, 3)])
    assert max(case.queries for case in [*cases(anywhere), *review_pages(REVIEWED)]) <= 12


@pytest.mark.parametrize(
    ("times", "as_long", "queries", "said"),
    [
        (20.1, 20, 7, ["20.1 of 20 bare pages"]),
        (20, 61, 7, ["61 of 60 times as long"]),
        (20, 60, 8, ["8 of 7 queries"]),
        (20, 60, 7, []),
    ],
)
def test_a_review_that_opens_slowly(times: float, as_long: float, queries: int, said: list[str]) -> None:
    case, turns = review_pages(REVIEWED)[0], Turns([Taken(times, as_long)], [Taken(1, 1)])
    person: Any = Look(case, None, 25, queries)  # type: ignore[arg-type]
    assert list(map(str, _result(person, turns, None).broken)) == said


@pytest.mark.parametrize(
    ("seconds", "megabytes", "said"),
    [(10.1, 300, ["10.1 of 10 s of processor time"]), (10, 301, ["301 of 300 MB"]), (10, 300, [])],
)
def test_a_file_that_became_dearer(seconds: float, megabytes: float, said: list[str]) -> None:
    found = file_result("ZIP", Answer(200, None, b"PK", 1.0), seconds, megabytes)  # type: ignore[arg-type]
    assert list(map(str, found.broken)) == said


@pytest.mark.parametrize(("kind", "content"), [("pdf", b"<!doctype html>"), ("zip", zip_of(59_999))])
def test_a_file_that_is_not_what_it_should_be_is_not_measured(kind: str, content: bytes) -> None:
    owner: Any = SimpleNamespace(get=lambda path: Answer(200, None, content, 1.0))  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match=r"is no pdf|59999 take-overs"):
        see_file(owner, "/review", kind)


@pytest.mark.parametrize(("what", "few"), [("exchanges", 19_999), ("answers", 199_999), ("take_overs", 59_999)])
def test_a_review_of_fewer_is_not_measured(monkeypatch: Any, what: str, few: int) -> None:
    monkeypatch.setattr(reviews, "fill", lambda url: replace(REVIEWED, **{what: few}))
    with pytest.raises(AssertionError):
        reviews._fill("sqlite://")


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
