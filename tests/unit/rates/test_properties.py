"""What holds for every card and every case: sums, caps, rounding, and that nothing is paid beyond what was approved."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mobility.people.roles import OrganisationKind
from mobility.rates.cards import faults
from mobility.rates.cases import AmountLine, Case
from mobility.rates.rules import compute, total
from tests.support.cards import card_of

pytestmark = pytest.mark.property

AMOUNTS = st.decimals("0.01", "99999.99", places=2).map(str)
SHARES = st.decimals("0.0001", "1", places=4).map(str)
CONDITIONS = st.sampled_from([{"key": key, "words": key} for key in ("one", "two")])


Some = st.SearchStrategy[Any]


def settings(optional: Mapping[str, Some], **needed: Some) -> Some:
    return st.fixed_dictionaries(needed, optional={"cap": AMOUNTS, "condition": CONDITIONS, **optional})


def some(one: Some) -> Some:
    return st.lists(one, max_size=3)


PERSONS = {"per_person": st.just(True)}
UNITS = {"unit": st.sampled_from(["day", "night"])}
BY_KIND = {"shares": st.dictionaries(st.sampled_from([kind.value for kind in OrganisationKind]), SHARES)}
COUNTRIES = {"amounts": st.fixed_dictionaries({"PT": AMOUNTS})}
REDUCTION = {
    "reduction": st.fixed_dictionaries({"factor": st.sampled_from(["0.5", "0.333"]), "or_km_under": st.integers(1, 900)})
}
GROUP = {"amounts": st.fixed_dictionaries({"A": AMOUNTS}), "other_group": st.just("A")}
CARDS = st.fixed_dictionaries(
    {
        "lump_by_country": some(settings(PERSONS | REDUCTION, **COUNTRIES)),
        "daily": some(settings(PERSONS | UNITS | {"travel_days": st.integers(1, 6)}, **GROUP)),
        "monthly": some(settings(PERSONS, **COUNTRIES)),
        "share_of_cost": some(settings(BY_KIND, share=SHARES)),
        "real_costs": some(settings(BY_KIND, share=SHARES, label=st.just("Visa"))),
        "fixed": some(settings(PERSONS | UNITS, amount=AMOUNTS)),
    },
    optional={"floor": st.fixed_dictionaries({"least": AMOUNTS}), "cap": st.fixed_dictionaries({"most": AMOUNTS})},
).map(lambda parts: card_of(**parts))
CASES = st.builds(
    Case,
    st.just("PT"),
    st.integers(0, 90),
    st.integers(0, 60),
    st.integers(0, 3000),
    st.booleans(),
    st.decimals("0.01", "99999.99", places=2),
    persons=st.integers(1, 3),
    travel_days=st.integers(0, 9),
    conditions=st.sampled_from([(), ("one",), ("one", "two")]),
    costs=st.dictionaries(st.sampled_from(["real_costs", "real_costs-2"]), st.decimals("0", "9999.99", places=2)),
    organisation_kind=st.sampled_from(["", *(kind.value for kind in OrganisationKind)]),
)


def shown(line: AmountLine) -> Decimal:
    """What the printed figures multiply to, rounded half up."""
    parts = {"%": 100, "/30": 30}.get(line.unit, 1)
    return (line.quantity * line.unit_amount / parts).quantize(Decimal("0.01"), ROUND_HALF_UP)


@given(CARDS, CASES)
def test_lines_multiply_out_in_whole_cents(card: Any, case: Case) -> None:
    lines = compute(card, case)
    assert all(line.amount == shown(line) == round(line.amount, 2) for line in lines)
    assert total(lines) == sum(line.amount for line in lines) >= 0


@given(CARDS, CASES)
def test_no_cap_is_passed_and_every_floor_is_reached(card: Any, case: Case) -> None:
    lines = compute(card, case)
    for part in card:
        of_part = total(line for line in lines if line.component == part["key"])
        assert part.get("cap") is None or of_part <= Decimal(part["cap"])
        assert "condition" not in part or part["condition"]["key"] in case.conditions or of_part == 0
    limits = {
        part["component"]: Decimal(part.get("most", part.get("least"))) for part in card if part["component"] in ("cap", "floor")
    }
    assert total(lines) <= limits.get("cap", total(lines))
    of_price = any(line.component.startswith("share_of_cost") for line in lines) and case.price is not None
    floor = min(limits.get("floor", Decimal(0)), case.price) if of_price else limits.get("floor", Decimal(0))  # no more than it
    assert total(lines) >= min(floor, limits.get("cap", Decimal(10) ** 9))


@given(CARDS, CASES, CASES)
def test_nothing_is_paid_beyond_what_was_approved(card: Any, granted: Case, held: Case) -> None:
    assume(not faults(card))  # such as a limit that is less than the least: nobody can save it
    approved = compute(card, granted)
    lines = compute(card, held, approved)
    for part in card:
        if part["component"] not in ("cap", "floor"):
            of_part = [total(line for line in each if line.component == part["key"]) for each in (lines, approved)]
            assert of_part[0] <= of_part[1]
    assert total(lines) <= total(approved)


@given(CARDS, CASES)
def test_a_case_kept_and_read_again_gives_the_same(card: Any, case: Case) -> None:
    assert compute(card, Case.from_json(case.as_json())) == compute(card, case)
