"""Records that the database itself refuses to change or delete, whoever asks it: by triggers, which are made with their tables.

Migrations make the same (tests/integration/migrations compares them). On SQLite a migration that copies such a table makes its
triggers again, as they go with the old one.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import DDL, JSON, Table, event

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


RETAINING_AT_WORK = {"sqlite": "EXISTS (SELECT 1 FROM retention_night WHERE working)", "postgresql": "retaining()"}


def keep(
    table: Table,
    *,
    allowed: str = "FALSE",
    unique: str = "",
    erasable: str = "",
    forgettable: str = "",
    ends: bool = False,
) -> None:
    """Rows are added and then stay. `allowed` is a condition in SQL on OLD and NEW for the few changes that can be.

    `unique` is a column that is so beside the id: on SQLite a row could be replaced by another one with the same.
    `erasable` are the columns in which a person's name can be replaced while an erasure is at work (privacy/), and nothing else;
    `forgettable` those that can be emptied, and nothing else, once their time is over (retention/); a row that `ends` can be
    deleted then.
    """
    changes = {each: _condition(table, allowed, erasable, forgettable, each) for each in RETAINING_AT_WORK}
    ending = {each: at_work if ends else "" for each, at_work in RETAINING_AT_WORK.items()}
    for dialect, statements in (
        ("sqlite", sqlite(table.name, changes["sqlite"], unique, ending["sqlite"])),
        ("postgresql", postgresql(table.name, changes["postgresql"], ending["postgresql"])),
    ):
        for statement in statements:
            ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)
            event.listen(table, "after_create", ddl)


def _condition(table: Table, allowed: str, erasable: str, forgettable: str, dialect: str) -> str:
    names = [column.name for column in table.columns]
    condition = or_erased(allowed, [each for each in names if each not in erasable.split()] if erasable else [], dialect)
    emptied = {each: "'{}'" if isinstance(table.columns[each].type, JSON) else "''" for each in forgettable.split()}
    return or_forgotten(condition, [each for each in names if each not in emptied], emptied, dialect) if emptied else condition


def or_erased(allowed: str, same: Sequence[str], dialect: str) -> str:
    """The condition with the declared way round it: an erasure is at work, and all these columns stay as they are."""
    if not same:
        return allowed
    at_work = {"sqlite": "EXISTS (SELECT 1 FROM erasure WHERE working)", "postgresql": "erasing()"}[dialect]
    return " AND ".join([f"({allowed}) OR ({at_work}", *_alike(same, dialect)]) + ")"


def or_forgotten(allowed: str, same: Sequence[str], emptied: Mapping[str, str], dialect: str) -> str:
    """The same for a night of retention: these columns stay as they are, and those are empty, each as its type is."""
    empty = [f'NEW."{name}" = {nothing}' for name, nothing in emptied.items()]
    return " AND ".join([f"({allowed}) OR ({RETAINING_AT_WORK[dialect]}", *_alike(same, dialect), *empty]) + ")"


def _alike(same: Sequence[str], dialect: str) -> list[str]:
    alike = {"sqlite": "IS", "postgresql": "IS NOT DISTINCT FROM"}[dialect]
    return [f'NEW."{name}" {alike} OLD."{name}"' for name in same]


def sqlite(name: str, allowed: str = "FALSE", unique: str = "", ending: str = "") -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, 'Records in {name} are never changed or deleted'); END"
    unless = f"WHEN NOT coalesce({ending}, FALSE) " if ending else ""
    same = f"id = NEW.id{f' OR {unique} = NEW.{unique}' if unique else ''}"
    return [
        f"CREATE TRIGGER {name}_unchanged BEFORE UPDATE ON {name} WHEN NOT coalesce({allowed}, FALSE) {refuse}",
        f"CREATE TRIGGER {name}_undeleted BEFORE DELETE ON {name} {unless}{refuse}",
        f"CREATE TRIGGER {name}_unreplaced BEFORE INSERT ON {name} WHEN EXISTS (SELECT 1 FROM {name} WHERE {same}) {refuse}",  # noqa: S608 (ours)
    ]


def postgresql(name: str, allowed: str = "FALSE", ending: str = "") -> list[str]:
    refuse = "EXECUTE FUNCTION refuse_change()"
    unless = f"WHEN (NOT coalesce({ending}, FALSE)) " if ending else ""
    return [
        FUNCTION,
        AT_WORK,
        RETAINING,
        f"CREATE TRIGGER {name}_unchanged BEFORE UPDATE ON {name} FOR EACH ROW WHEN (NOT coalesce({allowed}, FALSE)) {refuse}",
        f"CREATE TRIGGER {name}_undeleted BEFORE DELETE ON {name} FOR EACH ROW {unless}{refuse}",
        f"CREATE TRIGGER {name}_untruncated BEFORE TRUNCATE ON {name} FOR EACH STATEMENT {refuse}",
    ]
