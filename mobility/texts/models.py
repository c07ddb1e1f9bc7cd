"""Texts that administrators and owners have written instead of ours."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model
from mobility.people.models import User
from mobility.programmes.models import Programme


class PublicText(Model):
    """The Markdown of one page (`key`: rules.PAGES), of the installation or of a programme. Where there is none, ours is shown.

    `version` counts the savings; every one of them stands in the audit log with the text before and after it.
    """

    __tablename__ = "public_text"
    __table_args__ = (
        Index(
            "uq_public_text_key",
            "key",
            unique=True,
            sqlite_where=text("programme_id IS NULL"),
            postgresql_where=text("programme_id IS NULL"),
        ),
        Index("uq_public_text_programme_id_key", "programme_id", "key", unique=True),
    )

    key: Mapped[str]
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), default=None)
    body: Mapped[str]
    version: Mapped[int] = mapped_column(nullable=False)
    changed_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    __mapper_args__ = {"version_id_col": version}

    programme: Mapped[Programme | None] = relationship()
    changed_by: Mapped[User] = relationship()
