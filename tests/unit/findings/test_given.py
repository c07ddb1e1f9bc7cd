"""What was sent, as the figures take it: exact numbers, and nothing that no figure rests on."""

from decimal import Decimal
from typing import Any

import pytest

from mobility.findings.given import given


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        ({}, {}),
        ({"relevance": 4, "gave": "Our price list"}, {}),
        ({"hours": "5.5", "members_served": "12"}, {"hours": Decimal("5.5"), "members_served": 12}),
        ({"leveraged": "15000.10"}, {"leveraged": Decimal("15000.10")}),
        ({"leveraged": "0.00"}, {"leveraged": 0}),
        ({"practice": {"o1": "0", "o2": "4"}}, {"practice": {"o1": 0, "o2": 4}}),
        ({"met": {"o1": "yes"}, "benefit": "partly"}, {"met": {"o1": "yes"}, "benefit": "partly"}),
        ({"changes": []}, {"changes": []}),
        ({"changes": [{"kind": "tool", "what": "A"}, {"kind": "tool"}]}, {"changes": ["tool", "tool"]}),
        ({"changes": [{"what": "Of no kind"}]}, {"changes": []}),
        ({"joint": {"project": "2", "proposal": "0"}}, {"joint": {"project": 2, "proposal": 0}}),
        ({"confirmed": {"t1": "in_use", "t2": "not_yet"}}, {"confirmed": {"t1": "in_use", "t2": "not_yet"}}),
    ],
)
def test_an_answer_is_taken_as_it_was_meant(sent: dict[str, Any], taken: dict[str, Any]) -> None:
    assert given(sent) == taken
