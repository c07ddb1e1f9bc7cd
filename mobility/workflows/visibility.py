"""The declared parts (workflows/parts.py) as conditions in SQL: which rows a person may see, and as what."""

from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, false, or_, select, true

from mobility.workflows.parts import Actor, ActsFor, Only


def plays(model: type[Any], person: Any, *actors: Actor) -> ColumnElement[bool]:
    """The rows towards which a person plays one of `actors` (any part if none is named), as `actors_on` would say it; `false()`
    of whoever plays none anywhere."""
    found: dict[tuple[str, tuple[Only, ...]], set[int]] = {}
    for part in model.workflow.parts:
        if not actors or part.actor in actors:
            found.setdefault((part.who.path, part.only), set()).update(part.who.ids(person))
    rows = [and_(at(model, path, sorted(ids)), *holding(model, only)) for (path, only), ids in found.items() if ids]
    return or_(*rows) if rows else false()


def acts(model: type[Any], person: Any, *actors: Actor) -> ColumnElement[bool]:
    """Those of these rows towards which the person may act now, as `acting_on` would say it."""
    there = person.organisation_ids()
    rows = [
        and_(at(model, part.who.path, part.who.ids(person)), *holding(model, part.only), *not_left(model, part.acts_for, there))
        for part in model.workflow.parts
        if (not actors or part.actor in actors) and part.who.ids(person)
    ]
    return or_(false(), *rows)


def not_left(model: type[Any], acts_for: ActsFor | None, ids: Any) -> list[ColumnElement[bool]]:
    """The condition under which somebody with roles in the organisations `ids` acts for the one that `acts_for` names."""
    if acts_for is None:
        return []
    there = at(model, acts_for.path, ids)
    own: BindParameter[Any] = bindparam(None, sorted(acts_for.own), expanding=True, unique=True, literal_execute=True)
    return [or_(there, model.state.in_(own)) if acts_for.own else there]


def at(model: type[Any], path: str, ids: Any) -> ColumnElement[bool]:
    """The rows from which a path leads to one of `ids` (a list, or a parameter that expands), through other tables if need be;
    all of them without a path: whoever it is of plays a part towards every row."""
    if not path:
        return true()
    first, _, rest = path.partition(".")
    if rest:
        target = getattr(model, first).property.mapper.class_
        ids = select(target.id).where(at(target, rest, ids))
    column: ColumnElement[Any] = getattr(model, f"{first}_id")
    return column.in_(ids)


def holding(model: type[Any], only: tuple[Only, ...]) -> list[ColumnElement[bool]]:
    """The conditions under which a part is played; their values are asked for when the statement is executed, and written into
    it, as PostgreSQL keeps the plan of one that tells how few rows it wants."""
    conditions: list[ColumnElement[bool]] = []
    for each in only:
        column: ColumnElement[Any] = getattr(model, each.column)
        values: BindParameter[Any] = bindparam(None, callable_=each.values, expanding=True, unique=True, literal_execute=True)
        conditions.append(column.not_in(values) if each.unless else column.in_(values))
    return conditions
