"""The demonstration is whole on both databases, and the migrations carry it down and up again."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text

from mobility.applications.models import Application
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.payments.models import PaymentBatch
from mobility.people.models import Organisation
from mobility.programmes.models import Programme
from mobility.vouchers.models import Voucher
from mobility.workflows.history import HistoryEntry
from tests.support.demo import assert_whole
from tests.support.processes import flask


@pytest.fixture
def site(demo_url: str, app_on: Callable[..., Flask]) -> Iterator[Flask]:
    app = app_on(demo_url, DEMO=True)
    with app.test_request_context():
        yield app


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_there_is_as_much_as_promised(site: Flask) -> None:
    """16 organisations that exchange staff and two providers, in eight countries; every story, and something for everybody."""
    assert (count(Programme), count(Organisation)) == (3, 18)
    assert len(set(db.session.scalars(select(Organisation.country)))) == 8
    assert {"draft", "settled"} <= set(db.session.scalars(select(PaymentBatch.state)))
    assert_whole()


def test_both_kinds_of_voucher_reach_the_bank(site: Flask) -> None:
    paid = select(Voucher.kind).where(Voucher.state == "paid").distinct()
    assert set(db.session.scalars(paid)) == {"mobility", "knowledge"}


def test_everything_has_a_history_that_ends_where_it_stands(site: Flask) -> None:
    for model in (Application, Exchange, Voucher):
        kind = model.workflow.name
        entries = select(HistoryEntry.subject_id, HistoryEntry.to_state).where(HistoryEntry.subject_type == kind)
        last = dict(db.session.execute(entries.order_by(HistoryEntry.id)).all())
        now = dict(db.session.execute(select(model.id, model.state)).all())
        assert {id: state for id, state in now.items() if state != "draft"}.items() <= last.items(), kind


def test_it_is_loaded_into_an_empty_database_only(demo_url: str) -> None:
    flask(demo_url, "demo", "--if-empty", DEMO="1")
    with pytest.raises(AssertionError, match="not empty"):
        flask(demo_url, "demo", DEMO="1")


def claims_in(url: str) -> tuple[int, int]:
    """How many claims there are, and how much evidence."""
    engine = create_engine(url)
    with engine.connect() as connection:
        counts = [connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in ("claim", "evidence")]
    engine.dispose()
    return counts[0], counts[1]


def test_migrations_go_down_and_up_on_it(demo_url: str) -> None:
    """Last: it empties the database. Claims with their evidence outlive the step that brought the invoice's total."""
    flask(demo_url, "db", "check")
    before = claims_in(demo_url)
    assert min(before) > 0
    flask(demo_url, "db", "downgrade", "0002")
    assert claims_in(demo_url) == before
    flask(demo_url, "db", "upgrade")
    assert claims_in(demo_url) == before
    flask(demo_url, "db", "downgrade", "base")
    flask(demo_url, "db", "upgrade")
    flask(demo_url, "db", "check")
