"""Which row of an answer is which take-over, and what an answer changes: worked out by hand."""

from typing import Any

import pytest

from mobility.takeovers.rules import Move, collides, is_meant, matched

LIST, FORMS, PLANT = {"what": "A list"}, {"what": "Forms"}, {"what": "A plant"}
ANAS = {"what": "A list", "who": "Ana"}


@pytest.mark.parametrize(
    ("known", "rows", "meant"),
    [
        ({}, [], {}),
        ({}, [LIST, FORMS], {"t1": LIST, "t2": FORMS}),
        ({"t1": LIST, "t2": FORMS}, [LIST, FORMS], {"t1": LIST, "t2": FORMS}),
        # somebody was named: the same
        ({"t1": LIST}, [ANAS], {"t1": ANAS}),
        # reworded in its place
        ({"t1": LIST, "t2": FORMS}, [LIST, PLANT], {"t1": LIST, "t2": PLANT}),
        # the first taken out: rows move up, but not their take-overs
        ({"t1": LIST, "t2": FORMS}, [FORMS], {"t2": FORMS}),
        # turned around
        ({"t1": LIST, "t2": FORMS}, [FORMS, LIST], {"t2": FORMS, "t1": LIST}),
        # one more, whatever keys the board has given meanwhile
        ({"t1": LIST, "t2": {}}, [LIST, FORMS], {"t1": LIST, "t3": FORMS}),
        # one that was added by hand is nobody's row, though it is in the same place
        ({"t1": {}}, [LIST], {"t2": LIST}),
        # twice the same words are two
        ({}, [LIST, LIST], {"t1": LIST, "t2": LIST}),
        ({"t1": LIST, "t2": LIST}, [LIST, LIST], {"t1": LIST, "t2": LIST}),
    ],
)
def test_rows_find_their_take_overs(known: dict[str, Any], rows: list[Any], meant: dict[str, Any]) -> None:
    assert matched(known, rows) == meant


@pytest.mark.parametrize(
    ("says", "seen", "now", "moves", "against"),
    [
        ("started", "planned", "planned", True, False),
        ("planned", "planned", "planned", False, False),  # the same: no change
        ("planned", "planned", "in_use", False, False),  # untouched in an older draft: the board's holds
        ("started", "planned", "started", False, False),  # both say the same
        ("dropped", "planned", "in_use", True, True),  # moved meanwhile, to something else
        ("started", "", "planned", True, False),  # nothing is known of what was shown
    ],
)
def test_what_an_answer_changes(says: str, seen: str, now: str, moves: bool, against: bool) -> None:
    move = Move("t1", says, "", seen)
    assert (is_meant(move, now), collides(move, now)) == (moves, against)
