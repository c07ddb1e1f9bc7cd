"""Migration 0023: themes from before name no topics; going down leaves none in what is searched."""

from collections.abc import Callable
from types import ModuleType

from sqlalchemy import NullPool, create_engine

from tests.integration.migrations.test_kept import MADE_AT
from tests.support.databases import Databases
from tests.support.kept import restore
from tests.support.processes import flask

NAME_SOME = """UPDATE theme SET topics = '["skills", "talent"]',
    facets = REPLACE(facets, ' language:', ' topic:skills topic:talent language:')"""
FACETS = "SELECT id, facets FROM theme ORDER BY id"


def test_topics_come_and_go(database_kind: str, databases_of: Callable[[str], Databases], clock: ModuleType) -> None:
    clock.set_to(MADE_AT)
    with databases_of(database_kind).fresh(None) as url:
        restore(url, "0008")
        engine = create_engine(url, poolclass=NullPool)

        def found(query: str) -> list[tuple[object, ...]]:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.exec_driver_sql(query)]

        before = found(FACETS)
        flask(url, "db", "upgrade")
        assert {row[0] for row in found("SELECT CAST(topics AS TEXT) FROM theme")} == {"[]"}
        with engine.begin() as connection:
            connection.exec_driver_sql(NAME_SOME)
            connection.exec_driver_sql("UPDATE theme SET facets = ' topic:skills ' WHERE id = 1")
        flask(url, "db", "downgrade", "0022", "--yes-delete")
        assert found(FACETS) == [(id, "" if id == 1 else facets) for id, facets in before]
        flask(url, "db", "upgrade")
        flask(url, "db", "check")
