"""Two approvals at once for one organisation cannot both pass the de minimis ceiling (money.md), and the control for it."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from threading import Barrier, Thread, current_thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from mobility.aid import operations as aid
from mobility.core import database
from mobility.core.database import db, transaction
from mobility.core.errors import GuardRefused
from mobility.vouchers import operations, queries
from mobility.vouchers.models import Voucher
from tests.resilience.test_budget_races import at_once
from tests.support import factories
from tests.support.cases import DECLARATIONS, make_case

APPROVALS, FITTING = 12, 1
AMOUNT = Decimal("780.00")


@pytest.fixture
def racing_app(fresh_database: str, app_on: Callable[..., Flask]) -> Flask:
    """An application with a connection for each of those who race."""
    options = {"pool_size": APPROVALS, "max_overflow": 8} if fresh_database.startswith("postgresql") else {}
    return app_on(fresh_database, SQLALCHEMY_ENGINE_OPTIONS=options)


def requested_vouchers(app: Flask) -> tuple[list[int], int, int]:
    """The ids of the vouchers of one organisation, each on a budget line of its own; of the organisation, and the owner.

    The ceiling has room for one. The budget is not what decides, so that nothing but the organisation holds them back.
    """
    with app.app_context(), transaction():
        first = make_case("light")
        cases = [first, *(_another(first) for _ in range(APPROVALS - 1))]
        first.programme.de_minimis_ceiling = AMOUNT * FITTING + 1
        for case in cases:
            operations.request(case.voucher, by=case.holder, declarations=list(DECLARATIONS), de_minimis_declared=Decimal(0))
            case.voucher.amount = AMOUNT
            line = factories.make_budget_line(factories.make_call(first.programme))
            case.voucher.budget_line_id = line.id
        return [case.voucher.id for case in cases], first.exchange.guest_organisation_id, first.owner.id


def _another(first: Any) -> Any:
    exchange = factories.make_agreed_exchange(
        programme=first.programme, host=first.exchange.host, guest_organisation=first.exchange.guest_organisation
    )
    return replace(first, exchange=exchange, voucher=factories.make_voucher(exchange), holder=exchange.guest)


def approve_all(app: Flask) -> tuple[Counter[str], int]:
    ids, organisation_id, owner_id = requested_vouchers(app)

    def approve(number: int) -> None:
        owner = db.session.get(factories.User, owner_id)
        operations.approve(queries.find(ids[number], owner, for_update=True), by=owner)

    return at_once(app, APPROVALS, approve), organisation_id


def is_right(app: Flask, outcomes: Counter[str], organisation_id: int) -> bool:
    """Exactly as many were approved as the ceiling has room for; the others were refused with the figures."""
    with app.app_context():
        issued = db.session.scalar(
            db.select(db.func.count()).where(Voucher.holder_organisation_id == organisation_id, Voucher.state == "issued")
        )
        refused = sum(count for words, count in outcomes.items() if words.startswith(GuardRefused.__name__))
        return outcomes["done"] == issued == FITTING and refused == APPROVALS - FITTING


def test_of_approvals_at_once_only_those_below_the_ceiling_pass(racing_app: Flask) -> None:
    outcomes, organisation_id = approve_all(racing_app)
    assert is_right(racing_app, outcomes, organisation_id), outcomes


@pytest.fixture
def without_the_lock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The organisation is not locked; on SQLite the transaction does not take the database for itself either.

    Nobody goes on before all have looked, and approving and issuing look at the same: the fault does not depend on luck.
    """
    look, all_have_looked, beginning = aid.refusal_of, Barrier(APPROVALS), current_thread()
    found: dict[Thread, str | None] = {}

    def look_and_wait(voucher: Voucher) -> str | None:
        if (thread := current_thread()) is beginning:
            return look(voucher)
        if thread not in found:
            found[thread] = look(voucher)
            all_have_looked.wait(timeout=30)
        return found[thread]

    monkeypatch.setattr(aid, "refusal_of", look_and_wait)
    monkeypatch.setattr(aid, "lock_organisation", lambda id: None)
    event.remove(database.Engine, "begin", database._begin_sqlite)
    yield
    event.listen(database.Engine, "begin", database._begin_sqlite)


def test_without_the_lock_the_test_above_fails(racing_app: Flask, without_the_lock: None) -> None:
    """The negative control: with the lock switched off the fault is there, and is seen."""
    outcomes, organisation_id = approve_all(racing_app)
    assert not is_right(racing_app, outcomes, organisation_id), outcomes
