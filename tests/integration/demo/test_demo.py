"""The demonstration is whole on both databases, and the migrations carry it down and up again."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text

from mobility import jobs
from mobility.applications.models import Application
from mobility.consents.models import PublishConsent
from mobility.core import clock
from mobility.core.database import db
from mobility.delegates.models import DelegateLink
from mobility.exchanges.models import AgreementVersion, Exchange
from mobility.followup.models import QuestionnaireRequest
from mobility.lessons.queries import newest_lessons
from mobility.notifications.models import OutboxMessage
from mobility.payments.models import PaymentBatch
from mobility.people.models import Organisation
from mobility.programmes.models import Call, Programme
from mobility.reviews import queries as reviews
from mobility.takeovers.models import Confirmation, TakeOver
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


def test_endorsements_are_awaited_given_and_refused_and_somebody_travels_without_an_account(site: Flask) -> None:
    asked = db.session.scalars(select(Exchange).where(Exchange.endorsement == "required")).all()
    said = Counter(each.kind for one in asked for version in one.versions for each in version.endorsements)
    assert (len(asked), said) == (4, {"endorsed": 1, "objected": 1})
    assert Counter(each.waiting_for for each in asked)["endorsement"] >= 2
    assert db.session.scalar(select(func.count(DelegateLink.id)).where(DelegateLink.ended_at.is_(None))) == 4
    assert set(db.session.scalars(select(Programme.endorsement))) == {"off"}, "of the others nothing is asked"


def finished_call() -> Call:
    return db.session.scalars(select(Call).where(Call.closes_on < clock.today())).one()


def test_charts_of_the_finished_call_could_embarrass(site: Flask) -> None:
    """Few answers, promises that were missed, ideas dropped, managers who say something else, leave of every kind."""
    call = finished_call()
    figures = reviews.of(call.programme, call).figures
    assert 14 <= figures["pipeline.exchanges_completed"].n <= 20
    assert (figures["kept.payment"].value or 0) < 0.5
    assert figures["additionality.hosts"].few_answered
    assert min(figures[f"objectives_met.{word}"].value or 0 for word in ("yes", "partly", "no")) > 0
    assert (figures["cost.of_a_take_over"].value or 0) > (figures["cost.per_exchange"].value or 0)
    assert set(db.session.scalars(select(TakeOver.state))) == {"planned", "started", "in_use", "dropped"}
    assert set(db.session.scalars(select(Confirmation.said))) == {"in_use", "not_yet", "dropped"}
    assert db.session.scalars(select(PublishConsent.publish)).first() == "no"


def test_its_review_is_closed_and_tells_the_public_a_part(site: Flask) -> None:
    call = finished_call()
    lessons = newest_lessons(call.id)
    assert lessons is not None
    assert lessons.is_closed
    assert all((lessons.keep, lessons.change, lessons.stop))
    [snapshot] = reviews.snapshots(call.programme_id)
    shown = Counter(each.shown is not None for each in snapshot.told.values())
    assert min(shown[True], shown[False]) > 20


def test_nobody_is_asked_about_the_finished_call_any_more(site: Flask) -> None:
    """What came back is all that is not answered, missed or called off; and the next nights bring nothing."""
    request, over = QuestionnaireRequest, Exchange.last_day < finished_call().closes_on
    states = select(request.state).join(request.exchange).where(over)
    before = Counter(db.session.scalars(states))
    assert before.keys() == {"answered", "missed", "called_off", "not_delivered"}
    assert before["not_delivered"] == 1
    written = select(func.count()).select_from(OutboxMessage)
    with clock.at(clock.utc_now() + timedelta(days=1)):
        assert jobs.run_nightly() == 0
    assert Counter(db.session.scalars(states)) == before
    mails = written.join(request, OutboxMessage.subject_id == request.id).join(request.exchange)
    assert db.session.scalar(mails.where(over, OutboxMessage.subject_type == "followup", OutboxMessage.state != "kept")) == 0


def test_an_agreement_of_the_running_call_names_the_manager(site: Flask) -> None:
    named = select(AgreementVersion.manager_name).join(Exchange, Exchange.agreed_version_id == AgreementVersion.id)
    assert db.session.scalars(named.where(Exchange.state == "agreed", AgreementVersion.manager_name != "")).first()


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
    flask(demo_url, "db", "downgrade", "0002", "--yes-delete")
    assert claims_in(demo_url) == before
    flask(demo_url, "db", "upgrade")
    assert claims_in(demo_url) == before
    flask(demo_url, "db", "downgrade", "base", "--yes-delete")
    flask(demo_url, "db", "upgrade")
    flask(demo_url, "db", "check")
