"""The numbered lines of an agreement: one to five of each kind, each with a key that it keeps through amendments. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import NamedTuple

MOST_LINES = 5
LONGEST = 1000  # characters of one line
PREFIXES = {"objectives": "o", "guest_benefit": "g", "host_benefit": "h"}

STEPS, REMOVE = {"up": -1, "down": 1}, "remove"

_MARK = re.compile(r"^\s*(?:[-–—*•·]|(\d{1,2})[.)])\s+")


class Line(NamedTuple):
    """One objective or benefit; `key` is empty while it is new."""

    key: str
    text: str


def read(rows: Sequence[Mapping[str, str]]) -> tuple[Line, ...]:
    """Lines as they are stored: [{"key": "o1", "text": "A price list"}]."""
    return tuple(Line(row["key"], row["text"]) for row in rows)


def stored(lines: Sequence[Line]) -> list[dict[str, str]]:
    return [line._asdict() for line in lines]


def split(text: str, prefix: str) -> tuple[Line, ...]:
    """A text by its lines, with keys in their order; what is beyond the fifth stays with the fifth, line by line.

    The bullets or numbers of a list go, as its lines are numbered from now on.
    """
    found = [line.strip() for line in text.splitlines() if _says_something(line)]
    bare = _without_marks(found)
    last = "\n".join([*bare[MOST_LINES - 1 : MOST_LINES], *found[MOST_LINES:]])
    lines = [*bare[: MOST_LINES - 1], *[last] * bool(last)]
    return tuple(Line(f"{prefix}{number}", line) for number, line in enumerate(lines, 1))


def recognised(typed: Sequence[Line], known: Sequence[Line]) -> tuple[Line, ...]:
    """What was typed, each line by the key that it has among the known: of those it is new to, "".

    A text that stands there is that line, wherever it stands now; any other is the line in whose row it was typed.
    """
    free, keys = dict(known), [""] * len(typed)
    for same_row, same_text in ((True, True), (False, True), (True, False)):
        for place, line in enumerate(typed):
            fitting = [key for key in free if (not same_row or key == line.key) and (not same_text or free[key] == line.text)]
            if fitting and not keys[place]:
                keys[place] = fitting[0]
                del free[fitting[0]]
    return tuple(Line(key, line.text) for key, line in zip(keys, typed, strict=True))


def numbered(lines: Sequence[Line], prefix: str, used: Iterable[str]) -> tuple[Line, ...]:
    """Those that are new get the next numbers: one that was ever used is not used again."""
    numbers = count(max((int(key.removeprefix(prefix)) for key in used), default=0) + 1)
    return tuple(line if line.key else Line(f"{prefix}{next(numbers)}", line.text) for line in lines)


def rearranged(lines: Sequence[Line], act: str, place: int) -> list[Line]:
    """One line a place up or down, or removed; as they were if that cannot be."""
    rows = list(lines)
    other = place + STEPS.get(act, 0)
    if not (0 <= place < len(rows) and 0 <= other < len(rows)):
        return rows
    if act == REMOVE:
        return [*rows[:place], *rows[place + 1 :]]
    rows[place], rows[other] = rows[other], rows[place]
    return rows


def _says_something(line: str) -> bool:
    """A mark alone does not."""
    return bool(_MARK.sub("", line).strip())


def _without_marks(lines: Sequence[str]) -> list[str]:
    """Only if all have one: "3. Quartal" is no number of a list, and "- 5 %" among others no bullet."""
    marks = [match[1] or "" for match in map(_MARK.match, lines) if match]
    counted = [str(number) for number in range(1, len(lines) + 1)]
    is_list = len(marks) == len(lines) and (not any(marks) or (len(marks) > 1 and marks == counted))
    return [_MARK.sub("", line) for line in lines] if is_list else list(lines)
