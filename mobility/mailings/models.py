"""Mailings that were sent, to whom, and who wants no more of somebody's news."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model, table_of
from mobility.core.records import keep
from mobility.people.models import Organisation, User
from mobility.programmes.models import Programme

IN_ONE_NAME = "(programme_id IS NULL) <> (organisation_id IS NULL)"


class Mailing(Model):
    """What somebody wrote to the people of a list, in the name of a programme or of an organisation. Never changed.

    `list_path` is the list's page with its filters, `filters` what it was narrowed by. `is_case`: about the addressees' own case.
    `text` has its fields unfilled; `digest` is of its words: the same ones reach nobody twice within a day. Once its time is over
    (retention/) all of that is empty, and its letters are gone.
    """

    __tablename__ = "mailing"
    __table_args__ = (
        CheckConstraint(IN_ONE_NAME, name="in_one_name"),
        Index("ix_mailing_by_id_sent_at", "by_id", "sent_at"),
        Index("ix_mailing_programme_id", "programme_id"),
        Index("ix_mailing_organisation_id", "organisation_id"),
    )

    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    by_name: Mapped[str]
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), default=None)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), default=None)
    list_name: Mapped[str]
    list_title: Mapped[str]
    list_path: Mapped[str]
    filters: Mapped[dict[str, Any]]
    is_case: Mapped[bool]
    subject_line: Mapped[str]
    text: Mapped[str]
    reply_to: Mapped[str] = mapped_column(default="")
    digest: Mapped[str]
    mailed: Mapped[int]
    sent_at: Mapped[datetime] = mapped_column(default=clock.utc_now)

    programme: Mapped[Programme | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()

    subject_type = "mailing"
    version = 0  # what a mail about it is about

    @property
    def is_over(self) -> bool:
        return not self.text

    @property
    def place(self) -> Programme | Organisation:
        """In whose name."""
        found = self.programme or self.organisation
        assert found is not None  # noqa: S101 (the check of the table)
        return found


class MailingLetter(Model):
    """One person of a mailing: once, however many rows are about them. `about` names these; `left_out` says why no mail went
    (rules.py, REASONS), or is empty. What became of the mail stands in the outbox."""

    __tablename__ = "mailing_letter"
    __table_args__ = (
        UniqueConstraint("mailing_id", "person_id"),
        Index("ix_mailing_letter_person_id", "person_id"),
    )

    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str]
    about: Mapped[str]
    left_out: Mapped[str] = mapped_column(default="")

    mailing: Mapped[Mailing] = relationship()


class MailRefusal(Model):
    """Somebody wants no news from a programme or an organisation. Mails about their own case still come. As it may be said twice,
    and moves when two are made one, there may be several of the same."""

    __tablename__ = "mail_refusal"
    __table_args__ = (
        CheckConstraint(IN_ONE_NAME, name="in_one_name"),
        Index("ix_mail_refusal_person_id", "person_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), default=None)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), default=None)
    at: Mapped[datetime] = mapped_column(default=clock.utc_now)

    person: Mapped[User] = relationship()


_SAME = "id by_id by_name list_name list_title list_path is_case subject_line text reply_to digest mailed sent_at".split()
keep(
    table_of(Mailing),  # what was written stays as it was; of two organisations that are made one it moves to the other
    allowed=" AND ".join(
        ["NEW.programme_id IS NULL AND OLD.programme_id IS NULL", *(f"NEW.{each} = OLD.{each}" for each in _SAME)]
    ),
    erasable="by_name filters list_path subject_line text reply_to",
    forgettable="list_path filters subject_line text reply_to digest",
)
keep(table_of(MailingLetter), erasable="name about", ends=True)
