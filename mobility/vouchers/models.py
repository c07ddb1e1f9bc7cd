"""Vouchers, of every kind."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, joinedload, load_only, mapped_column, relationship

from mobility.core.database import Model
from mobility.core.money import NOTHING
from mobility.exchanges.models import Exchange
from mobility.people.models import Organisation, User
from mobility.programmes.models import BudgetLine, Programme
from mobility.rates.models import RateCard
from mobility.rates.rules import AmountLine, Case, Estimate, estimate, own_share
from mobility.themes.models import Theme
from mobility.vouchers.kinds import Kind, kind_of
from mobility.vouchers.states import COMMITTED_STATES, DELIVERED, DRAFT, RECOMMENDED
from mobility.vouchers.workflow import WORKFLOW
from mobility.workflows.history import Subject
from mobility.workflows.table import Promise
from mobility.workflows.workflow import Workflow


@dataclass(frozen=True)
class VoucherNames:
    """What an issued voucher calls those it is about: as it was then, however they are called later."""

    programme: str
    call: str
    theme: str
    holder: str
    holder_organisation: str
    counterpart: str

    @classmethod
    def of(cls, voucher: Any) -> "VoucherNames":
        exchange, line = voucher.exchange, voucher.budget_line
        return cls(
            programme=voucher.programme.name,
            call=line.call.name if line else "",
            theme=exchange.theme.title if exchange else "",
            holder=voucher.holder.name,
            holder_organisation=_with_place(voucher.holder_organisation),
            counterpart=_with_place(voucher.counterpart),
        )


def _with_place(organisation: Organisation | None) -> str:
    return f"{organisation.name}, {organisation.city}" if organisation else ""


class Voucher(Subject, Model):
    """The right to a grant. `code` is set when it is issued; `lines` are the amount lines as computed with `rate_card`.
    `basis` is what they rest on, from the request on (`rates.rules.Case` as JSON). `issued_names` are its `VoucherNames` on
    the day of its issue.

    What the holder asks for with it: `travel_days` beside the stay, `conditions_declared` (keys of conditions of the rate card,
    of which the programme confirms some when it approves) and `expected_costs` ({component: amount as text}).

    `amount` is the total of the lines: what is committed on approval. `final_amount` is what validation left of it.
    `need` and `price` are a knowledge voucher's; `price` also that of a mobility voucher whose card pays a share of the cost.
    `holder_link` and `provider_link` are what both sides of a knowledge voucher declare (of a mobility voucher the signatures
    do). `claim_due_on` is the last day to claim, from the delivery on. `scores` are the assessor's points:
    {"criterion", "points", "most"} for each line of the score sheet; `advised_against`: they are of one who is against it.
    `granted_elsewhere` says where an amount was taken over from, which nothing computes; `paid_elsewhere` is that payment's
    reference.
    """

    __tablename__ = "voucher"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        Index("ix_voucher_waiting_for_due_on", "waiting_for", "due_on"),
        Index("ix_voucher_programme_id_state_due_on", "programme_id", "state", "due_on"),
        Index("ix_voucher_programme_id_due_on_id", "programme_id", "due_on", "id"),  # the decision desk's order
        Index("ix_voucher_budget_line_id_state_issued_at", "budget_line_id", "state", "issued_at"),  # a line's forecast
        Index("ix_voucher_holder_id_state", "holder_id", "state"),
        Index("ix_voucher_host_id_state", "host_id", "state"),
    )
    workflow: ClassVar[Workflow] = WORKFLOW
    searched = ("exchange.theme.title", "holder.name", "holder_organisation.name", "host.name", "provider.name", "need")
    numbered = "V-"

    state: Mapped[str] = mapped_column(default=DRAFT)
    kind: Mapped[str]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    exchange_id: Mapped[int | None] = mapped_column(ForeignKey("exchange.id"), index=True, default=None)
    holder_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    holder_organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    host_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), default=None)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True, default=None)
    budget_line_id: Mapped[int | None] = mapped_column(ForeignKey("budget_line.id"), default=None)
    rate_card_id: Mapped[int | None] = mapped_column(ForeignKey("rate_card.id"), default=None)
    basis: Mapped[dict[str, Any]] = mapped_column(default=dict)
    lines: Mapped[list[Any]] = mapped_column(default=list)
    amount: Mapped[Decimal] = mapped_column(default=Decimal(0))
    need: Mapped[str] = mapped_column(default="")
    price: Mapped[Decimal | None] = mapped_column(default=None)
    green_travel: Mapped[bool] = mapped_column(default=False)
    travel_days: Mapped[int] = mapped_column(default=0)
    conditions_declared: Mapped[list[Any]] = mapped_column(default=list)
    conditions_confirmed: Mapped[list[Any]] = mapped_column(default=list)
    expected_costs: Mapped[dict[str, Any]] = mapped_column(default=dict)
    de_minimis_declared: Mapped[Decimal | None] = mapped_column(default=None)
    declarations: Mapped[list[Any]] = mapped_column(default=list)
    holder_link: Mapped[str] = mapped_column(default="")
    provider_link: Mapped[str] = mapped_column(default="")
    issued_names: Mapped[dict[str, Any]] = mapped_column(default=dict)
    question: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")
    scores: Mapped[list[Any]] = mapped_column(default=list)
    score: Mapped[int | None] = mapped_column(default=None)
    assessment: Mapped[str] = mapped_column(default="")
    advised_against: Mapped[bool] = mapped_column(default=False)
    assessed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    requested_on: Mapped[date | None] = mapped_column(Date, default=None)
    decided_on: Mapped[date | None] = mapped_column(Date, default=None)
    code: Mapped[str | None] = mapped_column(unique=True, default=None)
    issued_at: Mapped[datetime | None] = mapped_column(default=None)
    valid_from: Mapped[date | None] = mapped_column(Date, default=None)
    valid_until: Mapped[date | None] = mapped_column(Date, default=None)
    extended: Mapped[bool] = mapped_column(default=False)
    redeemed_on: Mapped[date | None] = mapped_column(Date, default=None)
    delivered_on: Mapped[date | None] = mapped_column(Date, default=None)
    claim_due_on: Mapped[date | None] = mapped_column(Date, default=None)
    claim_extended: Mapped[bool] = mapped_column(default=False)
    claimed_on: Mapped[date | None] = mapped_column(Date, default=None)
    validated_on: Mapped[date | None] = mapped_column(Date, default=None)
    final_amount: Mapped[Decimal | None] = mapped_column(default=None)
    paid_on: Mapped[date | None] = mapped_column(Date, default=None)
    recovered_amount: Mapped[Decimal | None] = mapped_column(default=None)
    granted_elsewhere: Mapped[str] = mapped_column(default="")
    paid_elsewhere: Mapped[str] = mapped_column(default="")
    validated_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)

    programme: Mapped[Programme] = relationship()
    exchange: Mapped[Exchange | None] = relationship(back_populates="vouchers")
    holder: Mapped[User] = relationship(foreign_keys=[holder_id])
    holder_organisation: Mapped[Organisation] = relationship(foreign_keys=[holder_organisation_id])
    host: Mapped[Organisation | None] = relationship(foreign_keys=[host_id])
    provider: Mapped[Organisation | None] = relationship(foreign_keys=[provider_id])
    assessed_by: Mapped[User | None] = relationship(foreign_keys=[assessed_by_id])
    validated_by: Mapped[User | None] = relationship(foreign_keys=[validated_by_id])
    budget_line: Mapped[BudgetLine | None] = relationship()
    rate_card: Mapped[RateCard | None] = relationship()
    claim: Mapped[Any | None] = relationship("Claim", back_populates="voucher", uselist=False, viewonly=True)
    payments: Mapped[list[Any]] = relationship("Payment", back_populates="voucher", order_by="Payment.id", viewonly=True)

    @property
    def names(self) -> "VoucherNames":
        """What the paper calls those it is about."""
        return VoucherNames(**self.issued_names) if self.issued_names else VoucherNames.of(self)

    @property
    def traits(self) -> Kind:
        """What vouchers of its kind are like; `kind` is the key of it."""
        return kind_of(self.kind)

    def state_label(self, state: str = "") -> str:
        """In the words of its kind, where that has its own: a guest has attended, nothing has been delivered."""
        if self.claim_returned and state in {"", self.state}:
            return "Claim returned"
        if not state and self.state == RECOMMENDED and self.advised_against:
            return "Recommended against"
        return self.traits.words.states.get(state or self.state) or super().state_label(state)

    @property
    def claim_returned(self) -> bool:
        """Its claim was sent and has come back; the deadline was moved with it."""
        return self.state == DELIVERED and self.claim is not None and self.claim.submitted_at is not None

    @property
    def counterpart(self) -> Organisation | None:
        """The other side: host or provider. Of a draft it may still be missing."""
        found: Organisation | None = getattr(self, self.traits.counterpart)
        return found

    @property
    def what_for(self) -> str:
        """The exchange's theme; of a knowledge voucher the provider, once there is one."""
        if self.exchange:
            return self.exchange.theme.title
        return self.provider.name if self.provider else self.reference

    @property
    def title(self) -> str:
        """What pages and mails call it."""
        known = self.exchange or self.provider
        return f"{self.traits.label}{f': {self.what_for}' if known else ''}"

    @property
    def about(self) -> str:
        return self.what_for if self.exchange else self.title

    @property
    def between(self) -> str:
        return f"{self.holder.name}, {self.holder_organisation.name}"

    @property
    def sides(self) -> Mapping[str, str]:
        """The holder stands where the guest does, the counterpart where the host does."""
        return {"guest": self.holder.name, "host": self.counterpart.name if self.counterpart else ""}

    @property
    def theme(self) -> Theme | None:
        return self.exchange.theme if self.exchange else None

    def words_for(self, promise: Promise) -> tuple[str, str]:
        return self.traits.words.reminders.get(promise.name) or super().words_for(promise)

    @classmethod
    def brief(cls) -> tuple[Any, ...]:
        return *cls.named(), joinedload(cls.exchange).joinedload(Exchange.delegates)

    @classmethod
    def named(cls) -> tuple[Any, ...]:
        exchange = joinedload(cls.exchange)
        who = (cls.programme_id, cls.exchange_id, cls.holder_id, cls.holder_organisation_id, cls.host_id, cls.provider_id)
        return (
            load_only(*cls.waiting_columns(), cls.kind, cls.requested_on, cls.assessed_by_id, cls.validated_by_id, *who),
            joinedload(cls.programme, innerjoin=True).load_only(*Programme.told()),
            joinedload(cls.holder, innerjoin=True).options(*User.by_name()),
            joinedload(cls.holder_organisation, innerjoin=True).load_only(Organisation.name),
            joinedload(cls.host).load_only(Organisation.name),
            joinedload(cls.provider).load_only(Organisation.name),
            exchange.load_only(Exchange.application_id, Exchange.theme_id, Exchange.first_day, Exchange.endorsement),
            exchange.joinedload(Exchange.theme).load_only(Theme.title),
        )

    @property
    def most_points(self) -> int:
        """How many points the assessment could have given."""
        return sum(line["most"] for line in self.scores) or 100

    @property
    def amount_lines(self) -> list[AmountLine]:
        return [AmountLine.from_json(line) for line in self.lines]

    @property
    def unconfirmed(self) -> list[str]:
        """Conditions that its amount counts, and that the programme has still to confirm or not: keys."""
        return [each for each in self.basis.get("conditions", ()) if each not in self.conditions_confirmed]

    def estimate_with(self, conditions: Iterable[str]) -> Estimate:
        """What was asked for comes to if of its conditions only these hold."""
        holding = set(conditions)
        kept = tuple(each for each in self.conditions_declared if each in holding)
        case = replace(Case.from_json(self.basis), conditions=kept)
        return estimate(self.rate_card.components if self.rate_card else None, case)

    @property
    def least_amount(self) -> Decimal:
        """What it comes to if nothing is confirmed of what is still to be."""
        return (self.estimate_with(self.conditions_confirmed).total or self.amount) if self.unconfirmed else self.amount

    @property
    def own_share(self) -> Decimal:
        """What the holder or their organisation pays of the agreed price; zero without co-funding (P17)."""
        return own_share(self.amount_lines, self.price)

    @property
    def unrecovered(self) -> Decimal:
        """What was paid and has not come back."""
        return (self.final_amount or NOTHING) - (self.recovered_amount or NOTHING)

    @property
    def is_committed(self) -> bool:
        """Money of the budget is set aside for it."""
        return self.state in COMMITTED_STATES

    @property
    def timezone(self) -> str:
        return self.programme.timezone

    @property
    def reference(self) -> str:
        return f"V-{self.id:06d}"
