"""One's own data as a file: what is stored about the person and by them, as JSON, and the files they handed in."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from os import SEEK_END
from tempfile import TemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from sqlalchemy import Result, Select, select

from mobility.audit.models import AuditEntry
from mobility.audit.rules import SECRET
from mobility.claims.models import Evidence
from mobility.core import clock
from mobility.core.database import db, table_of
from mobility.notifications.models import OutboxMessage
from mobility.notifications.rules import without_links
from mobility.people.models import User
from mobility.stories.models import StoryPicture
from mobility.takeovers.models import TakeOverEvidence
from mobility.talking.models import MessageFile
from mobility.uploads import files

# By which columns a row is the person's own: what they are, what they asked for, said, signed and handed in
OWN = """
    address_change.person_id answer.by_id application.guest_id bank_account.user_id calendar_address.user_id
    claim.submitted_by_id conversation_reader.person_id endorsement.given_by_id erasure.person_id evidence.added_by_id
    exchange.guest_id expert.person_id first_contact.recorded_by_id history_entry.actor_id identity.user_id
    join_request.person_id key_figure_value.by_id lessons.by_id mail_choice.person_id membership.user_id
    mail_refusal.person_id mailing.by_id mentoring.mentee_id mentoring.mentor_id message.author_id message_file.added_by_id
    message_report.reporter_id passkey.user_id publish_consent.by_id questionnaire_request.respondent_id
    role_invitation.person_id sign_in.user_id signature.signed_by_id standing_in.person_id story_comment.by_id
    story_consent.by_id story_picture.added_by_id story_review.reviewer_id take_over_evidence.added_by_id voucher.holder_id
""".split()
NOT_TOLD = {
    "sha256",
    "key",
    "small_key",
    "link",
    "link_hash",
    "token_hash",
    "credential_id",
    "public_key",
    "code",
    "assessment",
    "scores",
    "version",
}
ALWAYS = ("account", "mails", "audit_log")
AT_ONCE = 200  # rows
PART = 64 * 1024  # bytes
README = "data.json: what is stored about you and by you, by kind. files/: what you handed in. Times are UTC.\n"


class Parts:
    """A ZIP, part by part: it lies in a file without a name, which is gone once all is read, or whoever reads it hangs up."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 (it is closed by whoever reads it)
        self.size = 0

    def fill(self, person: User) -> None:
        try:
            _write(self._file, person)
        except BaseException:
            self.close()
            raise
        self.size = self._file.seek(0, SEEK_END)
        self._file.seek(0)

    def __iter__(self) -> Iterator[bytes]:
        try:
            while part := self._file.read(PART):
                yield part
        finally:
            self.close()

    def close(self) -> None:
        self._file.close()


def as_file(person: User) -> Parts:
    """A ZIP. Of rows and of files a few at a time are in memory, however many there are."""
    made = Parts()
    made.fill(person)
    return made


def _write(file: IO[bytes], person: User) -> None:
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README)
        with archive.open("data.json", "w") as data:
            for text in _as_json(collected(person)):
                data.write(text.encode())
        for name, key in _own_files(person):
            try:
                archive.writestr(f"files/{name}", files.store().read(key), compress_type=ZIP_STORED)
            except files.Unavailable:
                archive.writestr(f"files/{name}.missing.txt", "This file could not be read. Ask for your data again later.\n")


def collected(person: User) -> Iterator[tuple[str, Iterable[dict[str, Any]]]]:
    """By kind. Nobody's secrets, and of other people's words only what stands in one's own case."""
    account = select(table_of(User)).where(User.id == person.id)
    yield "account", (_told(dict(each)) for each in _few(account).mappings())
    for table_name, columns in groupby(OWN, key=lambda name: name.partition(".")[0]):
        yield table_name, _own_rows(table_name, [each.partition(".")[2] for each in columns], person.id)
    yield "mails", _mails(person)
    yield "audit_log", _log(person)


def _as_json(kinds: Iterable[tuple[str, Iterable[dict[str, Any]]]]) -> Iterator[str]:
    """{"account": {...}, "application": [{...}, ...], ...}: of the kinds of which there is nothing nothing is said."""
    between = "{"
    for kind, rows in kinds:
        told = (json.dumps(each, ensure_ascii=False, default=_plain) for each in rows)
        first = next(told, None)
        if first is None and kind not in ALWAYS:
            continue
        yield f"{between}\n {json.dumps(kind)}: "
        yield first if kind == "account" and first else f"[{first or ''}"
        for each in told:
            yield f",\n  {each}"
        yield "" if kind == "account" else "]"
        between = ","
    yield "\n}\n"


def _own_rows(table_name: str, columns: list[str], id: int) -> Iterator[dict[str, Any]]:
    table = db.metadata.tables[table_name]
    for column in columns:
        for each in _few(select(table).where(table.c[column] == id).order_by(table.c.id)).mappings():
            yield _told(dict(each))


def _few(query: Select[*tuple[Any, ...]]) -> Result[*tuple[Any, ...]]:
    return db.session.execute(query.execution_options(yield_per=AT_ONCE))


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in NOT_TOLD and not SECRET.search(name)}


def _mails(person: User) -> Iterator[dict[str, Any]]:
    columns = (OutboxMessage.created_at, OutboxMessage.address, OutboxMessage.subject_line, OutboxMessage.text)
    query = select(*columns).where(OutboxMessage.recipient_id == person.id).order_by(OutboxMessage.id)
    for at, address, subject, text in _few(query):
        yield {"at": at, "to": address, "subject": subject, "text": without_links(text)}


def _log(person: User) -> Iterator[dict[str, Any]]:
    """What the person did; of what others did about them that and when it was."""
    mine = (AuditEntry.by_id == person.id) | (AuditEntry.person_id == person.id)
    columns = (AuditEntry.at, AuditEntry.act, AuditEntry.about, AuditEntry.by_id)
    for at, act, about, by_id in _few(select(*columns).where(mine).order_by(AuditEntry.id)):
        own = by_id == person.id
        yield {"at": at, "act": act, "by_you": own} | ({"about": about} if own else {})


def _own_files(person: User) -> Iterator[tuple[str, str]]:
    for model in (Evidence, TakeOverEvidence, MessageFile):
        query = select(model.id, model.name, model.key).where(model.added_by_id == person.id)
        for id, name, key in _few(query):
            if key:
                yield f"{model.__tablename__}-{id}-{_safe(name)}", key
    for id, key in _few(select(StoryPicture.id, StoryPicture.key).where(StoryPicture.added_by_id == person.id)):
        yield f"picture-{id}.jpg", key


def _safe(name: str) -> str:
    return "".join(each if each.isalnum() or each in "._- " else "_" for each in name)[-100:].lstrip(".")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else repr(value)


def stamp() -> str:
    return f"mobility-{clock.today().isoformat()}.zip"
