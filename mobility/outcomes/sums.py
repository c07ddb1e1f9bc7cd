"""What several published sums tell together. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

FEWEST = 5
"""No number that rests on fewer cases is shown, and hidden numbers of a line are together no fewer."""
MOST_PARTS = 24
"""With more parts of 1 to 4 cases than this the search would take seconds: then it is taken for granted that some are told."""

Row = list[Fraction]


def gives_away(cases: frozenset[Any], shown: Sequence[frozenset[Any]]) -> bool:
    """Would a figure over these cases tell of 1 to 4, with the same figure over those that were shown earlier (P3)?"""
    return any(0 < len(each ^ cases) < FEWEST for each in shown) or tells_of_few([*shown, cases])


def tells_of_few(sets: Sequence[frozenset[Any]]) -> bool:
    """Do the sums over these sets, added up and subtracted in whatever way, give a sum over 1 to 4 cases?

    Two sets do of which one holds the other and 1 to 4 more; so do three calls and the programme that holds them and 1 to 4 more.
    """
    if len(sets) < 2:
        return False
    parts = _parts(sets)
    unknown = _null_space([[Fraction(number in part) for part in parts] for number in range(len(sets))])
    columns = {part: [row[at] for row in unknown] for at, part in enumerate(parts) if parts[part] < FEWEST}
    return len(columns) > MOST_PARTS or any(_adds_up(group, columns) for group in _groups(parts, columns))


def _parts(sets: Sequence[frozenset[Any]]) -> dict[frozenset[int], int]:
    """The cases told apart by the sets that hold them: which sets, how many cases."""
    parts: dict[frozenset[int], frozenset[Any]] = {}
    for number, cases in enumerate(sets):
        finer = {}
        for holders, part in parts.items():
            inside = part & cases
            finer[holders | {number}], finer[holders] = inside, part - inside
            cases -= inside
        finer[frozenset({number})] = cases
        parts = {holders: part for holders, part in finer.items() if part}
    return {holders: len(part) for holders, part in parts.items()}


def _groups(parts: dict[frozenset[int], int], small: Iterable[frozenset[int]]) -> Iterator[tuple[frozenset[int], ...]]:
    """Parts that have together fewer than 5 cases."""
    small = list(small)
    for size in range(1, FEWEST):
        yield from (group for group in combinations(small, size) if sum(parts[each] for each in group) < FEWEST)


def _adds_up(group: Sequence[frozenset[int]], columns: dict[frozenset[int], Row]) -> bool:
    """A sum over all of these parts, each with a weight above zero, is a combination of the sets."""
    rows = [list(row) for row in zip(*(columns[each] for each in group), strict=True)]
    weights = _null_space(rows, width=len(group))
    return len(weights) == 1 and (all(each > 0 for each in weights[0]) or all(each < 0 for each in weights[0]))


def _null_space(rows: list[Row], width: int = 0) -> list[Row]:
    """The vectors on which every row is zero, one for each direction."""
    width = len(rows[0]) if rows else width
    reduced, pivots = _reduced(rows, width)
    free = [column for column in range(width) if column not in pivots]
    found = []
    for column in free:
        vector = [Fraction(0)] * width
        vector[column] = Fraction(1)
        for row, pivot in zip(reduced, pivots, strict=False):
            vector[pivot] = -row[column]
        found.append(vector)
    return found


def _reduced(rows: list[Row], width: int) -> tuple[list[Row], list[int]]:
    """Row echelon form, with the columns of the leading ones."""
    rows, pivots = [list(row) for row in rows], list[int]()
    for column in range(width):
        at = len(pivots)
        lead = next((number for number in range(at, len(rows)) if rows[number][column]), None)
        if lead is None:
            continue
        rows[at], rows[lead] = rows[lead], rows[at]
        rows[at] = [each / rows[at][column] for each in rows[at]]
        for number, row in enumerate(rows):
            if number != at and row[column]:
                rows[number] = [each - row[column] * one for each, one in zip(row, rows[at], strict=True)]
        pivots.append(column)
    return rows[: len(pivots)], pivots
