"""`kill -9` between any two statements: what was acknowledged is there, of the rest there is no trace.

Each act runs in a process of its own, which kills itself before its first write, its second, ... and before the commit, until
it comes through. Between two reads there is nothing yet that could be half written.
"""

import os
import signal
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from mobility.banking import operations as banking
from mobility.budgets.checks import check_ledger
from mobility.claims import operations as claims
from mobility.claims.rules import (
    Correction,
)
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.notifications.models import OutboxMessage
from mobility.payments import operations as payments
from mobility.payments import queries as payment_queries
from mobility.payments.models import PaymentBatch
from mobility.people.roles import Role
from mobility.programmes.models import LedgerEntry, Posting
from mobility.vouchers import operations as vouchers
from mobility.vouchers import queries
from mobility.vouchers.models import Voucher
from mobility.workflows.history import HistoryEntry
from tests.support import factories
from tests.support.cases import Case, make_case

IBANS = ("PT50000201231234567890154", "AT611904300234573201")
LIKELY_MOST = 80  # writes of one act; far more would mean that it never comes through


class Situation:
    """One voucher, and the batch it is paid with; `officer` validated nothing and collected nothing."""

    def __init__(self, state: str) -> None:
        self.case: Case = make_case("full")
        self.officer = factories.make_member(self.case.programme, Role.FINANCE_OFFICER)
        programme = self.case.programme
        factories.pays_from(programme)
        banking.set_account(self.case.holder, by=self.case.holder, holder_name="A guest", iban=IBANS[0])
        self.case.take_to("validated" if state in {"sent", "paid"} else state)
        self.batch: PaymentBatch | None = None
        if state in {"sent", "paid"}:
            self._send()
        if state == "paid":
            self._record()
        db.session.flush()

    def _send(self) -> None:
        self.batch = payments.collect(self.case.programme, by=self.case.finance_officer, chosen=[self.case.voucher.id])
        payments.approve(self.batch, by=self.officer, execution_on=clock.today() + timedelta(days=1))
        payments.send(self.batch, by=self.officer)

    def _record(self) -> None:
        assert self.batch is not None
        batch = payment_queries.find(self.batch.id, self.officer, for_update=True)
        payments.record(batch, batch.rows[0].id, by=self.officer, outcome="paid", on=batch.programme.today)


def _locked(at: Situation) -> Voucher:
    voucher = queries.lock(at.case.voucher.id)
    assert voucher is not None
    return voucher


def _approve(at: Situation) -> None:
    vouchers.approve(_locked(at), by=at.case.owner)


def _withdraw(at: Situation) -> None:
    vouchers.withdraw(_locked(at), by=at.case.holder)


def _validate(at: Situation) -> None:
    voucher = _locked(at)
    assert voucher.claim is not None
    less = voucher.claim.amount_lines[0].amount - 100
    claims.validate(voucher, by=at.case.owner, corrections=[Correction(0, less, "One night less.")])


def _collect(at: Situation) -> None:
    payments.collect(_locked(at).programme, by=at.case.finance_officer, chosen=[at.case.voucher.id])


def _recover(at: Situation) -> None:
    voucher = _locked(at)
    payments.recover(
        voucher, by=at.case.finance_officer, amount=voucher.final_amount or factories.Decimal(0), reason="Paid twice."
    )


# state before, act, state after: written by hand from workflows.md
ACTS: dict[str, tuple[str, Callable[[Situation], None], str]] = {
    "approve": ("recommended", _approve, "approved"),
    "withdraw": ("issued", _withdraw, "withdrawn"),
    "claim": ("delivered", lambda at: at.case._claimed(), "claimed"),
    "validate lower": ("claimed", _validate, "validated"),
    "collect": ("validated", _collect, "validated"),
    "pay": ("sent", Situation._record, "paid"),
    "recover": ("paid", _recover, "recovered"),
}


def traces() -> tuple[int, ...]:
    """How much there is of what one act leaves: history, ledger, mail."""
    counted = (HistoryEntry, LedgerEntry, Posting, OutboxMessage)
    return tuple(db.session.scalar(select(func.count()).select_from(model)) or 0 for model in counted)


def killed_before(number: int, act: Callable[[], None]) -> bool:
    """Do it in another process that kills itself before write `number` (the commit counts as one). Whether it died."""
    db.session.rollback()
    db.engine.dispose()
    child = os.fork()
    if child == 0:  # pragma: no cover (another process)
        try:
            left = [number]

            def count(*_: Any) -> None:
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

            def statement(connection: Any, cursor: Any, words: str, *_: Any) -> None:
                if not words.startswith("SELECT"):
                    count()

            event.listen(db.engine, "before_cursor_execute", statement)
            event.listen(db.engine, "commit", count)
            with transaction():
                act()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "The act failed"
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("name", ACTS)
def test_killed_between_any_two_statements(fresh_database: str, app_on: Callable[..., Flask], name: str) -> None:
    before, act, after = ACTS[name]
    app = app_on(fresh_database)
    with app.app_context():
        with transaction():
            at = Situation(before)
        start = "validated" if before == "sent" else before
        untouched, voucher_id = traces(), at.case.voucher.id
        deaths = 0
        while killed_before(deaths, lambda: act(at)):
            deaths += 1
            assert deaths < LIKELY_MOST
            db.session.rollback()
            assert traces() == untouched, f"killed before write {deaths}"
            assert db.session.get_one(Voucher, voucher_id).state == start
            assert check_ledger() == []
        db.session.rollback()
        assert deaths > 3
        assert db.session.get_one(Voucher, voucher_id).state == after
        assert all(now >= then for now, then in zip(traces(), untouched, strict=True))
        assert traces() != untouched
        assert check_ledger() == []
