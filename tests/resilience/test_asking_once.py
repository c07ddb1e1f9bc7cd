"""Four schedulers at once, some killed in the middle: everybody is asked exactly once, and gets one mail."""

import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from types import ModuleType

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.followup.models import Asking, QuestionnaireRequest
from mobility.notifications.models import OutboxMessage
from mobility.people.roles import Role
from mobility.workflows.history import HistoryEntry, PromiseRecord
from tests.resilience.test_schedulers import exit_status, processes, until
from tests.support.factories import make_agreed_exchange, make_member
from tests.support.followups import visited

COUNT = 25
LAST_DAY = date(2027, 3, 5)


@pytest.fixture
def ended(fresh_database: str, app_on: Callable[..., Flask], clock: ModuleType) -> Iterator[Flask]:
    """So many stays that ended a week ago, in one programme."""
    app = app_on(fresh_database)
    with app.app_context():
        programme = visited(LAST_DAY).programme
        for _ in range(COUNT - 1):
            days = {"first_day": LAST_DAY - timedelta(days=4), "last_day": LAST_DAY}
            exchange = make_agreed_exchange(programme=programme, state="completed", self_funded=True, **days)
            exchange.actual_first_day, exchange.actual_last_day = exchange.first_day, LAST_DAY
            exchange.confirmed_by = make_member(exchange.host, Role.COORDINATOR)
        db.session.commit()
        clock.set_to(datetime(2027, 3, 12, 9, tzinfo=UTC))
        yield app


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def assert_each_was_asked_once() -> None:
    """Guest and host of each; the delegates' round is done too, though there are none."""
    assert count(QuestionnaireRequest) == 2 * COUNT
    assert count(Asking) == 3 * COUNT
    asked = select(QuestionnaireRequest.exchange_id, QuestionnaireRequest.questionnaire_id, func.count())
    rows = db.session.execute(asked.group_by(QuestionnaireRequest.exchange_id, QuestionnaireRequest.questionnaire_id)).all()
    assert {number for _, _, number in rows} == {1}
    assert len({id for id, _, _ in rows}) == count(Exchange) == COUNT
    mails = select(OutboxMessage.subject_id, func.count()).where(OutboxMessage.kind == "questionnaire")
    sent = db.session.execute(mails.group_by(OutboxMessage.subject_id)).all()
    assert len(sent) == 2 * COUNT
    assert {number for _, number in sent} == {1}
    for model in (HistoryEntry, PromiseRecord):
        made = select(func.count()).select_from(model).where(model.subject_type == "followup")
        assert db.session.scalar(made) == 2 * COUNT, model


def test_four_at_once_ask_once(ended: Flask, fresh_database: str) -> None:
    with processes(fresh_database, 4, "run-job", "ask-questionnaires", BASE_URL="http://localhost") as running:
        assert [exit_status(process) for process in running] == [0] * 4
    db.session.rollback()
    assert_each_was_asked_once()


def test_killed_in_the_middle_and_asked_again(ended: Flask, fresh_database: str) -> None:
    with processes(fresh_database, 2, "run-job", "ask-questionnaires", BASE_URL="http://localhost") as running:
        until(lambda: count(QuestionnaireRequest) >= 3)
        for process in running:
            os.kill(process.pid or 0, signal.SIGKILL)
    db.session.rollback()
    with processes(fresh_database, 1, "run-job", "ask-questionnaires", BASE_URL="http://localhost") as running:
        assert exit_status(running[0]) == 0
    db.session.rollback()
    assert_each_was_asked_once()
