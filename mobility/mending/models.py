"""Which entry of the ledger corrects which: entries themselves never change."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mobility.core.database import Model, table_of
from mobility.core.records import keep
from mobility.programmes.models import LedgerEntry


class AppropriationCorrection(Model):
    """`entry_id` adds the difference to the money of `corrects_id`, or takes it out; its note is the reason."""

    __tablename__ = "appropriation_correction"

    entry_id: Mapped[int] = mapped_column(ForeignKey(LedgerEntry.id), unique=True)
    corrects_id: Mapped[int] = mapped_column(ForeignKey(LedgerEntry.id), index=True)


keep(table_of(AppropriationCorrection), unique="entry_id")
