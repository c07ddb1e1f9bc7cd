"""The table of followup.md, "Success story", and of decisions 0021 and 0041, written out by hand."""

import pytest

from mobility.stories.workflow import WORKFLOW
from mobility.workflows.table import Transition

WRITERS = {"guest", "guest coordinator", "host coordinator", "host", "holder", "provider"}
SPEAKERS = {"guest", "guest coordinator", "host coordinator", "holder", "provider"}  # of a voucher its holder and its provider
# action -> (from, to, by); "both" and "read" depend on what was done
EXPECTED = {
    "submit": ({"draft", "returned"}, "in_review", WRITERS),
    "review": ({"in_review"}, "in_review or returned", {"reviewer"}),
    "decline": ({"in_review"}, "in_review", {"reviewer"}),
    "assign": ({"in_review"}, "in_review", {"programme owner"}),
    "pass_on": ({"in_review"}, "in_review", {"system"}),
    "agree": ({"in_review"}, "in_review or published", SPEAKERS),
    "take_back": ({"in_review"}, "draft", WRITERS),
    "withdraw": ({"draft", "in_review", "returned", "published"}, "withdrawn", SPEAKERS | {"programme owner"}),
    "rework": ({"withdrawn"}, "draft", WRITERS),
}


class Story:
    """As much of one as decides where an act leads."""

    recommended_on, agreed_sides = None, frozenset[str]()


class Read(Story):
    recommended_on, agreed_sides = "today", frozenset({"guest", "host"})


def leads_to(transition: Transition) -> str:
    if not callable(transition.to):
        return str(transition.to)
    return " or ".join(sorted({transition.to(Story()), transition.to(Read())}))


@pytest.mark.parametrize("action", EXPECTED)
def test_the_table_is_that_of_the_specification(action: str) -> None:
    transition = WORKFLOW.transition(action)
    assert (set(transition.from_), leads_to(transition), {actor.value for actor in transition.actors}) == EXPECTED[action]


def test_there_is_nothing_else() -> None:
    assert {each.action for each in WORKFLOW.transitions} == set(EXPECTED)
    assert [each.name for each in WORKFLOW.states] == ["draft", "in_review", "returned", "published", "withdrawn"]


def test_every_state_has_a_way_on() -> None:
    for state in WORKFLOW.states:
        assert any(state.name in each.from_ for each in WORKFLOW.transitions), state.name
