"""Which column is which, which names resemble each other, which row is the template's help, what would be made. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from rapidfuzz import fuzz, process

from mobility.core.names import searchable
from mobility.imports.kinds import EVERY
from mobility.movingin.rules import Arrival
from mobility.spreadsheets.columns import Kind, Row

MOST_FAULTS = 1000  # that are told; all are counted
ALIKE = 90.0
_FORMS = re.compile(
    r"\b(gmbh|ag|ltd|limited|llc|inc|e v|ev|ggmbh|sa|s a|srl|s r l|spa|s p a|bv"
    r"|nv|oy|ab|as|aps|kft|zrt|doo|d o o|sro|s r o|asbl|vzw|eood|lda|the)\b"
)


def bare(name: str) -> str:
    """A name without punctuation and legal forms, by which two are compared."""
    words = " ".join("".join(each if each.isalnum() else " " for each in searchable(name)).split())
    return " ".join(_FORMS.sub(" ", words).split()) or words


class Likeness:
    """Names, and which of them another resembles."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = dict(names)
        self.bare = {key: bare(name) for key, name in names.items()}

    def add(self, key: str, name: str) -> None:
        self.names[key], self.bare[key] = name, bare(name)

    def of(self, name: str) -> str | None:
        """The name most like it, if any is so."""
        found = process.extractOne(bare(name)[:200], self.bare, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE)
        return self.names[found[2]] if found else None


def is_help_line(kind: Any, columns: Mapping[str, int], cells: Sequence[Any]) -> bool:
    """The line of the template that says what goes where, or its example, left in."""
    filled = [(key, cells[at]) for key, at in columns.items() if at < len(cells) and cells[at] not in (None, "")]
    return bool(filled) and all(value == kind.by_key[key].help for key, value in filled if key in kind.by_key)


# Guessing


def plain(words: str) -> str:
    return " ".join("".join(each if each.isalnum() else " " for each in searchable(words)).split())


def guess_kind(sheet: str, header: list[str], known: Mapping[str, Kind]) -> str:
    """By the sheet's name, else by most needed columns; "" for none."""
    called = plain(sheet)
    for kind in EVERY.values():
        if called in {plain(kind.label), *map(plain, kind.names.split(","))}:
            return kind.key if kind.key in known else ""
    fitting = {key: sum(key_of in guess_columns(kind, header) for key_of in _needed(kind)) for key, kind in known.items()}
    best = max(fitting, key=fitting.__getitem__, default="")
    return best if best and fitting[best] >= max(2, len(_needed(known[best])) - 1) else ""


def _needed(kind: Kind) -> list[str]:
    return [each.key for each in kind.columns if each.needed]


def guess_columns(kind: Kind, header: list[str]) -> dict[str, int]:
    """Key -> which column of the sheet (0 is A): by label, key or another name; each column once."""
    headings: dict[str, int] = {}
    for index, heading in enumerate(header):
        headings.setdefault(plain(heading.rstrip("*")), index)
    headings.pop("", None)
    found: dict[str, int] = {}
    for candidates in (lambda each: [each.label, each.key], lambda each: each.names.split(",")):
        for column in kind.columns:
            at = next((headings[plain(name)] for name in candidates(column) if plain(name) in headings), None)
            if column.key not in found and at is not None and at not in found.values():
                found[column.key] = at
    return found


@dataclass
class Plan:
    """What would be made. `roles` are (row, address, organisation's key or None, programme's id or None, role)."""

    organisations: list[Row] = field(default_factory=list)
    people: dict[str, Row] = field(default_factory=dict)
    roles: list[tuple[Row, str, str | None, int | None, str]] = field(default_factory=list)
    themes: list[Row] = field(default_factory=list)
    exchanges: list[Arrival] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    same: list[dict[str, Any]] = field(default_factory=list)
    alike: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    count_of_faults: int = 0

    def money(self) -> str:
        """What would be taken from the budget, as a text: JSON has no decimals."""
        return str(sum((each.taken_from_budget for each in self.exchanges), Decimal(0)))

    def report(self) -> dict[str, Any]:
        made = {"organisations": self.organisations, "people": self.people, "roles": self.roles, "themes": self.themes}
        counts = {name: len(found) for name, found in made.items()}
        if self.exchanges:
            counts["exchanges"] = len(self.exchanges)
        sheets = list(dict.fromkeys(each["sheet"] for each in self.faults))
        faults = sorted(
            self.faults, key=lambda each: (sheets.index(each["sheet"]), each["row"], len(each["column"]), each["column"])
        )
        about = {"faults": faults, "same": self.same[:MOST_FAULTS], "alike": self.alike[:MOST_FAULTS]}
        about["warnings"] = self.warnings[:MOST_FAULTS]
        return {**about, "money": self.money(), "counts": counts, "count_of_faults": self.count_of_faults}
