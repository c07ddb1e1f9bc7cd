"""Migration 0026: who never took up the invitation has no role yet; going down, whoever is invited has it."""

from collections.abc import Callable
from types import ModuleType

from sqlalchemy import NullPool, create_engine

from tests.integration.migrations.test_kept import MADE_AT
from tests.support.databases import Databases
from tests.support.kept import restore
from tests.support.processes import flask

INVITED = """UPDATE "user" SET password_hash = '' WHERE id = (SELECT user_id FROM membership WHERE id = 1)"""
MAIL = """INSERT INTO outbox_message (kind, recipient_id, address, subject_line, text, html, message_id, dedupe_key, state, tries,
    next_try_at, leased_by, last_error, created_at)
    SELECT 'invitation', user_id, 'a@example.org', '', '', '', 'm1', 'd1', 'sent', 1,
    '2026-11-20 10:00:00+00:00', '', '', '2026-11-20 10:00:00+00:00' FROM membership WHERE id = 1"""
LINK = """INSERT INTO mailed_link (token_hash, purpose, user_id, expires_at, created_at)
    SELECT 'hash', 'invitation', user_id, '2026-12-04 10:00:00+00:00', '2026-11-20 10:00:00+00:00' FROM membership WHERE id = 1"""
ROLES = """SELECT user_id, organisation_id, programme_id, role FROM membership WHERE until IS NULL ORDER BY 1, 2, 3, 4"""
WAITING = "SELECT person_id, organisation_id, programme_id, role FROM role_invitation WHERE answer IS NULL"


def test_whoever_never_accepted_is_invited(
    database_kind: str, databases_of: Callable[[str], Databases], clock: ModuleType
) -> None:
    clock.set_to(MADE_AT)
    with databases_of(database_kind).fresh(None) as url:
        restore(url, "0023")
        engine = create_engine(url, poolclass=NullPool)

        def found(query: str) -> list[tuple[object, ...]]:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.exec_driver_sql(query)]

        with engine.begin() as connection:
            for statement in (INVITED, MAIL, LINK):
                connection.exec_driver_sql(statement)
        before = found(ROLES)
        flask(url, "db", "upgrade")
        waiting = found(WAITING)
        assert len(waiting) == len([each for each in before if each[0] == waiting[0][0]]) >= 1
        assert set(found(ROLES)) == set(before) - set(waiting)
        assert [str(row[0])[:10] for row in found("SELECT DISTINCT expires_at FROM role_invitation")] == ["2026-12-04"]
        assert found("SELECT DISTINCT link_hash FROM role_invitation") == [("hash",)]
        flask(url, "db", "downgrade", "0023", "--yes-delete")
        assert found(ROLES) == before
        flask(url, "db", "upgrade")
        flask(url, "db", "check")
