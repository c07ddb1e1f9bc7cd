"""A message's body in pieces, and as plain text: what its HTML part is made of. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape

_ITEM, _NOTE, _TAB = "- ", "  ", "\t"
_EMPTY_LINES = re.compile(r"\n\s*\n")
LEFT, RIGHT = 32, 12  # the columns of a table in plain text
FIRST_STRONG, POP = "\u2068", "\u2069"  # Unicode's isolates: what is between them has a direction of its own
_RTL = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
_NO_LTR = rf"(?:{_RTL}|[^\w\n]|[\d_])"  # anything but a letter that is read from left to right
_RIGHT_TO_LEFT = re.compile(
    rf"(?m)(^(?:- )?)((?:{_NO_LTR})*{_RTL}.*)|()({_RTL}(?:(?:{_NO_LTR})*{_RTL})?)"
)  # a line, or some words
_ISOLATED = re.compile(f"{FIRST_STRONG}([^{FIRST_STRONG}{POP}]*){POP}")


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


def isolated(value: Any) -> Any:
    """What a template writes into a sentence: a name from right to left leaves figures and commas beside it in their places."""
    if not isinstance(value, str) or value.isascii() or hasattr(value, "__html__") or FIRST_STRONG in value:
        return value
    return _RIGHT_TO_LEFT.sub(lambda found: f"{found[1] or ''}{FIRST_STRONG}{found[2] or found[4]}{POP}", value)


def as_html(line: str) -> Markup:
    """One line; what has a direction of its own is `bdi`, but for a line written by somebody else: dir="auto" turns it."""
    if FIRST_STRONG not in line:
        return escape(line)
    if whole := _ISOLATED.fullmatch(line):
        return escape(whole[1])
    return Markup(_ISOLATED.sub(r"<bdi>\1</bdi>", str(escape(line))))  # noqa: S704, escaped just before


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
