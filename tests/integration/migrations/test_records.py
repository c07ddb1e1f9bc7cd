"""The triggers that keep records are the same in a database that was migrated and in one that is made from the models."""

import pytest
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import IntegrityError

TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
}
KEPT = "ledger_entry posting history_entry rate_card bank_account bank_file payment membership audit_entry paying_account".split()
KEPT += ["message", "role_invitation"]
NOT_IN_THE_DEMONSTRATION = ("standing_in", "erasure", "appropriation_correction", "mailing", "mailing_letter")


def triggers(url: str) -> dict[str, str]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return {name: " ".join(words.split()) for name, words in connection.exec_driver_sql(TRIGGERS[engine.name]).all()}


def test_migrations_make_the_triggers_of_the_models(fresh_database: str, database_url: str) -> None:
    assert triggers(fresh_database) == triggers(database_url)
    assert len(triggers(fresh_database)) == 3 * len((*KEPT, *NOT_IN_THE_DEMONSTRATION))


@pytest.mark.parametrize("table", KEPT)
def test_what_is_kept_cannot_be_emptied(demo_url: str, database_kind: str, table: str) -> None:
    """Not by a row of the same id either, nor by TRUNCATE."""
    row = f"SELECT * FROM {table} WHERE id = (SELECT min(id) FROM {table})"
    by_kind = {"sqlite": f"INSERT OR REPLACE INTO {table} {row}", "postgresql": f"TRUNCATE {table} CASCADE"}
    for statement in (f"UPDATE {table} SET id = id + 1000000", f"DELETE FROM {table}", by_kind[database_kind]):
        with create_engine(demo_url, poolclass=NullPool).connect() as connection:
            assert connection.exec_driver_sql(row).all()
            with pytest.raises(IntegrityError, match="never changed or deleted"):
                connection.exec_driver_sql(statement)
