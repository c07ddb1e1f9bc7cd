"""The outbox: one row per message and recipient, written with what it tells about, delivered afterwards."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, ForeignKey, Index, and_, exists, null, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model
from mobility.documents.calendar import events_in, method_of
from mobility.notifications.kinds import AT_ONCE, DEADLINES, NEWS, SECURITY
from mobility.people.models import User


class OutboxMessage(Model):
    """States: waiting -> sending (leased) -> sent | dead (after too many tries); dropped (no longer true, or not
    wanted), kept (no server), digested (its words are in the digest of the day: digest.py).

    `parts` are what its HTML is made of when it leaves (rendering.py); `earlier_html` is that of mails from before there were
    parts.
    `calendar` is an iCalendar file that goes with it (METHOD:REQUEST or CANCEL), or empty. `dedupe_key` makes a message unique
    (kind:subject:due date:recipient); `message_id` is stable over retries. `reply_to` is the address of somebody who chose to be
    answered by mail; `unsubscribe` is where its reader wants no more of its kind, without a password (RFC 8058).
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_state_next_try_at", "state", "next_try_at"),
        Index("ix_outbox_message_subject", "subject_type", "subject_id"),
    )

    kind: Mapped[str]
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    address: Mapped[str]
    subject_line: Mapped[str]
    text: Mapped[str]
    parts: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    earlier_html: Mapped[str] = mapped_column("html", default="")
    calendar: Mapped[str] = mapped_column(default="")
    reply_to: Mapped[str] = mapped_column(default="")
    unsubscribe: Mapped[str] = mapped_column(default="")
    message_id: Mapped[str]
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    leased_by: Mapped[str] = mapped_column(default="")
    leased_until: Mapped[datetime | None] = mapped_column(default=None)
    last_error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    sent_at: Mapped[datetime | None] = mapped_column(default=None)

    # what a reminder is about, so that one whose promise has been kept meanwhile is dropped
    subject_type: Mapped[str | None] = mapped_column(default=None)
    subject_id: Mapped[int | None] = mapped_column(default=None)
    promise: Mapped[str | None] = mapped_column(default=None)
    due_on: Mapped[date | None] = mapped_column(Date, default=None)

    recipient: Mapped[User | None] = relationship()

    def forget(self, instead: str) -> None:
        for name, value in saying_only(instead).items():
            setattr(self, name, value)

    @property
    def carries(self) -> str:
        """What its calendar file asks for: REQUEST or CANCEL; "" if it has none."""
        return method_of(self.calendar)

    @property
    def in_calendar(self) -> list[tuple[str, date, date]]:
        """(title, first day, last day) of what it puts into a calendar, or takes out."""
        return events_in(self.calendar)


def saying_only(instead: str) -> dict[str, Any]:
    """Values of a message whose words are gone: what stands in their place."""
    return {"text": instead, "parts": null(), "earlier_html": instead}


class MailChoice(Model):
    """When somebody wants which mails (kinds.py); nobody's row: all at once. `digested_on` is the day of their own timezone
    whose digest has been made, or was not needed.
    """

    __tablename__ = "mail_choice"

    person_id: Mapped[int] = mapped_column(ForeignKey("user.id"), unique=True)
    decisions: Mapped[str] = mapped_column(default=AT_ONCE)
    deadlines: Mapped[str] = mapped_column(default=AT_ONCE)
    news: Mapped[str] = mapped_column(default=AT_ONCE)
    timezone: Mapped[str]
    digested_on: Mapped[date | None] = mapped_column(Date, default=None)

    person: Mapped[User] = relationship()

    def wants(self, kind: str) -> str:
        """At once, once a day, or not at all."""
        if kind in SECURITY:
            return AT_ONCE
        return self.news if kind in NEWS else self.deadlines if kind in DEADLINES else self.decisions


def is_held() -> ColumnElement[bool]:
    """A new message that its reader does not want at once: it waits for the digest of the day. What goes into a calendar comes at
    once, as a digest could not carry it."""
    kind = OutboxMessage.kind
    later = (
        and_(MailChoice.news != AT_ONCE, kind.in_(NEWS)),
        and_(MailChoice.deadlines != AT_ONCE, kind.in_(DEADLINES)),
        and_(MailChoice.decisions != AT_ONCE, kind.not_in(NEWS | DEADLINES | SECURITY)),
    )
    mine = (MailChoice.person_id == OutboxMessage.recipient_id, OutboxMessage.tries == 0, OutboxMessage.calendar == "")
    return exists().where(*mine, or_(*later))
