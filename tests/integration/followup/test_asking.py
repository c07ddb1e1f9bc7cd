"""Who is asked what, and when: worked out by hand from the table of followup.md."""

from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from mobility import jobs
from mobility.agreements.lines import Line
from mobility.core.database import db, transaction
from mobility.exchanges import operations as exchanges
from mobility.exchanges.models import Exchange
from mobility.exchanges.rules import Terms
from mobility.followup import operations, queries
from mobility.followup.models import Asking, QuestionnaireRequest
from mobility.people.roles import Role
from mobility.questionnaires.models import Questionnaire
from mobility.questionnaires.operations import describe, furnish
from mobility.questionnaires.queries import questionnaires
from mobility.vouchers.models import Voucher
from mobility.workflows.history import PromiseRecord
from mobility.workflows.table import SYSTEM
from tests.support.cases import bought
from tests.support.factories import make_agreed_exchange, make_exchange, make_funded_programme, make_member, make_theme, make_user
from tests.support.followups import agree, ask, mails, visited

pytestmark = pytest.mark.usefixtures("db_session")
LAST_DAY = date(2027, 8, 31)


def morning(clock: ModuleType, day: date) -> None:
    clock.set_to(datetime(day.year, day.month, day.day, 8, tzinfo=UTC))


def at(clock: ModuleType, *instant: int) -> None:
    clock.set_to(datetime(*instant, tzinfo=UTC))  # type: ignore[misc, arg-type]


def voucher_of(exchange: Exchange, state: str) -> Voucher:
    names = {"holder": exchange.guest, "holder_organisation": exchange.guest_organisation, "host": exchange.host}
    return Voucher(kind="mobility", state=state, programme=exchange.programme, exchange=exchange, **names)


def test_a_year_day_by_day(clock: ModuleType) -> None:
    """31 August and 6 months is 29 February 2028; the clocks change on 31 October and 26 March."""
    others = (("Bo Delegate", "bo@elsewhere.org"), ("Eva Away", "eva@elsewhere.org"), ("No Address", ""))
    at(clock, 2027, 8, 1, 9)
    case = visited(LAST_DAY, others=others, stayed_away=["Eva Away"])
    expected = {
        date(2027, 9, 7): [("end_guest", "Ana Guest"), ("end_delegate", "Bo Delegate"), ("end_host", "Hugo Host")],
        date(2027, 11, 30): [("month_3", "Ana Guest")],
        date(2028, 2, 29): [("month_6", "Ana Guest"), ("month_6_host", "Hugo Host")],
        date(2028, 8, 31): [("month_12", "Ana Guest"), ("month_12_host", "Hugo Host")],
    }
    found: dict[date, list[tuple[str, str]]] = {}
    day = date(2027, 9, 1)
    while day < date(2028, 10, 5):
        morning(clock, day)
        if any(abs((day - each).days) <= 3 for each in expected) or day.day in (1, 15):
            if new := ask():
                found[day] = new
            jobs.run("miss-questionnaires")
        day += timedelta(days=1)
    assert found == expected
    assert len(mails()) == len(case.requests()) == 8
    assert {each.address for each in mails()} == {case.guest.email, case.host.email, "bo@elsewhere.org"}
    assert {each.state for each in case.requests()} == {"missed"}


@pytest.mark.parametrize(
    ("states", "reports"),
    [
        (["lapsed"], False),
        (["expired"], False),
        (["revoked"], False),
        (["withdrawn"], False),
        (["rejected"], False),
        (["rejected", "delivered"], True),  # the newest counts
        (["delivered", "rejected"], False),
        (["claimed"], False),  # without a report: nothing was asked then
        (["paid"], False),
    ],
)
def test_everybody_is_asked_at_the_end_and_until_the_claim_is_due(clock: ModuleType, states: list[str], reports: bool) -> None:
    case = visited(LAST_DAY, self_funded=False)
    for state in states:
        voucher = voucher_of(case.exchange, state)
        voucher.claim_due_on = date(2027, 9, 30)
        db.session.add(voucher)
        db.session.flush()
    db.session.commit()
    morning(clock, date(2027, 9, 7))
    assert ask() == [("end_guest", "Ana Guest"), ("end_host", "Hugo Host")]
    asked = case.request()
    assert (asked.report_of is not None) == reports
    assert asked.answer_by == (date(2027, 9, 30) if reports else date(2027, 9, 21))
    assert asked.waiting_for == (None if reports else "questionnaire"), "one deadline: the claim's is promised and reminded of"
    morning(clock, date(2027, 11, 30))
    jobs.run("miss-questionnaires")
    assert (("month_3", "Ana Guest") in ask()) == (not reports), "it waits until the report is in or over"


@pytest.mark.parametrize(
    ("last_day", "too_early", "in_time"),
    [
        (date(2027, 3, 21), (2027, 3, 27, 22, 59), (2027, 3, 27, 23, 1)),  # Brussels is at UTC+1, and changes that night
        (date(2027, 10, 24), (2027, 10, 30, 21, 59), (2027, 10, 30, 22, 1)),  # at UTC+2, and changes that night
        (date(2027, 12, 25), (2027, 12, 31, 22, 59), (2027, 12, 31, 23, 1)),
    ],
)
def test_the_day_is_that_of_the_programme(
    clock: ModuleType, last_day: date, too_early: tuple[int, ...], in_time: tuple[int, ...]
) -> None:
    case = visited(last_day)
    at(clock, *too_early)
    assert ask() == []
    at(clock, *in_time)
    assert ask() == [("end_guest", "Ana Guest"), ("end_host", "Hugo Host")]
    assert case.request().answer_by == last_day + timedelta(days=21)
    at(clock, *in_time)
    assert ask() == []


def test_a_week_without_a_scheduler_takes_nothing_from_whoever_is_asked(clock: ModuleType) -> None:
    case = visited(date(2027, 3, 5))
    morning(clock, date(2027, 3, 19))  # a week late
    assert len(ask()) == 2
    assert (case.request().waiting_since, case.request().due_on) == (date(2027, 3, 19), date(2027, 4, 2))
    assert case.request().answer_by == date(2027, 4, 2)


def test_half_a_year_without_a_scheduler_asks_in_order(clock: ModuleType) -> None:
    case = visited(date(2027, 3, 5))
    morning(clock, date(2027, 9, 10))
    assert [key for key, _ in ask()] == ["end_guest", "end_host", "month_6", "month_6_host"]
    morning(clock, date(2027, 9, 25))  # month_3 has waited until the end questionnaire was over
    jobs.run("miss-questionnaires")
    assert ask() == [("month_3", "Ana Guest")]
    assert case.request("month_3").answer_by == date(2027, 10, 9)


def test_three_months_wait_until_the_end_questionnaire_is_in(clock: ModuleType) -> None:
    case = visited(date(2027, 3, 5))
    morning(clock, date(2027, 3, 12))
    ask()
    case.request().answer_by = date(2027, 7, 1)  # moved, as a claim's deadline may be
    db.session.commit()
    morning(clock, date(2027, 6, 5))
    assert ask() == []
    with transaction():
        request = case.request()
        operations.save_draft(request, {"met": {"o1": "yes", "o2": "no"}, "benefit": "yes"})
        operations.send(request, by=case.guest)
    assert ask() == [("month_3", "Ana Guest")]


def test_what_is_long_past_is_not_asked(clock: ModuleType) -> None:
    """A visit from before the feature: only what comes due from its first day on."""
    case = visited(date(2027, 2, 20))  # furnished on 1 March: the end questionnaire was due on 27 February
    assert ask() == []
    morning(clock, date(2027, 5, 20))
    assert ask() == [("month_3", "Ana Guest")]
    assert [each.asked_on for each in db.session.scalars(select(Asking))] == [date(2027, 5, 20)]
    assert case.request("month_3").state == "asked"


@pytest.mark.parametrize(("last_day", "asked"), [(date(2026, 11, 30), []), (date(2026, 12, 1), [("month_3", "Ana Guest")])])
def test_the_first_day_of_a_questionnaire_counts(last_day: date, asked: list[tuple[str, str]]) -> None:
    """Furnished on 1 March 2027: three months after 30 November is 28 February."""
    visited(last_day)
    assert ask() == asked


def test_what_the_owner_has_switched_off_is_not_asked(clock: ModuleType) -> None:
    visited(date(2027, 3, 5))
    for each in db.session.scalars(select(Questionnaire).where(Questionnaire.key == "end_host")):
        each.is_asked = False
    db.session.commit()
    morning(clock, date(2027, 3, 12))
    assert ask() == [("end_guest", "Ana Guest")]


def change(key: str, **settings: Any) -> None:
    with transaction():
        found = db.session.scalars(select(Questionnaire).where(Questionnaire.key == key)).one()
        describe(found, by=SYSTEM, seen=found.version, **settings)


@pytest.mark.parametrize("months", [5, 7])
def test_nobody_is_asked_again_when_an_owner_moves_a_round(clock: ModuleType, months: int) -> None:
    """Asked after six months, on 5 September; five months were over on 5 August, and seven are on 5 October."""
    visited(date(2027, 3, 5))
    morning(clock, date(2027, 9, 5))
    assert ("month_6", "Ana Guest") in ask()
    change("month_6", months=[months])
    for day in (date(2027, 9, 6), date(2027, 10, 5)):
        morning(clock, day)
        assert "month_6" not in [key for key, _ in ask()]


def test_what_was_missed_while_it_was_off_is_not_asked_when_it_is_on_again(clock: ModuleType) -> None:
    visited(date(2027, 3, 5))
    change("end_host", is_asked=False)
    morning(clock, date(2027, 9, 6))
    change("end_host", is_asked=True)
    assert "end_host" not in [key for key, _ in ask()]


def test_other_words_change_nothing_about_when(clock: ModuleType) -> None:
    visited(date(2027, 3, 5))
    morning(clock, date(2027, 3, 20))
    change("end_host", title="How was it?", answer_days=21)
    assert ("end_host", "Hugo Host") in ask()


def test_an_exchange_that_is_not_confirmed_is_not_asked_about(clock: ModuleType) -> None:
    case = visited(date(2027, 3, 5))
    case.exchange.state = "in_progress"
    case.exchange.actual_last_day = None
    db.session.commit()
    morning(clock, date(2027, 4, 20))
    assert [key for key, _ in ask()] == ["before"]  # signed on 1 March, and the visit goes on


def test_two_schedulers_ask_once(clock: ModuleType) -> None:
    visited(date(2027, 3, 5))
    morning(clock, date(2027, 3, 12))
    found = list(queries.due())
    assert len(found) == 3  # also the delegates' round, of which there are none
    for one in [*found, *found]:
        with transaction():
            operations.ask(one)
    count = select(func.count())
    assert db.session.scalar(count.select_from(QuestionnaireRequest)) == 2
    assert db.session.scalar(count.select_from(Asking)) == 3
    assert list(queries.due()) == []


@pytest.mark.parametrize("was_quicker", [True, False])
def test_what_breaks_is_told_and_what_another_has_asked_is_not(
    clock: ModuleType, monkeypatch: pytest.MonkeyPatch, was_quicker: bool
) -> None:
    visited(date(2027, 3, 5))
    morning(clock, date(2027, 3, 12))
    due = list(queries.due())
    for one in due if was_quicker else ():
        with transaction():
            operations.ask(one)

    def broken(one: queries.Due) -> int:
        raise IntegrityError("INSERT", {}, Exception("a row that cannot be"))

    monkeypatch.setattr(queries, "due", lambda: due)
    monkeypatch.setattr(operations, "ask", broken)
    assert jobs.run("ask-questionnaires").failed == (0 if was_quicker else 3)


def test_before_the_visit_at_the_signature_and_called_off_with_the_exchange(clock: ModuleType) -> None:
    programme = make_funded_programme()
    furnish(programme)
    exchange = make_agreed_exchange(programme=programme)
    assert ask() == []
    agree(exchange, "A price list")
    db.session.commit()
    assert ask() == [("before", exchange.guest.name)]
    assert ask() == []
    [request] = db.session.scalars(select(QuestionnaireRequest))
    assert request.answer_by == date(2027, 3, 15)
    jobs.run("call-off-questionnaires")
    assert request.state == "asked"
    exchange.state = "cancelled"
    db.session.commit()
    jobs.run("call-off-questionnaires")
    db.session.refresh(request)
    assert request.state == "called_off"
    [record] = db.session.scalars(select(PromiseRecord).where(PromiseRecord.subject_type == "followup"))
    assert (record.promise, record.owed_by, record.outcome) == ("questionnaire", "respondent", "called_off")


def test_an_objective_added_after_the_first_answer_has_no_before(clock: ModuleType) -> None:
    """Answers pair by the key: what was reworded and moved is compared, what is new is not."""
    programme = make_funded_programme()
    furnish(programme)
    exchange = make_exchange(make_theme(programme=programme), signed=True, objectives="A price list\nA test plant")
    db.session.commit()
    ask()
    [request] = db.session.scalars(select(QuestionnaireRequest))
    operations.save_draft(request, {"practice": {"o1": 0, "o2": 1}})
    operations.send(request, by=exchange.guest)
    terms = Terms.of(exchange.newest_version).written()
    terms["objectives"] = [Line("", "A colleague who knows how"), Line("o2", "Two test plants")]
    exchange.agreed_version = exchanges.amend(exchange, by=exchange.guest, **terms)
    db.session.flush()
    lines = queries.lines_of(request).objectives
    assert list(lines.items()) == [("o3", "A colleague who knows how"), ("o2", "Two test plants")]
    before = request.answers[0]
    assert before.lines["objectives"] == {"o1": "A price list", "o2": "A test plant"}, "as they were when it was sent"
    assert set(before.answers["practice"]) & set(lines) == {"o2"}


def test_what_was_not_delivered_is_called_off_with_the_exchange(clock: ModuleType) -> None:
    case = visited(date(2027, 3, 5))
    case.guest.active = False
    db.session.commit()
    morning(clock, date(2027, 3, 12))
    ask()
    assert case.request().state == "not_delivered"
    case.exchange.state = "cancelled"
    db.session.commit()
    jobs.run("call-off-questionnaires")
    db.session.expire_all()
    assert {each.state for each in case.requests()} == {"called_off"}


def test_a_knowledge_voucher_on_delivery_and_after_half_a_year(clock: ModuleType) -> None:
    programme = make_funded_programme()
    furnish(programme)
    voucher = bought(programme, state="delivered", delivered_on=date(2027, 3, 1))
    bought(programme, state="issued")
    db.session.commit()
    assert ask() == [("delivery", voucher.holder.name)]
    morning(clock, date(2027, 8, 31))
    assert ask() == []
    morning(clock, date(2027, 9, 1))
    assert ask() == [("applied", voucher.holder.name)]
    [first, _] = db.session.scalars(select(QuestionnaireRequest).order_by(QuestionnaireRequest.id))
    assert (first.voucher_id, first.organisation_id) == (voucher.id, voucher.holder_organisation_id)
    assert isinstance(db.session.get(Voucher, voucher.id), Voucher)


def test_one_speaks_for_the_host(clock: ModuleType) -> None:
    """Whoever has confirmed the attendance; if they have left, the first coordinator by name."""
    case = visited(date(2027, 3, 5))
    make_member(case.exchange.host, Role.COORDINATOR, name="Zoe Second")
    make_member(case.exchange.host, Role.COORDINATOR, name="Bea First")
    case.host.memberships[0].until = clock.utc_now()
    db.session.commit()
    morning(clock, date(2027, 3, 12))
    assert ("end_host", "Bea First") in ask()


def test_a_delegate_with_an_account_is_asked_as_that(clock: ModuleType) -> None:
    colleague = make_user(name="Bo Account", email="bo@elsewhere.org")
    gone = make_user(name="Gone Account", email="gone@elsewhere.org", active=False)
    case = visited(date(2027, 3, 5), others=[("Bo Delegate", "BO@elsewhere.org"), ("Gone", gone.email)])
    morning(clock, date(2027, 3, 12))
    assert ("end_delegate", "Bo Account") in ask()
    assert case.request("end_delegate").respondent is colleague


def test_new_programmes_are_furnished(clock: ModuleType) -> None:
    from mobility.programmes.operations import create_programme

    programme = create_programme(by=SYSTEM, name="New", level="regional", scheme="light")
    found = questionnaires(programme)
    assert len(found) == 12
    assert {each.asks_from for each in found} == {date(2027, 3, 1)}
    assert found[0].days_to_answer == 14


def test_asking_takes_the_same_queries_for_one_and_for_many(clock: ModuleType, queries: Any) -> None:
    """What is not due costs nothing: twelve questionnaires, thirteen rounds."""
    visited(date(2027, 3, 5))
    from mobility.followup.queries import due

    with queries() as one:
        assert list(due()) == []
    for _ in range(3):
        make_agreed_exchange(state="planning")
    with queries() as many:
        assert list(due()) == []
    assert one.count == many.count == 14
