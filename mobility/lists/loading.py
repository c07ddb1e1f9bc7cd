"""Options to load no more of the rows of a whole list than what is said of them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import joinedload, lazyload, load_only, selectinload


def only(model: type[Any], ways: Iterable[str]) -> list[Any]:
    """What these ways lead to, such as "theme.title". What the model computes is no column."""
    return [*_needed(model, {*ways, "id"}), lazyload("*")]


def _needed(model: type[Any], ways: Iterable[str]) -> list[Any]:
    mapper, further = inspect(model), dict[str, set[str]]()
    for step, _, rest in (way.partition(".") for way in sorted(ways)):
        if step in mapper.relationships:
            further.setdefault(step, {"id"}).add(rest or "id")
    found = [load_only(*(getattr(model, way) for way in ways if way in mapper.column_attrs))]
    for step, needed in further.items():
        load = selectinload if mapper.relationships[step].uselist else joinedload
        found.append(load(getattr(model, step)).options(*_needed(mapper.relationships[step].mapper.class_, needed)))
    return found
