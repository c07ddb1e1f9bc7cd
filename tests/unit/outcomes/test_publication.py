"""The public version of the example: each verdict as in review_example.toml, the call's published first, then the programme's."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mobility.outcomes import facts
from mobility.outcomes.facts import EXCHANGE, Case, Facts
from mobility.outcomes.publication import publish, verdict
from mobility.outcomes.review import Review
from mobility.outcomes.traces import Trace
from mobility.people.roles import Level
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


def test_what_is_kept_of_a_snapshot_comes_back_as_it_was() -> None:
    stored = json.loads(json.dumps(CALL.trace.as_json()))
    assert Trace.from_json(stored) == CALL.trace
    again = publish(Review(FACTS), [Trace.from_json(stored)])
    assert again.rows == PROGRAMME.rows


def test_hidden_figures_have_neither_value_nor_n_nor_mark() -> None:
    """The additionality of hosts is few, marked in the programme; nothing of that is public."""
    rows = {row.key: row for row in PROGRAMME.rows}
    hidden, also = rows["additionality.hosts"], rows["days_to_pay.p90"]
    assert (hidden.shown, hidden.n, hidden.few_answered) == (also.shown, also.n, also.few_answered) == (None, None, False)
    assert also.name == "Days to pay: 90th percentile"  # that it is the longest would say that there are few
    assert (rows["sums.joint.project"].shown, rows["sums.joint.project"].n, rows["sums.joint.project"].few_answered) == (
        "3",
        5,
        True,
    )


def test_managers_who_met_policy_makers_tell_no_hidden_number() -> None:
    """3 of 39 exchanges: policy makers at cluster organisations. No manager came to an authority, and that would be a zero."""
    hosts = {
        "org_at_1": [("cluster_manager", 20), ("policy_maker", 3), ("cluster_member", 9)],
        "org_de_2": [("cluster_member", 7)],
    }
    kinds = [(host, level) for host, counts in hosts.items() for level, count in counts for _ in range(count)]
    exchanges = tuple(
        replace(stay(number), host=host, delegates=(facts.Delegate(level=Level(level), attended=True),))
        for number, (host, level) in enumerate(kinds)
    )
    snapshot = publish(Review(Facts(as_of=AS_OF, organisations=FACTS.organisations, exchanges=exchanges)))
    assert snapshot.shown["levels.mixed"].shown == "8 %"
    assert snapshot.tables["levels"].left_out
