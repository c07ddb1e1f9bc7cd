"""Tables of counts with their totals: rows, columns, and what each number rests on. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from mobility.outcomes.facts import Case

TOTAL = "*"
Cell = tuple[str, str]
"""(row, column): a number. (row, "*") and ("*", column) are totals, ("*", "*") the total of all."""


@dataclass(frozen=True)
class Table:
    """`cells` holds each number inside, zeros too. `n` are the exchanges, which may be fewer than the numbers add up to.

    `cases`: what a number rests on, of those that are not zero; a total rests on all of its row or column.
    """

    key: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[Cell, int]
    n: int
    cases: Mapping[Cell, frozenset[Case]]

    @classmethod
    def of(
        cls, key: str, cells: Mapping[Cell, Iterable[Case]], *, n: int, rows: Iterable[str] = (), columns: Iterable[str] = ()
    ) -> "Table":
        """The numbers of cases; rows and columns in the order given, or else by name, without those that hold nothing."""
        cases = {cell: frozenset(found) for cell, found in cells.items() if found}
        across = [each for each in rows or sorted({row for row, _ in cases}) if any(row == each for row, _ in cases)]
        down = [each for each in columns or sorted({column for _, column in cases}) if any(column == each for _, column in cases)]
        counts = {(row, column): len(cases.get((row, column), ())) for row in across for column in down}
        return cls(key, tuple(across), tuple(down), counts, n, {**cases, **_totals(cases)})

    def rests_on(self, cell: Cell) -> int:
        """On how many cases."""
        return len(self.cases.get(cell, ()))

    @cached_property
    def numbers(self) -> dict[Cell, int]:
        """All numbers with all totals, but for the total of all."""
        sums: dict[Cell, int] = {}
        for (row, column), number in self.cells.items():
            sums[row, TOTAL] = sums.get((row, TOTAL), 0) + number
            sums[TOTAL, column] = sums.get((TOTAL, column), 0) + number
        return {**self.cells, **sums}


def _totals(cases: Mapping[Cell, frozenset[Case]]) -> dict[Cell, frozenset[Case]]:
    found: dict[Cell, set[Case]] = defaultdict(set)
    for (row, column), some in cases.items():
        found[row, TOTAL] |= some
        found[TOTAL, column] |= some
    return {cell: frozenset(some) for cell, some in found.items()}
