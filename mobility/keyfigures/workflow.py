"""The workflow of an own key figure (followup.md, "Take-overs and own key figures"): current, or retired and taken up again."""

from typing import Any

from mobility.people.parts import members
from mobility.people.roles import ORGANISATION_ROLES, Role
from mobility.workflows.parts import Actor
from mobility.workflows.table import By, State, Transition
from mobility.workflows.workflow import Workflow

CURRENT, RETIRED = "current", "retired"
MOST = 8  # of an organisation at a time

# Coordinators say what it is; whoever works there reads it and enters values
PARTS = (
    members(Actor.COORDINATOR, "organisation", Role.COORDINATOR),
    members(Actor.MEMBER, "organisation", *ORGANISATION_ROLES),
)


def room_for_it(figure: Any, by: By) -> str | None:
    """Eight at a time: what is always measured is looked at."""
    if figure.others_current >= MOST:
        return f"{figure.organisation.name} has {MOST} key figures already. Retire one first."
    return None


WORKFLOW = Workflow(
    name="keyfigure",
    label="key figure",
    states=(State(CURRENT, "Current", "done"), State(RETIRED, "Retired", "stopped")),
    transitions=(
        Transition(
            "record",
            from_={CURRENT},
            to=None,
            by=Actor.MEMBER,
            through=frozenset({"answer"}),  # the questionnaire a year after an exchange that serves it
            button="Enter a value",
            past="Value entered",
            hint="What you have measured, and when.",
        ),
        Transition(
            "correct",
            from_={CURRENT, RETIRED},
            to=None,
            by=Actor.MEMBER,
            button="Correct a value",
            past="Value corrected",
            tone="secondary",
            hint="The one that was wrong stays in the history.",
        ),
        Transition(
            "revise",
            from_={CURRENT},
            to=None,
            by=Actor.COORDINATOR,
            button="Change it",
            past="Changed",
            tone="secondary",
            hint="Its name, unit, baseline, target, strategy.",
        ),
        Transition(
            "retire",
            from_={CURRENT},
            to=RETIRED,
            by=Actor.COORDINATOR,
            button="Retire it",
            past="Retired",
            tone="danger",
            hint="It is measured no more; what was measured stays. You can take it up again.",
        ),
        Transition(
            "take_up",
            from_={RETIRED},
            to=CURRENT,
            by=Actor.COORDINATOR,
            button="Take it up again",
            past="Measured again",
            only_if=[room_for_it],
        ),
    ),
    parts=PARTS,
)
