"""The public version of the example: each verdict as in review_example.toml, the call's published first, then the programme's."""

from typing import Any

import pytest

from mobility.outcomes.consent import leave
from mobility.outcomes.facts import EXCHANGE, Case
from mobility.outcomes.publication import publish, verdict
from mobility.outcomes.review import Review
from tests.support.outcomes import Reader, example

DATA = example()
FACTS = Reader(DATA).read()
CALL = publish(Review(FACTS, "c1"))
PROGRAMME = publish(Review(FACTS), [CALL.trace])
SNAPSHOTS = {"call": CALL, "programme": PROGRAMME}


def public(scope: str, key: str) -> str:
    snapshot = SNAPSHOTS[scope]
    if key in snapshot.figures:
        return snapshot.figures[key][1].value
    name, row, column = key.split(".")
    table, cell = snapshot.tables[name], (row, column)
    return "few" if cell in table.few else "complement" if cell in table.complement else "shown"


@pytest.mark.parametrize("row", DATA["figure"], ids=lambda row: f"{row['scope']} {row['key']}")
def test_each_figure_is_public_or_hidden_as_worked_out_by_hand(row: dict[str, Any]) -> None:
    assert public(row["scope"], row["key"]) == row["public"]


def cases(count: int) -> frozenset[Case]:
    return frozenset(Case(EXCHANGE, number) for number in range(count))


@pytest.mark.parametrize("row", DATA["difference"], ids=str)
def test_snapshots_differ_by_none_or_by_five(row: dict[str, Any]) -> None:
    earlier = [cases(row["published"])] if "published" in row else []
    assert verdict(cases(row["now"]), earlier) == row["public"]


def test_cases_are_told_as_both_sides_allow_today() -> None:
    words = {"with_names": "with_names", "without_names": "without", "no": "no"}
    expected = {key: words[name] for name, keys in DATA["publication"].items() for key in keys}
    assert leave(Review(FACTS).scope) == expected
