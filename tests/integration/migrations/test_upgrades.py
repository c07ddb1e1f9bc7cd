"""Databases that earlier versions of 0002 made can be upgraded; going down asks before it deletes records."""

from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from sqlalchemy import NullPool, create_engine, inspect

from tests.integration.migrations.test_kept import MADE_AT, rows_of
from tests.support.databases import Databases
from tests.support.kept import restore
from tests.support.processes import flask

RIGHT = "ix_voucher_budget_line_id_state_id_amount"
OTHERS = {  # what 0002 made instead, on the morning of 22 November 2026
    "ix_voucher_budget_line_id_state_id": "budget_line_id, state, id",
    "ix_voucher_budget_line_id_state_issued_at": "budget_line_id, state, issued_at",
}


@pytest.fixture
def of_0002(database_kind: str, databases_of: Callable[[str], Databases], clock: ModuleType) -> Iterator[str]:
    clock.set_to(MADE_AT)
    with databases_of(database_kind).fresh(None) as url:
        restore(url, "0002")
        yield url


def execute(url: str, *statements: str) -> None:
    with create_engine(url, poolclass=NullPool).begin() as connection:
        for each in statements:
            connection.exec_driver_sql(each)


def refused(url: str, *arguments: str) -> str:
    with pytest.raises(AssertionError) as caught:
        flask(url, *arguments)
    return str(caught.value)


@pytest.mark.parametrize("name", OTHERS)
def test_a_database_of_another_0002_is_upgraded(of_0002: str, name: str) -> None:
    execute(of_0002, f"DROP INDEX {RIGHT}", f"CREATE INDEX {name} ON voucher ({OTHERS[name]})")
    flask(of_0002, "db", "upgrade")
    flask(of_0002, "db", "check")
    with create_engine(of_0002, poolclass=NullPool).connect() as connection:
        indexes = {each["name"] for each in inspect(connection).get_indexes("voucher")}
    assert not indexes & {RIGHT, "ix_voucher_budget_line_id_state_id"}


def test_going_down_says_what_would_be_lost_and_changes_nothing(of_0002: str) -> None:
    flask(of_0002, "db", "upgrade")
    before = rows_of(of_0002)
    said = refused(of_0002, "db", "downgrade", "0001")
    assert "This would delete records of money or of what was done:" in said
    assert f"  claim, {len(before['claim'])} rows" in said
    assert f"  payment, {len(before['payment'])} rows" in said
    assert "Nothing was changed." in said
    assert "Traceback" not in said
    assert rows_of(of_0002) == before
    flask(of_0002, "db", "downgrade", "0001", "--yes-delete")
    assert "claim" not in rows_of(of_0002)


def test_going_down_without_a_loss_asks_nothing(fresh_database: str) -> None:
    flask(fresh_database, "db", "downgrade", "0002")
    flask(fresh_database, "db", "upgrade")


def test_an_upgrade_that_fails_leaves_nothing_half_done(of_0002: str) -> None:
    """A table that is in the way of a later step: the earlier ones are taken back, too, also on SQLite."""
    execute(of_0002, "CREATE TABLE success_story (id INTEGER)")
    before = rows_of(of_0002)
    assert "success_story" in refused(of_0002, "db", "upgrade")
    assert rows_of(of_0002) == before
