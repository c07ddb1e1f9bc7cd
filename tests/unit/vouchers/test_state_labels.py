"""A kind may have its own word for a state: a guest has attended, a service has been delivered."""

import pytest

from mobility.vouchers.kinds import KINDS
from mobility.vouchers.models import Voucher
from mobility.vouchers.workflow import WORKFLOW


@pytest.mark.parametrize(("kind", "word"), [("mobility", "Attended"), ("knowledge", "Delivered")])
def test_a_state_is_called_as_its_kind_says(kind: str, word: str) -> None:
    assert Voucher(kind=kind, state="delivered").state_label() == word
    assert Voucher(kind=kind, state="issued").state_label("delivered") == word


@pytest.mark.parametrize("kind", KINDS)
def test_other_states_are_called_as_the_workflow_says(kind: str) -> None:
    own = KINDS[kind].words.states
    assert set(own) <= {state.name for state in WORKFLOW.states}
    for state in WORKFLOW.states:
        if state.name not in own:
            assert Voucher(kind=kind, state=state.name).state_label() == state.label
