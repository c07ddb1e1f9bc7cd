"""Lists in pages, and all of a list, which its files are made of."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import request
from sqlalchemy import Select, func

from mobility.core.database import db
from mobility.core.numbers import whole_number

PER_PAGE = 25
AT_ONCE = 500  # rows that are in memory together while a whole list is gone through

Make = Callable[[Sequence[Any]], Sequence[Any]]


@dataclass(frozen=True)
class Page:
    """One page of a list. `number` counts from 1; `total` is of all pages.

    `batches` goes through the whole list, some rows at a time. `files` are (kind, address), `writing` is (address, to whom).
    """

    items: Sequence[Any]
    number: int
    total: int
    per_page: int = PER_PAGE
    batches: Callable[[], Iterator[Sequence[Any]]] = lambda: iter(())
    files: Sequence[tuple[str, str]] = ()
    writing: tuple[str, str] | None = None

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        return (self.number - 1) * self.per_page + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.total, self.number * self.per_page)

    def made(self, make: Make) -> "Page":
        """The same page, its items made into others: `make` gets some of them at once."""
        return replace(self, items=make(self.items), batches=lambda: (make(each) for each in self.batches()))

    def rows(self) -> Iterator[Any]:
        """Every item of the list, on whatever page it is."""
        return (each for some in self.batches() for each in some)

    def with_files(self, files: Sequence[tuple[str, str]], writing: tuple[str, str] | None = None) -> "Page":
        return replace(self, files=files, writing=writing)


def page_number(name: str = "page") -> int:
    """`?page=` of this request, 1 if it is missing or nonsense."""
    return whole_number(request.args.get(name)) or 1


def page_of(items: Sequence[Any], number: int) -> Page:
    """A page of what was worked out already, the last one if there are not so many."""
    number = min(number, max(1, -(-len(items) // PER_PAGE)))
    return Page(items[(number - 1) * PER_PAGE : number * PER_PAGE], number, len(items), batches=lambda: iter([items]))


def all_on_one(items: Sequence[Any]) -> Page:
    """A short list: one page has all of it."""
    return Page(items, 1, len(items), max(1, len(items)), batches=lambda: iter([items]))


def paged(
    statement: Select[*tuple[Any, ...]],
    number: int,
    *options: Any,
    whole: Sequence[Any] = (),
    total: int | None = None,
    per_page: int = PER_PAGE,
) -> Page:
    """A page of what a statement finds, the last one if there are not so many; `options` load what its items show.

    `whole` load what is said of each item of the whole list (lists/loading.py), where that is less than a page shows.
    Items are objects where it selects one thing, else rows. Two queries; a statement that groups needs to be told the `total`.
    """
    if total is None:
        total = db.session.scalar(statement.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)) or 0
    number = min(number, max(1, -(-total // per_page)))
    is_one = len(statement.column_descriptions) == 1
    found = db.session.execute(_part(statement, per_page, (number - 1) * per_page).options(*options))
    items = found.scalars().all() if is_one else found.all()
    every = statement.options(*(whole or options))
    return Page(items, number, total, per_page, batches=lambda: in_batches(every, is_one=is_one))


def _part(statement: Select[*tuple[Any, ...]], limit: int, offset: int) -> Select[*tuple[Any, ...]]:
    """Of objects, the ids are chosen first: else all rows are joined with what they show, and sorted with every column."""
    described = statement.column_descriptions
    if len(described) > 1 or described[0]["expr"] is not described[0]["entity"]:
        return statement.limit(limit).offset(offset)
    id = described[0]["entity"].id
    ids = statement.with_only_columns(id, maintain_column_froms=True).limit(limit).offset(offset)
    chosen = statement.where(id.in_(ids.correlate(None)))
    chosen._where_criteria = chosen._where_criteria[-1:]  # what holds for the ids is not asked again
    return chosen


def in_batches(statement: Select[*tuple[Any, ...]], *, is_one: bool = False) -> Iterator[Sequence[Any]]:
    """What a statement finds, asked once; rows go out of memory as the next ones come."""
    found = db.session.execute(statement.execution_options(yield_per=AT_ONCE))
    return (found.scalars() if is_one else found).partitions()
