"""Records that the database itself refuses to change or delete, whoever asks it: by triggers, which are made with their tables.

Migrations make the same (tests/integration/migrations compares them). On SQLite a migration that copies such a table makes its
triggers again, as they go with the old one.
"""

from sqlalchemy import DDL, Table, event

FUNCTION = """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Records in % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$"""


def keep(table: Table, *, allowed: str = "FALSE", unique: str = "") -> None:
    """Rows are added and then stay. `allowed` is a condition in SQL on OLD and NEW for the few changes that can be.

    `unique` is a column that is so beside the id: on SQLite a row could be replaced by another one with the same.
    """
    for dialect, statements in (("sqlite", sqlite(table.name, allowed, unique)), ("postgresql", postgresql(table.name, allowed))):
        for statement in statements:
            ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)
            event.listen(table, "after_create", ddl)


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
        f"CREATE TRIGGER {name}_unchanged BEFORE UPDATE ON {name} FOR EACH ROW WHEN (NOT coalesce({allowed}, FALSE)) {refuse}",
        f"CREATE TRIGGER {name}_undeleted BEFORE DELETE ON {name} FOR EACH ROW {refuse}",
        f"CREATE TRIGGER {name}_untruncated BEFORE TRUNCATE ON {name} FOR EACH STATEMENT {refuse}",
    ]
