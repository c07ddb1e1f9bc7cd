"""Lists in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

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


def page_number() -> int:
    """`?page=` of this request, 1 if it is missing or nonsense."""
    text = request.args.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and int(text[:9]) > 0 and len(text) < 7 else 1
