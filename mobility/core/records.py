"""Records that the database itself refuses to change or delete, whoever asks it: by triggers, which are made with their tables.

Migrations make the same (tests/integration/migrations compares them). On SQLite a migration that copies such a table makes its
triggers again, as they go with the old one.
"""

from collections.abc import Sequence

from sqlalchemy import DDL, Table, event

FUNCTION = """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Records in % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$"""


AT_WORK = """CREATE OR REPLACE FUNCTION erasing() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT 1 FROM erasure WHERE working);
END $$"""


RETAINING = """CREATE OR REPLACE FUNCTION retaining() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT 1 FROM retention_night WHERE working);
END $$"""


def keep(table: Table, *, allowed: str = "FALSE", unique: str = "", erasable: str = "", forgettable: str = "") -> None:
    """Rows are added and then stay. `allowed` is a condition in SQL on OLD and NEW for the few changes that can be.

    `unique` is a column that is so beside the id: on SQLite a row could be replaced by another one with the same.
    `erasable` are the columns in which a person's name can be replaced while an erasure is at work (privacy/), and nothing else;
    `forgettable` those that can be emptied, and nothing else, once their time is over (retention/).
    """
    for dialect, statements in (
        ("sqlite", sqlite(table.name, _condition(table, allowed, erasable, forgettable, "sqlite"), unique)),
        ("postgresql", postgresql(table.name, _condition(table, allowed, erasable, forgettable, "postgresql"))),
    ):
        for statement in statements:
            ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)
            event.listen(table, "after_create", ddl)


def _condition(table: Table, allowed: str, erasable: str, forgettable: str, dialect: str) -> str:
    names = [column.name for column in table.columns]
    condition = or_erased(allowed, [each for each in names if each not in erasable.split()] if erasable else [], dialect)
    emptied = forgettable.split()
    return or_forgotten(condition, [each for each in names if each not in emptied], emptied, dialect) if emptied else condition


def or_erased(allowed: str, same: Sequence[str], dialect: str) -> str:
    """The condition with the declared way round it: an erasure is at work, and all these columns stay as they are."""
    if not same:
        return allowed
    at_work = {"sqlite": "EXISTS (SELECT 1 FROM erasure WHERE working)", "postgresql": "erasing()"}[dialect]
    return " AND ".join([f"({allowed}) OR ({at_work}", *_alike(same, dialect)]) + ")"


def or_forgotten(allowed: str, same: Sequence[str], emptied: Sequence[str], dialect: str) -> str:
    """The same for a night of retention: these columns stay as they are, and those are empty."""
    at_work = {"sqlite": "EXISTS (SELECT 1 FROM retention_night WHERE working)", "postgresql": "retaining()"}[dialect]
    empty = [f"NEW.\"{name}\" = ''" for name in emptied]
    return " AND ".join([f"({allowed}) OR ({at_work}", *_alike(same, dialect), *empty]) + ")"


def _alike(same: Sequence[str], dialect: str) -> list[str]:
    alike = {"sqlite": "IS", "postgresql": "IS NOT DISTINCT FROM"}[dialect]
    return [f'NEW."{name}" {alike} OLD."{name}"' for name in same]


def sqlite(name: str, allowed: str = "FALSE", unique: str = "") -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, 'Records in {name} are never changed or deleted'); END"
    same = f"id = NEW.id{f' OR {unique} = NEW.{unique}' if unique else ''}"
    return [
        f"CREATE TRIGGER {name}_unchanged BEFORE UPDATE ON {name} WHEN NOT coalesce({allowed}, FALSE) {refuse}",
        f"CREATE TRIGGER {name}_undeleted BEFORE DELETE ON {name} {refuse}",
        f"CREATE TRIGGER {name}_unreplaced BEFORE INSERT ON {name} WHEN EXISTS (SELECT 1 FROM {name} WHERE {same}) {refuse}",  # noqa: S608 (ours)
    ]


def postgresql(name: str, allowed: str = "FALSE") -> list[str]:
    refuse = "EXECUTE FUNCTION refuse_change()"
    return [
        FUNCTION,
        AT_WORK,
        RETAINING,
        f"CREATE TRIGGER {name}_unchanged BEFORE UPDATE ON {name} FOR EACH ROW WHEN (NOT coalesce({allowed}, FALSE)) {refuse}",
        f"CREATE TRIGGER {name}_undeleted BEFORE DELETE ON {name} FOR EACH ROW {refuse}",
        f"CREATE TRIGGER {name}_untruncated BEFORE TRUNCATE ON {name} FOR EACH STATEMENT {refuse}",
    ]
