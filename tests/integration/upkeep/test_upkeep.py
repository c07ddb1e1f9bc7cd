"""Runs of jobs are kept; administrators are told what is wrong, at home and by mail; machines may ask."""

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from mobility import jobs
from mobility.core import clock as time
from mobility.core.database import db, transaction
from mobility.notifications.delivery import deliver_pending
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.retention.night import remove_old_data
from mobility.upkeep import operations, watch
from mobility.upkeep.models import JobRun, JobState
from mobility.upkeep.runs import Job, Report, Timetable
from tests.integration.running.test_requests import away
from tests.support import factories
from tests.support.client import Visitor
from tests.support.processes import ROOT
from tests.support.smtp import SmtpServer

TOKEN = "0123456789abcdef0123"
NEWEST = max(path.name.partition("_")[0] for path in (ROOT / "migrations" / "versions").glob("0*.py"))


@pytest.fixture(autouse=True)
def no_backups_wanted(app: Flask) -> None:
    app.config["BACKUP_DAYS"] = 0


Play = Callable[[Callable[[], Report]], None]


@pytest.fixture
def admin(db_session: Any) -> User:
    petra = factories.make_user(name="Petra Novák", is_administrator=True)
    db_session.commit()
    return petra


@pytest.fixture
def play(app: Flask, db_session: Any) -> Play:
    """Runs a job that does what is given, as the scheduler runs it."""
    acts: list[Callable[[], Report]] = []
    timetable = Timetable((Job("tidy", lambda: acts.pop()(), {}),))

    def run(act: Callable[[], Report]) -> None:
        acts.append(act)
        db.session.commit()
        timetable.run_and_keep("tidy")

    return run


def broken() -> Report:
    raise ZeroDivisionError("a fault")


def runs() -> list[tuple[str, int, str]]:
    db.session.rollback()
    return [(each.done, each.failed, each.error) for each in db.session.scalars(select(JobRun).order_by(JobRun.id))]


def state() -> tuple[int, int, str, int]:
    db.session.rollback()
    found = db.session.scalars(select(JobState)).one()
    return found.runs, found.failures, found.done, found.failed


def mails() -> list[tuple[str, str]]:
    db.session.rollback()
    rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "upkeep").order_by(OutboxMessage.id))
    return [(each.address, each.subject_line) for each in rows]


def tick(**ago: int) -> None:
    """A scheduler has run a job so long ago."""
    db.session.commit()
    with transaction():
        operations.keep_run(operations.Ran("tidy", time.utc_now() - timedelta(**ago), 0.5))


# Runs


def test_what_a_job_did_is_kept_and_what_failed(play: Play) -> None:
    play(lambda: Report("3 old rows deleted"))
    play(lambda: Report("1 old row deleted", 2))
    with pytest.raises(ZeroDivisionError):
        play(broken)
    assert runs() == [
        ("3 old rows deleted", 0, ""),
        ("1 old row deleted", 2, "The log says what failed."),
        ("", 1, "a fault"),
    ]
    assert state() == (3, 2, "", 1)


def test_a_job_with_nothing_to_do_is_noted_once_a_minute(play: Play) -> None:
    for _ in range(3):
        play(Report)
    assert runs() == []
    assert state() == (1, 0, "", 0)
    play(lambda: Report("3 old rows deleted"))
    play(Report)
    assert state() == (3, 0, "", 0), "the first after one that did something is noted at once: it says that all is well again"


def test_runs_are_forgotten_after_ninety_days(play: Play, clock: ModuleType) -> None:
    """Once enough nights have only reported."""
    play(lambda: Report("3 old rows deleted"))
    clock.move(days=83)
    for _ in range(7):
        remove_old_data()
        clock.move(days=1)
    remove_old_data()  # ninety days
    assert len(runs()) == 1
    clock.move(days=1)
    remove_old_data()
    assert runs() == []


def test_a_run_that_cannot_be_kept_is_told_and_changes_nothing(
    play: Play, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_ran: Any) -> None:
        raise ZeroDivisionError("the table is gone")

    monkeypatch.setattr(operations, "keep_run", fail)
    play(lambda: Report("3 old rows deleted"))
    assert "keeping the run of tidy failed" in caplog.text


# Telling administrators


def test_each_administrator_gets_one_mail_about_each_trouble(admin: User, db_session: Any, play: Play) -> None:
    factories.make_user(name="Somebody Else")
    with pytest.raises(ZeroDivisionError):
        play(broken)
    for _ in range(3):
        jobs.tell_administrators()
    assert mails() == [(admin.email, "The job tidy failed")]
    play(Report)
    assert jobs.tell_administrators().done == ""


def test_dead_mail_is_told_once_and_again_when_there_is_more(admin: User, db_session: Any) -> None:
    tick(minutes=1)
    for number in (1, 2):
        db_session.add(dead(number))
        db_session.commit()
        jobs.tell_administrators()
        jobs.tell_administrators()
    assert [subject for _, subject in mails()] == ["A message could not be sent", "2 messages could not be sent"]


def test_our_own_mail_that_cannot_be_sent_is_no_reason_for_another(admin: User, db_session: Any) -> None:
    tick(minutes=1)
    db_session.add(dead(1, kind="upkeep"))
    db_session.commit()
    assert jobs.tell_administrators().done == ""


def dead(number: int, kind: str = "reminder") -> OutboxMessage:
    words = {"subject_line": "Hello", "text": "Hello", "message_id": f"<{number}@x>", "dedupe_key": f"k{number}"}
    return OutboxMessage(kind=kind, address="gone@example.org", state="dead", **words)


def test_without_a_scheduler_the_web_writes_and_sends_the_mail(app: Flask, admin: User, smtp_server: SmtpServer) -> None:
    app.config["MAIL_URL"] = smtp_server.url
    tick(minutes=9)
    assert watch.look() == 0
    tick(minutes=11)
    assert [watch.look(), watch.look()] == [1, 0]
    (letter,) = smtp_server.to(admin.email)
    assert letter.subject == "No scheduler has run for 11 minutes"
    assert "flask --app wsgi scheduler" in letter.text()


def test_the_web_sends_that_mail_alone(app: Flask, admin: User, smtp_server: SmtpServer, db_session: Any) -> None:
    """All others are the scheduler's: it takes back what is no longer true."""
    app.config["MAIL_URL"] = smtp_server.url
    waiting = dead(1)
    waiting.state = "waiting"
    db_session.add(waiting)
    db_session.commit()
    watch.look()
    assert smtp_server.to("gone@example.org") == []
    deliver_pending()
    assert len(smtp_server.to("gone@example.org")) == 1


def test_the_first_page_of_an_administrator_says_it_and_nobody_elses(admin: User, visitor: Visitor) -> None:
    tick(minutes=11)
    assert "No scheduler has run for 11 minutes" in visitor(admin).get("/").text
    assert "No scheduler" not in visitor(factories.make_user()).get("/").text
    tick(minutes=1)
    assert "No scheduler" not in visitor(admin).get("/").text


def test_the_page_shows_jobs_runs_and_the_version(admin: User, visitor: Visitor, play: Play) -> None:
    play(lambda: Report("3 old rows deleted"))
    with pytest.raises(ZeroDivisionError):
        play(broken)
    page = visitor(admin).get("/admin/upkeep")
    assert page.status_code == 200
    for words in (
        "The job tidy failed",
        "3 old rows deleted",
        "a fault",
        "1 of 2",
        "Version",
        "0.1.0, commit ",
        f"Migration {NEWEST}",
    ):
        assert words in page.text, words
    failed = visitor(admin).get("/admin/upkeep?failed=1&job=tidy").text
    assert "a fault" in failed
    assert "3 old rows deleted" not in failed
    assert visitor(factories.make_user()).get("/admin/upkeep").status_code == 404


# Machines


def test_ready_says_what_pages_need(app: Flask, db_session: Any, clock: ModuleType) -> None:
    with_tables(NEWEST)
    tick(minutes=3)
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.text) == (
        200,
        f"tables: ok, as of {NEWEST}\nfiles: ok, can be kept\nscheduler: ok, ran 3 minutes ago\n",
    )


def with_tables(*revisions: str) -> None:
    """As migrations note them; the tests' own tables are made without any."""
    db.session.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
    db.session.execute(text("DELETE FROM alembic_version"))
    for each in revisions:
        db.session.execute(text("INSERT INTO alembic_version VALUES (:each)"), {"each": each})
    db.session.commit()


def test_a_late_scheduler_stops_no_page(app: Flask, db_session: Any) -> None:
    with_tables(NEWEST)
    tick(minutes=13)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 200
    assert "scheduler: NOT OK, ran 13 minutes ago" in answer.text


def test_other_tables_are_not_ready(app: Flask, db_session: Any) -> None:
    with_tables("0023")
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    told = f"tables: NOT OK, the tables are those of 0023, the code wants those of {NEWEST}: `flask --app wsgi db upgrade`"
    assert told in answer.text


def test_without_room_for_files_it_is_not_ready(app: Flask, db_session: Any) -> None:
    with_tables(NEWEST)
    app.config["FILES_URL"] = "file:///proc/sys/files"
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "files: NOT OK, nothing can be kept at FILES_URL; the log says why" in answer.text


def test_without_a_database_it_is_alive_and_not_ready(app: Flask, db_session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlalchemy.engine.Connection._execute_context", away)
    assert (app.test_client().get("/healthz").status_code, app.test_client().get("/healthz").text) == (200, "ok\n")
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.text.startswith("database: NOT OK, the database does not answer")


def test_metrics_are_for_whoever_has_the_token(app: Flask, db_session: Any) -> None:
    db_session.add(dead(1))
    tick(minutes=3)
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    client = app.test_client()
    assert client.get("/metrics", headers=bearer).status_code == 404
    app.config["METRICS_TOKEN"] = TOKEN
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer other"}).status_code == 404
    lines = client.get("/metrics", headers=bearer).text.splitlines()
    last = (time.utc_now() - timedelta(minutes=3)).timestamp()
    assert "mobility_outbox_dead 1.0" in lines
    assert f'mobility_job_last_run_timestamp_seconds{{job="tidy"}} {last!r}'.replace("1803891420.0", "1.80389142e+09") in lines
    assert 'mobility_job_last_run_seconds{job="tidy"} 0.5' in lines
    assert 'mobility_promises_overdue{subject="voucher"} 0.0' in lines
