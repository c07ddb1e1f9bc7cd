"""Migration 0017: who has reported with a claim is not asked again, and going down works out what is not kept any more."""

from collections.abc import Callable
from types import ModuleType

from sqlalchemy import NullPool, create_engine, text

from tests.integration.migrations.test_kept import MADE_AT
from tests.support.databases import Databases
from tests.support.kept import restore
from tests.support.processes import flask

REPORTED = """SELECT voucher.exchange_id FROM claim JOIN voucher ON voucher.id = claim.voucher_id
    WHERE voucher.exchange_id IS NOT NULL AND claim.submitted_at IS NOT NULL AND claim.report <> ''
    ORDER BY voucher.exchange_id"""
ASKED = """SELECT exchange_id FROM asking JOIN questionnaire ON questionnaire.id = asking.questionnaire_id
    WHERE questionnaire.key = 'end_guest' ORDER BY exchange_id"""
WORDS = "SELECT id, objectives_met, report, take_overs FROM claim ORDER BY id"


def test_old_reports_keep_their_words_and_are_not_asked_for_again(
    database_kind: str, databases_of: Callable[[str], Databases], clock: ModuleType
) -> None:
    clock.set_to(MADE_AT)
    with databases_of(database_kind).fresh(None) as url:
        restore(url, "0008")
        engine = create_engine(url, poolclass=NullPool)

        def found(query: str) -> list[tuple[object, ...]]:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(query))]

        words = found(WORDS)
        flask(url, "db", "upgrade")
        assert found(WORDS) == words
        assert found(ASKED) == found(REPORTED)
        assert len(found(REPORTED)) >= 10
        flask(url, "db", "downgrade", "0015", "--yes-delete")
        assert found(ASKED) == []
        assert found(WORDS) == words
        flask(url, "db", "upgrade")
        assert found(ASKED) == found(REPORTED)
