"""Which numbers of a table must be hidden so that nobody can work out the few (review_example.md, "Tables"). Pure.

The rules of lines come first: in each row and column whose total is shown, and among the totals, the hidden numbers are at least
two and together at least 5. Then no hidden number may have only one possible value; a ring of hidden numbers proves that it has
not. Tables that were published earlier (of another scope, of an earlier day) are looked at together with the new one: what is
hidden in any of them must stay so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import product

from mobility.outcomes.rings import Rings
from mobility.outcomes.sums import FEWEST, gives_away
from mobility.outcomes.tables import TOTAL, Cell, Table
from mobility.outcomes.together import Together

MOST_ROUNDS = 300
"""A table in which one number after another follows from the rest, so often, is left out."""


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
        self.together = Together([table, *(each.table for each in earlier)])

    def _differs(self, cell: Cell) -> bool:
        """From what earlier tables show, by 1 to 4 cases."""
        now = self.table.cases.get(cell, frozenset())
        shown = (each.table.cases.get(cell, frozenset()) for each in self.earlier if cell in each.shown)
        return gives_away(now, list(shown))

    def result(self) -> PublicTable:
        self._mend_lines()
        for _ in range(MOST_ROUNDS):
            if (told := self._told()) is None or not self._hide_beside(told):
                break
            self._mend_lines()
        else:
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

    @property
    def _published(self) -> list[PublicTable]:
        return [PublicTable(self.table, self.few, frozenset(self.hidden) - self.few), *self.earlier]

    def _told(self) -> Cell | None:
        """The first hidden number that has only one possible value, in the new table or in one of the earlier.

        What once could move can still when more is hidden.
        """
        tables = self._published
        hidden = [(number, cell) for number, each in enumerate(tables) for cell in each.table.numbers if cell in each.hidden]
        hidden.sort(key=lambda each: each[1] not in self.tied)  # what moves with the tied ones moves only so
        here = _World(self.together, [each.hidden for each in tables], self.tied)
        for number, cell in hidden:
            if (number, cell) not in self.safe:
                found = here.another(number, cell) or here.another_elsewhere(number, cell)
                if not found:
                    return cell
                self.safe |= found
        return None

    def _hide_beside(self, told: Cell) -> bool:
        """One more number of the new table, to protect the one that is told: that in its own place, its partner, the next of its
        row, of its column, or of all. False: nothing is left."""
        wanted = [told, *sorted(self.tied - {told})] if told in self.tied else [told]
        for each in wanted:
            if self.numbers.get(each) and each not in self.hidden:
                self.hidden.add(each)
                return True
        beside = [line for line in self.lines if told in line.numbers]
        return any(map(self._hide_next, [*beside, Line(tuple(self.numbers))]))


class _World:
    """Tables that would show the same, the true ones or others."""

    def __init__(self, together: Together, hidden: Sequence[frozenset[Cell]], tied: frozenset[Cell]) -> None:
        self.together, self.hidden, self.tied = together, hidden, tied
        self.rings: dict[int, Rings] = {}

    def another(self, number: int, cell: Cell) -> set[tuple[int, Cell]]:
        """The numbers that are others in a world in which this one is: (which table, the number)."""
        moves = ((change, self._move(at, cell)) for at, change in enumerate(self.together.changes) if number in change.effect)
        change, move = next((found for found in moves if found[1]), (None, {}))
        return set(product(change.effect, move)) if change else set()

    def another_elsewhere(self, number: int, cell: Cell) -> set[tuple[int, Cell]]:
        """Likewise, after a change of the other tables has made room for it in this place."""
        for at, change in enumerate(self.together.changes):
            if number not in change.effect and (move := self._move(at, cell)):
                world = _World(self.together.after(change, move), self.hidden, self.tied)
                if found := world.another(number, cell):
                    return {each for each in found if each[0] == number}
        return set()

    def _move(self, at: int, cell: Cell) -> Mapping[Cell, int]:
        """By the change of this number, of what is hidden wherever it can be seen."""
        change = self.together.changes[at]
        if any(cell not in self.hidden[each] for each in change.effect):
            return {}
        if at not in self.rings:
            moving = frozenset.intersection(*(self.hidden[each] for each in change.effect))
            self.rings[at] = Rings(moving, partial(self.together.room, change))
        return self.rings[at].move(cell, self.tied)
