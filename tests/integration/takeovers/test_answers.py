"""What answers make of take-overs: planned, reworded, left out again, moved after months, confirmed by the manager."""

from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest

from mobility.claims import operations as claims
from mobility.core.database import db
from mobility.core.errors import NotReady
from mobility.followup import operations as followup
from mobility.followup import queries as requests
from mobility.questionnaires.operations import furnish
from mobility.takeovers import operations, queries
from mobility.takeovers.models import TakeOver
from tests.support.cases import make_case
from tests.support.followups import Asked, agree, ask, visited
from tests.support.takeovers import PRACTICE, answer, answer_end, board, taken


@pytest.fixture
def case(db_session: Any, clock: ModuleType) -> Asked:
    """Ana Guest was asked about the end on 12 March 2027."""
    case = visited(date(2027, 3, 5))
    to(clock, 12, 3)
    ask()
    return case


def to(clock: ModuleType, day: int, month: int) -> None:
    clock.set_to(datetime(2027, month, day, 9, tzinfo=UTC))


def one(case: Asked, key: str) -> TakeOver:
    return next(each for each in queries.of_exchange(case.exchange.id) if each.key == key)


def acts(take_over: TakeOver) -> list[tuple[str, str, str]]:
    """(what happened, by whom, the note), oldest first."""
    return [(each.action, each.actor_name, each.note) for each in reversed(take_over.history())]


def test_what_is_taken_home_is_planned(case: Asked) -> None:
    answer_end(case, {"what": "A price list", "who": "Ana", "by_when": "2027-06-30", "objective": "o2"}, "Their forms")
    first = one(case, "t1")
    assert (first.what, first.who, first.by_when, first.objective) == ("A price list", "Ana", date(2027, 6, 30), "o2")
    assert first.objective_text == "A test plant"
    assert (first.organisation_id, first.programme_id) == (case.exchange.guest_organisation_id, case.programme.id)
    assert (first.state, first.since, acts(first)) == ("planned", date(2027, 3, 12), [("create", "Ana Guest", "")])
    assert board(case.exchange) == {"t1": ("A price list", "planned"), "t2": ("Their forms", "planned")}


def test_sent_again_the_last_sending_counts(case: Asked) -> None:
    answer_end(case, "A price list", "Their forms", "A plant")
    forms = one(case, "t2").id
    answer_end(case, "Their forms", "A larger plant")
    assert board(case.exchange) == {"t2": ("Their forms", "planned"), "t4": ("A larger plant", "planned")}
    assert one(case, "t2").id == forms
    assert acts(one(case, "t2")) == [("create", "Ana Guest", "")]


def test_reworded_is_the_same_and_the_history_says_so(case: Asked) -> None:
    answer_end(case, "A price list")
    answer_end(case, {"what": "A price list", "who": "Bo"})
    answer_end(case, {"what": "Prices online", "who": "Bo"})
    found = one(case, "t1")
    assert (found.what, found.who) == ("Prices online", "Bo")
    assert acts(found)[1:] == [("revise", "Ana Guest", ""), ("revise", "Ana Guest", "Before: A price list")]


def test_what_the_board_has_changed_stays_where_the_answer_says_nothing_new(case: Asked) -> None:
    answer_end(case, {"what": "A price list", "who": "Ana"}, "Their forms")
    operations.revise(one(case, "t1"), by=case.coordinator, who="Cara", by_when=date(2027, 9, 1))
    operations.start(one(case, "t2"), by=case.coordinator)
    db.session.commit()
    answer_end(case, {"what": "A price list online", "who": "Ana"})
    found = one(case, "t1")
    assert (found.what, found.who, found.by_when) == ("A price list online", "Cara", date(2027, 9, 1))
    assert board(case.exchange)["t2"] == ("Their forms", "started")  # somebody is at it: the board says what becomes of it
    answer_end(case, "A price list online", "Their forms")
    assert board(case.exchange) == {
        "t1": ("A price list online", "planned"),
        "t2": ("Their forms", "started"),
        "t3": ("Their forms", "planned"),
    }


def test_nobody_comes_to_the_history_of_one_that_was_left_out(case: Asked) -> None:
    answer_end(case, "A price list")
    first = one(case, "t1").id
    answer_end(case)
    assert board(case.exchange) == {}
    answer_end(case, "Their forms")
    assert one(case, "t1").id > first
    assert len(one(case, "t1").history()) == 1


def months(case: Asked, clock: ModuleType) -> Any:
    """Three things taken home, and the questionnaire after three months, asked on 5 June."""
    answer_end(case, "A price list", "Their forms", "A plant")
    to(clock, 5, 6)
    ask()
    return case.request("month_3")


def said(**states: str) -> dict[str, Any]:
    return {"take_over_states": states, **PRACTICE}


def test_after_three_months_only_what_is_said_to_be_other_changes(case: Asked, clock: ModuleType) -> None:
    request = months(case, clock)
    answer(request, said(t1="in_use", t2="planned", t3="dropped", t3_why="No room", t2_why="No time"))
    assert board(case.exchange) == {
        "t1": ("A price list", "in_use"),
        "t2": ("Their forms", "planned"),
        "t3": ("A plant", "dropped"),
    }
    assert (one(case, "t1").since, one(case, "t2").since) == (date(2027, 6, 5), date(2027, 3, 12))
    assert acts(one(case, "t2")) == [("create", "Ana Guest", "")]
    assert acts(one(case, "t3"))[1:] == [("drop", "Ana Guest", "No room")]
    assert one(case, "t3").reason == "No room"
    answer(request, said(t1="in_use", t2="planned", t3="planned"))
    assert (one(case, "t3").state, one(case, "t3").reason) == ("planned", "")
    assert "seen" not in str(request.answer.answers)


def test_what_the_board_says_since_is_not_overwritten_unseen(case: Asked, clock: ModuleType) -> None:
    """Three lines of an answer begun when all was planned; meanwhile the board has moved all of them."""
    request = months(case, clock)
    shown = {"t1_seen": "planned", "t2_seen": "planned", "t3_seen": "planned"}
    followup.save_draft(request, said(t1="planned", t2="started", t3="dropped", **shown))
    for key in ("t1", "t2", "t3"):
        move = operations.start if key == "t2" else operations.put_to_use
        move(one(case, key), by=case.coordinator)
    db.session.commit()
    with pytest.raises(NotReady) as refused:
        followup.send(request, by=case.guest)
    assert [each.field for each in refused.value.problems] == ["q-take_over_states-t3"]
    assert "In use" in refused.value.message
    db.session.rollback()
    shown["t3_seen"] = "in_use"
    answer(requests.find(request.id, case.guest), said(t1="planned", t2="started", t3="dropped", **shown))
    assert {key: state for key, (_, state) in board(case.exchange).items()} == {"t1": "in_use", "t2": "started", "t3": "dropped"}


def test_one_that_is_gone_since_is_passed_over(case: Asked, clock: ModuleType) -> None:
    request = months(case, clock)
    answer(request, said(t1="started", t2="planned", t3="planned", t9="in_use"))
    assert board(case.exchange)["t1"] == ("A price list", "started")


def test_added_on_the_board_they_are_asked_about_too(case: Asked, clock: ModuleType) -> None:
    answer_end(case, "A price list")
    taken(case.exchange, by=case.coordinator, what="A fourth thing")
    to(clock, 5, 6)
    ask()
    assert requests.lines_of(case.request("month_3")).take_overs == {"t1": "A price list", "t2": "A fourth thing"}
    assert requests.lines_of(case.request("month_3")).states == {"t1": "planned", "t2": "planned"}


def test_the_report_of_a_claim_plans_them_too(db_session: Any) -> None:
    """It is the same questionnaire; the claim returned and filed again, the last sending counts."""
    case = make_case("light")
    furnish(case.programme)
    case.take_to("delivered")
    stay = case.exchange
    stay.actual_first_day, stay.actual_last_day, stay.state = date(2027, 2, 22), date(2027, 2, 26), "completed"
    stay.attended, stay.confirmed_by = [stay.guest.name], case.host_coordinator
    agree(stay, "A price list")
    db.session.commit()
    for what in ("Prices online", "Prices on paper"):
        report = {"met": {"o1": "yes"}, "benefit": "yes", "take_overs": [{"what": what}]}
        claims.save(case.voucher, by=case.holder, answers=report)
        claims.claim(case.voucher, by=case.holder)
        db.session.commit()
        assert board(stay) == {"t1": (what, "planned")}
        if what == "Prices online":
            claims.return_claim(case.voucher, by=case.finance_officer, reason="On paper, you said")
            db.session.commit()


def test_two_add_at_once(case: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have seen the same keys: the slower takes the next one."""
    seen = [taken(case.exchange, by=case.guest)]
    taken(case.exchange, by=case.guest, what="Another tab's")
    monkeypatch.setattr(queries, "lock_of_exchange", lambda id: seen)
    taken(case.exchange, by=case.coordinator, what="Mine")
    assert board(case.exchange) == {
        "t1": ("The price list", "planned"),
        "t2": ("Another tab's", "planned"),
        "t3": ("Mine", "planned"),
    }
