"""Postcards. Their table is taken out of the metadata again: it is made only for the test that needs it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core.database import Model, db, table_of
from mobility.exchanges.models import Exchange
from mobility.people.models import User
from mobility.workflows.history import Subject
from mobility.workflows.workflow import Workflow
from tests.support.postcards.workflow import BLANK, WORKFLOW


class Postcard(Subject, Model):
    __tablename__ = "postcard"
    workflow: ClassVar[Workflow] = WORKFLOW

    state: Mapped[str] = mapped_column(default=BLANK)
    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchange.id"))
    guest_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    exchange: Mapped[Exchange] = relationship()
    guest: Mapped[User] = relationship()

    @property
    def programme(self) -> Any:
        return self.exchange.programme

    @property
    def timezone(self) -> str:
        return self.exchange.timezone

    @property
    def sides(self) -> Mapping[str, str]:
        return {"guest": self.guest.name, "host": self.exchange.host.name}


db.metadata.remove(table_of(Postcard))
