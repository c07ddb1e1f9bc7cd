"""Every state has a way on (architecture.md): none waits for one person alone who may be gone."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from mobility.subjects import workflows
from mobility.workflows.parts import Person
from mobility.workflows.table import SYSTEM, Promise, Transition
from mobility.workflows.workflow import Actor, Workflow

PROMISES = [
    pytest.param(workflow, promise, state, id=f"{workflow.name}-{promise.name}-{state}")
    for workflow in workflows().values()
    for promise in workflow.promises
    for state in sorted(promise.states)
]
STATES = [
    pytest.param(workflow, state.name, id=f"{workflow.name}-{state.name}")
    for workflow in workflows().values()
    for state in workflow.states
    if state.kind == "open"
]


def is_one_person(workflow: Workflow, actor: Actor) -> bool:
    return actor is not Actor.SYSTEM and isinstance(workflow.part(actor).who, Person)


def ways_from(workflow: Workflow, state: str) -> list[Transition]:
    return [each for each in workflow.transitions if state in each.from_]


def by_somebody_else(workflow: Workflow, state: str) -> list[str]:
    """The acts in a state of those who are never gone: the system, and roles that a place always fills again."""
    return [
        each.action for each in ways_from(workflow, state) if any(not is_one_person(workflow, actor) for actor in each.actors)
    ]


@pytest.mark.parametrize(("workflow", "state"), STATES)
def test_no_open_state_is_left_by_one_person_alone(workflow: Workflow, state: str) -> None:
    """A draft that nobody else has seen may be its writer's alone: nobody waits for it, and no money and no place is held."""
    if (workflow.name, state) in {("application", "draft")}:
        assert not any(state in promise.states for promise in workflow.promises)
        return
    assert by_somebody_else(workflow, state)


@pytest.mark.parametrize(("workflow", "promise", "state"), PROMISES)
def test_what_one_person_owes_ends_without_them(workflow: Workflow, promise: Promise, state: str) -> None:
    """By the system after the deadline, or by others who are told of it and can act."""
    if not all(is_one_person(workflow, actor) for actor in promise.owed_by):
        return
    if promise.then == "escalate":
        assert any(not is_one_person(workflow, actor) for actor in promise.escalates_to)
        assert set(by_somebody_else(workflow, state)) & {"take_over", "reject", "revoke", "cancel"}
    else:
        act = workflow.transition(promise.then)
        assert Actor.SYSTEM in act.actors
        assert state in act.from_


@pytest.mark.parametrize("first_day", [date(2027, 4, 1), date(2027, 2, 1)], ids=["to come", "over"])
@pytest.mark.parametrize(("workflow", "promise", "state"), PROMISES)
def test_whoever_owes_it_can_do_it(workflow: Workflow, promise: Promise, state: str, first_day: date) -> None:
    """What is asked for is an act in the table that one of them may take in this state, or the page to look at."""
    stay: Any = SimpleNamespace(first_day=first_day, last_day=first_day)
    programme = SimpleNamespace(scheme="full")
    subject: Any = SimpleNamespace(
        state=state, programme=programme, timezone="UTC", first_day=first_day, exchange=stay, newest_version=stay
    )
    action = promise.action_for(subject)
    if action == "show":
        return
    act = workflow.transition(action)
    assert state in act.from_
    assert set(act.actors) & set(promise.owed_by)


def test_what_ended_by_a_slip_or_the_bank_has_a_way_back() -> None:
    """The table of ways back (workflows.md), each from the state in which the slip is seen."""
    expected = {
        "application": {"accepted": "take_back"},
        "exchange": {"completed": "correct_attendance", "agreed": "go_unfunded", "planning": "replace_guest"},
        "voucher": {"validated": "take_back_validation", "paid": "came_back", "lapsed": "extend_claim", "draft": "take_over"},
    }
    for name, ways in expected.items():
        for state, action in ways.items():
            assert action in {each.action for each in ways_from(workflows()[name], state)}, (name, state)


def test_the_system_is_nobody_who_may_be_gone() -> None:
    assert SYSTEM.id is None
    assert not is_one_person(workflows()["voucher"], Actor.SYSTEM)


def test_a_dead_end_would_be_seen() -> None:
    voucher = workflows()["voucher"]
    without = replace(voucher, transitions=tuple(each for each in voucher.transitions if each.action != "take_over"))
    assert by_somebody_else(voucher, "draft") == ["take_over"]
    assert by_somebody_else(without, "draft") == []
