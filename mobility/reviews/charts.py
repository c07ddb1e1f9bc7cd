"""Pictures of figures: where each bar begins and ends, in percent of the width. Pure; templates/reviews/_charts.html draws them.

All widths come from what is shown, so a picture tells no more than its table. What is hidden, or no figure, has no bar.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mobility.outcomes.tables import TOTAL, Cell
from mobility.reviews.readings import Reading, Readings

HUNDRED = Decimal(100)
LOW = 40
"""Percent of answers under which figures are marked (followup.md)."""


@dataclass(frozen=True)
class Part:
    """A piece of a bar, in percent of the width. `tone`: done, mine, theirs, stopped, accent, plain. `dot`: a point there."""

    start: Decimal
    width: Decimal
    tone: str
    dot: bool = False


@dataclass(frozen=True)
class Bar:
    """`readings` are the figures it shows, each with the tone and the word that the legend has for it."""

    label: str
    readings: tuple[Reading, ...]
    parts: tuple[Part, ...]

    @property
    def is_empty(self) -> bool:
        return not any(each.is_known for each in self.readings)


@dataclass(frozen=True)
class Chart:
    """`legend`: (tone, word). `mark`: a line across all bars, in percent of the width, with its words."""

    key: str
    title: str
    bars: tuple[Bar, ...]
    legend: tuple[tuple[str, str], ...] = ()
    mark: tuple[Decimal, str] | None = None

    @property
    def readings(self) -> list[Reading]:
        return [reading for bar in self.bars for reading in bar.readings]

    @property
    def drawn(self) -> list[Bar]:
        """Without those of which nothing is known: they stand in the table."""
        return [bar for bar in self.bars if not bar.is_empty]

    @property
    def is_empty(self) -> bool:
        """Nothing but zeros."""
        return not any(bar.parts for bar in self.bars)


Labels = Mapping[str, str]
"""Keys of figures -> short labels, in the order of the bars."""


def _percent(number: Decimal | int, of: Decimal | int) -> Decimal:
    """With a decimal: what a screen can show."""
    return round(number * HUNDRED / of, 1) if of else Decimal(0)


def _known(readings: Readings, keys: Iterable[str]) -> list[Reading]:
    return [readings[key] for key in keys if key in readings]


def _most(readings: Iterable[Reading]) -> Decimal:
    return max((each.number for each in readings if each.number is not None), default=Decimal(0))


def funnel(key: str, title: str, labels: Labels, readings: Readings) -> Chart:
    """How many came how far: each bar in the middle, the widest is the whole width."""
    most = _most(_known(readings, labels))
    return Chart(key, title, tuple(_centred(labels[each.key], each, most) for each in _known(readings, labels)))


def _centred(label: str, reading: Reading, most: Decimal) -> Bar:
    width = _percent(reading.number or 0, most)
    return Bar(label, (reading,), (Part((HUNDRED - width) / 2, width, "accent"),) if reading.number else ())


def bars(key: str, title: str, labels: Labels, readings: Readings, tone: str = "accent") -> Chart:
    """Numbers beside each other; the longest is the whole width."""
    most = _most(_known(readings, labels))
    return Chart(key, title, tuple(_bar(labels[each.key], each, most, tone) for each in _known(readings, labels)))


def rates(key: str, title: str, labels: Labels, readings: Readings, *, mark: tuple[Decimal, str] | None = None) -> Chart:
    """Percentages of a hundred, those that are marked in another tone."""
    low = mark[0] if mark else None
    found = (_bar(labels[each.key], each, HUNDRED, _tone(each, low)) for each in _known(readings, labels))
    return Chart(key, title, tuple(found), mark=mark)


def _tone(reading: Reading, low: Decimal | None) -> str:
    return "mine" if low is not None and reading.number is not None and reading.number < low else "done"


def _bar(label: str, reading: Reading, most: Decimal, tone: str) -> Bar:
    width = _percent(reading.number or 0, most)
    return Bar(label, (reading,), (Part(Decimal(0), width, tone),) if reading.number else ())


def waits(key: str, title: str, pairs: Mapping[str, tuple[str, str]], readings: Readings) -> Chart:
    """label -> (median, 90th percentile): a dot, and a line to the other end."""
    found = {label: _known(readings, keys) for label, keys in pairs.items()}
    most = _most(each for some in found.values() for each in some)
    legend = (("accent", "Median"), ("theirs", "Nine in ten waited no longer"))
    return Chart(key, title, tuple(_wait(label, some, most) for label, some in found.items() if some), legend)


def _wait(label: str, readings: Sequence[Reading], most: Decimal) -> Bar:
    ends = [_percent(each.number, most) for each in readings if each.number is not None]
    line = [Part(min(ends), max(ends) - min(ends), "theirs")] if len(ends) == 2 else []
    dots = [Part(ends[0], Decimal(0), "accent", dot=True)] if ends and readings[0].is_known else []
    return Bar(label, tuple(readings), (*line, *dots))


@dataclass(frozen=True)
class Stack:
    """One bar: keys of its figures -> (tone, word). `rest`: what is left of a hundred."""

    label: str
    parts: Mapping[str, tuple[str, str]]
    rest: tuple[str, str] | None = None


def stacked(key: str, title: str, stacks: Sequence[Stack], readings: Readings) -> Chart:
    """Shares of a whole; a bar of which a part is not known stays empty, as its length would tell it."""
    legend = dict.fromkeys(pair for each in stacks for pair in (*each.parts.values(), *([each.rest] if each.rest else [])))
    return Chart(key, title, tuple(_stack(each, readings) for each in stacks), tuple(legend))


def _stack(stack: Stack, readings: Readings) -> Bar:
    found = _known(readings, stack.parts)
    numbers = [each.number for each in found]
    whole = HUNDRED if found and found[0].is_percent else sum((each or Decimal(0) for each in numbers), Decimal(0))
    if not found or None in numbers or not whole:
        return Bar(stack.label, tuple(found), ())
    parts, at = [], Decimal(0)
    for each in found:
        width = min(_percent(each.number or 0, whole), HUNDRED - at)  # 62, 31 and 8 are 101
        parts.append(Part(at, width, stack.parts[each.key][0]))
        at += width
    rest = [Part(at, HUNDRED - at, stack.rest[0])] if stack.rest else []
    return Bar(stack.label, tuple(found), (*parts, *rest))


# Tables


@dataclass(frozen=True)
class Square:
    """`number` none: hidden. `strength`: 0 to 5 of the strongest."""

    cell: Cell
    number: int | None
    strength: int = 0


@dataclass(frozen=True)
class Grid:
    """A table as squares, darker the more; `labels`: of rows and columns as people read them. `total` of all is always known."""

    key: str
    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    squares: Mapping[Cell, Square]
    row_totals: Mapping[str, int | None]
    column_totals: Mapping[str, int | None]
    n: int
    guests: str = "From"
    hosts: str = "to"

    @property
    def is_empty(self) -> bool:
        return not self.squares


STRENGTHS = 5


def grid(key: str, title: str, rows: Sequence[str], columns: Sequence[str], numbers: Mapping[Cell, int], n: int) -> Grid:
    """`numbers`: those that are shown, with the totals; the others are hidden."""
    cells = [(row, column) for row in rows for column in columns]
    most = max((numbers.get(cell, 0) for cell in cells), default=0)
    squares = {cell: Square(cell, numbers.get(cell), _strength(numbers.get(cell, 0), most)) for cell in cells}
    return Grid(
        key,
        title,
        tuple(rows),
        tuple(columns),
        squares,
        {row: numbers.get((row, TOTAL)) for row in rows},
        {column: numbers.get((TOTAL, column)) for column in columns},
        n,
    )


def _strength(number: int, most: int) -> int:
    """1 to 5, the strongest 5; 0 for none."""
    return -(-number * STRENGTHS // most) if most and number else 0
