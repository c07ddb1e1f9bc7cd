"""Lists in pages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import request
from sqlalchemy import Select, func

from mobility.core.database import db
from mobility.core.numbers import whole_number

PER_PAGE = 25


@dataclass(frozen=True)
class Page:
    """One page of a list. `number` counts from 1; `total` is of all pages."""

    items: Sequence[Any]
    number: int
    total: int
    per_page: int = PER_PAGE

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        return (self.number - 1) * self.per_page + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.total, self.number * self.per_page)

    def with_items(self, items: Sequence[Any]) -> "Page":
        """The same page, its items made into others."""
        return replace(self, items=items)


def page_number(name: str = "page") -> int:
    """`?page=` of this request, 1 if it is missing or nonsense."""
    return whole_number(request.args.get(name)) or 1


def page_of(items: Sequence[Any], number: int) -> Page:
    """A page of what was worked out already, the last one if there are not so many."""
    number = min(number, max(1, -(-len(items) // PER_PAGE)))
    return Page(items[(number - 1) * PER_PAGE : number * PER_PAGE], number, len(items))


def paged(
    statement: Select[*tuple[Any, ...]], number: int, *options: Any, total: int | None = None, per_page: int = PER_PAGE
) -> Page:
    """A page of what a statement finds, the last one if there are not so many; `options` load what its items show.

    Items are objects where it selects one thing, else rows. Two queries; a statement that groups needs to be told the `total`.
    """
    if total is None:
        total = db.session.scalar(statement.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)) or 0
    number = min(number, max(1, -(-total // per_page)))
    found = db.session.execute(statement.options(*options).limit(per_page).offset((number - 1) * per_page))
    return Page(found.scalars().all() if len(statement.column_descriptions) == 1 else found.all(), number, total, per_page)
