"""The mails about conversations. None holds what was written: only those who take part read that, on its page."""

from collections.abc import Iterable
from typing import Any

from mobility.core.links import path_of
from mobility.notifications.operations import post
from mobility.people.models import User
from mobility.talking.models import Message, MessageReport

WRITTEN = "message_written"


def message_written(message: Message, to: Iterable[User], *, is_first_contact: bool) -> None:
    """To the other sides: somebody wrote. An answer to the mail reaches the writer only if they chose that."""
    conversation = message.conversation
    path = path_of("talking.show", id=conversation.id)
    about: dict[str, Any] = {"message": message, "conversation": conversation, "is_first_contact": is_first_contact}
    post(WRITTEN, to, about=conversation, path=path, reply_to=message.address, **about)


def message_reported(report: MessageReport, to: Iterable[User]) -> None:
    """To the administrators: look at it."""
    post("message_reported", to, about=None, path=path_of("talking.judge", id=report.id), report=report)


def report_answered(report: MessageReport, *, hidden: bool) -> None:
    """To whoever reported it."""
    path = path_of("talking.show", id=report.message.conversation_id)
    post("report_answered", [report.reporter], about=None, path=path, report=report, hidden=hidden)


def message_hidden(message: Message) -> None:
    """To its author, with the reason."""
    path = path_of("talking.show", id=message.conversation_id)
    post("message_hidden", [message.author], about=None, path=path, message=message)
