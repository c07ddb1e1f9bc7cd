"""After an erasure no table and no file holds name, address or telephone number; books, log and chain still prove."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import JSON, String, select, text
from sqlalchemy.exc import IntegrityError

from mobility.addresses import operations as addresses
from mobility.audit import checks as audit_checks
from mobility.audit import heads
from mobility.audit.models import AuditEntry
from mobility.audit.operations import record
from mobility.budgets import checks
from mobility.calendars import operations as calendars
from mobility.calendars.models import CalendarAddress
from mobility.claims.checks import check_files
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.core.errors import Refusal
from mobility.findings import operations as findings
from mobility.jobs import erase_people
from mobility.merging.operations import merge_people
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.privacy import operations, queries
from mobility.privacy.models import Erasure
from mobility.privacy.register import NOTHING, OWN, WORDS
from mobility.talking.models import Conversation, Message
from mobility.workflows.history import HistoryEntry
from tests.support.cases import Case, make_account
from tests.support.factories import make_member, make_organisation, make_programme, make_theme, make_user, sign_in
from tests.support.html import fields_of, text_of

NAME, ADDRESS, PHONE = "Żaneta O'Kowalczyk", "zaneta.ok@example.org", "+48 600 700 800"
TRACES = ("kowalczyk", "żaneta", "zaneta", "600 700 800")


@pytest.fixture(autouse=True)
def folder(app: Flask, tmp_path: Path) -> Path:
    app.config["AUDIT_HEADS"] = (tmp_path / "heads").as_uri()
    app.config["FILES_URL"] = (tmp_path / "files").as_uri()
    return tmp_path


@pytest.fixture
def erased(full: Case, db_session: Any) -> Case:
    """Of a case that has gone all the way to validation, and been called off since: nothing waits."""
    holder = full.holder
    holder.name, holder.email = NAME, ADDRESS
    for each in full.exchange.application.delegates:
        each.name, each.email = NAME, ADDRESS
    full.exchange.application.brings = f"I am {NAME}, call {PHONE}."
    full.exchange.theme.practical = f"{NAME} knows the way ({PHONE})."
    make_account(holder)
    full.take_to("validated")
    db_session.commit()
    with transaction():
        record(
            "role_given",
            by=db.session.merge(full.owner),
            about=f"{NAME}, {ADDRESS}",
            before={"told": [NAME]},
            after={ADDRESS: PHONE},
        )
        record("role_ended", by=db.session.merge(holder), about="something else")
    return full


def nothing_waits(case: Case) -> None:
    """As if all of it were over."""
    for column in queries.merging.moving("user"):
        if "waiting_for" in column.table.c:
            values = {name: None for name in ("waiting_for", "due_on", "waiting_since") if name in column.table.c}
            db.session.execute(column.table.update().where(column == case.holder.id).values(values))
    db.session.commit()


def everything() -> Iterator[tuple[str, str]]:
    """Every text in the database, by its place; found by reflection."""
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, String | JSON):
                for value in db.session.scalars(select(column)):
                    yield f"{table.name}.{column.name}", str(value)


def found_in(folder: Path) -> list[str]:
    """Where something of the person is left."""
    db.session.expire_all()
    left = [place for place, value in everything() for trace in TRACES if trace in value.casefold()]
    files = [path for path in folder.rglob("*") if path.is_file()]
    left += [path.name for path in files if any(trace.encode() in path.read_bytes().lower() for trace in TRACES)]
    return sorted(set(left))


def erase(person: User) -> str:
    with transaction():
        operations.ask(db.session.merge(person), by=db.session.merge(person))
    clock.move(days=31)
    return str(erase_people())


def test_every_column_of_text_is_declared() -> None:
    """Whoever adds one says in privacy/register.py what it holds."""
    there = {f"{table.name}.{each.name}" for table, each in _text_columns()}
    assert there == NOTHING | OWN | WORDS
    assert len(there) == len(NOTHING) + len(OWN) + len(WORDS)


def _text_columns() -> Iterator[tuple[Any, Any]]:
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, String | JSON):
                yield table, column


def test_nothing_is_left_and_all_still_proves(erased: Case, folder: Path, db_session: Any, clock: Any) -> None:
    person = erased.holder.id
    heads.write()
    before = audit_checks.check()
    history = db_session.execute(select(HistoryEntry.id, HistoryEntry.action, HistoryEntry.at).order_by(HistoryEntry.id)).all()
    amounts = (erased.voucher.amount, erased.voucher.state)
    assert before.wrong == []
    assert {"user.name", "history_entry.actor_name", "audit_entry.about", "theme.practical"} <= set(found_in(folder))
    nothing_waits(erased)
    assert erase(erased.holder) == "1 people erased"
    assert found_in(folder) == []
    db_session.expire_all()
    assert (erased.voucher.amount, erased.voucher.state) == amounts
    assert (
        db_session.execute(select(HistoryEntry.id, HistoryEntry.action, HistoryEntry.at).order_by(HistoryEntry.id)).all()[
            : len(history)
        ]
        == history
    )
    assert [*checks.check_ledger(), *checks.check_vouchers(), *check_files()] == []
    after = audit_checks.check()
    assert after.wrong == []
    assert any("a name was erased" in each for each in after.explained)
    assert f"Person {person}" in set(db_session.scalars(select(HistoryEntry.actor_name)))
    assert db_session.scalars(select(Erasure)).one().working is False


def test_the_log_still_shows_who_changes_it_afterwards(erased: Case, db_session: Any, clock: Any) -> None:
    nothing_waits(erased)
    erase(erased.holder)
    entry = db_session.scalars(select(AuditEntry).where(AuditEntry.act == "role_given")).first()
    assert (entry.about, entry.salt) == (f"Person {erased.holder.id}, person-{erased.holder.id}@erased.invalid", "")
    db_session.rollback()
    with pytest.raises(IntegrityError, match="never changed"), db.engine.begin() as connection:
        connection.execute(text("UPDATE audit_entry SET about = 'nobody' WHERE act = 'role_given'"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history_entry SET action = 'nothing'",
        "UPDATE ledger_entry SET event = 'spend'",
        "UPDATE audit_entry SET hash = 'x'",
        "DELETE FROM history_entry",
    ],
)
def test_even_at_work_nothing_but_names_can_be_changed(erased: Case, db_session: Any, statement: str) -> None:
    """Somebody opens the door by hand: the row says so for ever, and all but the words stays shut."""
    db_session.add(
        Erasure(person_id=erased.holder.id, asked_by_id=erased.holder.id, due_on=erased.exchange.first_day, working=True)
    )
    db_session.commit()
    with pytest.raises(IntegrityError, match="never changed"), db.engine.begin() as connection:
        connection.execute(text(statement))
    with pytest.raises(IntegrityError, match="never changed"), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM erasure"))


def test_what_is_open_stands_against_it_in_words(erased: Case, client: Any, db_session: Any) -> None:
    sign_in(client, erased.holder)
    assert "wait for something to be done" in text_of(client.get("/account/erase"))
    assert client.post("/account/erase").status_code == 422
    assert db_session.scalar(select(Erasure)) is None


def test_the_last_coordinator_is_not_erased(client: Any, db_session: Any) -> None:
    """And reads it as said to them, not as said of somebody else."""
    lonely = make_member(make_organisation(name="Mur Cluster"), Role.COORDINATOR)
    sign_in(client, lonely)
    assert "At Mur Cluster you are the only coordinator left." in text_of(client.get("/account/erase"))
    with pytest.raises(Refusal, match="you are the only coordinator left"), transaction():
        operations.ask(db.session.merge(lonely), by=lonely)


def test_it_can_be_stopped_until_the_day(client: Any, db_session: Any, clock: Any) -> None:
    person = make_user(name=NAME)
    sign_in(client, person)
    assert client.post("/account/erase").status_code == 303
    assert client.post("/account/erase").status_code == 422
    assert "Your data is erased on 31 March 2027" in text_of(client.get("/account/data"))
    clock.move(days=29)
    assert str(erase_people()) == ""
    sign_in(client, person)
    assert client.post("/account/erase/stop").status_code == 303
    clock.move(days=10)
    assert str(erase_people()) == ""
    db_session.expire_all()
    assert person.name == NAME


def test_administrators_ask_with_a_reason(client: Any, db_session: Any, clock: Any) -> None:
    person = make_user(name=NAME, email=ADDRESS)
    sign_in(client, make_user(is_administrator=True))
    address = f"/admin/people/{person.id}/erase"
    assert client.post(address, data={"reason": ""}).status_code == 422
    assert client.post(address, data=fields_of(client.get(address)) | {"reason": "Asked by letter."}).status_code == 303
    assert "Asked by letter." in text_of(client.get("/admin/erasures"))
    clock.move(days=31)
    assert str(erase_people()) == "1 people erased"
    assert str(erase_people()) == ""
    db_session.expire_all()
    assert (person.name, person.email, person.active) == (
        f"Person {person.id}",
        f"person-{person.id}@erased.invalid",
        False,
    )


def test_strangers_see_nothing_of_it(client: Any, db_session: Any) -> None:
    person = make_user()
    sign_in(client, make_member(make_programme(), Role.OWNER))
    for address in ("/admin/erasures", f"/admin/people/{person.id}/erase"):
        assert client.get(address).status_code == 404
    assert client.post(f"/admin/people/{person.id}/erase/stop").status_code == 404


def test_an_address_that_was_only_wanted_is_anothers(client: Any, db_session: Any, clock: Any) -> None:
    """Else whoever asks for somebody's address, and then to be erased, takes it from their account."""
    victim, person = make_user(email="victim@example.org", name="Vera Victim"), make_user(name="Ana Kovač")
    addresses.ask(person, email="victim@example.org")
    addresses.ask(person, email="unknown@example.org")
    record("role_given", by=victim, about="victim@example.org, unknown@example.org")
    db_session.commit()
    erase(person)
    db_session.expire_all()
    assert (victim.email, person.email) == ("victim@example.org", f"person-{person.id}@erased.invalid")
    said = db_session.scalars(select(AuditEntry.about).where(AuditEntry.by_id == victim.id)).all()
    assert said == ["victim@example.org, unknown@example.org"]
    sent = set(db_session.scalars(select(OutboxMessage.address).where(OutboxMessage.kind == "address_confirm")))
    assert sent == {person.email}


@pytest.mark.parametrize("name", ["Vera Victim", "Danube Cluster", "daily", "Voucher"])
def test_who_takes_anothers_name_erases_nothing_of_theirs(client: Any, db_session: Any, clock: Any, name: str) -> None:
    victim, organisation = make_user(name="Vera Victim"), make_organisation(name="Danube Cluster")
    organisation.about = f"We of the Danube Cluster: Vera Victim and the Voucher. {name}"
    record("role_given", by=victim, about="Vera Victim, daily, Voucher")
    person = make_user(name="Ana Kovač")
    record("account_changed", by=person, person_id=person.id, after={"name": name})
    db_session.commit()
    erase(person)
    db_session.expire_all()
    assert (victim.name, organisation.name) == ("Vera Victim", "Danube Cluster")
    assert organisation.about == f"We of the Danube Cluster: Vera Victim and the Voucher. {name}"
    entry = db_session.scalars(select(AuditEntry).where(AuditEntry.by_id == victim.id)).one()
    assert (entry.by_name, entry.about) == ("Vera Victim", "Vera Victim, daily, Voucher")
    own = db_session.scalars(select(AuditEntry).where(AuditEntry.act == "account_changed")).one()
    assert own.by_name == f"Person {person.id}"
    assert own.after == {"name": name if name == "daily" else f"Person {person.id}"}


def test_an_account_that_became_one_with_it_goes_too(client: Any, db_session: Any, clock: Any) -> None:
    person, gone = make_user(name="Ana Kovač"), make_user(email="anna.k@example.net", name="Anna Kovacs")
    other = make_organisation(about="Ask Anna Kovacs, or anna.k@example.net.")
    run = make_user(is_administrator=True)
    db_session.commit()
    with transaction():
        merge_people(*map(db_session.merge, (gone, person)), by=db_session.merge(run), reason="She", keep_address=True)
    erase(person)
    db_session.expire_all()
    assert (gone.name, gone.email) == (f"Person {gone.id}", f"person-{gone.id}@erased.invalid")
    assert other.about == f"Ask Person {person.id}, or person-{person.id}@erased.invalid."


def test_the_calendar_address_goes(client: Any, db_session: Any, clock: Any) -> None:
    person = make_user(name="Ana Kovač")
    calendars.renew(person)
    db_session.commit()
    erase(person)
    assert not db_session.scalars(select(CalendarAddress)).all()


def test_messages_that_name_somebody_do_not_stand_against_it(client: Any, db_session: Any, clock: Any) -> None:
    """They are kept as they were, but for that."""
    person, other = make_user(name="Ana Kovač"), make_user(name="Vera Huber")
    talk = Conversation(title="A question", theme=make_theme(), guest=person, guest_organisation=make_organisation())
    said = [(person, "I am Ana Kovač."), (other, "Hello Ana Kovač."), (other, "See you.")]
    written = [
        Message(conversation=talk, author=by, author_name=by.name, organisation_name="X", side="guest", text=text)
        for by, text in said
    ]
    db_session.add_all(written)
    db_session.commit()
    erase(person)
    db_session.expire_all()
    name = f"Person {person.id}"
    assert [(each.author_name, each.text) for each in written] == [
        (name, f"I am {name}."),
        ("Vera Huber", f"Hello {name}."),
        ("Vera Huber", "See you."),
    ]


def test_whoever_was_erased_is_not_brought_back(client: Any, db_session: Any, clock: Any) -> None:
    """Nobody is behind the account: whoever opened it, or gave it another address, would take it over."""
    person, run = make_user(name="Ana Kovač"), make_user(is_administrator=True)
    db_session.commit()
    erase(person)
    sign_in(client, run)
    page = client.get(f"/admin/people/{person.id}")
    assert "This person was erased" in text_of(page)
    assert "Reopen" not in text_of(page)
    answer = client.post(f"/admin/people/{person.id}/open")
    assert answer.status_code == 409
    assert "it stays closed. If the person comes back, they register, or are invited, as somebody new." in text_of(answer)
    address = f"/admin/people/{person.id}/mend"
    typed = fields_of(client.get(address)) | {"name": "Ana", "email": "ana@example.org", "reason": "She is back."}
    assert client.post(address, data=typed).status_code in (409, 422)
    assert "was erased" in text_of(client.get(f"/admin/people/{person.id}/merge/{run.id}"))
    db_session.expire_all()
    assert (person.active, person.email) == (False, f"person-{person.id}@erased.invalid")


def test_nobody_enters_an_address_like_that_of_an_erased(client: Any, db_session: Any) -> None:
    sign_in(client, make_user(is_administrator=True))
    typed = {"name": "Ana", "email": "ana@erased.invalid"}
    assert client.post("/admin/people/new", data=fields_of(client.get("/admin/people/new")) | typed).status_code == 422


def test_a_wish_of_one_of_two_accounts_waits_for_the_other(client: Any, db_session: Any, clock: Any) -> None:
    person, gone, run = make_user(name="Ana Kovač"), make_user(name="Anna Kovacs"), make_user(is_administrator=True)
    db_session.commit()
    with transaction():
        operations.ask(db.session.merge(gone), by=db.session.merge(gone))
        merge_people(*map(db.session.merge, (gone, person)), by=db.session.merge(run), reason="She", keep_address=False)
    clock.move(days=31)
    assert str(erase_people()) == ""
    sign_in(client, run)
    assert f"made one with number {person.id}" in text_of(client.get("/admin/erasures"))


SAID = ("It will help.", "They will.", "We will see.", "A young field.", "The young.", "Too young.")


def _in_use(*sentences: str) -> None:
    for number, each in enumerate(sentences):
        make_organisation(name=f"Org {number}", about=each)


def test_a_name_of_ordinary_words_damages_nobody_s_words(full: Case, client: Any, db_session: Any, clock: Any) -> None:
    """In the person's own cases it goes, as it is written; elsewhere the words of others stay."""
    holder, exchange = full.holder, full.exchange
    holder.name, holder.email = "Will Young", "will@example.org"
    _in_use(*SAID)
    theirs = make_organisation(name="Youth", about="Will Young people find work here? We say: Will Young helps.")
    exchange.application.brings = "I am Will Young, and will bring the young."
    exchange.attended = [{"name": "Will Young"}]
    full.voucher.need = "A course that Will Young will give."
    db_session.commit()
    with transaction():
        record("role_given", by=db.session.merge(full.owner), about="Will Young, will@example.org", person_id=holder.id)
        record("text_changed", by=db.session.merge(full.owner), about="Will Young people come?")
    nothing_waits(full)
    assert erase(holder) == "1 people erased"
    db_session.expire_all()
    name = f"Person {holder.id}"
    assert theirs.about == "Will Young people find work here? We say: Will Young helps."
    assert exchange.application.brings == f"I am {name}, and will bring the young."
    assert exchange.attended == [{"name": name}]
    assert full.voucher.need == f"A course that {name} will give."
    of_these = AuditEntry.act.in_(("role_given", "text_changed"))
    told = db_session.scalars(select(AuditEntry.about).where(of_these).order_by(AuditEntry.id)).all()
    assert told == [f"{name}, person-{holder.id}@erased.invalid", "Will Young people come?"]
    assert holder.name == name
    assert audit_checks.check().wrong == []


def test_a_name_that_is_no_words_goes_everywhere_however_it_is_written(client: Any, db_session: Any, clock: Any) -> None:
    _in_use(*SAID)
    person = make_user(name="Will Kovač")
    other = make_organisation(about="ask will kovač, WILL KOVAC or Kovač, Will")
    db_session.commit()
    erase(person)
    db_session.expire_all()
    name = f"Person {person.id}"
    assert other.about == f"ask {name}, {name} or {name}"


def test_figures_of_a_review_are_the_same_afterwards(erased: Case, db_session: Any, clock: Any) -> None:
    """Every figure with its cases, every table and the flow of knowledge, of the programme and of each call, computed anew."""
    nothing_waits(erased)
    with transaction():
        operations.ask(db.session.merge(erased.holder), by=db.session.merge(erased.holder))
    clock.move(days=31)
    before = figures_of(erased.programme)
    assert erase_people().done == "1 people erased"
    assert figures_of(erased.programme) == before
    assert found_in(Path("/nowhere")) == []
    whole = before[None]
    assert sum(1 for each in whole["figures"] if each["cases"]) > 10
    assert [each["key"] for each in whole["tables"]] == ["levels", "countries"]


def figures_of(programme: Any) -> dict[int | None, dict[str, Any]]:
    db.session.expire_all()
    return findings.compute(programme).scopes
