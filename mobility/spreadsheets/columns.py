"""What a sheet of some kind can have: its columns, what they are called, what they take; and one of its rows. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mobility.spreadsheets.cells import Cell
from mobility.spreadsheets.values import Labels


@dataclass(frozen=True)
class Column:
    """`names` are other headings by which it is guessed; `allowed` are its values, if it takes only some."""

    key: str
    label: str
    help: str
    take: Callable[[Cell], Any]
    needed: bool = False
    names: str = ""
    allowed: Labels | None = None
    example: str = ""
    several: bool = False


@dataclass(frozen=True)
class Kind:
    key: str
    label: str
    one: str
    columns: tuple[Column, ...]
    names: str = ""
    by_key: dict[str, Column] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {each.key: each for each in self.columns})


@dataclass
class Row:
    """`facts`: key of a column -> what its cell was taken for; without those that are empty or wrong."""

    sheet: str
    number: int
    columns: Mapping[str, int]
    cells: list[Cell]
    facts: dict[str, Any] = field(default_factory=dict)
    wrong: bool = False

    def cell(self, key: str) -> Cell:
        at = self.columns.get(key, -1)
        return self.cells[at] if 0 <= at < len(self.cells) else None
