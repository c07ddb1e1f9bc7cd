"""64 redemptions of one code at once give one."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility.core.database import db, transaction
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.vouchers import operations, queries
from mobility.workflows.history import HistoryEntry
from tests.resilience.test_budget_races import at_once
from tests.support.cases import make_case

TRIES = 64


@pytest.fixture
def racing_app(fresh_database: str, app_on: Callable[..., Flask]) -> Flask:
    options = {"pool_size": TRIES, "max_overflow": 8} if fresh_database.startswith("postgresql") else {}
    return app_on(fresh_database, SQLALCHEMY_ENGINE_OPTIONS=options)


def test_64_redemptions_of_one_code_give_one(racing_app: Flask) -> None:
    with racing_app.app_context(), transaction():
        case = make_case("light")
        voucher = case.take_to("issued")
        voucher_id, code, host_id = voucher.id, voucher.code or "", case.host_coordinator.id

    def redeem(_number: int) -> None:
        host = db.session.get(User, host_id)
        operations.redeem(queries.find(voucher_id, host, for_update=True), by=host, code=code)

    outcomes = at_once(racing_app, TRIES, redeem)
    late = "WrongState: “Redeem with the code” is not possible: this voucher is rede"
    assert outcomes == {"done": 1, late: TRIES - 1}
    with racing_app.app_context():
        entries = select(func.count()).where(HistoryEntry.subject_type == "voucher", HistoryEntry.action == "redeem")
        assert db.session.scalar(entries) == 1
        mails = select(func.count()).where(OutboxMessage.kind == "voucher_redeemed")
        assert db.session.scalar(mails) == 1
