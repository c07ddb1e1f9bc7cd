"""What each of two has once, as the database's own unique constraints say: as one they would have it twice."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Index, Select, Table, UniqueConstraint, and_, select

from mobility.core.database import db
from mobility.merging.rules import both_have, things

MOST_NAMED = 5


def uniques(table: Table) -> Iterator[tuple[list[Column[Any]], Any]]:
    """(columns, the condition under which they are unique, or None)."""
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield list(constraint.columns), None
    for index in table.indexes:
        if index.unique:
            yield list(index.columns), _condition(index)


def clashing(column: Column[Any], gone: int, stays: int) -> Iterator[Select[Any]]:
    """For each constraint: the ids of the rows of the one that goes whose twins the one that stays has already."""
    for columns, condition in uniques(column.table):
        if column.name not in {each.name for each in columns}:
            continue
        others = [each for each in columns if each.name != column.name]
        mine, theirs = (
            select(column.table.c.id, *others).where(column == id, *_given(condition)).subquery() for id in (gone, stays)
        )
        same = and_(*(mine.c[each.name] == theirs.c[each.name] for each in others))
        yield select(mine.c.id).join(theirs, same)


def told(column: Column[Any], gone: int, stays: int) -> Iterator[str]:
    """In words, with the names of what the rows are about."""
    for ids in clashing(column, gone, stays):
        if rows := list(db.session.scalars(ids.order_by("id").limit(MOST_NAMED))):
            yield both_have(things(column.table.name), list(_names(column, rows)))


def _names(column: Column[Any], rows: list[int]) -> Iterator[str]:
    """Of each row the other things that it ties together: a theme, a person."""
    for other in column.table.columns:
        key = next(iter(other.foreign_keys), None)
        if key is None or other.name == column.name:
            continue
        there = key.column.table
        name = next((there.c[each] for each in ("name", "title") if each in there.c), None)
        if name is not None and any(other.name in {each.name for each in columns} for columns, _ in uniques(column.table)):
            yield from db.session.scalars(
                select(name).join(column.table, other == key.column).where(column.table.c.id.in_(rows)).distinct().order_by(name)
            )


def _condition(index: Index) -> Any:
    return index.dialect_options[db.engine.dialect.name]["where"]


def _given(condition: Any) -> list[Any]:
    return [] if condition is None else [condition]
