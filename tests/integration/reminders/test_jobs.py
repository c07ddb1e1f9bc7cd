"""What happens by itself, and the commands that run it by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility import jobs
from mobility.applications.models import Application
from mobility.core import clock as core_clock
from mobility.core.database import db
from mobility.core.forms import FormReceipt
from mobility.notifications.models import OutboxMessage
from mobility.programmes import queries as programmes
from mobility.upkeep import runs
from tests.support.factories import make_accepted, make_exchange, make_programme, make_submitted, make_theme, make_voucher

pytestmark = pytest.mark.usefixtures("db_session")


def run(name: str) -> str:
    db.session.commit()
    return str(jobs.run(name))


def state_of(subject: Any) -> str:
    db.session.rollback()
    return db.session.scalar(select(type(subject).state).where(type(subject).id == subject.id)) or ""


def test_an_application_lapses_the_day_after_its_deadline(clock: ModuleType) -> None:
    submitted, accepted = make_submitted(), make_accepted()
    clock.move(days=7)
    assert run("lapse-applications") == ""
    clock.move(days=1)
    assert run("lapse-applications") == "1 applications: lapse"
    assert (state_of(submitted), state_of(accepted)) == ("submitted", "lapsed")
    clock.move(days=3)
    assert run("lapse-applications") == "1 applications: lapse"
    assert state_of(submitted) == "lapsed"
    assert run("lapse-applications") == ""


def test_each_programme_has_its_own_midnight(clock: ModuleType) -> None:
    early = make_submitted(make_theme(programme=make_programme(timezone="Europe/Helsinki")))
    late = make_submitted(make_theme(programme=make_programme(timezone="Europe/Lisbon")))
    clock.set_to(datetime(2027, 3, 11, 22, 30, tzinfo=UTC))
    assert run("lapse-applications") == "1 applications: lapse"
    assert (state_of(early), state_of(late)) == ("lapsed", "submitted")


def test_an_unused_voucher_expires_the_day_after(clock: ModuleType) -> None:
    voucher = make_voucher()
    voucher.state, voucher.waiting_for, voucher.waiting_since = "issued", "redemption", date(2027, 3, 1)
    voucher.valid_from, voucher.valid_until, voucher.due_on = date(2027, 3, 1), date(2027, 3, 31), date(2027, 3, 31)
    voucher.budget_line_id = None
    clock.move(days=30)
    assert run("expire-vouchers") == ""
    clock.move(days=1)
    assert run("expire-vouchers") == "1 vouchers: expire"
    assert state_of(voucher) == "expired"


def test_a_self_funded_exchange_starts_on_its_first_day(clock: ModuleType) -> None:
    exchange = make_exchange(self_funded=True, signed=True)
    clock.set_to(core_clock.noon_of(exchange.first_day - timedelta(days=1)))
    assert run("start-exchanges") == ""
    clock.move(days=1)
    assert run("start-exchanges") == "1 exchanges: start"
    assert state_of(exchange) == "in_progress"


def test_an_exchange_without_its_voucher_does_not_start(clock: ModuleType) -> None:
    exchange = make_exchange(signed=True)
    clock.set_to(core_clock.noon_of(exchange.first_day))
    assert run("start-exchanges") == ""
    assert state_of(exchange) == "agreed"


def test_a_theme_is_closed_when_nobody_can_apply_any_more(clock: ModuleType) -> None:
    theme = make_theme()
    assert run("close-themes") == ""
    clock.move(days=21)
    assert run("close-themes") == "1 themes: close"
    assert state_of(theme) == "closed"


def test_one_that_fails_does_not_stop_the_others(clock: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    applications = [make_submitted() for _ in range(3)]
    bad = applications[1].id
    clock.move(days=11)
    original = jobs.applications.lapse

    def lapse(application: Application, *, by: Any) -> None:
        if application.id == bad:
            application.state = "broken"
            raise RuntimeError("broken")
        original(application, by=by)

    job = jobs.after_the_deadline(Application, "lapse", lapse)
    db.session.commit()
    assert str(job.run()) == "2 applications: lapse, 1 FAILED"
    assert [state_of(each) for each in applications] == ["lapsed", "submitted", "lapsed"]


def test_asked_to_stop_a_job_stops_after_the_object_at_hand(clock: ModuleType) -> None:
    make_submitted()
    clock.move(days=11)
    runs.STOPPING.set()
    try:
        assert run("lapse-applications") == ""
    finally:
        runs.STOPPING.clear()
    assert run("lapse-applications") == "1 applications: lapse"


def test_tidy_deletes_what_is_old_and_nothing_else(clock: ModuleType) -> None:
    db.session.add(FormReceipt(key="old"))
    db.session.flush()
    clock.move(days=31)
    db.session.add(FormReceipt(key="new"))
    assert run("tidy") == "1 old rows deleted"
    assert db.session.scalars(select(FormReceipt.key)).all() == ["new"]


def test_without_a_mail_server_the_outbox_is_kept(clock: ModuleType) -> None:
    make_submitted()
    assert run("deliver-outbox") == "1 kept"


@pytest.mark.parametrize(
    ("timezones", "expected"),
    [
        ((), datetime(2027, 3, 4, 12, tzinfo=UTC)),
        (("Europe/Brussels", "Atlantic/Azores"), datetime(2027, 3, 4, 12, tzinfo=UTC)),
        (("Europe/Brussels", "Pacific/Auckland"), datetime(2027, 3, 4, 10, tzinfo=UTC)),
        (("Pacific/Kiritimati",), datetime(2027, 3, 4, 9, tzinfo=UTC)),
    ],
)
def test_a_day_is_that_day_in_every_programme(timezones: tuple[str, ...], expected: datetime) -> None:
    for timezone in timezones:
        make_programme(timezone=timezone)
    found = programmes.instant_of(date(2027, 3, 4))
    for timezone in timezones:
        with core_clock.at(found):
            assert core_clock.today(timezone) == date(2027, 3, 4)
    assert found == expected


@pytest.fixture
def flask_command(app: Flask) -> Callable[..., Any]:
    def invoke(*arguments: str) -> Any:
        db.session.commit()
        result = app.test_cli_runner().invoke(args=list(arguments))
        db.session.rollback()
        return result

    return invoke


def test_a_job_is_run_by_hand_as_if_it_were_another_day(flask_command: Callable[..., Any]) -> None:
    make_submitted()
    assert flask_command("run-job", "queue-reminders").output == "queue-reminders: nothing to do\n"
    result = flask_command("run-job", "queue-reminders", "--on", "2027-03-06")
    assert (result.exit_code, result.output) == (0, "queue-reminders: 1 reminders queued\n")
    query = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.kind == "reminder")
    assert db.session.scalar(query) == 1
    assert core_clock.today() == date(2027, 3, 1)


def test_an_unknown_job_names_the_jobs(flask_command: Callable[..., Any]) -> None:
    result = flask_command("run-job", "nonsense")
    assert result.exit_code == 2
    assert "deliver-outbox, advance-imports, make-digests, lapse-applications" in result.output
    assert flask_command("run-job", "tidy", "--on", "yesterday").exit_code == 2


def test_the_ledger_is_checked(flask_command: Callable[..., Any]) -> None:
    assert flask_command("check-ledger").output == "The ledger is in order.\n"


def test_an_administrator_is_made_and_the_link_printed(flask_command: Callable[..., Any]) -> None:
    result = flask_command("create-administrator", "ada@example.org", "Ada")
    assert result.exit_code == 0
    assert result.output.startswith("http://localhost/")
    assert flask_command("create-administrator", "nonsense", "Ada").exit_code == 1
