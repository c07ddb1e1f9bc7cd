"""Which numbers of a table must be hidden so that nobody can work out the few (data/review_example.md, "Tables"). Pure.

The rules of lines come first: in each row and column whose total is shown, and among the totals, the hidden numbers are at least
two and together at least 5. Then no hidden number may have only one possible value; a ring of hidden numbers proves that it has
not. Tables that were published earlier (of another scope, of an earlier day) are looked at together with the new one: what is
hidden in any of them must stay so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any

from mobility.outcomes.facts import Case
from mobility.outcomes.rings import Rings
from mobility.outcomes.tables import TOTAL, Cell, Table

FEWEST = 5
"""No number that rests on fewer cases is shown, and hidden numbers of a line are together no fewer."""


@dataclass(frozen=True)
class Line:
    """Numbers that add up to a total; without one they add up to the total of all, which is always public."""

    numbers: tuple[Cell, ...]
    total: Cell | None = None


@dataclass(frozen=True)
class PublicTable:
    """A table as it is published. `few` rest on fewer than 5 cases, `complement` would give others away; both look the same."""

    table: Table
    few: frozenset[Cell]
    complement: frozenset[Cell] = frozenset()

    @property
    def hidden(self) -> frozenset[Cell]:
        return self.few | self.complement

    @property
    def left_out(self) -> bool:
        """Nothing but zeros could be shown."""
        return all(cell in self.hidden for cell, number in self.table.numbers.items() if number)

    @cached_property
    def shown(self) -> dict[Cell, int]:
        """What is public of it, zeros too."""
        return {} if self.left_out else {cell: each for cell, each in self.table.numbers.items() if cell not in self.hidden}


def differ_by_few(one: frozenset[Any], other: frozenset[Any]) -> bool:
    """Would both together tell of 1 to 4 cases?"""
    return 0 < len(one ^ other) < FEWEST


def hide(table: Table, earlier: Sequence[PublicTable] = (), tied: frozenset[Cell] = frozenset()) -> PublicTable:
    """The table as it may be published after the `earlier` ones of the same key.

    `tied` are two numbers whose sum is public: where managers and policy makers met.
    """
    return _Hiding(table, [each for each in earlier if not each.left_out], tied).result()


class _Hiding:
    def __init__(self, table: Table, earlier: Sequence[PublicTable], tied: frozenset[Cell]) -> None:
        self.table, self.earlier, self.tied = table, earlier, tied
        self.numbers = table.numbers
        self.few = frozenset(cell for cell, number in self.numbers.items() if number and table.rests_on(cell) < FEWEST)
        self.hidden = set(self.few) | {cell for cell in self.numbers if self._differs(cell)}
        self.safe: set[tuple[int, Cell]] = set()
        self.left_out = False

    def _differs(self, cell: Cell) -> bool:
        """From what an earlier table shows, by 1 to 4 cases."""
        now = self.table.cases.get(cell, frozenset())
        shown = (each.table.cases.get(cell, frozenset()) for each in self.earlier if cell in each.shown)
        return any(differ_by_few(then, now) for then in shown)

    def result(self) -> PublicTable:
        self._mend_lines()
        while not self.left_out and (found := self._told()) is not None:
            self.left_out = not self._hide_beside(found)
            self._mend_lines()
        if self.left_out:
            self.hidden = {cell for cell, number in self.numbers.items() if number}
        return PublicTable(self.table, self.few, frozenset(self.hidden) - self.few)

    # Lines

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Rows, the rows' totals, columns, the columns' totals."""
        table = self.table
        rows = [Line(tuple((row, column) for column in table.columns), (row, TOTAL)) for row in table.rows]
        columns = [Line(tuple((row, column) for row in table.rows), (TOTAL, column)) for column in table.columns]
        totals = (Line(tuple((row, TOTAL) for row in table.rows)), Line(tuple((TOTAL, column) for column in table.columns)))
        return (*rows, totals[0], *columns, totals[1])

    def _mend_lines(self) -> None:
        while sum(map(self._mend, self.lines)):
            pass

    def _mend(self, line: Line) -> bool:
        """Was more hidden?"""
        mended = False
        while self._tells(line) and self._hide_next(line):
            mended = True
        return mended

    def _tells(self, line: Line) -> bool:
        hidden = [self.numbers[cell] for cell in line.numbers if cell in self.hidden]
        return line.total not in self.hidden and bool(hidden) and (len(hidden) < 2 or sum(hidden) < FEWEST)

    def _hide_next(self, line: Line) -> bool:
        """The smallest number that is shown and not zero, the first of equals; if none is left, the total. False: nothing was."""
        shown = [cell for cell in line.numbers if self.numbers[cell] and cell not in self.hidden]
        following = min(shown, key=lambda cell: self.numbers[cell]) if shown else line.total
        if following is None or following in self.hidden:
            return False
        self.hidden.add(following)
        return True

    # Possible values

    def _told(self) -> tuple[int, Cell] | None:
        """The first hidden number that has only one possible value: (which table, the number). The new one is number 0.

        What once could move can still when more is hidden.
        """
        for number, public in enumerate(self._published):
            rings = [Rings(public.hidden, self._room(public)), self._joint_rings(public)]
            for cell in self._in_order(public):
                if (number, cell) not in self.safe:
                    if not any(cell in ring.room and ring.can_move(cell, self.tied) for ring in rings):
                        return number, cell
                    self.safe.add((number, cell))
        return None

    @property
    def _published(self) -> list[PublicTable]:
        return [PublicTable(self.table, self.few, frozenset(self.hidden) - self.few), *self.earlier]

    @staticmethod
    def _in_order(public: PublicTable) -> list[Cell]:
        return [cell for cell in public.table.numbers if cell in public.hidden]

    def _room(self, public: PublicTable) -> Callable[[Cell], tuple[float, float]]:
        """A number is at least 1 and what a smaller table has there, at most what a larger one has there: these held still."""
        others = [each.table for each in self._published if each.table is not public.table]
        smaller = [each for each in others if each.is_part_of(public.table)]
        larger = [each for each in others if public.table.is_part_of(each)]

        def room(cell: Cell) -> tuple[float, float]:
            number = public.table.numbers[cell]
            if TOTAL in cell:
                return number - 1, inf
            inside = frozenset[Case]().union(*(each.cases.get(cell, ()) for each in smaller))
            most = min((each.numbers.get(cell, 0) for each in larger), default=inf)
            return number - max(1, len(inside)), most - number

        return room

    def _joint_rings(self, public: PublicTable) -> Rings:
        """The numbers that are hidden in all tables, moved in all alike, so that the differences between these stay."""
        tables = self._published
        everywhere = frozenset.intersection(*(each.hidden for each in tables))
        return Rings(everywhere, lambda cell: (min(each.table.numbers[cell] for each in tables) - 1, inf))

    def _hide_beside(self, told: tuple[int, Cell]) -> bool:
        """One more number of the new table, to protect the one that is told: that in its own place, its partner, the next of its
        row, the next of its column. False: nothing helps."""
        _, cell = told
        wanted = [cell, *sorted(self.tied - {cell})] if cell in self.tied else [cell]
        for each in wanted:
            if self.numbers.get(each) and each not in self.hidden:
                self.hidden.add(each)
                return True
        return any(self._hide_next(line) for line in self.lines if cell in line.numbers)
