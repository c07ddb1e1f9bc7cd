"""The call that was worked out by hand, loaded through the models: each figure, table and public cell as it is there."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from fractions import Fraction
from types import ModuleType
from typing import Any

import pytest

from mobility.budgets.checks import check_ledger
from mobility.findings.queries import review_of
from mobility.outcomes.review import Reviewed
from tests.support.loaded import Loaded
from tests.support.outcomes import Row, example

DATA = example()
IN_TABLES = {"levels", "countries"}


def at_the_end_of(day: date, zone: Any) -> datetime:
    return datetime.combine(day, time(23, 30), zone)


@pytest.fixture
def loaded(db_session: Any, clock: ModuleType) -> Loaded:
    loaded = Loaded(DATA)
    clock.set_to(at_the_end_of(DATA["as_of"], loaded.reader.zone))
    return loaded


def found_and_right(row: Row, review: Reviewed) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """(value, as shown, n, how many cases, mark) of a figure, or of a number in a table."""
    name, *cell = row["key"].split(".")
    value = None if row["value"] == "none" else Fraction(row["value"])
    right = (value, row["shown"], row["n"], row["cases"], row.get("few_answered", False))
    if name in IN_TABLES and row["key"] != "levels.mixed":
        table = review.tables[name]
        number = table.numbers.get(tuple(cell), 0)
        return (number, str(number), table.n, table.rests_on(tuple(cell)), False), right
    figure = review.figures[row["key"]]
    return (figure.value, figure.shown, figure.n, len(figure.cases), figure.few_answered), right


def wrong(data: Row, reviews: Mapping[str, Reviewed]) -> Iterator[tuple[str, str, Any, Any]]:
    for row in data["figure"]:
        found, right = found_and_right(row, reviews[row["scope"]])
        if found != right:
            yield row["scope"], row["key"], found, right


def test_each_of_the_148_figures_comes_out_of_the_models(loaded: Loaded) -> None:
    reviews = {"call": review_of(loaded.programme, loaded.call("c1")), "programme": review_of(loaded.programme)}
    assert reviews["call"].as_of == DATA["as_of"]
    assert len(DATA["figure"]) == 148
    assert list(wrong(DATA, reviews)) == []


def test_the_rows_are_as_the_product_would_hold_them(loaded: Loaded) -> None:
    assert check_ledger() == []
