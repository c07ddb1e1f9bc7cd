"""A message's body in pieces, and as plain text: what its HTML part is made of. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

_ITEM, _NOTE, _TAB = "- ", "  ", "\t"
_EMPTY_LINES = re.compile(r"\n\s*\n")
LEFT, RIGHT = 32, 12  # the columns of a table in plain text


@dataclass(frozen=True)
class Row:
    """What stands left and right in a table, and notes to it."""

    left: str
    right: str
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Piece:
    """`kind` is "words", "list" or "table"; a table has `rows`, the others `lines`."""

    kind: str
    lines: Sequence[str] = ()
    rows: Sequence[Row] = ()

    def as_text(self) -> str:
        if self.kind == "list":
            return "\n".join(f"{_ITEM}{line}" for line in self.lines)
        if self.kind == "table":
            return "\n".join(line for row in self.rows for line in _as_text(row))
        return "\n".join(self.lines)


def pieces_of(body: str) -> list[Piece]:
    """The paragraphs, lists and tables of a body, in their order."""
    paragraphs = (paragraph for paragraph in _EMPTY_LINES.split(body) if paragraph.strip())
    return [piece for paragraph in paragraphs for piece in _pieces_of(paragraph.strip("\n").split("\n"))]


def as_text(pieces: Sequence[Piece]) -> str:
    return "\n\n".join(piece.as_text() for piece in pieces)


def _pieces_of(lines: Sequence[str]) -> Iterator[Piece]:
    for kind, of_a_kind in groupby(lines, _kind_of):
        if kind == "table":
            yield Piece(kind, rows=_rows(list(of_a_kind)))
        elif kind == "list":
            yield Piece(kind, [line.removeprefix(_ITEM).strip() for line in of_a_kind])
        else:
            yield Piece(kind, [line.strip() for line in of_a_kind])


def _kind_of(line: str) -> str:
    if _TAB in line or line.startswith(_NOTE):
        return "table"
    return "list" if line.startswith(_ITEM) else "words"


def _rows(lines: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    for line in lines:
        if _TAB in line or not rows:
            left, _, right = line.partition(_TAB)
            rows.append(Row(left.strip(), right.replace(_TAB, " ").strip()))
        else:
            rows[-1].notes.append(line.strip())
    return rows


def _as_text(row: Row) -> Iterator[str]:
    yield f"{row.left:{LEFT}} {row.right:>{RIGHT}}".rstrip()
    yield from (f"{_NOTE}{note}" for note in row.notes)
