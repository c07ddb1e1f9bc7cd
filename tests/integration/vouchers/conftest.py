"""A case with all the people around it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from mobility.claims import operations as claims
from mobility.exchanges.models import Exchange
from mobility.people.models import Role, User
from mobility.programmes.models import BudgetLine, Programme
from mobility.vouchers import operations
from mobility.vouchers.models import Voucher
from mobility.vouchers.rules import DECLARATIONS
from tests import factories
from tests.support import evidence


@dataclass
class Case:
    """One exchange, its voucher, and everybody around them. `light` decides in one step."""

    programme: Programme
    line: BudgetLine
    exchange: Exchange
    voucher: Voucher
    holder: User
    guest_coordinator: User
    host_coordinator: User
    host: User
    owner: User
    other_owner: User
    assessor: User
    finance_officer: User
    auditor: User
    stranger: User

    def take_to(self, state: str) -> Voucher:
        """Take the voucher on through the operations."""
        full = self.programme.scheme == "full"
        decided = ["recommended", "approved"] if full else []
        path = ["draft", "requested", *decided, "issued", "redeemed", "delivered", "claimed", "validated"]
        for step in path[1 : path.index(state) + 1]:
            getattr(self, f"_{step}")()
        return self.voucher

    def _requested(self) -> None:
        operations.request(self.voucher, by=self.holder, declarations=list(DECLARATIONS))

    def _recommended(self) -> None:
        operations.recommend(self.voucher, by=self.assessor, scores=[24, 24, 16, 16], note="Well prepared.")

    def _approved(self) -> None:
        operations.approve(self.voucher, by=self.owner)

    def _issued(self) -> None:
        if self.programme.scheme == "full":
            operations.issue(self.voucher, by=self.owner)
        else:
            operations.approve(self.voucher, by=self.owner)

    def _redeemed(self) -> None:
        operations.redeem(self.voucher, by=self.host_coordinator, code=self.voucher.code or "")

    def _delivered(self) -> None:
        operations.confirm_delivery(self.voucher, by=self.host_coordinator)

    def _claimed(self) -> None:
        report = "We saw how Lisbon bills its services, and tried the forms."
        fields = {"objectives_met": "yes", "report": report, "take_overs": "The price list, by autumn."}
        claims.save(self.voucher, by=self.holder, **fields)
        if self.programme.scheme == "full":
            claims.add_evidence(self.voucher, by=self.holder, name="boarding pass.pdf", content=evidence.pdf())
        claims.claim(self.voucher, by=self.holder)

    def _validated(self) -> None:
        claims.validate(self.voucher, by=self.owner)


def make_case(scheme: str = "full", amount: Decimal | int = 10_000, **values: Any) -> Case:
    programme = values.pop("programme", None) or factories.make_programme(scheme=scheme)
    if not programme.rate_cards:
        factories.make_rate_card(programme)
    line = values.pop("line", None) or factories.make_budget_line(factories.make_call(programme), amount)
    exchange = factories.make_agreed_exchange(programme=programme, **values)
    member = factories.make_member
    return Case(
        programme=programme,
        line=line,
        exchange=exchange,
        voucher=factories.make_voucher(exchange),
        holder=exchange.guest,
        guest_coordinator=member(exchange.guest_organisation, Role.COORDINATOR),
        host_coordinator=member(exchange.host, Role.COORDINATOR),
        host=member(exchange.host, Role.HOST),
        owner=member(programme, Role.OWNER),
        other_owner=member(programme, Role.OWNER),
        assessor=member(programme, Role.ASSESSOR),
        finance_officer=member(programme, Role.FINANCE_OFFICER),
        auditor=member(programme, Role.AUDITOR),
        stranger=factories.make_user(),
    )


@pytest.fixture
def full(db_session: Any) -> Case:
    """In a programme with assessment and four eyes."""
    return make_case("full")


@pytest.fixture
def light(db_session: Any) -> Case:
    """In a programme that decides in one step."""
    return make_case("light")
