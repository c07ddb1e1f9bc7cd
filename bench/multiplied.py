"""A demonstration so many times over: rows are copied with all that hangs off them, by SQL, so that the data follow the models.

A group says from which rows one begins; whatever points to a copied row is copied with it, and points to the copy. People,
organisations and programmes stay who they are where a group does not name them.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Column, Connection, Integer, String, Table, UniqueConstraint, bindparam, select

from bench.many import insert, keep_counting
from mobility.core.database import db

SUBJECTS = {
    "application": "application",
    "exchange": "exchange",
    "followup": "questionnaire_request",
    "joining": "join_request",
    "keyfigure": "key_figure",
    "mentoring": "mentoring",
    "payment": "payment_batch",
    "story": "success_story",
    "takeover": "take_over",
    "theme": "theme",
    "voucher": "voucher",
}
NOT_FOLLOWED = {"organisation", "programme", "user"}  # who points to these is copied only where it is named


@dataclass
class Group:
    """`rows` of each table from which one begins; `without` are tables of which nothing is copied with them."""

    copies: int
    rows: dict[str, set[int]]
    without: Collection[str] = ()
    places: dict[str, str] = field(default_factory=dict)


def multiply(connection: Connection, copies: int, rows: Mapping[str, Collection[int]], without: Collection[str] = ()) -> None:
    group = Group(copies, {name: set(ids) for name, ids in rows.items() if ids}, without)
    tables = [table for table in db.metadata.sorted_tables if table.name not in without]
    for table in tables:
        if found := _of(connection, table, group):
            group.rows[table.name] = found
    for table in tables:
        if table.name in group.rows:
            highest = connection.scalar(select(db.func.max(table.c.id))) or 0
            group.places[table.name] = _place(highest, group.rows[table.name])
    for table in tables:
        if table.name in group.rows:
            _copy(connection, table, group)


def _place(highest: int, ids: Collection[int]) -> str:
    """What is added to the id of a row for each copy: they follow all there are, one copy of the rows after another."""
    return f"({highest + 1 - min(ids)} + (n.i - 1) * {max(ids) + 1 - min(ids)})"


def _of(connection: Connection, table: Table, group: Group) -> set[int]:
    """The rows one begins from, and those that point to a copied one."""
    found = set(group.rows.get(table.name, ()))
    if table.name in NOT_FOLLOWED:
        return found
    for column, of in _pointing(table):
        if of in group.rows and of not in NOT_FOLLOWED and of != table.name:
            found |= _among(connection, select(table.c.id), column, group.rows[of])
    if "subject_id" in table.c:
        for kind, of in SUBJECTS.items():
            if of in group.rows:
                found |= _among(
                    connection, select(table.c.id).where(table.c.subject_type == kind), table.c.subject_id, group.rows[of]
                )
    return found


def _among(connection: Connection, query, column: Column, ids: Collection[int]) -> set[int]:
    return set(connection.scalars(query.where(column.in_(bindparam("ids", sorted(ids), expanding=True)))))


def _pointing(table: Table) -> Iterator[tuple[Column, str]]:
    for column in table.columns:
        for key in column.foreign_keys:
            yield column, key.column.table.name


def _copy(connection: Connection, table: Table, group: Group) -> None:
    apart = _apart(table, group)
    values = {f'"{column.name}"': _value(column, apart, group) for column in table.columns}
    ids = ", ".join(map(str, sorted(group.rows[table.name])))
    query = f'SELECT {", ".join(values.values())} FROM n, "{table.name}" t WHERE t.id IN ({ids})'
    insert(connection, f'"{table.name}" ({", ".join(values)})', query, group.copies)
    if connection.dialect.name == "postgresql":
        keep_counting(connection, f'"{table.name}"')


def _value(column: Column, apart: Collection[str], group: Group) -> str:
    name, table = f't."{column.name}"', column.table.name
    if column.name == "id":
        return f"t.id + {group.places[table]}"
    if column.name == "subject_id":
        steps = [f"WHEN '{kind}' THEN {group.places[of]}" for kind, of in SUBJECTS.items() if of in group.places]
        return f"t.subject_id + CASE t.subject_type {' '.join(steps)} ELSE 0 END" if steps else "t.subject_id"
    for of in (key.column.table.name for key in column.foreign_keys):
        if of in group.rows:
            ids = ", ".join(map(str, sorted(group.rows[of])))
            return f"CASE WHEN {name} IN ({ids}) THEN {name} + {group.places[of]} ELSE {name} END"
    if column.name in apart:
        new = f"(t.id + {group.places[table]})"
        return f"{name} || ' ' || {new}" if isinstance(column.type, String) else f"{name} + {new}"
    return name


def _apart(table: Table, group: Group) -> set[str]:
    """The columns by which copies differ, where something has to be unique that points to no copy."""
    found = set()
    sets = [tuple(each.columns) for each in table.constraints if isinstance(each, UniqueConstraint)]
    sets += [tuple(c for c in each.expressions if isinstance(c, Column)) for each in table.indexes if each.unique]
    for columns in sets:
        if any(key.column.table.name in group.rows for column in columns for key in column.foreign_keys):
            continue
        if any(column.name == "subject_id" for column in columns):
            continue
        free = [column for column in columns if not column.foreign_keys and isinstance(column.type, String)]
        free = free or [column for column in columns if not column.foreign_keys and isinstance(column.type, Integer)]
        found |= {column.name for column in free[-1:]}
    return found | ({"name"} if "name_key" in found else set())
