"""Two that were made one."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mobility.core import clock
from mobility.core.database import Model

ORGANISATION, PERSON = "organisation", "person"


class Merger(Model):
    """`gone_id` has become `stays_id`; `moved` is how many rows of which table. It cannot be undone."""

    __tablename__ = "merger"

    kind: Mapped[str]
    gone_id: Mapped[int]
    stays_id: Mapped[int]
    reason: Mapped[str]
    moved: Mapped[dict[str, Any]]
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(default=clock.utc_now)
