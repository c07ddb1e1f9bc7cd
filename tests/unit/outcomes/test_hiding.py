"""Tables of the public version, as worked out by hand in review_example.md."""

from typing import Any

import pytest

from mobility.outcomes.facts import EXCHANGE, Case
from mobility.outcomes.hiding import hide
from mobility.outcomes.tables import TOTAL, Cell, Table
from tests.support.outcomes import example

TABLES = example()["table"]


def table_of(rows: dict[str, list[int]], columns: list[str], key: str = "countries") -> Table:
    """Numbers as a table, each number resting on as many exchanges of its own."""
    cells = {
        (row, column): {Case(EXCHANGE, f"{row}>{column} {number}") for number in range(count)}
        for row, counts in rows.items()
        for column, count in zip(columns, counts, strict=True)
    }
    return Table.of(key, cells, n=sum(map(sum, rows.values())), rows=rows, columns=columns)


def named(cells: frozenset[Cell]) -> set[str]:
    return {f"{row}>{column}" for row, column in cells}


@pytest.mark.parametrize("row", TABLES, ids=lambda row: row["key"])
def test_tables_hide_what_the_example_hides(row: dict[str, Any]) -> None:
    public = hide(table_of(row["rows"], row["hosts"]))
    assert (named(public.few), named(public.complement), public.left_out) == (
        set(row["few"]),
        set(row["complement"]),
        row["left_out"],
    )


def test_what_is_shown_is_neither_few_nor_a_complement() -> None:
    """DE>PT 3 is few and DE>AT 8 its complement; FI>AT is a zero, which is shown; Portugal's column is 6 + 3 + 2 + 8."""
    invented = TABLES[1]
    shown = hide(table_of(invented["rows"], invented["hosts"])).shown
    assert {("DE", "PT"), ("DE", "AT")}.isdisjoint(shown)
    assert (shown["FI", "AT"], shown[TOTAL, "PT"]) == (0, 19)
