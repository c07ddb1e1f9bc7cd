"""Who may do what to a take-over in which state: written out by hand from followup.md and decision 0020."""

from types import SimpleNamespace
from typing import Any

import pytest

from mobility.core.errors import NotAllowed, WrongState
from mobility.takeovers.workflow import PARTS, WORKFLOW
from mobility.workflows.parts import actors_on
from mobility.workflows.table import SYSTEM, Done
from mobility.workflows.workflow import Actor

HOME, HOST, PROGRAMME = 20, 10, 30
STATES = ["planned", "started", "in_use", "dropped"]
LEADS_TO = {"plan": "planned", "start": "started", "put_to_use": "in_use", "drop": "dropped"}
STAYS = ["revise", "add_evidence", "take_out_evidence"]
PLACES = {
    "guest": ("organisation", HOME, "guest"),
    "coordinator": ("organisation", HOME, "coordinator"),
    "colleague who hosts": ("organisation", HOME, "host"),
    "the host's coordinator": ("organisation", HOST, "coordinator"),
    "owner": ("programme", PROGRAMME, "owner"),
    "auditor": ("programme", PROGRAMME, "auditor"),
    "assessor": ("programme", PROGRAMME, "assessor"),
    "finance officer": ("programme", PROGRAMME, "finance_officer"),
    "stranger": ("organisation", 99, "coordinator"),
}


def person(who: str) -> Any:
    kind, place, role = PLACES[who]
    return SimpleNamespace(
        id=1,
        name=who,
        roles_in=lambda id: {role} if (kind, place) == ("organisation", id) else set(),
        roles_in_programme=lambda id: {role} if (kind, place) == ("programme", id) else set(),
    )


def take_over(state: str) -> Any:
    return SimpleNamespace(state=state, organisation_id=HOME, programme_id=PROGRAMME, evidence=["a link"])


@pytest.mark.parametrize("who", PLACES)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", [*LEADS_TO, *STAYS])
def test_the_matrix(who: str, state: str, action: str) -> None:
    """Those of the guest's organisation who travel or coordinate do everything, in any state but the one it leads to."""
    expected: type[Exception] | None = None
    if who not in {"guest", "coordinator"}:
        expected = NotAllowed
    elif LEADS_TO.get(action) == state:
        expected = WrongState
    if expected is None:
        assert WORKFLOW.check(action, take_over(state), person(who))[1] == Actor.GUEST
    else:
        with pytest.raises(expected):
            WORKFLOW.check(action, take_over(state), person(who))


@pytest.mark.parametrize("who", PLACES)
def test_who_reads_it(who: str) -> None:
    reads = who in {"guest", "coordinator", "colleague who hosts", "owner", "auditor"}
    assert bool(actors_on(PARTS, person(who), take_over("planned"))) is reads


@pytest.mark.parametrize("action", [*LEADS_TO, *STAYS])
def test_answers_move_and_reword_but_bring_no_evidence(action: str) -> None:
    answer = Done("answer", Actor.RESPONDENT, SYSTEM, "")
    if action.endswith("evidence"):
        with pytest.raises(ValueError, match="does not follow from answer"):
            WORKFLOW.check(action, take_over("planned"), SYSTEM, answer)
    elif action != "plan":
        WORKFLOW.check(action, take_over("planned"), SYSTEM, answer)
    with pytest.raises(NotAllowed):
        WORKFLOW.check(action, take_over("planned"), SYSTEM)
