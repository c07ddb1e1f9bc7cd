"""Conversations, their messages and files, and how far each person has read."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.applications.models import Application
from mobility.core import clock
from mobility.core.database import Model, table_of
from mobility.core.records import keep
from mobility.exchanges.models import Exchange
from mobility.people.models import Organisation, User
from mobility.talking.workflow import QUESTION, TALKS, Talk
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher

_ASKED = text("application_id IS NULL AND theme_id IS NOT NULL")


class Conversation(Model):
    """About one application, exchange or voucher; or what a `guest` asked about a `theme`, which goes on in the application that
    follows from it (both are set then). `title` is what it is about, as it was called when it began.

    `newest_id`, `newest_at` and `newest_by` are of its last message: lists and unread marks need no other row.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN application_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN exchange_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN voucher_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN theme_id IS NOT NULL AND application_id IS NULL THEN 1 ELSE 0 END) = 1",
            name="about_one",
        ),
        CheckConstraint("(theme_id IS NULL) = (guest_id IS NULL)", name="asked_by_somebody"),
        CheckConstraint("(theme_id IS NULL) = (guest_organisation_id IS NULL)", name="asked_for_an_organisation"),
        Index("uq_conversation_asked", "theme_id", "guest_id", unique=True, postgresql_where=_ASKED, sqlite_where=_ASKED),
        Index("ix_conversation_guest_id", "guest_id"),
    )
    workflow: ClassVar[Talk] = TALKS[QUESTION]  # the parts of who asks and who is asked, for workflows/visibility.py

    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"), default=None)
    guest_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    guest_organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), default=None)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), unique=True, default=None)
    exchange_id: Mapped[int | None] = mapped_column(ForeignKey("exchange.id"), unique=True, default=None)
    voucher_id: Mapped[int | None] = mapped_column(ForeignKey("voucher.id"), unique=True, default=None)
    title: Mapped[str]
    began_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    newest_id: Mapped[int] = mapped_column(default=0)
    newest_at: Mapped[datetime | None] = mapped_column(default=None)
    newest_by: Mapped[str] = mapped_column(default="")

    theme: Mapped[Theme | None] = relationship()
    guest: Mapped[User | None] = relationship()
    guest_organisation: Mapped[Organisation | None] = relationship()
    application: Mapped[Application | None] = relationship()
    exchange: Mapped[Exchange | None] = relationship()
    voucher: Mapped[Voucher | None] = relationship()

    subject_type = "conversation"
    state = "open"  # parts ask for one

    @property
    def version(self) -> int:
        """What a mail about it is about."""
        return self.newest_id

    @property
    def about(self) -> str:
        return self.title

    @property
    def kind(self) -> str:
        found = (("application", self.application_id), ("exchange", self.exchange_id), ("voucher", self.voucher_id))
        return next((kind for kind, id in found if id is not None), QUESTION)

    @property
    def talk(self) -> Talk:
        return TALKS[self.kind]

    @property
    def subject(self) -> Any:
        """Whose parts say who may read and write: a question has its own."""
        return self if self.kind == QUESTION else getattr(self, self.kind)

    @property
    def programme(self) -> Any:
        return self.theme.programme if self.kind == QUESTION and self.theme else self.subject.programme

    @property
    def timezone(self) -> str:
        return str(self.programme.timezone)


class Message(Model):
    """What somebody wrote, for which `side`; `author_name` and `organisation_name` as they were. Never changed: a correction is
    another message. An administrator may hide one, with a reason; while a person is erased, their name is replaced.

    `key` is that of the form that sent it: sent twice, it is there once.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("author_id", "key"),
        Index("ix_message_conversation_id_id", "conversation_id", "id"),
        CheckConstraint("(hidden_at IS NULL) = (hidden_by_id IS NULL)", name="hidden_by_somebody"),
    )

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    author_name: Mapped[str]
    organisation_name: Mapped[str]
    side: Mapped[str]
    text: Mapped[str]
    address: Mapped[str] = mapped_column(default="")  # the author's own, where they chose to show it
    key: Mapped[str | None] = mapped_column(default=None)
    written_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    hidden_at: Mapped[datetime | None] = mapped_column(default=None)
    hidden_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    hidden_because: Mapped[str] = mapped_column(default="")

    conversation: Mapped[Conversation] = relationship()
    author: Mapped[User] = relationship(foreign_keys=[author_id])
    files: Mapped[list["MessageFile"]] = relationship(back_populates="message", order_by="MessageFile.id")
    reports: Mapped[list["MessageReport"]] = relationship(back_populates="message", order_by="MessageReport.id")

    @property
    def is_hidden(self) -> bool:
        return self.hidden_at is not None


keep(
    table_of(Message),  # what others have read stays as it was
    allowed="""NEW.id = OLD.id AND NEW.conversation_id = OLD.conversation_id AND NEW.author_id = OLD.author_id
        AND NEW.side = OLD.side AND NEW.written_at = OLD.written_at AND coalesce(NEW.key, '') = coalesce(OLD.key, '')
        AND NEW.text = OLD.text AND NEW.author_name = OLD.author_name
        AND NEW.organisation_name = OLD.organisation_name AND NEW.address = OLD.address""",
    erasable="text author_name organisation_name address hidden_because",
    forgettable="text address",
)


class Reader(Model):
    """How far a person has read, what they were mailed of last, and what they are writing (`draft`, of which `version` counts the
    savings). `shows_address` is what they chose the last time."""

    __tablename__ = "conversation_reader"
    __table_args__ = (UniqueConstraint("conversation_id", "person_id"), Index("ix_conversation_reader_person_id", "person_id"))

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    read_id: Mapped[int] = mapped_column(default=0)
    mailed_id: Mapped[int] = mapped_column(default=0)
    draft: Mapped[str] = mapped_column(default="")
    shows_address: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=0)

    conversation: Mapped[Conversation] = relationship()
    files: Mapped[list["MessageFile"]] = relationship(back_populates="reader", order_by="MessageFile.id")


class MessageFile(Model):
    """A file of a message, or of one still being written (`reader`). `key` is its name in the store (uploads/files.py)."""

    __tablename__ = "message_file"
    __table_args__ = (
        CheckConstraint("(reader_id IS NULL) <> (message_id IS NULL)", name="in_one"),
        Index("ix_message_file_message_id", "message_id"),
        Index("ix_message_file_reader_id", "reader_id"),
    )

    reader_id: Mapped[int | None] = mapped_column(ForeignKey("conversation_reader.id"), default=None)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), default=None)
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    added_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    added_at: Mapped[datetime] = mapped_column(default=clock.utc_now)

    reader: Mapped[Reader | None] = relationship(back_populates="files")
    message: Mapped[Message | None] = relationship(back_populates="files")


class MessageReport(Model):
    """Somebody says that a message is abuse; an administrator looks at it and answers. Once by each person."""

    __tablename__ = "message_report"
    __table_args__ = (
        UniqueConstraint("message_id", "reporter_id"),
        Index("ix_message_report_decided_at", "decided_at"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_by_somebody"),
    )

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    reporter_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str]
    reported_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    answer: Mapped[str] = mapped_column(default="")

    message: Mapped[Message] = relationship(back_populates="reports")
    reporter: Mapped[User] = relationship(foreign_keys=[reporter_id])
