"""The whole life of vouchers with money, in any order, by anybody who may: the invariants of money.md hold after every act.

What is expected follows from money.md alone: which states have money set aside or spent, and how much. The postings, the
balances and `check_ledger` must agree with it. People also try what they must not: a refusal changes nothing.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from mobility import jobs
from mobility.banking import operations as banking
from mobility.budgets.checks import check_ledger
from mobility.claims import operations as claims
from mobility.claims.rules import (
    Correction,
)
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.core.errors import Refusal
from mobility.exchanges import queries as exchange_queries
from mobility.paying import queries as paying
from mobility.payments import operations as payments
from mobility.payments import queries as payment_queries
from mobility.payments.models import PaymentBatch
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.programmes.models import Account, BudgetLine, LedgerEntry, Posting
from mobility.visits import operations as visits
from mobility.vouchers import operations as vouchers
from mobility.vouchers import queries as voucher_queries
from mobility.vouchers.models import Voucher
from tests.support import evidence, factories
from tests.support.cases import DECLARATIONS, Case, make_case
from tests.support.promises import Promises

LUMP = Decimal("780.00")
SET_ASIDE = {"approved", "issued", "redeemed", "delivered", "claimed"}
ACCOUNTS = ("PT50000201231234567890154", "AT611904300234573201", "DE89370400440532013000")
CENTS = st.integers(-100, 90_000).map(lambda cents: Decimal(cents) / 100)
MOST_CASES = 4
BEGINNING = datetime(2027, 3, 1, 9, tzinfo=UTC)  # a Monday


# What people try: (machine, case, by, data); `by(person)` is that person, or somebody who has no business here

Act = Callable[[Any, Case, Callable[[User], User], st.DataObject], Any]
ACTS: dict[str, Act] = {}


def act(function: Act) -> Act:
    ACTS[function.__name__] = function
    return function


def locked(case: Case) -> Voucher:
    voucher = voucher_queries.lock(case.voucher.id)
    assert voucher is not None
    return voucher


def locked_exchange(case: Case) -> Any:
    return exchange_queries.find(case.exchange.id, case.host_coordinator, for_update=True)


@act
def request(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    vouchers.request(locked(case), by=by(case.holder), declarations=list(DECLARATIONS))


@act
def ask_information(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    vouchers.ask_information(locked(case), by=by(case.owner), question="Why?")


@act
def resubmit(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    vouchers.resubmit(locked(case), by=by(case.holder), answer="Because.")


@act
def recommend(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    vouchers.recommend(locked(case), by=by(case.assessor), scores=[24, 24, 16, 16], note="Fine.")


@act
def approve(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    vouchers.approve(locked(case), by=by(case.owner))


@act
def issue(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    vouchers.issue(locked(case), by=by(case.owner))


@act
def reject(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    vouchers.reject(locked(case), by=by(case.owner), reason="Others come first.")


@act
def withdraw(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    vouchers.withdraw(locked(case), by=by(case.holder))


@act
def revoke(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    vouchers.revoke(locked(case), by=by(case.owner), reason="Paid elsewhere.")


@act
def extend(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    voucher = locked(case)
    vouchers.extend(voucher, by=by(case.owner), until=(voucher.valid_until or clock.today()) + timedelta(days=100))


@act
def check_in(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    exchange = locked_exchange(case)
    visits.check_in(exchange, by=by(case.host_coordinator), code=locked(case).code or "")


@act
def confirm_attendance(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    """Often the stay was shorter: three or four working days give half, two give nothing."""
    exchange = locked_exchange(case)
    last = exchange.last_day - timedelta(days=data.draw(st.integers(0, 3), label="days less"))
    places = [each.position for each in exchange.delegates]
    visits.confirm_attendance(
        exchange,
        by=by(case.host_coordinator),
        first_day=exchange.first_day,
        last_day=last,
        attended=places,
        code=locked(case).code or "",
    )


@act
def report_no_show(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    visits.report_no_show(locked_exchange(case), by=by(case.host_coordinator), reason="Nobody came.")


@act
def cancel(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    visits.cancel(locked_exchange(case), by=by(case.host_coordinator), reason="We cannot.")


@act
def claim(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    voucher = locked(case)
    holder = by(case.holder)
    claims.save(voucher, by=holder)
    if voucher.programme.scheme == "full":
        claims.add_evidence(voucher, by=holder, name="boarding pass.pdf", content=evidence.pdf())
    claims.claim(voucher, by=holder)


@act
def return_claim(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    claims.return_claim(locked(case), by=by(case.finance_officer), reason="The boarding pass is another's.")


@act
def validate(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    """As claimed, or the first line lowered (or, wrongly, raised)."""
    voucher = locked(case)
    corrections = []
    if data.draw(st.booleans(), label="lower it"):
        corrections = [Correction(0, data.draw(CENTS, label="to"), "Less was needed.")]
    claims.validate(voucher, by=by(case.owner), corrections=corrections)


@act
def change_account(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    iban = data.draw(st.sampled_from(ACCOUNTS), label="iban")
    banking.set_account(case.holder, by=case.holder, holder_name=case.holder.name, iban=iban)


@act
def collect(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    programme = locked(case).programme
    payments.collect(programme, by=by(life.first.finance_officer), chosen=[case.voucher.id])


def newest_batch(life: Any, by: User) -> PaymentBatch:
    id = db.session.scalar(db.select(db.func.max(PaymentBatch.id)).where(PaymentBatch.programme == life.first.programme))
    if id is None:
        raise Refusal("There is no batch yet.")
    if paying.in_use(life.first.programme.id) is None:
        factories.pays_from(life.first.programme, ACCOUNTS[1])
    return payment_queries.find(id, life.first.finance_officer, for_update=True)


@act
def approve_batch(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    officer = by(life.other_officer)
    payments.approve(newest_batch(life, officer), by=officer, execution_on=clock.today() + timedelta(days=1))


@act
def send(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    officer = by(life.other_officer)
    payments.send(newest_batch(life, officer), by=officer)


@act
def record(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    officer = by(life.other_officer)
    batch = newest_batch(life, officer)
    outcome = data.draw(st.sampled_from(["paid", "paid", "bounced"]), label="outcome")
    payments.record(batch, batch.rows[0].id, by=officer, outcome=outcome, on=batch.programme.today, reason="Account closed.")


@act
def discard(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    officer = by(life.other_officer)
    payments.discard(newest_batch(life, officer), by=officer, reason="Again next week.")


@act
def recover(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    amount = data.draw(CENTS, label="amount")
    payments.recover(locked(case), by=by(case.finance_officer), amount=amount, reason="Paid twice.")


@act
def came_back(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    payments.came_back(locked(case), by=by(case.finance_officer), on=clock.today(), reason="Account closed.")


@act
def take_back_validation(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    claims.take_back_validation(locked(case), by=by(case.owner), reason="The wrong line was lowered.")


@act
def correct_attendance(life: Any, case: Case, by: Any, data: st.DataObject) -> None:
    stay = locked_exchange(case)
    last_day = data.draw(st.integers(0, 4).map(lambda days: stay.first_day + timedelta(days=days)), label="last day")
    days = {"first_day": stay.first_day, "last_day": last_day}
    attended = [each.position for each in stay.delegates]
    claims.correct_attendance(stay, by=by(case.host_coordinator), attended=attended, reason="A day was wrong.", **days)


NEXT = {
    "draft": "request",
    "returned": "resubmit",
    "recommended": "approve",
    "approved": "issue",
    "issued": "check_in",
    "redeemed": "confirm_attendance",
    "delivered": "claim",
    "claimed": "validate",
}


def next_act(case: Case) -> str | None:
    """What leads on to the money; nothing when the voucher has ended."""
    state = case.voucher.state
    if state == "requested":
        return "recommend" if case.programme.scheme == "full" else "approve"
    if state != "validated":
        return NEXT.get(state)
    standing = payment_queries.standing([case.voucher.id]).get(case.voucher.id)
    return {None: "collect", "draft": "approve_batch", "approved": "send"}.get(standing and standing.state, "record")


ACT_NAMES = sorted(ACTS)


class WholeLife(RuleBasedStateMachine):
    """Some vouchers on one budget line that covers two of them; `acts` are what people try."""

    app: Flask
    empty_database: Callable[[], None]

    @initialize(scheme=st.sampled_from(["light", "full"]))
    def begin(self, scheme: str) -> None:
        clock.set_to(BEGINNING)
        self.promises = Promises()
        with transaction():
            self.first = make_case(scheme, LUMP * 2 + 100)
            self.other_officer = factories.make_member(self.first.programme, Role.FINANCE_OFFICER)
            self.line_id = self.first.line.id
            self.cases = [self._with_account(self.first)]

    def _with_account(self, case: Case) -> Case:
        banking.set_account(case.holder, by=case.holder, holder_name=case.holder.name, iban=ACCOUNTS[0])
        return case

    @rule()
    def another_voucher(self) -> None:
        if len(self.cases) == MOST_CASES:
            return
        with transaction():
            case = make_case(programme=self.first.programme, line=db.session.get_one(BudgetLine, self.line_id))
            self.cases.append(self._with_account(case))

    @rule(data=st.data(), count=st.integers(3, 14))
    def all_goes_well(self, data: st.DataObject, count: int) -> None:
        """So many steps of the way that leads to the money, for one voucher."""
        case = data.draw(st.sampled_from(self.cases), label="case")
        for _ in range(count):
            db.session.rollback()
            if name := next_act(case):
                self._wait_for({"check_in": case.exchange.first_day, "confirm_attendance": case.exchange.last_day}.get(name))
                self._try(name, case, lambda person: person, data)

    @rule(data=st.data(), name=st.sampled_from(ACT_NAMES))
    def somebody_acts(self, data: st.DataObject, name: str) -> None:
        """Anything at any time, mostly by whom it belongs to; what is refused is rolled back."""
        case = data.draw(st.sampled_from(self.cases), label="case")
        self._try(name, case, self._somebody(case, data), data)

    def _try(self, name: str, case: Case, by: Callable[[User], User], data: st.DataObject) -> None:
        with suppress(Refusal), transaction():
            ACTS[name](self, case, by, data)

    def _somebody(self, case: Case, data: st.DataObject) -> Callable[..., User]:
        """Mostly whoever's turn it is, sometimes anybody else."""
        stranger = data.draw(st.sampled_from([None] * 12 + ["stranger", "owner", "holder", "finance_officer"]), label="instead")
        return lambda person: getattr(case, stranger) if stranger else person

    @rule(days=st.sampled_from([1, 1, 10, 10, 45, 400]))
    def days_pass(self, days: int) -> None:
        """The nightly jobs expire, lapse and start."""
        clock.move(days=days)
        with self.app.app_context():
            jobs.run_nightly()

    def _wait_for(self, day: date | None) -> None:
        if day is not None:
            clock.set_to(max(clock.utc_now(), clock.noon_of(day)))

    @invariant()
    def every_euro_is_where_it_should_be(self) -> None:
        db.session.rollback()
        line = db.session.get_one(BudgetLine, self.line_id)
        given = db.session.scalars(db.select(Voucher).where(Voucher.budget_line_id == line.id)).all()
        committed, spent = sum(map(set_aside, given)), sum(map(paid, given))
        assert (line.committed, line.spent) == (committed, spent), [(each.state, each.amount) for each in given]
        assert line.available == LUMP * 2 + 100 - committed - spent
        assert line.available >= 0
        assert posted(line) == {"available": line.available, "committed": committed, "spent": spent}
        assert check_ledger() == []

    @invariant()
    def promises_are_recorded_as_they_stand(self) -> None:
        self.promises.check()

    def teardown(self) -> None:
        """The next life begins on empty tables: what went before would only make its nights longer."""
        db.session.remove()
        self.empty_database()


def posted(line: BudgetLine) -> dict[str, Decimal]:
    """The sums of a line's postings."""
    sums = (
        db.select(Posting.account, db.func.sum(Posting.amount))
        .join(LedgerEntry)
        .where(LedgerEntry.budget_line_id == line.id, Posting.account != Account.FUNDING)
        .group_by(Posting.account)
    )
    return {"committed": Decimal(0), "spent": Decimal(0)} | dict(db.session.execute(sums).all())


def set_aside(voucher: Voucher) -> Decimal:
    """money.md: from the approval on the whole amount; once validated, what will be paid; nothing in a final state."""
    if voucher.state in SET_ASIDE:
        return voucher.amount
    return voucher.final_amount or Decimal(0) if voucher.state == "validated" else Decimal(0)


def paid(voucher: Voucher) -> Decimal:
    if voucher.state not in {"paid", "recovered"}:
        return Decimal(0)
    return (voucher.final_amount or Decimal(0)) - (voucher.recovered_amount or Decimal(0))


@pytest.mark.property
def test_every_life_of_vouchers_keeps_every_euro(app: Flask, db_session: Any, empty_database: Callable[[], None]) -> None:
    WholeLife.app, WholeLife.empty_database = app, staticmethod(empty_database)
    chosen = settings()
    if chosen.max_examples < 100:  # `make test`: each example is a few seconds of real work
        chosen = settings(max_examples=8)
    run_state_machine_as_test(WholeLife, settings=chosen)
