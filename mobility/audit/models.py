"""One entry of the audit log."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from mobility.core import clock
from mobility.core.database import Model, table_of
from mobility.core.records import keep


class AuditEntry(Model):
    """Never changed, never deleted; `id` counts without gaps, and `hash` is over this entry and the one before it (chain.py).

    It stands by itself: names are those of its day, and ids have no foreign keys, so that writing it waits for nobody's row.
    `by_id` None is the system, or nobody known. `network` is where the request came from, without the single machine.
    `before` and `after` are what a rule was and is. `salt` goes when a name is erased: nobody can try
    names against the hash then.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_programme_id_id", "programme_id", "id"),
        Index("ix_audit_entry_act_id", "act", "id"),
        Index("ix_audit_entry_by_id_id", "by_id", "id"),
    )

    at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    act: Mapped[str]
    by_id: Mapped[int | None] = mapped_column(default=None)
    by_name: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    organisation_id: Mapped[int | None] = mapped_column(default=None)
    programme_id: Mapped[int | None] = mapped_column(default=None)
    person_id: Mapped[int | None] = mapped_column(default=None)
    network: Mapped[str] = mapped_column(default="")
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)
    salt: Mapped[str] = mapped_column(default="")
    earlier_hash: Mapped[str]
    hash: Mapped[str]


keep(table_of(AuditEntry), erasable="by_name about network before after salt")
