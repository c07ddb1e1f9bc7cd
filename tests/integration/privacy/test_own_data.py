"""One's own data as a file, and who has read it."""

import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from mobility.audit.models import AuditEntry
from mobility.audit.operations import record_alone
from mobility.core import files
from mobility.core.database import db
from mobility.people.models import User
from mobility.privacy import export
from mobility.talking.models import Conversation, MessageFile, Reader
from tests.support.cases import Case
from tests.support.factories import make_organisation, make_theme, make_user, sign_in
from tests.support.html import text_of
from tests.support.joining import make_joining


def file_of(client: Any) -> tuple[dict[str, Any], ZipFile]:
    answer = client.post("/account/data/file")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
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
