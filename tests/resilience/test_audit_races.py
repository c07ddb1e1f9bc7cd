"""Many write to the audit log at once: the chain never forks, nobody waits in a circle, and nothing is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility.audit import checks
from mobility.audit.models import AuditEntry
from mobility.audit.operations import record, record_alone
from mobility.core.database import db, transaction
from mobility.people.models import User
from tests.support import factories
from tests.support.databases import Databases

WRITERS, TIMES = 8, 20


@pytest.fixture
def app_at_work(
    database_kind: str, databases_of: Callable[[str], Databases], app_on: Callable[..., Flask], tmp_path: Path
) -> Flask:
    with databases_of(database_kind).fresh() as url:
        app = app_on(url)
        app.config["AUDIT_HEADS"] = tmp_path.as_uri()
        yield app


def test_writers_at_once_make_one_chain(app_at_work: Flask) -> None:
    """Each changes the row of somebody all of them know, before or after recording, or only records; a tenth is rolled back."""
    with app_at_work.app_context(), transaction():
        shared = factories.make_user(name="Ana").id
    begin = Barrier(WRITERS)

    def one(writer: int) -> int:
        chance, stored = Random(writer), 0
        with app_at_work.app_context():
            begin.wait()
            for number in range(TIMES):
                about = f"{writer}.{number}"
                if chance.random() < 0.3:
                    record_alone("export_taken", by=None, about=about)
                    stored += 1
                else:
                    stored += in_a_transaction(about, shared, chance)
        return stored

    with ThreadPoolExecutor(WRITERS) as pool:
        stored = sum(pool.map(one, range(WRITERS)))
    with app_at_work.app_context():
        assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == stored
        assert db.session.scalar(select(func.count(AuditEntry.about.distinct()))) == stored
        found = checks.check()
    assert (found.wrong, found.entries) == ([], stored)


def in_a_transaction(about: str, shared: int, chance: Random) -> int:
    """1 if it was stored. The row is locked now, or with the last flush: as who holds the chain must not wait for a row."""
    try:
        with transaction():
            early, fails = chance.random() < 0.5, chance.random() < 0.1
            if early:
                record("account_changed", by=None, about=about)
            user = db.session.get_one(User, shared, with_for_update=chance.random() < 0.5)
            user.name = f"Ana {about}"
            if not early:
                record("account_changed", by=None, about=about)
            if fails:
                raise KeyError
    except KeyError:
        return 0
    return 1
