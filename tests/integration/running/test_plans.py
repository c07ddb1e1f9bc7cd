"""PostgreSQL keeps the plans of repeated statements from one request to the next (running/speed.py)."""

from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from mobility.core.database import db
from mobility.people.models import Organisation, User
from tests.support import factories

REPEATED = 8  # the driver prepares what it sees for the sixth time
ASKED = select(User.name.label("asked_here_only")).where(User.id == 1)


def kept_plans() -> int:
    return db.session.scalar(text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%asked_here_only%'"))


@pytest.mark.databases("postgresql")
def test_plans_outlive_the_rollback_with_which_reading_ends(db_session: Any) -> None:
    for _ in range(REPEATED):
        db_session.execute(ASKED).all()
        db_session.rollback()
    assert kept_plans() == 1


@pytest.mark.databases("postgresql")
def test_the_driver_alone_forgets_them(app: Flask) -> None:
    """The control: without our connection this would be for nothing, and the earlier test would pass by itself."""
    url = app.config["SQLALCHEMY_DATABASE_URI"].replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url) as connection:
        for _ in range(REPEATED):
            connection.execute("SELECT 1")
            connection.rollback()
        assert connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)


@pytest.mark.databases("postgresql")
def test_what_is_rolled_back_is_undone_also_after_a_fault(db_session: Any) -> None:
    for fails in (False, True):
        factories.make_organisation(name="Never there")
        if fails:
            with pytest.raises(DBAPIError):
                db_session.execute(text("SELECT 1 / 0"))
        db_session.rollback()
        assert db_session.scalars(select(Organisation.name)).all() == []


@pytest.mark.databases("postgresql")
def test_a_connection_that_broke_is_replaced(db_session: Any) -> None:
    own = db_session.scalar(text("SELECT pg_backend_pid()"))
    with db.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
    with pytest.raises(DBAPIError):
        db_session.execute(ASKED)
    db_session.rollback()
    assert db_session.execute(ASKED).all() == []
    assert db_session.scalar(text("SELECT pg_backend_pid()")) != own


@pytest.mark.databases("postgresql")
def test_a_kept_plan_follows_a_table_that_changes(db_session: Any) -> None:
    for _ in range(REPEATED):
        db_session.execute(ASKED).all()
        db_session.rollback()
    with db.engine.begin() as other:
        other.execute(text('ALTER TABLE "user" ADD COLUMN added_later TEXT'))
    try:
        assert db_session.execute(ASKED).all() == []
    finally:
        db_session.rollback()
        with db.engine.begin() as other:
            other.execute(text('ALTER TABLE "user" DROP COLUMN added_later'))
