"""A file that is moved in, and what each of its rows became."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model
from mobility.people.models import Organisation, User
from mobility.spreadsheets.letters import WRITTEN


class Stage(StrEnum):
    """Those of `WORKING` go on by themselves."""

    RECEIVED = "received"
    UNREADABLE = "unreadable"
    READ = "read"
    CHECKING = "checking"
    CHECKED = "checked"
    ENTERING = "entering"
    ENTERED = "entered"
    RELEASING = "releasing"
    RELEASED = "released"
    UNDONE = "undone"
    DISCARDED = "discarded"


WORKING = (Stage.RECEIVED, Stage.CHECKING, Stage.ENTERING, Stage.RELEASING)
MOST_TRIES = 3
OVER = (Stage.UNDONE, Stage.DISCARDED)


class Import(Model):
    """`key` is the file's in the store. `sheets`: what was read of it,
    [{name, hidden, header_row, header, rows, kind, columns}].

    `read_as`: in words how; before it is read, the codec somebody has chosen for its letters (spreadsheets/letters.py).

    `report`: {"faults": [...], "same": [...], "alike": [...], "counts": {...}}. `version` rises with each step: two tabs.
    `size`: bytes, unpacked. `programme_id`: whose themes; `as_owner`: by an owner, for that programme only. `organisation_id`:
    by a coordinator, for that organisation only.
    """

    __tablename__ = "import"
    __table_args__ = (Index("ix_import_stage", "stage"), Index("ix_import_by_id_sha256", "by_id", "sha256"))

    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), default=None)
    as_owner: Mapped[bool] = mapped_column(default=False)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), default=None)
    name: Mapped[str]
    key: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    read_as: Mapped[str] = mapped_column(default="")
    stage: Mapped[str] = mapped_column(default=Stage.RECEIVED)
    version: Mapped[int] = mapped_column(default=1)
    tries: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(default="")
    sheets: Mapped[list[Any]] = mapped_column(default=list)
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    entered_at: Mapped[datetime | None] = mapped_column(default=None)
    released_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)

    by: Mapped[User] = relationship()
    programme: Mapped[Any] = relationship("Programme")
    organisation: Mapped[Organisation | None] = relationship()

    def go(self, stage: Stage) -> None:
        self.stage, self.version, self.tries = stage.value, self.version + 1, 0

    @property
    def is_working(self) -> bool:
        return self.stage in WORKING

    @property
    def was_given_up(self) -> bool:
        """It failed again and again, by no fault of the file: it can be tried once more."""
        return self.stage == Stage.UNREADABLE and self.tries >= MOST_TRIES

    @property
    def codec(self) -> str:
        """By which it is to be read, while somebody's choice has not been carried out."""
        return self.read_as if self.read_as in WRITTEN else ""

    @property
    def is_over(self) -> bool:
        return self.stage in OVER


class ImportedRow(Model):
    """What a row made: of one kind of thing (kinds.py) the id, or, of an offered role, where and which.

    Roles are invitations only once the mails go out; until then a batch can be undone without a trace of them. `seen_version`
    is that of a theme as it was made.
    """

    __tablename__ = "imported_row"
    __table_args__ = (Index("ix_imported_row_made", "kind", "made_id"),)

    import_id: Mapped[int] = mapped_column(ForeignKey("import.id"), index=True)
    kind: Mapped[str]
    made_id: Mapped[int]
    sheet: Mapped[str]
    row: Mapped[int]
    role: Mapped[str] = mapped_column(default="")
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), default=None)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), default=None)
    seen_version: Mapped[int] = mapped_column(default=0)
    done: Mapped[bool] = mapped_column(default=False)
