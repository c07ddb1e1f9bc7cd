"""Promise records through the operations: when they begin and how they end, by hand from followup.md and review_example.md."""

import tomllib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from mobility import jobs
from mobility.applications import operations as applications
from mobility.applications.models import Application
from mobility.claims import operations as claims
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.core.errors import Refusal
from mobility.exchanges import operations as exchanges
from mobility.exchanges.rules import Terms
from mobility.payments import operations as payments
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.programmes import queries as programme_queries
from mobility.programmes.rules import PROMISES, WITHOUT_A_SETTING, measured, promised
from mobility.subjects import workflows
from mobility.visits import operations as visits
from mobility.vouchers import operations as vouchers
from mobility.vouchers import queries as voucher_queries
from mobility.workflows.history import PromiseRecord
from mobility.workflows.promises import Tally
from tests.resilience.test_budget_races import at_once
from tests.support import factories
from tests.support.cases import Case, make_case, make_knowledge
from tests.support.lines import typed
from tests.support.processes import flask
from tests.support.promises import Promises, told
from tests.support.tills import has_account

BEGINNING = datetime(2027, 3, 1, 9, tzinfo=UTC)  # a Monday; the stay of a case is from 12 to 16 April
Life = Callable[[], Any]
LIVES: list[tuple[Life, list[str]]] = []


def becomes(*records: str) -> Callable[[Life], Life]:
    """A life, and the records of what it returns."""

    def note(life: Life) -> Life:
        LIVES.append((life, list(records)))
        return life

    return note


# Applications: the host answers within 10 days, the guest within 7


def accept(application: Any) -> Any:
    days = {"first_day": application.first_day, "last_day": application.last_day}
    applications.accept(application, by=factories.coordinator_of(application.theme), know_each_other=True, **days)
    return application


def decline(application: Any) -> Any:
    applications.decline(application, by=factories.coordinator_of(application.theme), reason="No room.")
    return application


def submitted(days: int) -> Any:
    application = factories.make_submitted()
    clock.move(days=days)
    return application


@becomes("host_answer 1 Mar to 11 Mar: kept_on_time 11 Mar", "guest_confirmation 11 Mar to 18 Mar: open")
def accepted_on_the_due_day() -> Any:
    return accept(submitted(10))


@becomes("host_answer 1 Mar to 11 Mar: kept_late 12 Mar", "guest_confirmation 12 Mar to 19 Mar: open")
def accepted_the_day_after() -> Any:
    return accept(submitted(11))


@becomes("host_answer 1 Mar to 11 Mar: kept_on_time 3 Mar")
def declined() -> Any:
    return decline(submitted(2))


@becomes("host_answer 1 Mar to 11 Mar: open")
def a_first_contact_is_no_answer() -> Any:
    application = submitted(2)
    applications.record_contact(application, by=application.guest, held_on=clock.today(), kind="video")
    return application


@becomes("host_answer 1 Mar to 11 Mar: called_off 11 Mar")
def the_guest_withdraws_in_time() -> Any:
    application = submitted(10)
    applications.withdraw(application, by=application.guest)
    return application


@becomes("host_answer 1 Mar to 11 Mar: missed 12 Mar")
def the_guest_withdraws_when_the_host_is_late() -> Any:
    application = submitted(11)
    applications.withdraw(application, by=application.guest)
    return application


@becomes("host_answer 1 Mar to 11 Mar: missed 14 Mar")
def the_host_lets_it_lapse() -> Any:
    application = submitted(13)
    applications.lapse(application)
    return application


@becomes("host_answer 1 Mar to 11 Mar: kept_on_time 1 Mar", "guest_confirmation 1 Mar to 8 Mar: missed 9 Mar")
def the_guest_lets_it_lapse() -> Any:
    application = accept(submitted(0))
    clock.move(days=8)
    applications.lapse(application)
    return application


@becomes("host_answer 1 Mar to 11 Mar: kept_on_time 1 Mar", "guest_confirmation 1 Mar to 8 Mar: kept_on_time 8 Mar")
def the_guest_confirms() -> Any:
    application = accept(submitted(0))
    clock.move(days=7)
    exchanges.confirm(application, by=application.guest)
    return application


@becomes()
def a_draft_promises_nothing() -> Any:
    application = factories.make_draft()
    applications.withdraw(application, by=application.guest)
    return application


# Exchanges: both sides sign within 14 days, the host confirms within 7 days after the last day


def amend(exchange: Any) -> Any:
    version = exchange.newest_version
    more = typed(objectives=f"{version.objectives[0]['text']} And more.", agenda=())
    exchanges.amend(exchange, by=exchange.guest, **Terms.of(version).written() | more)
    return exchange


def sign(exchange: Any, *, sides: str = "host guest") -> Any:
    number = exchange.newest_version.number
    for side in sides.split():
        by = exchange.guest if side == "guest" else factories.coordinator_of(exchange.theme)
        exchanges.sign(exchange, by=by, number=number)
    return exchange


def planned(days: int) -> Any:
    exchange = factories.make_exchange()
    clock.move(days=days)
    return exchange


@becomes("signatures 1 Mar to 15 Mar: open")
def one_side_has_signed() -> Any:
    return sign(planned(3), sides="host")


@becomes("signatures 1 Mar to 15 Mar: kept_late 16 Mar")
def the_other_side_signs_late() -> Any:
    exchange = sign(planned(3), sides="host")
    clock.move(days=12)
    return sign(exchange, sides="guest")


@becomes("signatures 1 Mar to 15 Mar: called_off 4 Mar", "signatures 4 Mar to 18 Mar: open")
def an_amendment_gives_the_whole_time_again() -> Any:
    return amend(sign(planned(3), sides="host"))


@becomes("signatures 1 Mar to 15 Mar: missed 16 Mar", "signatures 16 Mar to 30 Mar: kept_on_time 16 Mar")
def an_amendment_does_not_heal_what_was_overdue() -> Any:
    return sign(amend(planned(15)))


@becomes("signatures 1 Mar to 15 Mar: kept_on_time 2 Mar", "signatures 2 Mar to 16 Mar: open")
def an_agreed_plan_is_amended_and_signed_by_one() -> Any:
    return sign(amend(sign(planned(1))), sides="host")


@becomes("signatures 1 Mar to 15 Mar: called_off 15 Mar")
def cancelled_before_it_was_signed() -> Any:
    exchange = planned(14)
    exchanges.cancel(exchange, by=exchange.guest, reason="We cannot.")
    return exchange


def visiting(days: int) -> tuple[Case, str]:
    """A case checked in on its first day, so many days after the last."""
    case = make_case("light")
    code = case.take_to("issued").code or ""
    clock.set_to(clock.noon_of(case.exchange.first_day))
    visits.check_in(case.exchange, by=case.host_coordinator, code=code)
    clock.move(days=4 + days)
    return case, code


def confirm(case: Case) -> None:
    days = {"first_day": case.exchange.first_day, "last_day": case.exchange.last_day}
    places = [each.position for each in case.exchange.delegates]
    visits.confirm_attendance(case.exchange, by=case.host_coordinator, attended=places, **days)


@becomes("attendance 16 Apr to 23 Apr: kept_on_time 23 Apr")
def attendance_on_the_due_day() -> Any:
    case, _ = visiting(7)
    confirm(case)
    return case.exchange


@becomes("attendance 16 Apr to 23 Apr: kept_late 24 Apr")
def attendance_the_day_after() -> Any:
    case, _ = visiting(8)
    confirm(case)
    return case.exchange


@becomes("attendance 16 Apr to 23 Apr: kept_on_time 18 Apr")
def a_no_show_is_an_answer_too() -> Any:
    case, _ = visiting(2)
    visits.report_no_show(case.exchange, by=case.host_coordinator, reason="Nobody came.")
    return case.exchange


# Vouchers: 14 days to request, 10 working days to decide, 14 to answer, 12 months to use, 30 days to claim, 10 to pay

REQUESTED = "voucher_request 1 Mar to 15 Mar: kept_on_time 1 Mar"
DECIDED = "decision 1 Mar to 15 Mar: kept_on_time 1 Mar"
USED = "redemption 1 Mar to 1 Mar 2028: kept_on_time 1 Mar"
DELIVERED = "delivery 1 Mar to 23 May: kept_on_time 1 Mar"
CLAIMED = "claim 1 Mar to 31 Mar: kept_on_time 1 Mar"


def case_at(state: str, days: int = 0, scheme: str = "light") -> Case:
    case = make_case(scheme)
    case.take_to(state)
    clock.move(days=days)
    return case


@becomes("voucher_request 1 Mar to 15 Mar: kept_late 16 Mar", "decision 16 Mar to 31 Mar: open")
def requested_late() -> Any:
    """Easter Monday, 29 March, is no working day in Austria."""
    case = make_case("full")
    clock.move(days=15)
    case.take_to("requested")
    return case.voucher


@becomes(REQUESTED, "decision 1 Mar to 15 Mar: kept_on_time 15 Mar")
def approved_but_not_issued_yet_is_decided() -> Any:
    case = case_at("recommended", 14, "full")
    vouchers.approve(case.voucher, by=case.owner)
    return case.voucher


@becomes(REQUESTED, "decision 1 Mar to 15 Mar: kept_on_time 15 Mar", "redemption 20 Mar to 20 Mar 2028: open")
def issued_after_the_deadline_of_the_decision() -> Any:
    case = case_at("recommended", 14, "full")
    vouchers.approve(case.voucher, by=case.owner)
    clock.move(days=5)
    vouchers.issue(case.voucher, by=case.owner)
    return case.voucher


@becomes(REQUESTED, "decision 1 Mar to 15 Mar: kept_late 16 Mar")
def rejected_late() -> Any:
    case = case_at("requested", 15)
    vouchers.reject(case.voucher, by=case.owner, reason="Others come first.")
    return case.voucher


@becomes(REQUESTED, "decision 1 Mar to 15 Mar: called_off 3 Mar")
def the_holder_withdraws_while_the_owner_owes() -> Any:
    case = case_at("requested", 2)
    vouchers.withdraw(case.voucher, by=case.holder)
    return case.voucher


@becomes(REQUESTED, DECIDED)
def withdrawn_after_the_approval_was_decided_all_the_same() -> Any:
    case = case_at("approved", 2, "full")
    vouchers.withdraw(case.voucher, by=case.holder)
    return case.voucher


@becomes(
    REQUESTED,
    "decision 1 Mar to 15 Mar: called_off 15 Mar",
    "answer 15 Mar to 29 Mar: kept_on_time 29 Mar",
    "decision 29 Mar to 11 Apr: open",
)
def a_question_in_time_calls_the_decision_off() -> Any:
    case = case_at("requested", 14)
    vouchers.ask_information(case.voucher, by=case.owner, question="Why?")
    clock.move(days=14)
    vouchers.resubmit(case.voucher, by=case.holder, answer="Because.")
    return case.voucher


@becomes(REQUESTED, "decision 1 Mar to 15 Mar: missed 16 Mar", "answer 16 Mar to 30 Mar: called_off 17 Mar")
def a_late_question_does_not_and_then_it_is_rejected() -> Any:
    case = case_at("requested", 15)
    vouchers.ask_information(case.voucher, by=case.owner, question="Why?")
    clock.move(days=1)
    vouchers.reject(case.voucher, by=case.owner, reason="No answer is needed.")
    return case.voucher


@becomes(REQUESTED, DECIDED, "redemption 1 Mar to 1 Mar 2028: called_off 3 Mar", "redemption 1 Mar to 30 Jun 2028: open")
def an_extension_calls_off_the_earlier_day() -> Any:
    case = case_at("issued", 2)
    vouchers.extend(case.voucher, by=case.owner, until=case.voucher.valid_until.replace(month=6, day=30))
    return case.voucher


@becomes(REQUESTED, DECIDED, "redemption 1 Mar to 1 Mar 2028: missed 2 Mar 2028")
def it_expires() -> Any:
    case = case_at("issued", 367)
    vouchers.expire(case.voucher)
    return case.voucher


@becomes(REQUESTED, DECIDED, "redemption 1 Mar to 1 Mar 2028: called_off 3 Mar")
def it_is_revoked() -> Any:
    case = case_at("issued", 2)
    vouchers.revoke(case.voucher, by=case.owner, reason="Paid elsewhere.")
    return case.voucher


@becomes(
    REQUESTED, DECIDED, "redemption 1 Mar to 1 Mar 2028: kept_on_time 12 Apr", "delivery 12 Apr to 23 May: called_off 17 Apr"
)
def its_exchange_is_a_no_show() -> Any:
    case, _ = visiting(1)
    visits.report_no_show(case.exchange, by=case.host_coordinator, reason="Nobody came.")
    return case.voucher


@becomes(REQUESTED, DECIDED, USED, DELIVERED, "claim 1 Mar to 31 Mar: missed 1 Apr")
def the_claim_lapses() -> Any:
    case = case_at("delivered", 31)
    vouchers.lapse(case.voucher)
    return case.voucher


@becomes(
    REQUESTED, DECIDED, USED, DELIVERED, CLAIMED, "payment 1 Mar to 11 Mar: called_off 11 Mar", "claim 11 Mar to 14 Apr: open"
)
def a_claim_is_returned_in_time() -> Any:
    case = case_at("claimed", 10)
    claims.return_claim(case.voucher, by=case.finance_officer, reason="Another's boarding pass.")
    return case.voucher


@becomes(
    REQUESTED,
    DECIDED,
    USED,
    DELIVERED,
    CLAIMED,
    "payment 1 Mar to 11 Mar: missed 12 Mar",
    "claim 12 Mar to 14 Apr: kept_on_time 13 Mar",
    "payment 13 Mar to 23 Mar: open",
)
def a_return_does_not_call_off_what_was_overdue() -> Any:
    case = case_at("claimed", 11)
    claims.return_claim(case.voucher, by=case.finance_officer, reason="Another's boarding pass.")
    clock.move(days=1)
    claims.claim(case.voucher, by=case.holder)
    return case.voucher


@becomes(REQUESTED, DECIDED, USED, DELIVERED, CLAIMED, "payment 1 Mar to 11 Mar: kept_on_time 11 Mar")
def the_bank_paid_in_time_and_it_was_recorded_late() -> Any:
    case = make_case("light")
    has_account(case.voucher)
    case.take_to("validated")
    factories.pays_from(case.programme)
    other = factories.make_member(case.programme, Role.FINANCE_OFFICER)
    clock.move(days=9)
    batch = payments.collect(case.programme, by=case.finance_officer, chosen=[case.voucher.id])
    payments.approve(batch, by=other, execution_on=case.programme.today)
    payments.send(batch, by=other)
    clock.move(days=4)
    payments.record(batch, batch.rows[0].id, by=other, outcome="paid", on=date(2027, 3, 11))
    return case.voucher


@becomes(  # a need is written down in one's own time: no request is waited for
    DECIDED,
    "redemption 1 Mar to 1 Mar 2028: kept_on_time 1 Mar",
    "service 1 Mar to 1 Mar 2028: kept_on_time 5 Mar",
    "claim 5 Mar to 4 Apr: open",
)
def a_knowledge_voucher() -> Any:
    found = make_knowledge()
    voucher = found.take_to("redeemed")
    clock.move(days=4)
    vouchers.confirm_delivery(voucher, by=found.holder, note="All three were there.")
    return voucher


# All of them


def begin(life: Life) -> Any:
    clock.set_to(BEGINNING)
    return life()


@pytest.mark.parametrize(("life", "expected"), LIVES, ids=[life.__name__ for life, _ in LIVES])
def test_how_promises_end(db_session: Any, life: Life, expected: list[str]) -> None:
    assert told(begin(life)) == expected
    Promises().check()


@pytest.mark.databases("sqlite")
def test_who_owes_it(db_session: Any) -> None:
    """Whoever's act keeps it, though others may be asked on the way."""
    for life, _ in LIVES:
        begin(life)
    owed_by = dict(
        db.session.execute(
            select(PromiseRecord.promise, func.max(PromiseRecord.owed_by)).distinct().group_by(PromiseRecord.promise)
        ).all()
    )
    assert owed_by == {
        "host_answer": "host coordinator",
        "guest_confirmation": "guest",
        "signatures": "host coordinator, guest",
        "attendance": "host coordinator",
        "voucher_request": "holder",
        "decision": "programme owner",
        "answer": "holder",
        "redemption": "holder",
        "delivery": "host coordinator",
        "service": "holder",
        "claim": "provider",  # of a knowledge voucher; else the holder
        "payment": "finance officer",
    }
    claims_owed_by = select(PromiseRecord.owed_by).where(PromiseRecord.promise == "claim").distinct()
    assert set(db.session.scalars(claims_owed_by)) == {"holder", "provider"}


def test_the_migration_finds_the_same_in_the_history(fresh_database: str, app_on: Callable[..., Flask]) -> None:
    app = app_on(fresh_database)
    with app.app_context(), transaction():
        for life, _ in LIVES:
            begin(life)
        lived = _all(from_history=False)
    assert len(lived) > 100
    flask(fresh_database, "db", "downgrade", "0003", "--yes-delete")
    flask(fresh_database, "db", "upgrade")
    with app.app_context():
        assert _all(from_history=True) == lived
    flask(fresh_database, "db", "check")


def _all(*, from_history: bool) -> list[tuple[Any, ...]]:
    """In the order in which they began, object by object."""
    columns = [column for column in PromiseRecord.__table__.columns if column.name not in {"id", "from_history"}]
    rows = db.session.execute(
        select(*columns)
        .where(PromiseRecord.from_history == from_history)
        .order_by(PromiseRecord.subject_type, PromiseRecord.subject_id, PromiseRecord.id)
    )
    return [tuple(row) for row in rows]


# Any life of applications and exchanges; that of vouchers is in tests/integration/payments/test_whole_life.py

STEPS: dict[str, Callable[[Any], Any]] = {
    "contact": lambda case: applications.record_contact(case, by=case.guest, held_on=clock.today(), kind="video"),
    "accept": accept,
    "decline": decline,
    "withdraw": lambda case: applications.withdraw(case, by=case.guest),
    "confirm": lambda case: exchanges.confirm(case, by=case.guest),
    "host signs": lambda case: sign(case.exchange, sides="host"),
    "guest signs": lambda case: sign(case.exchange, sides="guest"),
    "amend": lambda case: amend(case.exchange),
    "cancel": lambda case: exchanges.cancel(case.exchange, by=case.guest, reason="We cannot."),
    "check in": lambda case: exchanges.start(case.exchange, by=factories.coordinator_of(case.theme)),
    "no show": lambda case: exchanges.report_no_show(case.exchange, by=factories.coordinator_of(case.theme), reason="No."),
    "a day": lambda case: clock.move(days=1),
    "a week": lambda case: clock.move(days=7),
    "a month": lambda case: clock.move(days=31),
    "the night": lambda case: jobs.run_nightly(),
}
GOOD = """accept, confirm, host signs, a day, amend, host signs, guest signs, amend, host signs, guest signs, a month, the night,
check in""".replace("\n", " ").split(", ")


@pytest.mark.property
@settings(max_examples=settings().max_examples // 2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(good=st.integers(0, len(GOOD)), names=st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_any_life_keeps_its_records_right(
    db_session: Any, empty_database: Callable[[], None], good: int, names: list[str]
) -> None:
    db_session.remove()
    empty_database()
    clock.set_to(BEGINNING)
    with transaction():
        id = factories.make_submitted(self_funded=True).id
    promises = Promises()
    for name in [*GOOD[:good], *names]:
        _try(name, id)
        promises.check()


def _try(name: str, id: int) -> None:
    """What is refused, or has no exchange yet, changes nothing."""
    if name == "the night":
        db.session.rollback()
        jobs.run_nightly()
        return
    with suppress(Refusal, AttributeError), transaction():
        STEPS[name](db.session.get_one(Application, id))


def test_two_acts_at_once_leave_one_ending(fresh_database: str, app_on: Callable[..., Flask]) -> None:
    options = {"pool_size": 16} if fresh_database.startswith("postgresql") else {}
    app = app_on(fresh_database, SQLALCHEMY_ENGINE_OPTIONS=options)
    with app.app_context(), transaction():
        case = make_case("light")
        voucher_id, owner_id = case.take_to("requested").id, case.owner.id

    def decide(number: int) -> None:
        owner = db.session.get_one(User, owner_id)
        voucher = voucher_queries.lock(voucher_id)
        if number % 2:
            vouchers.approve(voucher, by=owner)
        else:
            vouchers.reject(voucher, by=owner, reason="Others come first.")

    outcomes = at_once(app, 16, decide)
    assert outcomes.pop("done") == 1
    assert sum(outcomes.values()) == 15
    with app.app_context():
        ended = select(func.count()).where(PromiseRecord.promise == "decision", PromiseRecord.outcome.is_not(None))
        assert db.session.scalar(ended) == 1
        Promises().check()


# Kept rates

EXAMPLE = tomllib.loads((Path(__file__).parents[3] / "docs/design/data/review_example.toml").read_text())


def test_the_rates_of_the_example(db_session: Any) -> None:
    programme = factories.make_programme()
    for number, row in enumerate(EXAMPLE["record"]):
        ended = {"ended_on": row["ended_on"], "outcome": row["outcome"]} if "ended_on" in row else {}
        of = {"programme_id": programme.id, "subject_type": "voucher", "subject_id": number, "owed_by": "x"}
        db_session.add(PromiseRecord(promise=row["promise"], since=row["since"], due_on=row["due"], **of, **ended))
    other = factories.make_programme()
    db_session.flush()
    found = programme_queries.tallies(programme.id, EXAMPLE["as_of"])
    for name, fraction, percent in (("decision", (11, 16), 69), ("payment", (5, 10), 50), ("attendance", (8, 11), 73)):
        tally = found[name, "x"]
        assert (tally.on_time, tally.n, tally.percent) == (*fraction, percent)
    overdue = programme_queries.tallies(programme.id, EXAMPLE["as_of"] + timedelta(days=1))["decision", "x"]
    assert (overdue.n, overdue.overdue) == (17, 1)  # k03 was due the day before
    assert programme_queries.tallies(other.id, EXAMPLE["as_of"]) == {}


def test_every_promise_has_its_words() -> None:
    in_workflows = {promise.name for workflow in workflows().values() for promise in workflow.promises if promise.reminders}
    named = {deadline.promise for deadline in PROMISES.values() if deadline.promise}
    assert named | set(WITHOUT_A_SETTING) == in_workflows


def test_what_everybody_and_what_its_people_read(db_session: Any) -> None:
    programme = factories.make_programme()
    tallies = {("claim", "holder"): Tally(on_time=2), ("claim", "provider"): Tally(late=1), ("redemption", "holder"): Tally(3)}
    public = {each.words: each.tally for each in promised(programme, tallies)}
    assert public["What was delivered is reported and claimed within 30 days"] == Tally(on_time=2, late=1)
    assert public["Hosts answer an application within 10 days"] == Tally()
    assert public["Questionnaires are open for 14 days"] == Tally()
    assert [(each.owed_by, each.tally.n) for each in measured(programme, tallies) if each.tally] == [
        ("holder", 2),
        ("provider", 1),
        ("holder", 3),
    ]
