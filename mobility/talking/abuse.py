"""Messages that somebody reports: an administrator looks at that one message, and hides it or not."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mobility.audit.operations import record
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import GuardRefused, Refusal
from mobility.core.paging import Page, paged
from mobility.core.web import or_404
from mobility.people.models import User
from mobility.talking import messages
from mobility.talking.models import Message, MessageReport

DECIDED = "Somebody has answered this report already."


def report(message: Message, *, by: User, reason: str) -> MessageReport:
    """Tell the administrators. The same person once."""
    if message.author_id == by.id:
        raise Refusal("This message is your own. Write another one to correct it.", "reason")
    if reported_by(message, by):
        raise Refusal("You have reported this message already. You are told by mail what came of it.", "reason")
    found = MessageReport(message=message, reporter=by, reason=reason)
    db.session.add(found)
    db.session.flush()
    messages.message_reported(found, administrators())
    record("message_reported", by=by, about=_about(found), person_id=message.author_id)
    return found


def hide(found: MessageReport, *, by: User, answer: str) -> None:
    """Nobody reads the message or its files any more, but for administrators who answer a report."""
    message = found.message
    _decide(found, by, answer)
    if not message.is_hidden:
        message.hidden_at, message.hidden_by_id, message.hidden_because = clock.utc_now(), by.id, answer
        db.session.flush()
        messages.message_hidden(message)
    messages.report_answered(found, hidden=True)
    record("message_hidden", by=by, about=f"{_about(found)}: {answer}", person_id=message.author_id)


def leave(found: MessageReport, *, by: User, answer: str) -> None:
    """It stays as it is."""
    _decide(found, by, answer)
    messages.report_answered(found, hidden=False)
    record("message_left", by=by, about=f"{_about(found)}: {answer}", person_id=found.message.author_id)


def _decide(found: MessageReport, by: User, answer: str) -> None:
    if found.decided_at is not None:
        raise GuardRefused(DECIDED)
    if found.message.author_id == by.id:
        raise GuardRefused("You wrote this message, so another administrator decides.")
    found.decided_at, found.decided_by_id, found.answer = clock.utc_now(), by.id, answer
    db.session.flush()


def _about(found: MessageReport) -> str:
    return f"Message {found.message_id} of {found.message.author_name}, reported by {found.reporter.name}"


# Reading


def administrators() -> Sequence[User]:
    return db.session.scalars(select(User).where(User.is_administrator, User.active).order_by(User.id)).all()


def reported_by(message: Message, user: Any) -> MessageReport | None:
    mine = (MessageReport.message_id == message.id, MessageReport.reporter_id == user.id)
    return db.session.scalar(select(MessageReport).where(*mine))


def find(id: int, *, for_update: bool = False) -> MessageReport:
    """A report, for an administrator."""
    query = select(MessageReport).where(MessageReport.id == id)
    if for_update:
        query = query.with_for_update(of=MessageReport).execution_options(populate_existing=True)
    return or_404(db.session.scalar(query.options(*_whole())))


def listed(number: int) -> Page:
    """Those that wait for an answer first."""
    query = select(MessageReport).order_by(MessageReport.decided_at.is_not(None), MessageReport.id.desc())
    return paged(query, number, *_whole())


def waiting() -> Sequence[MessageReport]:
    query = select(MessageReport).where(MessageReport.decided_at.is_(None)).order_by(MessageReport.id)
    return db.session.scalars(query.options(*_whole()).limit(25)).all()


def _whole() -> tuple[Any, ...]:
    return (
        joinedload(MessageReport.message, innerjoin=True).joinedload(Message.conversation, innerjoin=True),
        joinedload(MessageReport.reporter, innerjoin=True).options(*User.by_name()),
    )
