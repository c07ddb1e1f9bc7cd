"""Calendar days in SQL: clock.day_of on both databases. SQLite calls it; PostgreSQL has its own."""

from typing import Any

from sqlalchemy import Date
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class day_in(FunctionElement[Any]):  # noqa: N801 (read like a function)
    """The day on which an instant falls in a timezone: two columns."""

    type = Date()
    inherit_cache = True


@compiles(day_in, "sqlite")
def _in_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return f"day_in({compiler.process(element.clauses, **more)})"  # database.py lends it the function


@compiles(day_in, "postgresql")
def _in_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    instant, timezone = (compiler.process(each, **more) for each in element.clauses)
    return f"CAST({instant} AT TIME ZONE {timezone} AS DATE)"
