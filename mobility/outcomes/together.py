"""Several tables of the same numbers seen together: of a call and its programme, of this year and the last. Pure.

Exchanges are told apart by the tables that count them: a part is those of one place that the same tables count. Somebody who
reads all tables knows that no part has fewer than none.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import combinations
from math import inf

from mobility.outcomes.tables import TOTAL, Cell, Table

Part = frozenset[int]
"""The numbers of the tables that count it."""
MOST_PARTS = 8
"""With more parts only changes of one or two of them are tried: that hides rather too much than too little."""


@dataclass(frozen=True)
class Change:
    """Parts that grow by one in a place (1) or shrink (-1). `effect`: what that does to each table in which it can be seen."""

    parts: Mapping[Part, int]
    effect: Mapping[int, int]


class Together:
    """Tables, by their numbers in the list.

    Tables that were left out need not be among them. Of these the total of all is known; but in a ring as many places grow as
    shrink, so what leaves such a table in one place can come back in another.
    """

    def __init__(self, tables: Sequence[Table]) -> None:
        self.numbers: list[Mapping[Cell, int]] = [table.numbers for table in tables]
        self.counts: dict[Cell, Counter[Part]] = {}
        for cell in {cell for table in tables for cell in table.cells}:
            holders: dict[object, set[int]] = {}
            for number, table in enumerate(tables):
                for case in table.cases.get(cell, ()):
                    holders.setdefault(case, set()).add(number)
            self.counts[cell] = Counter(map(frozenset, holders.values()))
        self.parts: list[Part] = sorted({part for counts in self.counts.values() for part in counts}, key=sorted)
        self.changes = list(self._changes())

    def _changes(self) -> Iterator[Change]:
        """One part grows; one grows for another; or two for two, so that most tables stay as they are."""
        found = [{part: 1} for part in self.parts]
        found += [{more: 1, less: -1} for more, less in combinations(self.parts, 2)]
        if len(self.parts) <= MOST_PARTS:
            for first, second, third, fourth in combinations(self.parts, 4):
                found.append({first: 1, second: 1, third: -1, fourth: -1})
                found.append({first: 1, second: -1, third: 1, fourth: -1})
                found.append({first: 1, second: -1, third: -1, fourth: 1})
        for parts in found:
            effect = Counter[int]()
            for part, way in parts.items():
                effect.update(dict.fromkeys(part, way))
            if seen := {number: units for number, units in effect.items() if units}:
                yield Change(parts, seen)

    def after(self, change: Change, move: Mapping[Cell, int]) -> "Together":
        """Other tables that would show the same: the change made so often in each place."""
        other = copy(self)
        other.counts, other.numbers = dict(self.counts), list(self.numbers)
        for number, units in change.effect.items():
            shifted = {cell: self.numbers[number].get(cell, 0) + units * times for cell, times in move.items()}
            other.numbers[number] = {**self.numbers[number], **shifted}
        for cell in move.keys() & self.counts.keys():
            other.counts[cell] = Counter(self.counts[cell])
            for part, way in change.parts.items():
                other.counts[cell][part] += way * move[cell]
        return other

    def room(self, change: Change, cell: Cell) -> tuple[float, float]:
        """How often the change can be undone and made in this place: no part is below zero, no hidden number below one."""
        least = [(self.numbers[number].get(cell, 0) - 1, units) for number, units in change.effect.items()]
        if TOTAL not in cell:
            least += [(self.counts[cell][part], way) for part, way in change.parts.items()]
        return _times(least, 1), _times(least, -1)


def _times(least: Sequence[tuple[int, int]], way: int) -> float:
    return min((spare // abs(units) for spare, units in least if units * way > 0), default=inf)
