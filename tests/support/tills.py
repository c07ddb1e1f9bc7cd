"""A programme with validated claims that can be paid, and three finance officers: one collects, one approves, one is spare."""

from dataclasses import dataclass
from typing import Any

import pytest

from mobility.banking import operations as banking
from mobility.claims import operations as claims
from mobility.payments import operations
from mobility.payments.models import PaymentBatch
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.programmes.models import BudgetLine, Programme
from mobility.vouchers.models import Voucher
from tests.support import factories
from tests.support.cases import make_case

PORTUGAL, AUSTRIA, GREECE = "PT50000201231234567890154", "AT611904300234573201", "GR1601101250000000012300695"


@dataclass
class Till:
    """`vouchers` are validated by `owner`, so that every finance officer may pay them; their holders have an account."""

    programme: Programme
    line: BudgetLine
    vouchers: list[Voucher]
    owner: User
    assessor: User
    auditor: User
    collector: User
    approver: User
    spare: User
    guest_coordinator: User
    host_coordinator: User
    stranger: User

    @property
    def holder(self) -> User:
        """Of the first voucher."""
        return self.vouchers[0].holder

    def collect(self, *numbers: int, by: User | None = None) -> PaymentBatch:
        """A batch of these vouchers, counted from 0; of all if none is named."""
        chosen = [self.vouchers[number].id for number in numbers or range(len(self.vouchers))]
        return operations.collect(self.programme, by=by or self.collector, chosen=chosen)

    def approved(self, *numbers: int) -> PaymentBatch:
        batch = self.collect(*numbers)
        operations.approve(batch, by=self.approver, execution_on=self.programme.today)
        return batch

    def sent(self, *numbers: int) -> PaymentBatch:
        batch = self.approved(*numbers)
        operations.send(batch, by=self.approver)
        return batch

    def record(self, batch: PaymentBatch, number: int, outcome: str = "paid", by: User | None = None, **given: Any) -> None:
        given = {"on": self.programme.today, "reason": "Account closed." if outcome == "bounced" else ""} | given
        operations.record(batch, batch.payments[number].id, by=by or self.approver, outcome=outcome, **given)

    def another(self, state: str = "validated", *, validated_by: User | None = None) -> Voucher:
        """One more voucher, through all its operations; its holder has an account."""
        case = make_case("full", programme=self.programme, line=self.line)
        voucher = case.take_to("claimed")
        if state == "validated":
            claims.validate(voucher, by=validated_by or case.owner)
        has_account(voucher)
        return voucher


def make_till(count: int = 2, scheme: str = "full", pays: bool = True, **rules: Any) -> Till:
    """The vouchers are made directly: how they become validated is tested with the claims. `pays`: there is an account to pay
    from."""
    programme = factories.make_funded_programme(100_000, scheme=scheme, **rules)
    member = factories.make_member
    if pays:
        factories.pays_from(programme, AUSTRIA, "Alpine Exchange Fund")
    owner = member(programme, Role.OWNER)
    vouchers = [factories.make_validated(programme, by=owner) for _ in range(count)]
    for voucher in vouchers:
        has_account(voucher)
    return Till(
        programme=programme,
        line=vouchers[0].budget_line,
        vouchers=vouchers,
        owner=owner,
        assessor=member(programme, Role.ASSESSOR),
        auditor=member(programme, Role.AUDITOR),
        collector=member(programme, Role.FINANCE_OFFICER),
        approver=member(programme, Role.FINANCE_OFFICER),
        spare=member(programme, Role.FINANCE_OFFICER),
        guest_coordinator=member(vouchers[0].holder_organisation, Role.COORDINATOR),
        host_coordinator=member(vouchers[0].host, Role.COORDINATOR),
        stranger=factories.make_user(),
    )


def has_account(voucher: Voucher) -> None:
    holder = voucher.holder
    banking.set_account(holder, by=holder, holder_name=f"{holder.name} Kovač", iban=PORTUGAL)


@pytest.fixture
def till(db_session: Any) -> Till:
    """With two vouchers."""
    return make_till()
