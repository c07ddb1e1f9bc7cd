"""The outbox: one row per message and recipient, written with what it tells about, delivered afterwards."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model
from mobility.people.models import User


class OutboxMessage(Model):
    """States: waiting -> sending (leased) -> sent | dead (after too many tries); dropped (no longer true), kept (no server).

    `calendar` is an iCalendar file that goes with it (METHOD:REQUEST or CANCEL), or empty. `dedupe_key` makes a message unique
    (kind:subject:due date:recipient); `message_id` is stable over retries. `reply_to` is the address of somebody who chose to be
    answered by mail.
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
    html: Mapped[str]
    calendar: Mapped[str] = mapped_column(default="")
    reply_to: Mapped[str] = mapped_column(default="")
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
