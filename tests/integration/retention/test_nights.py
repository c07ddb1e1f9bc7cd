"""Nights: first they report, then they act; never on what is open, and once, however many run."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from mobility.accounts.models import MailedLink
from mobility.applications.models import Application
from mobility.audit import checks as audit_checks
from mobility.audit.models import AuditEntry
from mobility.budgets import checks
from mobility.claims.checks import check_files
from mobility.claims.models import Evidence
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.findings import operations as findings
from mobility.imports.models import Import
from mobility.jobs import sweep_files
from mobility.joining.models import JoinRequest
from mobility.notifications.models import OutboxMessage
from mobility.notifications.rendering import html_of
from mobility.retention import operations, queries
from mobility.retention.models import RetentionNight, RetentionPeriod
from mobility.retention.night import remove_old_data
from mobility.retention.queries import GONE
from mobility.retention.rules import BY_KEY, NIGHTS
from mobility.talking.models import Conversation, Message, MessageFile, MessageReport, Reader
from mobility.upkeep.models import JobRun
from mobility.uploads import files
from tests.support.cases import Case, make_account
from tests.support.factories import make_draft, make_organisation, make_submitted, make_theme, make_user, sign_in
from tests.support.html import text_of
from tests.support.joining import make_joining
from tests.support.letters import letter

LONG = 4 * 365  # days; longer than every period but that of evidence


@pytest.fixture(autouse=True)
def store(app: Flask, tmp_path: Path) -> Path:
    app.config["FILES_URL"] = (tmp_path / "files").as_uri()
    app.config["AUDIT_HEADS"] = (tmp_path / "heads").as_uri()
    return tmp_path / "files"


def kept(folder: Path) -> int:
    return sum(1 for each in folder.rglob("*") if each.is_file())


def may_act(*keys: str) -> None:
    """As if enough nights had reported."""
    with transaction():
        for key in keys:
            operations._there(BY_KEY[key]).nights = NIGHTS


def run(*keys: str, days: int = LONG) -> dict[str, tuple[int, int]]:
    """A night after so many days, in which these classes act: (rows, files) that went of each."""
    db.session.commit()
    may_act(*keys)
    clock.move(days=days)
    assert "FAILED" not in str(remove_old_data())
    db.session.expire_all()
    found = db.session.scalars(select(RetentionNight).where(RetentionNight.on_day == clock.today("Europe/Brussels")))
    return {each.key: (each.gone, each.files) for each in found if each.gone}


def told() -> list[tuple[str, dict[str, Any]]]:
    """What the audit log says went."""
    entries = select(AuditEntry).where(AuditEntry.act == "retention_done").order_by(AuditEntry.id)
    return [(each.about, each.after) for each in db.session.scalars(entries)]


def mail(**facts: Any) -> OutboxMessage:
    written = letter("Act", "Words")
    known = {"kind": "reminder", "address": "a@example.org", **vars(written), "earlier_html": "<p>Words</p>"}
    made = OutboxMessage(**{**known, "message_id": "<1>", "dedupe_key": f"k{len(facts)}{facts}", "state": "sent", **facts})
    db.session.add(made)
    db.session.flush()
    return made


# First a report


def test_seven_nights_only_report_and_the_eighth_acts(db_session: Any, clock: Any) -> None:
    run_by = make_user(is_administrator=True)
    old = mail(recipient_id=run_by.id)
    db_session.commit()
    clock.move(days=400)
    for _ in range(NIGHTS):
        assert "rows emptied" not in str(remove_old_data())
        remove_old_data()  # again in the same night: nothing is counted twice
        clock.move(days=1)
    db_session.expire_all()
    assert old.text == "Words"
    nights = queries.nights("mails")
    assert [(each.found, each.acts, each.oldest.isoformat()) for each in nights] == [(1, False, "2027-03-01")] * NIGHTS
    assert told() == []
    assert "1 rows emptied or removed" in str(remove_old_data())
    db_session.expire_all()
    assert (old.subject_line, old.text, html_of(old), old.state, old.parts) == (GONE, GONE, GONE, "sent", None)
    assert told() == [("Mails: 1", {"rows": 1, "files": 0, "kept": "1 year"})]
    assert str(remove_old_data()) == ""
    mails = db_session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "retention_reported")).all()
    assert [each.recipient_id for each in mails] == [run_by.id, run_by.id]  # the first night and the last that only reports
    line = "Mails, kept for 1 year: 1, the oldest of 1 March 2027."
    assert [each.text.partition(line)[2].split("\n")[0].strip() for each in mails] == [
        "6 more nights only report.",
        "The next night removes them.",
    ]


def test_a_shorter_period_reports_anew_and_a_longer_one_acts_on(db_session: Any, clock: Any) -> None:
    admin = make_user(is_administrator=True)
    mail()
    db_session.commit()
    may_act("mails")
    with transaction():
        operations.set_period(BY_KEY["mails"], by=db.session.merge(admin), days=400, reason="Longer.", seen=1)
    assert db_session.scalars(select(RetentionPeriod.nights).where(RetentionPeriod.key == "mails")).one() == NIGHTS
    with transaction():
        operations.set_period(BY_KEY["mails"], by=db.session.merge(admin), days=30, reason="Shorter.", seen=2)
    clock.move(days=40)
    remove_old_data()
    assert told() == []
    [night] = queries.nights("mails")
    assert (night.acts, night.found, night.days) == (False, 1, 30)
    said = db_session.scalars(select(AuditEntry).where(AuditEntry.act == "retention_changed").order_by(AuditEntry.id)).all()
    assert [(each.about, each.before, each.after) for each in said] == [
        ("Mails", {"kept": "1 year"}, {"kept": "400 days", "reason": "Longer."}),
        ("Mails", {"kept": "400 days"}, {"kept": "30 days", "reason": "Shorter."}),
    ]


def test_what_is_kept_for_ever_is_not_even_looked_at(db_session: Any, clock: Any) -> None:
    admin = make_user(is_administrator=True)
    old = mail()
    db_session.commit()
    with transaction():
        operations.set_period(BY_KEY["mails"], by=db.session.merge(admin), days=None, reason="All.", seen=1)
    clock.move(days=LONG)
    remove_old_data()
    db_session.expire_all()
    assert old.text == "Words"
    assert queries.nights("mails") == []


def test_a_night_is_that_of_the_house(db_session: Any, clock: Any) -> None:
    """23:30 UTC is half past midnight in Brussels: the next night."""
    db_session.commit()
    clock.set_to(datetime(2027, 3, 1, 12, 0, tzinfo=UTC))
    remove_old_data()
    clock.set_to(datetime(2027, 3, 1, 23, 30, tzinfo=UTC))
    remove_old_data()
    assert [each.on_day.isoformat() for each in queries.nights("mails")] == ["2027-03-02", "2027-03-01"]


# Broken off


def test_a_night_that_was_broken_off_goes_on(db_session: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "AT_ONCE", 2)
    for number in range(5):
        mail(dedupe_key=str(number))
    db_session.commit()
    may_act("mails")
    clock.move(days=LONG)
    kind, day = BY_KEY["mails"], clock.today("Europe/Brussels")
    with transaction():
        assert operations.begin(kind, day)
    with transaction():
        assert len(operations.step(kind, day, 0)) == 2
    # killed here
    assert told() == []
    assert "3 rows emptied" in str(remove_old_data())
    assert told() == [("Mails: 5", {"rows": 5, "files": 0, "kept": "1 year"})]


def test_what_a_broken_night_did_is_told_the_day_after(db_session: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "AT_ONCE", 2)
    for number in range(5):
        mail(dedupe_key=str(number))
    db_session.commit()
    may_act("mails")
    clock.move(days=LONG)
    kind, day = BY_KEY["mails"], clock.today("Europe/Brussels")
    with transaction():
        operations.begin(kind, day)
    with transaction():
        operations.step(kind, day, 0)
    clock.move(days=1)
    remove_old_data()
    assert [about for about, _ in told()] == ["Mails: 2", "Mails: 3"]


def test_a_period_that_changes_in_the_night_ends_it(db_session: Any, clock: Any) -> None:
    admin = make_user(is_administrator=True)
    old = mail()
    db_session.commit()
    may_act("mails")
    clock.move(days=LONG)
    kind, day = BY_KEY["mails"], clock.today("Europe/Brussels")
    with transaction():
        operations.begin(kind, day)
    with transaction():
        operations.set_period(kind, by=db.session.merge(admin), days=None, reason="Stop.", seen=1)
    with transaction():
        assert operations.step(kind, day, 0) == []
    db_session.expire_all()
    assert old.text == "Words"


# What goes, and what stays


def test_mails(db_session: Any, clock: Any) -> None:
    """What waits stays; what could not be sent is not tried again without its text."""
    waiting, dead = mail(state="waiting"), mail(state="dead")
    sent = mail(reply_to="x@example.org", calendar="BEGIN", last_error="x@example.org is unknown")
    assert run("mails") == {"mails": (2, 0)}
    fresh = mail(dedupe_key="fresh")
    assert (waiting.text, waiting.state) == ("Words", "waiting")
    assert (dead.text, dead.state) == (GONE, "dropped")
    assert (sent.reply_to, sent.calendar, sent.last_error) == ("", "", "")
    db_session.commit()
    clock.move(days=1)
    remove_old_data()
    db_session.expire_all()
    assert fresh.text == "Words"


def test_requests_to_join(db_session: Any, clock: Any) -> None:
    declined, opened = make_joining().request, make_joining(first="Other").request
    joined = make_joining(first="Third").request
    for each, state in ((declined, "declined"), (joined, "joined")):
        each.state, each.waiting_for, each.due_on, each.waiting_since = state, None, None, None
    ids = [opened.id, joined.id]
    assert run("join_requests") == {"join_requests": (1, 0)}
    assert list(db_session.scalars(select(JoinRequest.id).order_by(JoinRequest.id))) == ids


def _end(application: Application, state: str) -> None:
    application.state, application.waiting_for, application.due_on, application.waiting_since = state, None, None, None


def test_applications(db_session: Any, clock: Any) -> None:
    """Of what came to nothing the words and names go; of what is open, or became an exchange, nothing."""
    declined, still = make_submitted(), make_submitted()
    _end(declined, "declined")
    assert run("applications") == {"applications": (1, 0)}
    assert (declined.motivation, declined.objectives, declined.brings) == (GONE, GONE, GONE)
    assert {(each.name, each.email) for each in declined.delegates} == {(GONE, "")}
    assert declined.delegates[0].level
    assert still.motivation != GONE
    assert run("applications", days=1) == {}


def test_drafts_of_applications(db_session: Any, clock: Any) -> None:
    """As long as the theme takes applications, a draft is kept."""
    over, still = make_draft(motivation="Mine"), make_draft(motivation="Mine")
    over.theme.state, still.theme.apply_by = "archived", clock.today() + timedelta(days=2 * LONG)
    version = over.version
    assert run("application_drafts") == {"application_drafts": (1, 0)}
    assert (over.motivation, over.version, still.motivation) == ("", version + 1, "Mine")
    assert (over.delegates, len(still.delegates)) == ([], 1)


def test_evidence_after_ten_years_and_the_books_still_prove(full: Case, db_session: Any, clock: Any, store: Path) -> None:
    make_account(full.holder)
    full.take_to("validated")
    [before] = db_session.scalars(select(Evidence)).all()
    key = before.key
    assert run("evidence", days=15 * 365) == {}  # validated: it waits for its payment
    full.voucher.state, full.voucher.waiting_for, full.voucher.due_on = "lapsed", None, None
    full.voucher.paid_on = clock.today()
    assert run("evidence", days=9 * 365) == {}
    assert files.store().read(key)
    assert run("evidence", days=2 * 366) == {"evidence": (1, 1)}
    assert (before.name, before.content_type) == (f"removed-{before.id}.txt", "text/plain")
    with pytest.raises(files.Unavailable):
        files.store().read(key)
    assert b"removed when its time was over" in files.store().read(before.key)
    assert [*check_files()] == []
    assert [*checks.check_books()] == []
    assert audit_checks.check().wrong == []
    assert run("evidence", days=1) == {}
    assert kept(store) == 1


def _talk(**about: Any) -> tuple[Conversation, Message]:
    """A question to a host, with a message and its file, and a draft with another."""
    guest = make_user()
    asked = {"theme": make_theme(), "guest": guest, "guest_organisation": make_organisation()} if not about else {}
    talk = Conversation(title="A question", newest_at=clock.utc_now(), **about, **asked)
    facts = {"author_name": guest.name, "organisation_name": "X", "side": "guest", "text": "Secret", "address": guest.email}
    message, reader = (
        Message(conversation=talk, author=guest, **facts),
        Reader(conversation=talk, person_id=guest.id, draft="Begun"),
    )
    db.session.add_all((talk, message, reader))
    db.session.flush()
    for place in ({"message": message}, {"reader": reader}):
        key = files.store().save(b"secret")
        about_file = {"name": "a.pdf", "content_type": "application/pdf", "size": 6, "sha256": "x", "key": key}
        db.session.add(MessageFile(added_by_id=guest.id, **place, **about_file))
    db.session.flush()
    return talk, message


def test_messages_of_cases_that_are_over(full: Case, db_session: Any, clock: Any, store: Path) -> None:
    """Of an exchange, with all that is paid for it; of a theme that takes no questions any more."""
    asked, told = _talk()
    _, open_ = _talk(exchange=full.exchange)
    asked.theme.state = "archived"
    assert run("messages") == {"messages": (1, 1)}
    assert (told.text, told.address, told.author_name != "") == ("", "", True)
    assert open_.text == "Secret"
    full.exchange.state, full.exchange.waiting_for, full.exchange.due_on = "cancelled", None, None
    assert run("messages", days=1) == {}  # its voucher is open
    full.voucher.state, full.voucher.waiting_for, full.voucher.due_on = "withdrawn", None, None
    assert run("messages", days=1) == {"messages": (1, 1)}
    assert open_.text == ""
    assert kept(store) == 2  # those of the drafts
    assert run("message_drafts", days=1) == {"message_drafts": (2, 2)}
    assert kept(store) == 0
    assert audit_checks.check().wrong == []


def test_a_message_that_was_reported_and_not_answered_stays(db_session: Any, clock: Any) -> None:
    talk, message = _talk()
    talk.theme.state = "archived"
    report = MessageReport(message=message, reporter=make_user(), reason="Rude")
    db_session.add(report)
    assert run("messages") == {}
    report.decided_at, report.decided_by_id, report.answer = clock.utc_now(), make_user().id, "It stays."
    assert run("messages", days=1) == {"messages": (1, 1)}
    assert (report.reason, report.answer) == ("", "")


@pytest.mark.parametrize(
    "statement", ["UPDATE message SET text = 'Other'", "UPDATE message SET side = 'host'", "DELETE FROM message"]
)
def test_even_at_work_messages_are_emptied_and_nothing_else(db_session: Any, statement: str) -> None:
    _talk()
    night = {"key": "messages", "on_day": clock.today(), "version": 1, "days": 1, "found": 1, "acts": True}
    db_session.add(RetentionNight(**night, working=True))
    db_session.commit()
    with pytest.raises(IntegrityError, match="never changed"), db.engine.begin() as connection:
        connection.execute(text(statement))
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE message SET text = '', address = ''"))


def test_outside_the_night_no_message_is_emptied(db_session: Any) -> None:
    _talk()
    db_session.commit()
    with pytest.raises(IntegrityError, match="never changed"), db.engine.begin() as connection:
        connection.execute(text("UPDATE message SET text = '', address = ''"))


def test_imports(db_session: Any, clock: Any, store: Path) -> None:
    """What was entered and may be undone stays; a file nobody went on with is discarded."""
    admin = make_user(is_administrator=True)
    made = {}
    for stage in ("released", "entered", "checked", "received"):
        facts = {"name": f"{stage}.csv", "sha256": stage, "size": 3, "sheets": [{"rows": ["Ana"]}], "report": {"faults": ["Ana"]}}
        made[stage] = Import(by=admin, key=files.store().save(b"Ana"), stage=stage, **facts)
    made["released"].released_at = clock.utc_now()
    db_session.add_all(made.values())
    assert run("imports") == {"imports": (2, 2)}
    assert [(each.stage, each.key != "", each.sheets != []) for each in made.values()] == [
        ("released", False, False),
        ("entered", True, True),
        ("discarded", False, False),
        ("received", True, True),
    ]
    assert kept(store) == 2


def test_links_and_runs(db_session: Any, clock: Any) -> None:
    db_session.add(MailedLink(token_hash="a", purpose="password", user=make_user(), expires_at=clock.utc_now()))
    db_session.add(JobRun(job="tidy", began_at=clock.utc_now(), seconds=1, done="x", failed=0, error="", trace="", host=""))
    assert run("links", "job_runs") == {"links": (1, 0), "job_runs": (1, 0)}
    assert not db_session.scalars(select(MailedLink)).all()
    assert not db_session.scalars(select(JobRun)).all()


def test_files_that_a_kill_left_are_swept(full: Case, db_session: Any, clock: Any, store: Path, monkeypatch: Any) -> None:
    """Killed between the commit and the deleting: no row names the file, so it goes with the next sweep."""
    asked, _ = _talk()
    asked.theme.state = "archived"
    with monkeypatch.context() as patched:
        patched.setattr(files.Store, "delete", lambda self, key: None)
        assert run("messages") == {"messages": (1, 1)}
    left = kept(store)
    assert str(sweep_files()) == "1 files deleted"  # it lies there for years, as the test's clock goes
    assert kept(store) == left - 1


def test_one_class_that_fails_does_not_stop_the_others(
    db_session: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    old = JobRun(job="tidy", began_at=clock.utc_now(), seconds=1, done="x", failed=0, error="", trace="", host="")
    db_session.add_all((old,))
    mail()
    db_session.commit()
    may_act("mails", "job_runs")
    clock.move(days=LONG)
    monkeypatch.setitem(operations.ACTS, "mails", lambda ids: 1 / 0)
    assert str(remove_old_data()).startswith("1 rows emptied or removed")
    assert told()[0][0] == "Runs of jobs: 1"
    assert not db.session.scalars(select(RetentionNight).where(RetentionNight.working)).all()
    assert "remove-old-data: mails" in caplog.text


def test_a_conversation_says_what_became_of_its_words(client: Any, db_session: Any, clock: Any) -> None:
    talk, message = _talk()
    talk.theme.state = "archived"
    assert run("messages") == {"messages": (1, 1)}
    sign_in(client, message.author)
    assert "What this message said was removed when its time was over." in text_of(client.get(f"/conversations/{talk.id}"))


def test_figures_are_the_same_afterwards(full: Case, db_session: Any, clock: Any) -> None:
    """What goes was no part of them: drafts, declined applications and their delegations are counted, not read."""
    make_account(full.holder)
    full.take_to("validated")
    declined = make_submitted(make_theme(programme=full.programme))
    _end(declined, "declined")
    db_session.commit()
    clock.move(days=LONG)
    before = findings.compute(full.programme).scopes
    assert run("applications", "mails", "join_requests", "messages", days=0)["applications"] == (1, 0)
    assert findings.compute(full.programme).scopes == before
    assert checks.check_ledger() == []
