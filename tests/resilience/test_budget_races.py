"""64 approvals at once on a budget that covers 10 give exactly 10 (money.md), and the control that shows the test can see it."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from threading import Barrier
from time import sleep
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from mobility.budgets import checks
from mobility.core import database
from mobility.core.database import db, transaction
from mobility.core.errors import GuardRefused
from mobility.programmes import operations as money
from mobility.programmes.models import Account, BudgetLine
from mobility.vouchers import operations, queries
from tests.support import factories
from tests.support.cases import DECLARATIONS, make_case

APPROVALS, COVERED = 64, 10
AMOUNT = Decimal("390.00")


@pytest.fixture
def racing_app(fresh_database: str, app_on: Callable[..., Flask]) -> Flask:
    """An application with a connection for each of those who race."""
    options = {"pool_size": APPROVALS, "max_overflow": 8} if fresh_database.startswith("postgresql") else {}
    return app_on(fresh_database, SQLALCHEMY_ENGINE_OPTIONS=options)


def requested_vouchers(app: Flask) -> tuple[list[int], int, int]:
    """The ids of 64 requested vouchers on one line, of the line, and of the owner."""
    with app.app_context(), transaction():
        first = make_case("light", AMOUNT * COVERED)
        cases = [first]
        cases += [_another(first) for _ in range(APPROVALS - 1)]
        for case in cases:
            operations.request(case.voucher, by=case.holder, declarations=list(DECLARATIONS))
            case.voucher.amount = AMOUNT
        return [case.voucher.id for case in cases], first.line.id, first.owner.id


def _another(first: Any) -> Any:
    """One more voucher for the same line, with the same people."""
    exchange = factories.make_agreed_exchange(programme=first.programme, host=first.exchange.host)
    return replace(first, exchange=exchange, voucher=factories.make_voucher(exchange), holder=exchange.guest)


def at_once(app: Flask, count: int, act: Callable[[int], None]) -> Counter[str]:
    """Do something `count` times at the same moment, each in a thread and a transaction of its own; count the outcomes."""
    ready = Barrier(count)

    def one(number: int) -> str:
        with app.app_context():
            ready.wait()
            try:
                with transaction():
                    act(number)
            except Exception as problem:
                return f"{type(problem).__name__}: {str(problem)[:60]}"
            finally:
                db.session.remove()
            return "done"

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(one, range(count)))


def approve_all(app: Flask) -> tuple[Counter[str], int]:
    ids, line_id, owner_id = requested_vouchers(app)

    def approve(number: int) -> None:
        owner = db.session.get(factories.User, owner_id)
        operations.approve(queries.find(ids[number], owner, for_update=True), by=owner)

    return at_once(app, APPROVALS, approve), line_id


def is_right(app: Flask, outcomes: Counter[str], line_id: int) -> bool:
    """Exactly ten were approved, the others refused with the figures, and the ledger holds."""
    with app.app_context():
        line = db.session.get(BudgetLine, line_id)
        assert line is not None
        refused = [words for words in outcomes if words.startswith(GuardRefused.__name__) and "left" in words]
        return (
            outcomes["done"] == COVERED
            and sum(outcomes[words] for words in refused) == APPROVALS - COVERED
            and (line.available, line.committed) == (Decimal(0), AMOUNT * COVERED)
            and checks.check_books() == []
        )


def test_64_approvals_on_a_budget_for_10_give_exactly_10(racing_app: Flask) -> None:
    outcomes, line_id = approve_all(racing_app)
    assert is_right(racing_app, outcomes, line_id), outcomes


@pytest.fixture
def without_the_lock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The line is read as any other row, and what is left is written; on SQLite the transaction does not take the database for
    itself either.

    Each waits a moment between reading and writing, so that the fault does not depend on luck.
    """

    moved_at_once = money._balances_after

    def read_then_write(line: BudgetLine, source: Account, target: Account, amount: Decimal) -> Any:
        if source is Account.FUNDING:
            return moved_at_once(line, source, target, amount)
        columns = (BudgetLine.name, BudgetLine.available, BudgetLine.committed)
        row = db.session.execute(db.select(*columns).where(BudgetLine.id == line.id)).one()
        sleep(0.5)
        money._refuse_shortage(line, row, source, amount)
        left = {source.value: getattr(row, source.value) - amount, target.value: getattr(row, target.value) + amount}
        table = database.table_of(BudgetLine)
        db.session.execute(db.update(table).where(table.c.id == line.id).values(left))
        return left

    monkeypatch.setattr(money, "_balances_after", read_then_write)
    event.remove(database.Engine, "begin", database._begin_sqlite)
    yield
    event.listen(database.Engine, "begin", database._begin_sqlite)


def test_without_the_lock_the_test_above_fails(racing_app: Flask, without_the_lock: None) -> None:
    """The negative control (money.md): with the lock switched off the fault is there, and is seen."""
    outcomes, line_id = approve_all(racing_app)
    assert not is_right(racing_app, outcomes, line_id), outcomes
