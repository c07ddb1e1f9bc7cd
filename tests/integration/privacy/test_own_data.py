"""One's own data as a file, and who has read it."""

import json
import tracemalloc
from contextlib import closing
from io import BytesIO
from itertools import groupby
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import insert, select

from mobility.audit.models import AuditEntry
from mobility.audit.operations import record_alone
from mobility.core.database import db
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.privacy import export
from mobility.talking.models import Conversation, MessageFile, Reader
from mobility.uploads import files
from tests.support.cases import Case
from tests.support.factories import make_organisation, make_theme, make_user, sign_in
from tests.support.html import text_of
from tests.support.joining import make_joining


def file_of(client: Any) -> tuple[dict[str, Any], ZipFile]:
    answer = client.post("/account/data/file")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    archive = ZipFile(BytesIO(answer.data))
    return json.loads(archive.read("data.json")), archive


def test_all_that_is_ones_own_and_the_files(full: Case, client: Any, db_session: Any) -> None:
    full.take_to("claimed")
    db_session.commit()
    sign_in(client, full.holder)
    data, archive = file_of(client)
    assert data["account"]["email"] == full.holder.email
    assert {"membership", "application", "exchange", "voucher", "claim", "history_entry", "mails"} <= data.keys()
    assert len(data["voucher"]) == 1
    assert [each for each in archive.namelist() if "boarding pass" in each]
    assert archive.testzip() is None
    entry = db_session.scalars(select(AuditEntry).where(AuditEntry.act == "data_taken")).one()
    assert (entry.by_id, entry.person_id) == (full.holder.id, full.holder.id)


def test_nobodys_secrets_are_in_it(full: Case, client: Any, db_session: Any) -> None:
    full.take_to("claimed")
    full.holder.password_hash = "$argon2id$verysecret"
    db_session.commit()
    sign_in(client, full.holder)
    data, archive = file_of(client)
    said = archive.read("data.json").decode()
    assert "verysecret" not in said
    assert "/go/" not in said
    assert full.voucher.code not in json.dumps(data["voucher"])
    assert "Well prepared." not in said  # what assessors write to each other
    assert full.assessor.email not in said


def test_a_stranger_gets_only_their_own(full: Case, client: Any, db_session: Any) -> None:
    full.take_to("claimed")
    db_session.commit()
    sign_in(client, full.stranger)
    data, archive = file_of(client)
    assert "voucher" not in data
    assert full.holder.name not in archive.read("data.json").decode()


def test_what_one_writes_to_others_and_asks_for_is_in_it(client: Any, db_session: Any) -> None:
    """Of every table by which somebody writes, asks, or hands in; of others' reports about oneself nothing."""
    case = make_joining()
    db_session.commit()
    sign_in(client, case.person)
    data, _ = file_of(client)
    assert [each["organisation_id"] for each in data["join_request"]] == [case.organisation.id]
    wanted = {"message.author_id", "conversation_reader.person_id", "endorsement.given_by_id", "calendar_address.user_id"}
    assert wanted <= set(export.OWN)


def test_files_of_conversations_are_in_it(client: Any, db_session: Any) -> None:
    person, other = make_user(), make_user()
    theme = make_theme()
    talk = Conversation(title="A question", theme=theme, guest=person, guest_organisation=make_organisation())
    reader, others = (Reader(conversation=talk, person_id=each.id) for each in (person, other))
    db_session.add_all((talk, reader, others))
    db_session.flush()
    for at, by, name in ((reader, person, "mine.pdf"), (others, other, "theirs.pdf")):
        key = files.store().save(name.encode())
        facts = {"content_type": "application/pdf", "size": 8, "sha256": name, "key": key, "added_by_id": by.id}
        db_session.add(MessageFile(reader=at, name=name, **facts))
    db_session.commit()
    sign_in(client, person)
    data, archive = file_of(client)
    assert [each for each in archive.namelist() if each.startswith("files/")] == [
        f"files/message_file-{data['message_file'][0]['id']}-mine.pdf"
    ]
    assert "theirs.pdf" not in archive.read("data.json").decode()


def test_ten_a_day(client: Any, db_session: Any) -> None:
    sign_in(client, make_user())
    assert [client.post("/account/data/file").status_code for _ in range(11)] == [200] * 10 + [429]


def test_every_column_it_is_made_of_is_there() -> None:
    for name in export.OWN:
        table, _, column = name.partition(".")
        assert column in db.metadata.tables[table].c


@pytest.mark.parametrize("address", ["/account/data", "/account/data/readings", "/account/erase"])
def test_nobody_without_signing_in(client: Any, address: str, db_session: Any) -> None:
    assert client.get(address).status_code == 302


def test_who_has_read_it(client: Any, db_session: Any) -> None:
    person, other = make_user(), make_user(name="Nuno Falcão")
    db_session.commit()
    record_alone("evidence_read", by=db.session.get(User, other.id), about="boarding pass", person_id=person.id)
    record_alone("evidence_read", by=db.session.get(User, person.id), about="own", person_id=person.id)
    sign_in(client, person)
    page = text_of(client.get("/account/data/readings"))
    assert "Nuno Falcão" in page
    assert "own" not in page.split("Nuno")[1].split("Mobility")[0]
    sign_in(client, other)
    assert "boarding pass" not in text_of(client.get("/account/data/readings"))


def test_it_takes_no_more_memory_however_much_there_is(db_session: Any) -> None:
    """60 MB of mails and files: a row and a file at a time are in memory, the rest is on the disk."""
    person = make_user()
    talk = Conversation(title="A question", theme=make_theme(), guest=person, guest_organisation=make_organisation())
    reader = Reader(conversation=talk, person_id=person.id)
    db_session.add_all((talk, reader))
    db_session.flush()
    for number in range(15):
        key = files.store().save(bytes([number]) * 2_000_000)
        about = {"content_type": "application/pdf", "size": 2_000_000, "sha256": str(number), "key": key}
        db_session.add(MessageFile(reader=reader, name=f"{number}.pdf", added_by_id=person.id, **about))
    facts = {"kind": "reminder", "recipient_id": person.id, "address": person.email, "message_id": "x"}
    rows = [facts | {"subject_line": "x", "text": f"{n} " + "Grüße. " * 3000, "dedupe_key": str(n)} for n in range(1500)]
    db_session.execute(insert(OutboxMessage), rows)
    db_session.commit()
    tracemalloc.start()
    try:
        made = export.as_file(person)
        peak = tracemalloc.get_traced_memory()[1]
        assert made.size > 30_000_000
        with closing(made):
            assert len(next(iter(made))) == export.PART
        read = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16_000_000
    assert read == peak


def test_whoever_hangs_up_leaves_nothing(db_session: Any) -> None:
    made = export.as_file(make_user())
    parts = iter(made)
    next(parts)
    made.close()
    with pytest.raises(ValueError, match="closed"):
        next(parts)


def test_what_fails_leaves_nothing(db_session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Any] = []
    monkeypatch.setattr(export, "_write", lambda file, person: opened.append(file) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export.as_file(make_user())
    assert opened[0].closed


def test_what_several_columns_of_a_table_say_is_one_list() -> None:
    """A mentor may be a mentee, too."""
    tables = [name.partition(".")[0] for name in export.OWN]
    assert [name for name, _ in groupby(tables)] == list(dict.fromkeys(tables))
    assert tables.count("mentoring") == 2


def test_strange_words_are_still_a_file(client: Any, db_session: Any) -> None:
    person = make_user(name='Ana "<b>" \u2028 Zupan \U0001f600')
    db_session.commit()
    sign_in(client, person)
    data, _ = file_of(client)
    assert data["account"]["name"] == person.name
    assert data["mails"] == []
    assert "voucher" not in data
