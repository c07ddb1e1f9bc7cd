"""One's own data as a file: what is stored about the person and by them, as JSON, and the files they handed in."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from sqlalchemy import Table, select

from mobility.audit.models import AuditEntry
from mobility.audit.rules import SECRET
from mobility.claims.models import Evidence
from mobility.core import clock, files
from mobility.core.database import db, table_of
from mobility.notifications.models import OutboxMessage
from mobility.notifications.rules import without_links
from mobility.people.models import User
from mobility.stories.models import StoryPicture
from mobility.takeovers.models import TakeOverEvidence
from mobility.talking.models import MessageFile

# By which columns a row is the person's own: what they are, what they asked for, said, signed and handed in
OWN = """
    address_change.person_id answer.by_id application.guest_id bank_account.user_id calendar_address.user_id
    claim.submitted_by_id conversation_reader.person_id endorsement.given_by_id erasure.person_id evidence.added_by_id
    exchange.guest_id expert.person_id first_contact.recorded_by_id history_entry.actor_id identity.user_id
    join_request.person_id key_figure_value.by_id lessons.by_id mail_choice.person_id membership.user_id mentoring.mentee_id
    mail_refusal.person_id mailing.by_id
    mentoring.mentor_id message.author_id message_file.added_by_id message_report.reporter_id passkey.user_id
    publish_consent.by_id questionnaire_request.respondent_id role_invitation.person_id sign_in.user_id signature.signed_by_id
    standing_in.person_id story_comment.by_id story_consent.by_id story_picture.added_by_id story_review.reviewer_id
    take_over_evidence.added_by_id voucher.holder_id
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
README = "data.json: what is stored about you and by you, by kind. files/: what you handed in. Times are UTC.\n"


def collected(person: User) -> dict[str, Any]:
    """By kind. Nobody's secrets, and of other people's words only what stands in one's own case."""
    found: dict[str, Any] = {
        "account": _told(dict(db.session.execute(select(table_of(User)).where(User.id == person.id)).mappings().one()))
    }
    for name in OWN:
        table_name, _, column = name.partition(".")
        table = db.metadata.tables[table_name]
        mine = [_told(dict(each)) for each in _rows(table, column, person.id)]
        if mine:
            found.setdefault(table_name, []).extend(mine)
    found["mails"] = list(_mails(person))
    found["audit_log"] = list(_log(person))
    return found


def as_file(person: User) -> BytesIO:
    """A ZIP, open at its beginning."""
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README)
        archive.writestr("data.json", json.dumps(collected(person), ensure_ascii=False, indent=1, default=_plain))
        for name, key in _own_files(person):
            try:
                archive.writestr(f"files/{name}", files.store().read(key), compress_type=ZIP_STORED)
            except files.Unavailable:
                archive.writestr(f"files/{name}.missing.txt", "This file could not be read. Ask for your data again later.\n")
    made.seek(0)
    return made


def _rows(table: Table, column: str, id: int) -> Any:
    return db.session.execute(select(table).where(table.c[column] == id).order_by(table.c.id)).mappings()


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in NOT_TOLD and not SECRET.search(name)}


def _mails(person: User) -> Iterator[dict[str, Any]]:
    columns = (OutboxMessage.created_at, OutboxMessage.address, OutboxMessage.subject_line, OutboxMessage.text)
    query = select(*columns).where(OutboxMessage.recipient_id == person.id).order_by(OutboxMessage.id)
    for at, address, subject, text in db.session.execute(query):
        yield {"at": at, "to": address, "subject": subject, "text": without_links(text)}


def _log(person: User) -> Iterator[dict[str, Any]]:
    """What the person did; of what others did about them that and when it was."""
    mine = (AuditEntry.by_id == person.id) | (AuditEntry.person_id == person.id)
    for each in db.session.scalars(select(AuditEntry).where(mine).order_by(AuditEntry.id)):
        own = each.by_id == person.id
        yield {"at": each.at, "act": each.act, "by_you": own} | ({"about": each.about} if own else {})


def _own_files(person: User) -> Iterator[tuple[str, str]]:
    for model in (Evidence, TakeOverEvidence, MessageFile):
        query = select(model.id, model.name, model.key).where(model.added_by_id == person.id)
        for id, name, key in db.session.execute(query):
            if key:
                yield f"{model.__tablename__}-{id}-{_safe(name)}", key
    for id, key in db.session.execute(select(StoryPicture.id, StoryPicture.key).where(StoryPicture.added_by_id == person.id)):
        yield f"picture-{id}.jpg", key


def _safe(name: str) -> str:
    return "".join(each if each.isalnum() or each in "._- " else "_" for each in name)[-100:].lstrip(".")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else repr(value)


def stamp() -> str:
    return f"mobility-{clock.today().isoformat()}.zip"
