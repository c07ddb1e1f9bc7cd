"""Payment batches and their payments."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, func, or_, select, text
from sqlalchemy.orm import Mapped, column_property, joinedload, load_only, mapped_column, relationship

from mobility.banking.models import BankAccount
from mobility.core import clock
from mobility.core.database import Model, table_of
from mobility.core.money import NOTHING
from mobility.core.records import keep
from mobility.core.web import format_money
from mobility.paying.models import PayingAccount
from mobility.payments.workflow import DISCARDED, DRAFT, WORKFLOW
from mobility.people.models import User
from mobility.programmes.models import Programme
from mobility.vouchers.models import Voucher
from mobility.workflows.history import Subject
from mobility.workflows.workflow import Workflow

PAID, BOUNCED, TAKEN_OUT, RETURNED = "paid", "bounced", "taken_out", "returned"
OUTCOMES = {PAID: "Paid", BOUNCED: "Came back", TAKEN_OUT: "Removed", RETURNED: "Paid, came back"}
NOT_VOID = text("voided_at IS NULL")
STANDING = text("outcome IS NULL OR outcome = 'paid'")


class PaymentBatch(Subject, Model):
    """Payments that go to the bank together. `message_id` names its file to the bank; once a file is void, it is the next one's.

    `execution_on` is the day on which the bank is asked to pay, `paying_account` the one it pays from: set with the approval.
    """

    __tablename__ = "payment_batch"
    __table_args__ = (Index("ix_payment_batch_programme_id_state", "programme_id", "state"),)
    workflow: ClassVar[Workflow] = WORKFLOW
    searched = ("programme.name", "collected_by.name")
    numbered = "P-"

    state: Mapped[str] = mapped_column(default=DRAFT)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    collected_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    approved_at: Mapped[datetime | None] = mapped_column(default=None)
    execution_on: Mapped[date | None] = mapped_column(Date, default=None)
    paying_account_id: Mapped[int | None] = mapped_column(ForeignKey("paying_account.id"), default=None)
    message_id: Mapped[str] = mapped_column(unique=True)

    programme: Mapped[Programme] = relationship()
    collected_by: Mapped[User] = relationship(foreign_keys=[collected_by_id])
    approved_by: Mapped[User | None] = relationship(foreign_keys=[approved_by_id])
    paying_account: Mapped[PayingAccount | None] = relationship()
    payments: Mapped[list["Payment"]] = relationship(back_populates="batch", order_by="Payment.id")
    files: Mapped[list["BankFile"]] = relationship(back_populates="batch", order_by="BankFile.id")
    count: ClassVar[Any]  # these three are read with its payments, after them
    amount: ClassVar[Any]
    first_due_on: ClassVar[Any]

    @property
    def reference(self) -> str:
        return f"P-{self.id:06d}"

    @property
    def title(self) -> str:
        """What pages and mails call it."""
        return f"Payment batch {self.reference}"

    @property
    def about(self) -> str:
        return self.title

    @property
    def between(self) -> str:
        """How many payments, and what they come to."""
        return f"{self.count} payment{'' if self.count == 1 else 's'}, {format_money(self.amount, self.programme.currency)}"

    @classmethod
    def brief(cls) -> tuple[Any, ...]:
        counted = (cls.count, cls.amount, cls.first_due_on)
        return (
            load_only(*cls.waiting_columns(), cls.programme_id, cls.collected_by_id, *counted),
            joinedload(cls.programme, innerjoin=True).load_only(*Programme.told(), Programme.currency),
        )

    @property
    def timezone(self) -> str:
        return self.programme.timezone

    @property
    def rows(self) -> list["Payment"]:
        """Its payments without those that were taken out; of a discarded batch all, to be read."""
        return [each for each in self.payments if each.outcome != TAKEN_OUT or self.state == DISCARDED]

    @property
    def file(self) -> "BankFile | None":
        """The one that is not void."""
        return next((each for each in self.files if each.voided_at is None), None)

    @property
    def total(self) -> Decimal:
        return sum((each.amount for each in self.rows), NOTHING)

    def total_of(self, *outcomes: str | None) -> Decimal:
        """What was paid, has come back, or (None) is still open."""
        return sum((each.amount for each in self.rows if each.outcome in outcomes), NOTHING)


class Payment(Model):
    """One voucher's money to one account, as it was when the claim was collected; at most one that is open or paid.

    `outcome` is None until the bank has done something. `end_to_end_id` stands on both bank statements. One that was paid and
    came back later keeps the day on which it was paid.
    """

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_payment_voucher_id_standing", "voucher_id", unique=True, sqlite_where=STANDING, postgresql_where=STANDING),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("payment_batch.id"), index=True)
    voucher_id: Mapped[int] = mapped_column(ForeignKey("voucher.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("bank_account.id"))
    amount: Mapped[Decimal]
    end_to_end_id: Mapped[str] = mapped_column(unique=True)
    outcome: Mapped[str | None] = mapped_column(default=None)
    reason: Mapped[str] = mapped_column(default="")
    settled_on: Mapped[date | None] = mapped_column(Date, default=None)

    batch: Mapped[PaymentBatch] = relationship(back_populates="payments")
    voucher: Mapped[Voucher] = relationship(back_populates="payments")
    account: Mapped[BankAccount] = relationship()

    @property
    def problem(self) -> str | None:
        """Why it cannot go to the bank now, in a sentence; nothing when it can."""
        if self.outcome is None and not self.account.in_force:
            return "the payee has changed the account since."
        return None

    @property
    def payee(self) -> str:
        """Whose account it is."""
        return self.account.holder_name


def _of_its_payments(figure: Any) -> Any:
    """A figure of those that were not taken out, read only where it is asked for."""
    standing = or_(Payment.outcome.is_(None), Payment.outcome != TAKEN_OUT)
    of_this = Payment.batch_id == PaymentBatch.id
    query = select(figure).select_from(Payment).join(Voucher, Voucher.id == Payment.voucher_id).where(of_this, standing)
    return column_property(query.correlate(PaymentBatch).scalar_subquery(), deferred=True)


PaymentBatch.count = _of_its_payments(func.count(Payment.id))
PaymentBatch.amount = _of_its_payments(func.sum(Payment.amount))
PaymentBatch.first_due_on = _of_its_payments(func.min(Voucher.due_on))


class BankFile(Model):
    """A file that was made for the bank, as it left: it stays, and at most one of a batch is not void."""

    __tablename__ = "bank_file"
    __table_args__ = (
        CheckConstraint("(voided_at IS NULL) = (voided_because = '')", name="void_for_a_reason"),
        Index("ix_bank_file_batch_id", "batch_id"),
        Index("ix_bank_file_batch_id_standing", "batch_id", unique=True, sqlite_where=NOT_VOID, postgresql_where=NOT_VOID),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("payment_batch.id"))
    message_id: Mapped[str] = mapped_column(unique=True)
    execution_on: Mapped[date] = mapped_column(Date)
    payer_iban: Mapped[str]
    count: Mapped[int]
    total: Mapped[Decimal]
    content: Mapped[str] = mapped_column(deferred=True)  # it has the whole account numbers
    made_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    voided_at: Mapped[datetime | None] = mapped_column(default=None)
    voided_because: Mapped[str] = mapped_column(default="")

    batch: Mapped[PaymentBatch] = relationship(back_populates="files")
    made_by: Mapped[User] = relationship()


keep(
    table_of(BankFile),
    erasable="content voided_because",
    unique="message_id",
    allowed="""OLD.voided_at IS NULL AND NEW.id = OLD.id AND NEW.batch_id = OLD.batch_id AND NEW.message_id = OLD.message_id
        AND NEW.execution_on = OLD.execution_on AND NEW.payer_iban = OLD.payer_iban AND NEW.count = OLD.count
        AND NEW.total = OLD.total AND NEW.content = OLD.content AND NEW.made_at = OLD.made_at
        AND NEW.made_by_id = OLD.made_by_id""",
)
keep(
    table_of(Payment),  # what the bank did is recorded once; what it paid may still come back
    unique="end_to_end_id",
    erasable="reason",
    allowed="""NEW.id = OLD.id AND NEW.batch_id = OLD.batch_id AND NEW.voucher_id = OLD.voucher_id
        AND NEW.account_id = OLD.account_id AND NEW.amount = OLD.amount AND NEW.end_to_end_id = OLD.end_to_end_id
        AND (OLD.outcome IS NULL OR (OLD.outcome = 'paid' AND NEW.outcome IN ('bounced', 'returned'))
            OR (NEW.outcome = OLD.outcome AND NEW.reason = OLD.reason AND NEW.settled_on = OLD.settled_on))""",
)
