"""Figures, tables and flows of a review as columns, and back again. Pure.

What they rest on is long in a large programme, so it is read apart, and only when somebody asks for it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from mobility.outcomes.facts import Case
from mobility.outcomes.figures import Definition, Figure, Finding, Share, Shares
from mobility.outcomes.meetings import Flow
from mobility.outcomes.review import DEFINITIONS
from mobility.outcomes.scope import Response
from mobility.outcomes.tables import Cell, Table
from mobility.outcomes.traces import Cases, cases_read, cases_written

BY_KEY: Mapping[str, Definition] = {each.key: each for each in DEFINITIONS}
Row = Mapping[str, Any]


class KeptFinding(Finding):
    """`read()` gives a row with the columns `cases`, `paid` and `shares`."""

    def __init__(self, value: Fraction | None, n: int, read: Callable[[], Any]) -> None:
        for name, given in (("value", value), ("n", n), ("_read", read)):
            object.__setattr__(self, name, given)  # as the class is frozen

    @cached_property
    def _rests_on(self) -> tuple[Cases, Cases | None, Shares | None]:
        row = self.__dict__["_read"]()
        paid = None if row.paid is None else cases_read(row.paid)
        return cases_read(row.cases), paid, None if row.shares is None else _shares_read(row.shares)

    @property
    def cases(self) -> Cases:
        return self._rests_on[0]

    @property
    def paid(self) -> Cases | None:
        return self._rests_on[1]

    @property
    def shares(self) -> Shares | None:
        return self._rests_on[2]


def figure_row(figure: Figure) -> dict[str, Any]:
    paid = figure.finding.paid
    return {
        "key": figure.key,
        "value": None if figure.value is None else str(figure.value),
        "n": figure.n,
        "few_answered": figure.few_answered,
        "items": [[key, item, each.answered, each.asked, each.not_delivered] for key, item, each in figure.items],
        "cases": cases_written(figure.cases),
        "paid": None if paid is None else cases_written(paid),
        "shares": None if figure.shares is None else _shares_written(figure.shares),
    }


def _shares_written(shares: Shares) -> list[Row]:
    """Of 20,000 cases nearly all are one of two: [{"counts": 1, "of": 1, "cases": {"exchange": [1, 2]}}, ...]."""
    found: dict[Share, list[Case]] = defaultdict(list)
    for case, each in shares.items():
        found[each].append(case)
    return [{"counts": counts, "of": of, "cases": cases_written(cases)} for (counts, of), cases in found.items()]


def _shares_read(stored: Sequence[Row]) -> Shares:
    return {case: Share(row["counts"], row["of"]) for row in stored for case in cases_read(row["cases"])}


def figure_of(row: Any, read: Callable[[], Any]) -> Figure:
    """From the columns but for what it rests on, which `read` gives."""
    finding = KeptFinding(None if row.value is None else Fraction(row.value), row.n, read)
    items = tuple((key, item, Response(*counts)) for key, item, *counts in row.items)
    return Figure(BY_KEY[row.key], finding, row.few_answered, items)


class KeptCases(Mapping[Cell, Cases]):
    """What each number of a table rests on; `read()` gives the column."""

    def __init__(self, read: Callable[[], Sequence[Any]]) -> None:
        self._read = read

    @cached_property
    def _found(self) -> dict[Cell, Cases]:
        return {(row, column): cases_read(cases) for row, column, cases in self._read()}

    def __getitem__(self, cell: Cell) -> Cases:
        return self._found[cell]

    def __iter__(self) -> Iterator[Cell]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def table_row(table: Table) -> dict[str, Any]:
    return {
        "key": table.key,
        "n": table.n,
        "rows": list(table.rows),
        "columns": list(table.columns),
        "numbers": [[*cell, number] for cell, number in table.cells.items()],
        "cases": [[*cell, cases_written(cases)] for cell, cases in table.cases.items()],
    }


def table_of(row: Any, read: Callable[[], Sequence[Any]]) -> Table:
    cells = {(across, down): number for across, down, number in row.numbers}
    return Table(row.key, tuple(row.rows), tuple(row.columns), cells, row.n, KeptCases(read))


def flow_row(flow: Flow) -> list[Any]:
    return [flow.learner, flow.teacher, sorted(each.key for each in flow.cases), [list(each) for each in flow.themes]]


def flow_of(row: Sequence[Any]) -> Flow:
    learner, teacher, exchanges, themes = row
    return Flow(learner, teacher, frozenset(Case("exchange", key) for key in exchanges), tuple(map(tuple, themes)))
