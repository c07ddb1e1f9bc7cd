"""The demonstration is whole on both databases, and the migrations carry it down and up again."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text

from mobility.applications.models import Application
from mobility.core.database import db
from mobility.core.history import HistoryEntry
from mobility.exchanges.models import Exchange
from mobility.notifications.models import OutboxMessage
from mobility.payments.models import PaymentBatch
from mobility.people.models import Organisation, User
from mobility.programmes.models import Programme
from mobility.programmes.queries import check_ledger
from mobility.tasks import tasks_of
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher
from mobility.vouchers.queries_related import flags_on
from tests.support.processes import flask

READERS = {"Irene Bauer", "Robin Keller"}  # the auditor only reads, the administrator runs the installation


@pytest.fixture
def site(demo_url: str, app_on: Callable[..., Flask]) -> Iterator[Flask]:
    app = app_on(demo_url, DEMO=True)
    with app.test_request_context():
        yield app


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def states(model: Any) -> set[str]:
    return set(db.session.scalars(select(model.state).distinct()))


def test_there_is_as_much_as_promised(site: Flask) -> None:
    """16 organisations that exchange staff and two providers, in eight countries."""
    assert (count(Programme), count(Organisation), count(Theme)) == (3, 18, 24)
    assert len(set(db.session.scalars(select(Organisation.country)))) == 8
    assert count(Application) >= 120
    assert count(Voucher) >= 60


def test_every_state_that_has_a_way_is_there(site: Flask) -> None:
    assert states(Theme) >= {"draft", "published", "closed"}
    assert states(Application) == {
        "draft", "submitted", "in_dialogue", "accepted", "confirmed", "declined", "withdrawn", "lapsed",
    }  # fmt: skip
    assert states(Exchange) == {"planning", "agreed", "in_progress", "completed", "closed", "cancelled"}
    assert states(Voucher) == {
        "draft", "requested", "returned", "recommended", "approved", "issued", "redeemed", "delivered", "claimed", "validated",
        "paid", "recovered", "rejected", "expired", "lapsed", "withdrawn", "revoked",
    }  # fmt: skip
    assert states(PaymentBatch) >= {"draft", "settled"}


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


def test_something_waits_for_each_demo_account(site: Flask) -> None:
    people = db.session.scalars(select(User).where(User.demo_note != "")).all()
    waiting = {person.name: len(tasks_of(person).mine) for person in people}
    assert [name for name, tasks in waiting.items() if not tasks and name not in READERS] == []


def test_owners_see_on_their_desk_what_links_both_sides(site: Flask) -> None:
    """Open requests: a declared link, and an account that both sides gave."""
    waiting = select(Voucher).where(Voucher.state.in_(("requested", "recommended")))
    flagged = set().union(*flags_on(db.session.scalars(waiting).all()).values())
    assert flagged == {"The host declares a link", "Shares a bank account with the host"}


def test_the_ledger_is_in_order(site: Flask) -> None:
    assert check_ledger() == []


def test_nobody_is_written_to(site: Flask) -> None:
    assert Counter(db.session.scalars(select(OutboxMessage.state))).keys() <= {"kept", "dropped"}


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
