"""The workflow of a take-over (followup.md, "Take-overs and own key figures"). Any state can be left: slips happen."""

from typing import Any

from mobility.people.parts import members, programme_people
from mobility.people.roles import ORGANISATION_ROLES, Role
from mobility.workflows.parts import Actor
from mobility.workflows.table import By, State, Transition
from mobility.workflows.workflow import Workflow

PLANNED, STARTED, IN_USE, DROPPED = "planned", "started", "in_use", "dropped"
ALL = frozenset({PLANNED, STARTED, IN_USE, DROPPED})
ANSWER = frozenset({"answer"})  # the questionnaires after 3, 6 and 12 months move them, too

MAY_ACT = (Role.GUEST, Role.COORDINATOR)  # it belongs to the guest's organisation: whoever travels or coordinates there goes on


def there_is_some(take_over: Any, by: By) -> str | None:
    return None if take_over.evidence else "There is none yet."


# Colleagues read along. What the host sees of it: docs/decisions/0020
PARTS = (
    members(Actor.GUEST, "organisation", *MAY_ACT),
    members(Actor.MEMBER, "organisation", *ORGANISATION_ROLES),
    *programme_people("programme", Actor.OWNER, Actor.AUDITOR),
)

WORKFLOW = Workflow(
    name="takeover",
    label="take-over",
    states=(
        State(PLANNED, "Planned"),
        State(STARTED, "Started"),
        State(IN_USE, "In use", "done"),
        State(DROPPED, "Dropped", "stopped"),
    ),
    transitions=(
        Transition(
            "start",
            from_=ALL - {STARTED},
            to=STARTED,
            by=Actor.GUEST,
            through=ANSWER,
            button="It has started",
            past="Started",
            tone="secondary",
            hint="You have begun; it is not in use yet.",
        ),
        Transition(
            "put_to_use",
            from_=ALL - {IN_USE},
            to=IN_USE,
            by=Actor.GUEST,
            through=ANSWER,
            button="It is in use",
            past="Put to use",
            hint="It is part of your work now.",
        ),
        Transition(
            "plan",
            from_=ALL - {PLANNED},
            to=PLANNED,
            by=Actor.GUEST,
            through=ANSWER,
            button="Back to planned",
            past="Planned again",
            tone="secondary",
            hint="You intend to do it, and have not begun.",
        ),
        Transition(
            "drop",
            from_=ALL - {DROPPED},
            to=DROPPED,
            by=Actor.GUEST,
            through=ANSWER,
            button="Drop it",
            past="Dropped",
            tone="danger",
            hint="Nothing comes of it, for now. You can take it up again.",
        ),
        Transition(
            "revise",
            from_=ALL,
            to=None,
            by=Actor.GUEST,
            through=ANSWER,
            button="Reword it",
            past="Reworded",
            tone="secondary",
            hint="What it is, who does it, by when.",
        ),
        Transition(
            "add_evidence",
            from_=ALL,
            to=None,
            by=Actor.GUEST,
            button="Add evidence",
            past="Evidence added",
            tone="secondary",
            hint="A link or a file that shows it.",
        ),
        Transition(
            "take_out_evidence",
            from_=ALL,
            to=None,
            by=Actor.GUEST,
            button="Remove evidence",
            past="Evidence taken out",
            only_if=[there_is_some],
            tone="secondary",
        ),
    ),
    parts=PARTS,
    also_told={"confirm": "Answered by the manager"},
)
TO = {each.to: each.action for each in WORKFLOW.transitions if isinstance(each.to, str)}  # state -> the act that leads there
