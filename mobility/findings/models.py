"""Reviews as they were computed: of a programme, and of each of its calls."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mobility.core.database import Model

_PROGRAMME = text("call_id IS NULL")


class Computation(Model):
    """Of a programme whose reviews are kept.

    `wanted_at`: somebody asked for them anew. `begun_at`: a process is at it; one that has died is followed by another
    (queries.py, LEASE).
    """

    __tablename__ = "computation"

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), unique=True)
    wanted_at: Mapped[datetime | None] = mapped_column(default=None)
    begun_at: Mapped[datetime | None] = mapped_column(default=None)


class KeptScope(Model):
    """The review of a call, or (without one) of the programme, computed at an instant that was the day `as_of` there.

    `flows` is the knowledge flow: {"country": [...], "region": [...]}.
    """

    __tablename__ = "kept_scope"
    __table_args__ = (
        UniqueConstraint("computation_id", "call_id"),
        Index("uq_kept_scope_programme", "computation_id", unique=True, sqlite_where=_PROGRAMME, postgresql_where=_PROGRAMME),
    )

    computation_id: Mapped[int] = mapped_column(ForeignKey("computation.id"))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"), default=None)
    as_of: Mapped[date] = mapped_column(Date)
    computed_at: Mapped[datetime]
    flows: Mapped[dict[str, Any]]


class KeptFigure(Model):
    """A figure: its exact `value` as text ("3/8"; none: no figure), and what the page shows beside it (stored.py).

    `cases` and `paid`: what it rests on, {"exchange": [ids]}; `shares`: which of the cases count (stored.py). Of a large
    programme they are long, and read only when asked for.
    """

    __tablename__ = "kept_figure"
    __table_args__ = (UniqueConstraint("scope_id", "key"),)

    scope_id: Mapped[int] = mapped_column(ForeignKey("kept_scope.id"))
    key: Mapped[str]
    value: Mapped[str | None] = mapped_column(default=None)
    n: Mapped[int]
    few_answered: Mapped[bool] = mapped_column(default=False)
    items: Mapped[list[Any]]
    cases: Mapped[dict[str, Any]]
    paid: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    shares: Mapped[list[Any] | None] = mapped_column(default=None)


class KeptTable(Model):
    """A table: its numbers, [row, column, number], and apart from them what each rests on, [row, column, cases]."""

    __tablename__ = "kept_table"
    __table_args__ = (UniqueConstraint("scope_id", "key"),)

    scope_id: Mapped[int] = mapped_column(ForeignKey("kept_scope.id"))
    key: Mapped[str]
    n: Mapped[int]
    rows: Mapped[list[Any]]
    columns: Mapped[list[Any]]
    numbers: Mapped[list[Any]]
    cases: Mapped[list[Any]]
