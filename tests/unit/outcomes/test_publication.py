"""The public version of the example: each verdict as in review_example.toml, the call's published first, then the programme's."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mobility.outcomes import facts
from mobility.outcomes.consent import leave
from mobility.outcomes.facts import EXCHANGE, Case, Facts
from mobility.outcomes.publication import publish, verdict
from mobility.outcomes.review import Review
from tests.support.outcomes import Reader, example

AS_OF = date(2028, 3, 31)
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


def test_of_take_overs_that_add_up_two_are_hidden_and_together_five() -> None:
    """Planned 3 of 3 exchanges are few, started none, dropped 6 and in use 12 of 6 exchanges each: 3 + 0 is too little, so the
    6 go, too; 21 - 12 = 9 are three numbers then."""
    days = {"planned": AS_OF, "dropped": AS_OF, "in_use": AS_OF}
    states = {"planned": range(3), "dropped": range(6), "in_use": [*range(6), *range(6)]}
    take_overs = tuple(
        facts.TakeOver(key=f"{state} {number}", exchange=exchange, since=((state, days[state]),))
        for state, exchanges in states.items()
        for number, exchange in enumerate(exchanges)
    )
    snapshot = publish(
        Review(Facts(as_of=AS_OF, organisations=FACTS.organisations, exchanges=tuple(map(stay, range(6))), take_overs=take_overs))
    )
    found = {state: snapshot.figures[f"take_overs.{state}"] for state in ("planned", "started", "dropped", "in_use")}
    assert {state: (figure.shown, public.value) for state, (figure, public) in found.items()} == {
        "planned": ("3", "few"),
        "started": ("0", "few"),
        "dropped": ("6", "complement"),
        "in_use": ("12", "shown"),
    }


@pytest.mark.parametrize(("paid", "public"), [(0, "shown"), (1, "complement"), (4, "complement"), (5, "shown")])
def test_a_mean_of_money_does_not_tell_of_few_payments(paid: int, public: str) -> None:
    """The cost of 8 exchanges rests on 8; but of 4 paid vouchers it is the sum, over 8, that is hidden as the total."""
    vouchers = tuple(
        facts.Voucher(key=number, call="c1", exchange=number, first_requested_on=AS_OF, amount=Decimal(number + 1))
        for number in range(8)
    )
    claims = tuple(facts.Claim(voucher=number, filed_on=AS_OF, paid_on=AS_OF) for number in range(paid))
    review = Review(
        Facts(
            as_of=AS_OF, organisations=FACTS.organisations, exchanges=tuple(map(stay, range(8))), vouchers=vouchers, claims=claims
        )
    )
    assert publish(review).figures["cost.per_exchange"][1] == public


def stay(number: int) -> facts.Exchange:
    return facts.Exchange(key=number, guest="org_at_1", host="org_pt_1", first_day=AS_OF, last_day=AS_OF, completed=True)


def test_cases_are_told_as_both_sides_allow_today() -> None:
    words = {"with_names": "with_names", "without_names": "without", "no": "no"}
    expected = {key: words[name] for name, keys in DATA["publication"].items() for key in keys}
    assert leave(Review(FACTS).scope) == expected
