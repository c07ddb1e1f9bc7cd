"""The declared parts (core/parts.py) as conditions in SQL: which rows a person may see, and as what."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, or_, select

from mobility.core.parts import Actor, Only

Condition = Callable[[Any], ColumnElement[bool]]


def plays(model: type[Any], person: Any, *actors: Actor) -> ColumnElement[bool]:
    """The rows towards which a person plays one of `actors` (any part if none is named), as `actors_on` would say it."""
    found: dict[tuple[str, tuple[Only, ...]], set[int]] = {}
    for part in model.workflow.parts:
        if not actors or part.actor in actors:
            found.setdefault((part.who.path, part.only), set()).update(part.who.ids(person))
    rows = [
        and_(at(model, path, lambda column, ids=ids: column.in_(sorted(ids))), *holding(model, only))
        for (path, only), ids in found.items()
        if ids
    ]
    return or_(false(), *rows)


def at(model: type[Any], path: str, condition: Condition) -> ColumnElement[bool]:
    """The rows for which a condition holds on the column to which a path leads, through other tables if need be."""
    first, _, rest = path.partition(".")
    column = getattr(model, f"{first}_id")
    if not rest:
        return condition(column)
    target = getattr(model, first).property.mapper.class_
    return column.in_(select(target.id).where(at(target, rest, condition)))  # type: ignore[no-any-return]


def holding(model: type[Any], only: tuple[Only, ...]) -> list[ColumnElement[bool]]:
    """The conditions under which a part is played; their values are asked for when the statement is executed."""
    conditions = []
    for each in only:
        column = getattr(model, each.column)
        values = bindparam(None, callable_=each.values, expanding=True, unique=True)
        conditions.append(column.not_in(values) if each.unless else column.in_(values))
    return conditions
