"""What is kept of a published snapshot for the next one, as JSON: never public. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mobility.outcomes.facts import Case
from mobility.outcomes.hiding import PublicTable
from mobility.outcomes.tables import Cell, Table

Cases = frozenset[Case]


@dataclass(frozen=True)
class Trace:
    """What has to be known of a snapshot when the next one is made.

    `figures`: of each that was shown the cases; `money`: of each sum of money that was shown the paid vouchers.
    """

    figures: Mapping[str, Cases] = field(default_factory=dict)
    money: tuple[Cases, ...] = ()
    tables: Mapping[str, PublicTable] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Many figures rest on the same cases, so each set is written once."""
        sets = list(dict.fromkeys([*self.figures.values(), *self.money]))
        number = {cases: at for at, cases in enumerate(sets)}
        return {
            "sets": [cases_written(cases) for cases in sets],
            "figures": {key: number[cases] for key, cases in self.figures.items()},
            "money": [number[cases] for cases in self.money],
            "tables": {key: _table_written(each) for key, each in self.tables.items()},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Trace":
        sets = [cases_read(each) for each in stored["sets"]]
        return cls(
            {key: sets[at] for key, at in stored["figures"].items()},
            tuple(sets[at] for at in stored["money"]),
            {key: _table_read(key, each) for key, each in stored["tables"].items()},
        )


def cases_written(cases: Iterable[Case]) -> dict[str, list[Any]]:
    """Of each kind the keys, in order: {"exchange": [1, 2]}."""
    found: dict[str, list[Any]] = defaultdict(list)
    for kind, key in cases:
        found[kind].append(key)
    return {kind: sorted(found[kind]) for kind in sorted(found)}  # keys alone are sorted much sooner than cases


def cases_read(stored: Mapping[str, list[Any]]) -> Cases:
    return frozenset(Case(kind, key) for kind, keys in stored.items() for key in keys)


def _table_written(public: PublicTable) -> dict[str, Any]:
    table = public.table
    return {
        "n": table.n,
        "rows": list(table.rows),
        "columns": list(table.columns),
        "cells": [[*cell, cases_written(table.cases[cell])] for cell in table.cells if cell in table.cases],
        "few": sorted(map(list, public.few)),
        "complement": sorted(map(list, public.complement)),
    }


def _table_read(key: str, stored: Mapping[str, Any]) -> PublicTable:
    cells = {(row, column): cases_read(cases) for row, column, cases in stored["cells"]}
    table = Table.of(key, cells, n=stored["n"], rows=stored["rows"], columns=stored["columns"])
    return PublicTable(table, _cells(stored["few"]), _cells(stored["complement"]))


def _cells(stored: Iterable[list[str]]) -> frozenset[Cell]:
    return frozenset((row, column) for row, column in stored)
