"""Four processes remove what is over in one night, two of them killed: all of it goes, once, and the audit log counts it."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from mobility.audit import checks
from mobility.audit.models import AuditEntry
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.imports.models import Import, Stage
from mobility.notifications.models import OutboxMessage
from mobility.retention import operations
from mobility.retention.models import RetentionNight
from mobility.retention.queries import GONE
from mobility.retention.rules import BY_KEY, NIGHTS
from mobility.uploads import files
from tests.resilience.test_schedulers import exit_status, processes, until
from tests.support.factories import make_user
from tests.support.processes import flask

MAILS, IMPORTS = 4000, 150
JOB = ("run-job", "remove-old-data")


@pytest.fixture
def old(fresh_database: str, app_on: Callable[..., Flask], tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of the processes; there are so many mails and files of a year ago, and classes that may act."""
    settings = {"FILES_URL": (tmp_path / "files").as_uri(), "AUDIT_HEADS": (tmp_path / "heads").as_uri()}
    app = app_on(fresh_database, **settings)
    with app.app_context():
        admin, long_ago = make_user(is_administrator=True), clock.utc_now()
        facts = {"kind": "reminder", "address": "a@example.org", "subject_line": "Act", "message_id": "<1>"}
        rows = [facts | {"text": "Words", "dedupe_key": str(n), "state": "sent", "created_at": long_ago} for n in range(MAILS)]
        db.session.execute(insert(OutboxMessage), rows)
        for number in range(IMPORTS):
            made = {"name": "a.csv", "sha256": str(number), "size": 1, "stage": Stage.RELEASED, "released_at": long_ago}
            db.session.add(Import(by=admin, key=files.store().save(b"Ana"), **made))
        db.session.commit()
        with transaction():
            for key in ("mails", "imports"):
                operations._there(BY_KEY[key]).nights = NIGHTS
        clock.move(days=400)
        yield settings


def gone() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(OutboxMessage.text == GONE)) or 0


def night(key: str) -> Any:
    db.session.rollback()
    return db.session.scalars(select(RetentionNight).where(RetentionNight.key == key)).one()


def test_four_at_once_two_of_them_killed(old: dict[str, str], fresh_database: str, tmp_path: Path) -> None:
    with processes(fresh_database, 4, *JOB, **old) as running:
        until(lambda: gone() > 0)
        for process in running[:2]:
            os.kill(process.pid or 0, signal.SIGKILL)
        assert [exit_status(process) for process in running[2:]] == [0, 0]
    flask(fresh_database, *JOB, **old)  # whatever was left, if both that lived had looked away
    assert gone() == MAILS
    assert (night("mails").gone, night("imports").gone, night("imports").files) == (MAILS, IMPORTS, IMPORTS)
    told = db.session.execute(select(AuditEntry.about, AuditEntry.after).where(AuditEntry.act == "retention_done")).all()
    assert sorted((about, after["rows"]) for about, after in told) == [
        (f"{BY_KEY['imports'].label}: {IMPORTS}", IMPORTS),
        (f"{BY_KEY['mails'].label}: {MAILS}", MAILS),
    ]
    assert not db.session.scalars(select(RetentionNight).where(RetentionNight.working)).all()
    assert checks.check().wrong == []
    clock.move(days=2)
    flask(fresh_database, "run-job", "sweep-files", **old)  # what a kill left between a commit and the deleting
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []
