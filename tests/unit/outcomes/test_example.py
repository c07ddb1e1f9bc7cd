"""The call that was worked out by hand, docs/design/followup.md and review_example.md: each figure, as it is there."""

from fractions import Fraction
from typing import Any

import pytest

from mobility.outcomes.review import Review
from tests.support.outcomes import Reader, example

DATA = example()
FACTS = Reader(DATA).read()
REVIEWS = {"call": Review(FACTS, "c1"), "programme": Review(FACTS)}
IN_TABLES = {"levels", "countries"}


def named(row: dict[str, Any]) -> str:
    return f"{row['scope']} {row['key']}"


def of_table(row: dict[str, Any]) -> bool:
    return row["key"].split(".")[0] in IN_TABLES and row["key"] != "levels.mixed"


def test_the_example_is_whole() -> None:
    assert len(DATA["figure"]) == 148


@pytest.mark.parametrize("row", [row for row in DATA["figure"] if not of_table(row)], ids=named)
def test_each_figure_is_as_worked_out_by_hand(row: dict[str, Any]) -> None:
    figure = REVIEWS[row["scope"]].figures[row["key"]]
    value = None if row["value"] == "none" else Fraction(row["value"])
    assert (figure.value, figure.shown, figure.n, len(figure.cases)) == (value, row["shown"], row["n"], row["cases"])
    assert figure.few_answered == row.get("few_answered", False)


@pytest.mark.parametrize("row", [row for row in DATA["figure"] if of_table(row)], ids=named)
def test_each_number_of_a_table_is_as_worked_out_by_hand(row: dict[str, Any]) -> None:
    name, *cell = row["key"].split(".")
    table = REVIEWS[row["scope"]].tables[name]
    found = table.numbers[tuple(cell)]
    assert (found, str(found), table.n, len(table.cases[tuple(cell)])) == (
        int(row["value"]),
        row["shown"],
        row["n"],
        row["cases"],
    )


@pytest.mark.parametrize("scope", REVIEWS)
@pytest.mark.parametrize("name", sorted(IN_TABLES))
def test_tables_hold_no_other_numbers(scope: str, name: str) -> None:
    """What the example of the call does not list is zero; of the programme it lists what the call's has not."""
    listed = {tuple(row["key"].split(".")[1:]) for row in DATA["figure"] if of_table(row) and row["key"].startswith(name)}
    assert {cell for cell, number in REVIEWS[scope].tables[name].cells.items() if number} <= listed
