"""Claims and their evidence."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model
from mobility.people.models import User
from mobility.rates.rules import AmountLine, own_share
from mobility.vouchers.models import Voucher

HOLDER, ORGANISATION = "holder", "organisation"


class Claim(Model):
    """What the guest (or the provider) asks the money with. One for each voucher; its state is the voucher's.

    It is a draft until the voucher is claimed, and again after the claim was returned. `lines` are computed from the days
    that the host has confirmed, or from the provider's `invoice_total`; `explanation` says why they differ from what was
    approved. `corrections` are validation's: a list of {"line": number in `lines`, "amount": "...", "reason": "..."}.
    `travel_days` are those that were used, `actual_costs` what was spent ({component: amount as text}); what is not stated yet is
    None, or missing. `version` is the draft's own. The guest's report is the end questionnaire (followup/ends.py);
    `objectives_met`, `report` and `take_overs` are the words of claims from before, and are not written any more.
    """

    __tablename__ = "claim"

    voucher_id: Mapped[int] = mapped_column(ForeignKey("voucher.id"), unique=True)
    version: Mapped[int] = mapped_column(nullable=False)
    objectives_met: Mapped[str] = mapped_column(default="")
    report: Mapped[str] = mapped_column(default="")
    take_overs: Mapped[str] = mapped_column(default="")
    invoice_number: Mapped[str] = mapped_column(default="")
    invoice_total: Mapped[Decimal | None] = mapped_column(default=None)
    travel_days: Mapped[int | None] = mapped_column(default=None)
    actual_costs: Mapped[dict[str, Any]] = mapped_column(default=dict)
    pay_to: Mapped[str] = mapped_column(default=HOLDER)
    lines: Mapped[list[Any]] = mapped_column(default=list)
    explanation: Mapped[str] = mapped_column(default="")
    corrections: Mapped[list[Any]] = mapped_column(default=list)
    saved_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    submitted_at: Mapped[datetime | None] = mapped_column(default=None)
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)

    __mapper_args__ = {"version_id_col": version}

    voucher: Mapped[Voucher] = relationship(back_populates="claim")
    submitted_by: Mapped[User | None] = relationship()
    evidence: Mapped[list["Evidence"]] = relationship(
        back_populates="claim", order_by="Evidence.id", lazy="selectin", cascade="all, delete-orphan"
    )

    @property
    def amount_lines(self) -> list[AmountLine]:
        return [AmountLine.from_json(line) for line in self.lines]

    @property
    def own_share(self) -> Decimal:
        """What the holder or their organisation pays of the invoice; zero without co-funding (P17)."""
        return own_share(self.amount_lines, self.invoice_total)

    @property
    def payee(self) -> dict[str, int | None]:
        """Whose account is paid, as banking.queries.current wants to be asked: a person or an organisation."""
        return payee(self.voucher, self.pay_to)


class Evidence(Model):
    """A file that proves something: boarding pass, invoice. `key` is its random name in the store (uploads/files.py)."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("claim_id", "sha256"),)  # the same file twice is one; on two vouchers it is told

    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True)
    key: Mapped[str] = mapped_column(unique=True)
    added_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    added_at: Mapped[datetime] = mapped_column(default=clock.utc_now)

    claim: Mapped[Claim] = relationship(back_populates="evidence")


def payee(voucher: Voucher, pay_to: str) -> dict[str, int | None]:
    """The provider, or as the claim says the holder or their organisation."""
    if not voucher.traits.pays_holder or pay_to == ORGANISATION:
        return {"organisation_id": paid_organisation_id(voucher)}
    return {"user_id": voucher.holder_id}


def paid_organisation_id(voucher: Voucher) -> int | None:
    """The organisation that is paid, if one is."""
    return voucher.holder_organisation_id if voucher.traits.pays_holder else voucher.provider_id
