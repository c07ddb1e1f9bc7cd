"""What a list says of each of its rows: declared once, beside its query. The files follow from it. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any

Place = tuple[str, int]  # in whose name somebody writes: "programme" or "organisation", and its id
Value = str | Callable[[Any], Any]  # the way from a row to the value, such as "theme.title"; or a function of the row


class Kind(Enum):
    """How a spreadsheet has it. Money is a number, with its currency in the column after it; an instant is told in UTC."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    INSTANT = "instant"
    MONEY = "money"
    YES_NO = "yes or no"


WIDTHS = {Kind.TEXT: 32, Kind.NUMBER: 12, Kind.DAY: 12, Kind.INSTANT: 20, Kind.MONEY: 14, Kind.YES_NO: 10}


@dataclass(frozen=True)
class Column:
    """`currency` of money: the way to its code; none where the whole list is in one."""

    title: str
    value: Value
    kind: Kind = Kind.TEXT
    currency: Value | None = "programme.currency"

    @property
    def titles(self) -> tuple[str, ...]:
        if self.kind is Kind.MONEY:
            return self.title, f"{self.title}, currency"
        return (f"{self.title} (UTC)",) if self.kind is Kind.INSTANT else (self.title,)

    @property
    def widths(self) -> tuple[int, ...]:
        return (WIDTHS[self.kind], 9) if self.kind is Kind.MONEY else (WIDTHS[self.kind],)

    def cells(self, row: Any, currency: str = "") -> tuple[Any, ...]:
        """None where the row has no such value."""
        value = value_of(self.value, row)
        if self.kind is Kind.MONEY:
            return value, None if value is None else value_of(self.currency, row) if self.currency else currency
        return (_SHOWN[self.kind](value),) if value is not None and self.kind in _SHOWN else (value,)


@dataclass(frozen=True)
class Reached:
    """Whom one can write to from a list (mailings/), `who` they are called: ways from a row to the ids of the person or people,
    of the programme whose owners may write, and of the host whose coordinators and hosts may. `any_owner`: those of every
    programme may.

    `page` is the endpoint of what a row is about. `of_case`: a row is a case of the person's own. `about` is the title of the
    column that tells one row from another, `if_any` says quickly whether a row has anybody, where `person` has to look.
    """

    who: str
    person: Value
    programme: Value | None = None
    host: Value | None = None
    key: Value = "id"
    page: str = ""
    of_case: bool = True
    any_owner: bool = False
    about: str = ""
    if_any: Value | None = None

    def of(self, programme: Any) -> "Reached":
        return replace(self, programme=lambda row: programme.id)


@dataclass(frozen=True)
class Listing:
    """A list: `name` is that of its files, without the ending; `title` what people call it; `currency` that of all its money;
    `needs` are the ways to what its functions look at, and what its rows compute a value from."""

    name: str
    title: str
    columns: tuple[Column, ...]
    currency: str = ""
    reached: Reached | None = None
    needs: tuple[str, ...] = ()

    def of(self, programme: Any) -> "Listing":
        """That of one programme, in its currency."""
        reached = self.reached and self.reached.of(programme)
        title = f"{self.title} of {programme.name}"
        return replace(self, title=title, currency=programme.currency, reached=reached)

    @property
    def ways(self) -> set[str]:
        """From a row to all that is said of it, and to whom one can write: no more need be loaded (loading.py)."""
        found: list[Value | None] = [each.value for each in self.columns]
        found += [each.currency for each in self.columns if each.kind is Kind.MONEY]
        if reached := self.reached:
            found += [reached.person, reached.programme, reached.host, reached.key, reached.if_any]
        return {*self.needs, *(way for way in found if isinstance(way, str))}

    @property
    def header(self) -> list[str]:
        return [title for column in self.columns for title in column.titles]

    @property
    def widths(self) -> list[int]:
        return [width for column in self.columns for width in column.widths]

    def table(self, rows: Iterable[Any]) -> Iterable[Sequence[Any]]:
        for row in rows:
            yield [cell for column in self.columns for cell in column.cells(row, self.currency)]


@dataclass(frozen=True)
class Said:
    """What a row says of a column. An instant is in UTC; `currency` of money."""

    value: Any
    kind: Kind = Kind.TEXT
    currency: str = ""


@dataclass(frozen=True)
class Line:
    """A row with somebody to write to: `key` tells it from the others; `places` are those in whose name the reader may write."""

    key: str
    person_id: int
    places: tuple[Place, ...]
    says: Mapping[str, Said]


def texts(**columns: Value) -> tuple[Column, ...]:
    """Several by their titles, where these are but words: What_for is "What for"."""
    return tuple(Column(title.replace("_", " "), value) for title, value in columns.items())


def days(**columns: Value) -> tuple[Column, ...]:
    return tuple(Column(title.replace("_", " "), value, Kind.DAY) for title, value in columns.items())


def state_of(subject: Any) -> str:
    """What people read of the state of anything that has a workflow."""
    return str(subject.state_label())


def value_of(way: Value, row: Any) -> Any:
    """Nothing where the way breaks off: an exchange without a voucher has no amount."""
    if not isinstance(way, str):
        return way(row)
    for name in way.split("."):
        if row is None:
            return None
        row = getattr(row, name)
    return row


def _in_utc(instant: datetime) -> datetime:
    """Without its timezone, which spreadsheets have none for; the heading names it."""
    return instant.astimezone(UTC).replace(tzinfo=None, microsecond=0)


_SHOWN: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: str,
    Kind.INSTANT: _in_utc,
    Kind.YES_NO: lambda yes: "yes" if yes else "no",
}
