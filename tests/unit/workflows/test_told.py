"""What the history calls each act: what happened, never what is to be done."""

import re
from pathlib import Path

import pytest

from mobility.subjects import workflows
from mobility.workflows.table import Transition
from mobility.workflows.workflow import Actor, Workflow

ROOT = Path(__file__).parents[3]
ACTS = [
    pytest.param(transition, id=f"{name}-{transition.action}")
    for name, workflow in workflows().items()
    for transition in workflow.transitions
]
NO_PARTICIPLE = {
    "Paid, and came back",
    "Sent to the bank",
    "Paid",
    "Put to use",
    "Withdrawn",
}  # begin with a verb whose participle does not end in -ed


@pytest.mark.parametrize("transition", ACTS)
def test_every_act_is_told_in_the_past_tense(transition: Transition) -> None:
    for told in {transition.past, transition.told(Actor.SYSTEM)}:
        assert told != transition.button
        assert told == told.strip().capitalize()
        assert told in NO_PARTICIPLE or re.search(r"\w(ed|en (out|back|over))\b", told), told


@pytest.mark.parametrize("workflow", [pytest.param(each, id=name) for name, each in workflows().items()])
def test_no_two_acts_of_one_object_are_told_alike(workflow: Workflow) -> None:
    told = [each.past for each in workflow.transitions] + ["Created", *workflow.also_told.values()]
    assert len(set(told)) == len(told)


@pytest.mark.parametrize(
    ("of", "action", "acted_as", "told"),
    [
        ("voucher", "approve", Actor.OWNER, "Approved"),
        ("voucher", "create", Actor.SYSTEM, "Created"),
        ("voucher", "expire", Actor.SYSTEM, "Expired"),
        ("voucher", "payment_came_back", Actor.FINANCE_OFFICER, "Payment came back"),
        ("exchange", "start", Actor.HOST, "Checked in"),
        ("exchange", "start", Actor.SYSTEM, "Started"),
        ("theme", "edit", Actor.HOST_COORDINATOR, "Draft changed"),
        ("theme", "tidy_up", Actor.HOST, "Tidy up"),  # in no table (any more): its name, never an error
    ],
)
def test_what_happened(of: str, action: str, acted_as: Actor, told: str) -> None:
    assert workflows()[of].told(action, acted_as) == told


def test_what_is_recorded_beside_the_tables_is_declared_in_them() -> None:
    written = {
        (path.parent.name, action)
        for path in ROOT.glob("mobility/*/operations.py")
        for action in re.findall(r"\.record\(\s*\"(\w+)\"", path.read_text())
    }
    assert written == {
        ("themes", "create"),
        ("themes", "edit"),
        ("themes", "move_in"),
        ("payments", "payment_came_back"),
        ("claims", "attendance_corrected"),
        ("vouchers", "holder_replaced"),
        ("vouchers", "follow_stay"),
        ("consents", "change_consent"),
        ("followup", "go_to_holder"),
        ("takeovers", "confirm"),
    }
    assert {name: dict(each.also_told) for name, each in workflows().items() if each.also_told} == {
        "theme": {"edit": "Draft changed", "move_in": "Moved in"},
        "joining": {"create": "Asked to join"},
        "voucher": {
            "payment_came_back": "Payment came back",
            "attendance_corrected": "Attendance corrected",
            "follow_stay": "Moved with the stay",
            "holder_replaced": "Holder replaced",
            "change_consent": "Changed what may be published",
        },
        "exchange": {"change_consent": "Changed what may be published"},
        "followup": {"go_to_holder": "Passed to whoever holds the voucher"},
        "takeover": {"confirm": "Answered by the manager"},
    }
