"""Four schedulers at once, some killed in the middle: no reminder lost, none double, no act done twice."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.process import BaseProcess
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from mobility.applications.models import Application
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.notifications.models import OutboxMessage
from mobility.people.roles import Role
from mobility.workflows.history import HistoryEntry
from tests.support.factories import (
    make_guest,
    make_membership,
    make_organisation,
    make_programme,
    make_submitted,
    make_theme,
    make_user,
)
from tests.support.processes import start_flask
from tests.support.smtp import running_smtp_server

COUNT = 60


@pytest.fixture
def crowd(fresh_database: str, app_on: Callable[..., Flask]) -> Iterator[Flask]:
    """So many applications whose host is to be reminded today, by two coordinators each."""
    app = app_on(fresh_database)
    with app.app_context():
        host, programme = make_organisation(), make_programme(open_applications_cap=1000)
        coordinators = [make_user(name=f"Coordinator {number}") for number in range(2)]
        for each in coordinators:
            make_membership(each, host, Role.COORDINATOR, since=clock.today() - timedelta(days=30))
        theme = make_theme(host=host, programme=programme, by=coordinators[0])
        for _ in range(COUNT):
            make_submitted(theme, make_guest(organisation=host_of_guests()))
        today = clock.today(programme.timezone)
        db.session.execute(update(Application).values(waiting_since=today - timedelta(days=8), due_on=today + timedelta(days=2)))
        db.session.execute(update(OutboxMessage).values(state="dropped"))
        db.session.commit()
        yield app


def host_of_guests() -> Any:
    return make_organisation(country="PT", city="Aveiro")


@contextmanager
def processes(url: str, count: int, *arguments: str, **settings: str) -> Iterator[list[BaseProcess]]:
    started = [start_flask(url, *arguments, **settings) for _ in range(count)]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.join()


def exit_status(process: BaseProcess) -> int | None:
    """Its exit status; None when it does not end."""
    process.join(90)
    return process.exitcode


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "It did not happen in time"
        time.sleep(0.05)
        db.session.rollback()


def reminders(*states: str) -> int:
    query = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.kind == "reminder")
    return db.session.scalar(query.where(OutboxMessage.state.in_(states)) if states else query) or 0


def test_four_schedulers_with_kills_in_the_middle_remind_everybody_once(crowd: Flask, fresh_database: str) -> None:
    with running_smtp_server() as mail:
        settings = {"MAIL_URL": mail.url, "BASE_URL": "http://localhost"}
        with processes(fresh_database, 4, "scheduler", **settings) as running:
            until(lambda: len(mail.messages) >= 5)
            for process in running[:2]:
                os.kill(process.pid, signal.SIGKILL)
            until(lambda: reminders() == 2 * COUNT)
            # what the killed had taken is taken up when their lease has ended: now, for the test's sake
            with transaction():
                ended = clock.utc_now() - timedelta(seconds=1)
                db.session.execute(update(OutboxMessage).where(OutboxMessage.state == "sending").values(leased_until=ended))
            until(lambda: reminders("sent") == 2 * COUNT)
            for process in running[2:]:
                process.terminate()
            assert [exit_status(process) for process in running[2:]] == [0, 0]
        about_each = db.session.execute(
            select(OutboxMessage.subject_id, OutboxMessage.recipient_id, func.count())
            .where(OutboxMessage.kind == "reminder")
            .group_by(OutboxMessage.subject_id, OutboxMessage.recipient_id)
        ).all()
        assert len(about_each) == 2 * COUNT
        assert {count for _, _, count in about_each} == {1}
        assert {received.message_id for received in mail.messages} >= set(
            db.session.scalars(select(OutboxMessage.message_id).where(OutboxMessage.kind == "reminder"))
        )


def test_four_at_once_lapse_each_application_once(crowd: Flask, fresh_database: str) -> None:
    db.session.execute(update(Application).values(due_on=clock.today() - timedelta(days=2)))
    db.session.commit()
    with processes(fresh_database, 4, "run-job", "lapse-applications") as running:
        assert [exit_status(process) for process in running] == [0] * 4
    db.session.rollback()
    assert set(db.session.scalars(select(Application.state))) == {"lapsed"}
    lapses = select(func.count()).select_from(HistoryEntry).where(HistoryEntry.action == "lapse")
    assert db.session.scalar(lapses) == COUNT
