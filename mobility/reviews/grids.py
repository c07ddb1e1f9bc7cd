"""The tables of a review as squares with their names: of a review, of what would be public, of a snapshot, of knowledge flows.
Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from mobility.core.wording import country_name
from mobility.outcomes.hiding import PublicTable
from mobility.outcomes.meetings import Flow
from mobility.outcomes.tables import TOTAL, Cell
from mobility.people.roles import LEVEL_LABELS, Level
from mobility.reviews.charts import Grid, grid
from mobility.reviews.sections import TABLES

SHORT: dict[str, str] = {Level.CLUSTER_MANAGER: "Managers", Level.POLICY_MAKER: "Policy makers", Level.CLUSTER_MEMBER: "Members"}


def of_review(found: Any) -> list[Grid]:
    return [grid(key, TABLES[key], each.rows, each.columns, each.numbers, each.n) for key, each in found.tables.items()]


def of_public(tables: Mapping[str, PublicTable]) -> list[Grid]:
    """Those that are left out are none."""
    return [
        grid(key, TABLES[key], each.table.rows, each.table.columns, each.shown, each.table.n)
        for key, each in tables.items()
        if not each.left_out
    ]


def of_snapshot(snapshot: Any) -> list[Grid]:
    """As it was stored."""
    return [
        grid(key, TABLES[key], each["rows"], each["columns"], shown_in(each), each["n"])
        for key, each in snapshot.tables.items()
        if each["rows"]
    ]


def shown_in(stored: Mapping[str, Any]) -> dict[Cell, int]:
    return {(row, column): number for row, column, number in stored["shown"]}


def of_flows(flows: Iterable[Flow]) -> Grid:
    """Who learns in the rows, from whom in the columns; the busiest first."""
    numbers: dict[Cell, int] = {}
    for each in flows:
        count = len(each.cases)
        for cell in ((each.learner, each.teacher), (each.learner, TOTAL), (TOTAL, each.teacher)):
            numbers[cell] = numbers.get(cell, 0) + count
    learners = _busiest(numbers, 1)
    teachers = _busiest(numbers, 0)
    full = {(row, column): numbers.get((row, column), 0) for row in learners for column in teachers}
    total = sum(numbers[row, TOTAL] for row in learners)
    return grid("flow", "Who learns from whom", learners, teachers, numbers | full, total)


def _busiest(numbers: Mapping[Cell, int], total_at: int) -> list[str]:
    places = {cell[1 - total_at]: count for cell, count in numbers.items() if cell[total_at] == TOTAL}
    return sorted(places, key=lambda place: (-places[place], place))


def place_name(place: str) -> str:
    """Of a flow: Portugal; Lisbon, Portugal"""
    country, _, region = place.partition(" ")
    return f"{region}, {country_name(country)}" if region else country_name(country)


def label(key: str, name: str) -> str:
    """Of a row or column, as people read it."""
    if key == "levels":
        return LEVEL_LABELS.get(Level(name), name) if name in set(Level) else name
    return place_name(name)


def short(key: str, name: str) -> str:
    """For the narrow head of a column: of a country or a region the country's code."""
    return SHORT.get(name, name) if key == "levels" else name.partition(" ")[0]


def name_of(key: str) -> str:
    """Of a number of a table: "Austria to Portugal", "Austria to all"."""
    table, row, column = [*key.split("."), "", ""][:3]
    named = ["all" if each == TOTAL else label(table, each) for each in (row, column)]
    return f"{named[0][:1].upper()}{named[0][1:]} to {named[1]}"
