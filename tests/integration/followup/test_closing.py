"""An exchange closes when both end questionnaires are in or over; the journey says of the follow-up only what is so."""

from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from mobility import jobs
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.followup import operations
from mobility.questionnaires.operations import describe
from mobility.questionnaires.queries import questionnaire
from tests.support.client import Visitor
from tests.support.factories import make_member
from tests.support.followups import Asked, ask, visited
from tests.support.html import text_of

ASKED_ON, LAST_DAY = date(2027, 3, 12), date(2027, 3, 26)  # of both: 14 days


@pytest.fixture
def case(db_session: Any, clock: ModuleType) -> Asked:
    case = visited(date(2027, 3, 5))
    to(clock, ASKED_ON)
    return case


def to(clock: ModuleType, day: date) -> None:
    clock.set_to(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))


def end(case: Asked, key: str, state: str) -> None:
    """What became of what one side was asked."""
    found = case.request(key)
    if state == "answered":
        operations.save_draft(found, {"met": {"o1": "yes", "o2": "yes"}, "benefit": "yes"})
        operations.send(found, by=found.respondent)
    elif state == "called_off":
        operations.call_off(found, by=case.owner, reason="We have talked.")
    elif state == "not_delivered":
        operations.report_undelivered(found, by=case.owner)
    db.session.commit()


def closed(case: Asked) -> str:
    """Run the jobs of a night; the exchange's state."""
    for name in ("miss-questionnaires", "close-exchanges"):
        assert not jobs.run(name).failed
    return db.session.get_one(Exchange, case.exchange.id).state


@pytest.mark.parametrize(
    ("guest", "host", "at_once", "the_day_after"),
    [
        ("answered", "answered", "closed", "closed"),
        ("answered", "asked", "completed", "closed"),
        ("asked", "answered", "completed", "closed"),
        ("asked", "asked", "completed", "closed"),
        ("called_off", "answered", "closed", "closed"),
        ("called_off", "called_off", "closed", "closed"),
        ("not_delivered", "answered", "completed", "closed"),
        ("not_delivered", "not_delivered", "completed", "closed"),
    ],
)
def test_it_closes_when_both_are_in_or_over(
    case: Asked, clock: ModuleType, guest: str, host: str, at_once: str, the_day_after: str
) -> None:
    ask()
    end(case, "end_guest", guest)
    end(case, "end_host", host)
    assert closed(case) == at_once
    to(clock, LAST_DAY)
    assert closed(case) == at_once, "the last day itself is in time"
    to(clock, LAST_DAY + timedelta(days=1))
    assert closed(case) == the_day_after


def test_the_history_says_what_came(case: Asked, clock: ModuleType) -> None:
    ask()
    end(case, "end_guest", "answered")
    to(clock, LAST_DAY + timedelta(days=1))
    assert closed(case) == "closed"
    note = db.session.get_one(Exchange, case.exchange.id).history()[0].note
    assert note == "“How was your exchange?”: answered. “How was it with your guests?”: not answered."


def test_it_waits_for_what_is_still_to_be_asked(case: Asked, clock: ModuleType) -> None:
    to(clock, date(2027, 3, 11))
    assert closed(case) == "completed"
    to(clock, ASKED_ON)
    assert closed(case) == "completed", "due today, and not asked yet"


@pytest.mark.parametrize("off", [("end_guest",), ("end_host",), ("end_guest", "end_host")])
def test_it_does_not_wait_for_what_is_switched_off(case: Asked, off: tuple[str, ...]) -> None:
    for key in off:
        found = questionnaire(case.programme, key, for_update=True)
        describe(found, by=case.owner, seen=found.version, is_asked=False)
    db.session.commit()
    ask()
    for key in {"end_guest", "end_host"} - set(off):
        end(case, key, "answered")
    assert closed(case) == "closed"


def test_what_would_have_been_asked_before_the_questionnaires_began_is_not_waited_for(case: Asked) -> None:
    for key in ("end_guest", "end_host"):
        questionnaire(case.programme, key).asks_from = ASKED_ON + timedelta(days=1)
    db.session.commit()
    ask()
    assert case.requests("end_guest") == []
    assert closed(case) == "closed"
    assert db.session.get_one(Exchange, case.exchange.id).history()[0].note == "Nobody was asked how it was."


def test_closed_it_can_still_be_corrected_and_objected_to(case: Asked) -> None:
    ask()
    end(case, "end_guest", "answered")
    end(case, "end_host", "answered")
    assert closed(case) == "closed"
    exchange = db.session.get_one(Exchange, case.exchange.id)
    offered = {each.action for each in exchange.workflow.available(exchange, case.host) if not each.refusal}
    assert "correct_attendance" in offered
    assert "object_to_attendance" in {each.action for each in exchange.workflow.available(exchange, case.guest)}


# The journey


def step(visitor: Visitor, case: Asked, who: Any) -> str:
    """What the exchange's page says of the follow-up."""
    words = text_of(visitor(who).get(f"/exchanges/{case.exchange.id}"))
    return words[words.index("Follow-up") :][:90] if "Follow-up" in words else ""


def test_the_journey_waits_for_whoever_is_asked(case: Asked, visitor: Visitor) -> None:
    assert "still to come" in step(visitor, case, case.guest)
    ask()
    assert "waiting for you" in step(visitor, case, case.host)
    assert "waiting for others" in step(visitor, case, case.guest)
    end(case, "end_host", "answered")
    assert "done" not in step(visitor, case, case.host), "three months later somebody is asked again"


def test_nobody_is_told_that_it_is_done_who_was_not_asked(case: Asked, clock: ModuleType, visitor: Visitor) -> None:
    for each in ("end_guest", "end_host", "month_3", "month_6", "month_6_host", "month_12", "month_12_host"):
        questionnaire(case.programme, each).is_asked = False
    db.session.commit()
    assert closed(case) == "closed"
    colleague = make_member(case.exchange.host, "host", name="Hilda Host")
    for reader in (case.guest, case.host, colleague):
        assert step(visitor, case, reader) == ""


def test_it_is_done_after_the_last_round_if_somebody_answered(case: Asked, clock: ModuleType, visitor: Visitor) -> None:
    ask()
    end(case, "end_host", "answered")
    to(clock, date(2028, 3, 4))
    closed(case)
    assert "still to come" in step(visitor, case, case.guest)
    to(clock, date(2028, 4, 1))
    ask()
    to(clock, date(2028, 4, 30))
    closed(case)
    assert {each.state for each in case.requests() if each.questionnaire.key != "end_host"} == {"missed"}
    assert ", done" in step(visitor, case, case.guest)


def test_a_self_funded_report_is_a_step_of_the_journey(case: Asked, visitor: Visitor) -> None:
    ask()
    words = text_of(visitor(case.guest).get(f"/exchanges/{case.exchange.id}"))
    assert "Report , waiting for you" in words
    end(case, "end_guest", "answered")
    assert "Report , done" in text_of(visitor(case.guest).get(f"/exchanges/{case.exchange.id}"))
