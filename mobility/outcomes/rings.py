"""Could a hidden number be another, given all that is shown? Pure.

Rows, columns and totals make a network: each number is an arc between the two sums it is part of, so another table that shows the
same is one's own with one unit sent around a ring of hidden numbers (upwards along an arc, downwards against it).
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from mobility.outcomes.tables import TOTAL, Cell

Node = tuple[str, str]


class Rings:
    """The network of a table's hidden numbers. `room`: by how much a number may go down and up, seen from outside."""

    def __init__(self, hidden: frozenset[Cell], room: Callable[[Cell], tuple[float, float]]) -> None:
        self.hidden, self.room = hidden, cache(room)
        self.at: dict[Node, list[Cell]] = {}
        for cell in hidden:
            for node in ends(cell):
                self.at.setdefault(node, []).append(cell)

    def move(self, cell: Cell, tied: frozenset[Cell] = frozenset()) -> Mapping[Cell, int]:
        """By how much each number differs in another table in which this one does; nothing if there is no such table.

        `tied` are two numbers whose sum is public elsewhere: only both together move.
        """
        partners = tied - {cell} if cell in tied else frozenset()
        if (cell in tied and not partners) or not partners <= self.hidden:
            return {}
        moves = ({cell: way, **dict.fromkeys(partners, -way)} for way in (1, -1))
        return next(filter(None, (self._closed(move, tied | {cell}) for move in moves)), {})

    def _closed(self, moved: Mapping[Cell, int], fixed: frozenset[Cell]) -> Mapping[Cell, int]:
        """These numbers moved by one, and those that bring every sum back to what it was; nothing if that cannot be."""
        change: Counter[Cell] = Counter()
        surplus: Counter[Node] = Counter()
        for cell, way in moved.items():
            if not self._has_room(cell, way, change):
                return {}
            change[cell] += way
            start, end = ends(cell)
            surplus[end] += way
            surplus[start] -= way
        while source := next((node for node, units in surplus.items() if units > 0), None):
            path = self._path(source, surplus, change, fixed)
            if path is None:
                return {}
            sink, steps = path
            change.update(steps)
            surplus[source] -= 1
            surplus[sink] += 1
        return {cell: units for cell, units in change.items() if units}

    def _path(
        self, start: Node, surplus: Mapping[Node, int], change: Mapping[Cell, int], fixed: frozenset[Cell]
    ) -> tuple[Node, dict[Cell, int]] | None:
        """The shortest way for one unit to a sum that lacks one: where it ends, and how each number on it moves."""
        came: dict[Node, tuple[Node, Cell, int] | None] = {start: None}
        queue = deque([start])
        while queue:
            node = queue.popleft()
            if surplus[node] < 0:
                return node, dict(_steps(came, node))
            for cell in self.at.get(node, ()):
                first, last = ends(cell)
                way, reached = (1, last) if node == first else (-1, first)
                if reached not in came and cell not in fixed and self._has_room(cell, way, change):
                    came[reached] = (node, cell, way)
                    queue.append(reached)
        return None

    def _has_room(self, cell: Cell, way: int, change: Mapping[Cell, int]) -> bool:
        down, up = self.room(cell)
        return -down <= change.get(cell, 0) + way <= up


def ends(cell: Cell) -> tuple[Node, Node]:
    """The two sums that a number is part of, from where to where it flows: all, row, column, all."""
    row, column = cell
    if column == TOTAL:
        return ("all", "rows"), ("row", row)
    return (("column", column), ("all", "columns")) if row == TOTAL else (("row", row), ("column", column))


def _steps(came: Mapping[Node, tuple[Node, Cell, int] | None], node: Node) -> Iterator[tuple[Cell, int]]:
    while step := came[node]:
        node, cell, way = step
        yield cell, way
