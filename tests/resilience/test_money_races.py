"""Everything that moves money, at the same moment, on the same vouchers and the same budget line (money.md).

Of what excludes one another exactly one wins; the balances are those of the winners, and the ledger holds.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from mobility.banking import operations as banking
from mobility.budgets.checks import check_ledger
from mobility.claims import operations as claims
from mobility.claims.rules import (
    Correction,
)
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.payments import operations as payments
from mobility.payments import queries as payment_queries
from mobility.people.roles import Role
from mobility.programmes.models import BudgetLine
from mobility.vouchers import operations as vouchers
from mobility.vouchers import queries
from mobility.vouchers.models import Voucher
from tests.resilience.test_budget_races import at_once
from tests.support import factories
from tests.support.cases import Case, make_case

AMOUNT, LOWER, BUDGET = Decimal("780.00"), Decimal("500.00"), Decimal("10000.00")
EACH = 4  # people who try the same
Try = Callable[[Case], Any]


def locked(case: Case) -> Voucher:
    voucher = queries.lock(case.voucher.id)
    assert voucher is not None
    return voucher


def approve(case: Case) -> None:
    vouchers.approve(locked(case), by=case.owner)


def reject(case: Case) -> None:
    vouchers.reject(locked(case), by=case.owner, reason="Others come first.")


def withdraw(case: Case) -> None:
    vouchers.withdraw(locked(case), by=case.holder)


def revoke(case: Case) -> None:
    vouchers.revoke(locked(case), by=case.owner, reason="Paid elsewhere.")


def expire(case: Case) -> None:
    vouchers.expire(locked(case))


def validate(case: Case) -> None:
    claims.validate(locked(case), by=case.owner)


def validate_lower(case: Case) -> None:
    claims.validate(locked(case), by=case.owner, corrections=[Correction(0, LOWER, "One night less.")])


def return_claim(case: Case) -> None:
    claims.return_claim(locked(case), by=case.finance_officer, reason="Whose boarding pass is this?")


def collect(case: Case) -> None:
    payments.collect(case.programme, by=case.finance_officer, chosen=[case.voucher.id])


def record(outcome: str) -> Try:
    def bank(case: Case) -> None:
        officer = db.session.scalars(db.select(factories.User).where(factories.User.name == "Other Officer")).one()
        standing = payment_queries.standing([case.voucher.id])[case.voucher.id]
        batch = payment_queries.find(standing.id, officer, for_update=True)
        today = batch.programme.today
        payments.record(batch, batch.rows[0].id, by=officer, outcome=outcome, on=today, reason="Account closed.")

    return bank


def recover(case: Case) -> None:
    payments.recover(locked(case), by=case.finance_officer, amount=AMOUNT, reason="Paid twice.")


# from -> (what is tried at once, {the state after: (set aside, spent)}): written by hand from workflows.md and money.md
NOTHING = Decimal(0)
CONTESTS: dict[str, tuple[tuple[Try, ...], dict[str, tuple[Decimal, Decimal]]]] = {
    "recommended": ((approve, reject), {"approved": (AMOUNT, NOTHING), "rejected": (NOTHING, NOTHING)}),
    "approved": ((withdraw, revoke), {"withdrawn": (NOTHING, NOTHING), "revoked": (NOTHING, NOTHING)}),
    "issued": (
        (expire, withdraw, revoke),
        {"expired": (NOTHING, NOTHING), "withdrawn": (NOTHING, NOTHING), "revoked": (NOTHING, NOTHING)},
    ),
    "claimed": (
        (validate, validate_lower, return_claim),
        {"validated": (AMOUNT, NOTHING), "lower": (LOWER, NOTHING), "delivered": (AMOUNT, NOTHING)},
    ),
    "validated": ((collect,), {"validated": (AMOUNT, NOTHING)}),
    "sent": ((record("paid"), record("bounced")), {"paid": (NOTHING, AMOUNT), "validated": (AMOUNT, NOTHING)}),
    "paid": ((recover,), {"recovered": (NOTHING, NOTHING)}),
}


def arrange() -> list[Case]:
    """One voucher in each of these states, all on one line; of the issued one the validity is over."""
    programme = factories.make_programme(scheme="full")
    factories.make_rate_card(programme, lump_by_country={"amounts": {"PT": str(AMOUNT)}})  # whichever days they are
    first = make_case(programme=programme, amount=BUDGET)
    factories.make_member(first.programme, Role.FINANCE_OFFICER, name="Other Officer")
    cases = [first] + [make_case(programme=first.programme, line=first.line) for _ in range(len(CONTESTS) - 1)]
    for case, state in zip(cases, CONTESTS, strict=True):
        banking.set_account(case.holder, by=case.holder, holder_name="A guest", iban="PT50000201231234567890154")
        case.take_to("validated" if state in {"sent", "paid"} else state)
        if state == "issued":
            case.voucher.valid_from, case.voucher.valid_until = clock.today() - timedelta(30), clock.today() - timedelta(1)
        if state in {"sent", "paid"}:
            _send(case)
        if state == "paid":
            record("paid")(case)
    db.session.flush()
    return cases


def _send(case: Case) -> None:
    factories.pays_from(case.programme)
    officer = db.session.scalars(db.select(factories.User).where(factories.User.name == "Other Officer")).one()
    batch = payments.collect(case.programme, by=case.finance_officer, chosen=[case.voucher.id])
    payments.approve(batch, by=officer, execution_on=clock.today() + timedelta(days=1))
    payments.send(batch, by=officer)


@pytest.fixture
def racing_app(fresh_database: str, app_on: Callable[..., Flask]) -> Flask:
    tries = EACH * sum(len(acts) for acts, _ in CONTESTS.values())
    options = {"pool_size": tries, "max_overflow": 8} if fresh_database.startswith("postgresql") else {}
    return app_on(fresh_database, SQLALCHEMY_ENGINE_OPTIONS=options)


def outcome_of(voucher: Voucher) -> str:
    return "lower" if voucher.state == "validated" and voucher.final_amount == LOWER else voucher.state


def test_everything_at_once_on_one_line(racing_app: Flask) -> None:
    with racing_app.app_context():
        with transaction():
            cases = arrange()
        ids = {state: case.voucher.id for state, case in zip(CONTESTS, cases, strict=True)}
        people = {state: {name: getattr(case, name).id for name in PEOPLE} for state, case in zip(CONTESTS, cases, strict=True)}
        programme_id, line_id = cases[0].programme.id, cases[0].line.id
        db.session.remove()
    tries = [(state, act) for state, (acts, _) in CONTESTS.items() for act in acts for _ in range(EACH)]
    wins: dict[str, list[str]] = {state: [] for state in CONTESTS}

    def one(number: int) -> None:
        state, act = tries[number]
        act(_case(ids[state], people[state], programme_id))
        wins[state].append(act.__name__)

    at_once(racing_app, len(tries), one)
    with racing_app.app_context():
        assert {state: len(won) for state, won in wins.items()} == dict.fromkeys(CONTESTS, 1), wins
        after = {state: outcome_of(db.session.get_one(Voucher, id)) for state, id in ids.items()}
        expected = [CONTESTS[state][1][after[state]] for state in CONTESTS]
        line = db.session.get_one(BudgetLine, line_id)
        assert line.committed == sum(committed for committed, _ in expected), after
        assert line.spent == sum(spent for _, spent in expected), after
        assert line.available == BUDGET - line.committed - line.spent
        assert check_ledger() == []


PEOPLE = ("holder", "owner", "finance_officer")


def _case(voucher_id: int, people: dict[str, int], programme_id: int) -> Any:
    """The same case in this thread's own session."""

    class Same:
        voucher = db.session.get_one(Voucher, voucher_id)
        programme = db.session.get_one(factories.Programme, programme_id)

    for name, id in people.items():
        setattr(Same, name, db.session.get_one(factories.User, id))
    return Same
