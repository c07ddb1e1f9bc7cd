"""What real schemes have (money.md, "More of what real schemes have"), each worked out by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mobility.core.errors import Refusal
from mobility.rates.cases import AmountLine, Case
from mobility.rates.rules import compute, conditions_of, costs_of, keyed, own_share, total, travel_days_of
from tests.support.cards import card_of

INCLUSION = {"key": "needs-support", "words": "A guest needs support"}
OUTERMOST = {"key": "outermost-region", "words": "The guest comes from an outermost region"}
LUMP = {"amounts": {"PT": "780.00"}, "reduction": {"factor": "0.5", "or_km_under": 200}}
TRAVEL = {"bands": [{"from_km": 10, "to_km": None, "standard": "360.00", "green": "500.00"}]}
DAYS = {"amounts": {"A": "180.00"}, "other_group": "A"}
ADDED = DAYS | {"travel_days": 2, "travel_days_green": 6}
SHARE = {"share": "0.6"}
LESS = {"share": "1", "own_contribution": "1000.00", "cap": "4000.00"}
BY_KIND = {"share": "0.5", "shares": {"public_authority": "0.8", "cluster_member": "0.333"}}
HOTEL = {"label": "Accommodation", "share": "0.8", "cap": "500.00"}


def stay(days: int = 5, **values: Any) -> Case:
    return Case("PT", days=days, working_days=days, distance_km=730, **values)


def priced(price: str, **values: Any) -> Case:
    return Case("PT", price=Decimal(price), **values)


TRAITS = [
    # for each person
    ("a delegation", {"lump_by_country": LUMP | {"per_person": True}}, stay(persons=3), ["2340.00"]),
    ("one alone", {"lump_by_country": LUMP | {"per_person": True}}, stay(persons=1), ["780.00"]),
    ("once for all of them", {"lump_by_country": LUMP}, stay(persons=3), ["780.00"]),
    (
        "half of it for each",
        {"lump_by_country": LUMP | {"per_person": True}},
        Case("PT", distance_km=150, persons=3),
        ["1170.00"],
    ),
    (
        "travel for two, days for all",
        {"distance_band": TRAVEL | {"per_person": True}, "daily": DAYS},
        stay(persons=2),
        ["720.00", "900.00"],
    ),
    (
        "thirtieths of months for three",
        {"monthly": {"amounts": {"PT": "610.00"}, "per_person": True}},
        stay(15, persons=3),
        ["915.00"],
    ),
    # rounded once, for the line: 3 x 0.05 x 50 % = 0.075
    (
        "rounded as a line",
        {"lump_by_country": {"amounts": {"PT": "0.05"}, "reduction": {"factor": "0.5", "or_km_under": 999}, "per_person": True}},
        stay(persons=3),
        ["0.08"],
    ),
    # travel days
    ("the published example", {"distance_band": TRAVEL, "daily": ADDED}, stay(travel_days=2), ["360.00", "1260.00"]),
    ("fewer than allowed", {"daily": ADDED}, stay(travel_days=1), ["1080.00"]),
    ("no more than allowed", {"daily": ADDED}, stay(travel_days=6), ["1260.00"]),
    ("more by green travel", {"daily": ADDED}, stay(travel_days=6, green=True), ["1980.00"]),
    ("left out", {"daily": DAYS}, stay(travel_days=6, green=True), ["900.00"]),
    (
        "they fill the full days",
        {"daily": ADDED | {"full_days": 6, "share_after": "0.7"}},
        stay(travel_days=2),
        ["1080.00", "126.00"],
    ),
    # nights
    ("nights", {"daily": DAYS | {"unit": "night"}}, stay(), ["720.00"]),
    ("a day has no night", {"daily": DAYS | {"unit": "night"}, "fixed": {"amount": "5.00"}}, stay(1), ["5.00"]),
    (
        "nights beyond the full ones",
        {"daily": DAYS | {"unit": "night", "full_days": 3, "share_after": "0.5"}},
        stay(),
        ["540.00", "90.00"],
    ),
    # conditions
    ("not declared", {"daily": DAYS, "fixed": {"amount": "100.00", "condition": INCLUSION}}, stay(), ["900.00"]),
    (
        "declared",
        {"daily": DAYS, "fixed": {"amount": "100.00", "condition": INCLUSION}},
        stay(conditions=("needs-support",)),
        ["900.00", "100.00"],
    ),
    (
        "another one",
        {"daily": DAYS, "fixed": {"amount": "100.00", "condition": INCLUSION}},
        stay(conditions=("outermost-region",)),
        ["900.00"],
    ),
    (
        "for each day and person",
        {"fixed": {"amount": "25.00", "unit": "day", "per_person": True, "condition": INCLUSION}},
        stay(persons=2, conditions=("needs-support",)),
        ["250.00"],
    ),
    (
        "a condition that fails refuses nothing",
        {"daily": DAYS, "lump_by_country": {"amounts": {}, "condition": OUTERMOST}},
        stay(),
        ["900.00"],
    ),
    # two of a kind, caps of their own
    (
        "two, each with its cap",
        {"fixed": [{"amount": "300.00", "cap": "200.00"}, {"amount": "90.00", "cap": "100.00"}]},
        stay(),
        ["300.00", "-100.00", "90.00"],
    ),
    (
        "days in two parts",
        {"daily": [DAYS | {"cap": "800.00"}, {"amounts": {"A": "20.00"}, "other_group": "A", "unit": "night"}]},
        stay(),
        ["900.00", "-100.00", "80.00"],
    ),
    (
        "own caps, then that of all",
        {"fixed": [{"amount": "300.00", "cap": "200.00"}, {"amount": "90.00"}], "cap": {"most": "250.00"}},
        stay(),
        ["300.00", "-100.00", "90.00", "-40.00"],
    ),
    # real costs
    (
        "a share of what it costs",
        {"daily": DAYS, "real_costs": HOTEL},
        stay(costs={"real_costs": Decimal("400.00")}),
        ["900.00", "320.00"],
    ),
    ("at most", {"real_costs": HOTEL}, stay(costs={"real_costs": Decimal("700.00")}), ["560.00", "-60.00"]),
    ("nothing said", {"daily": DAYS, "real_costs": HOTEL}, stay(), ["900.00"]),
    (
        "two kinds",
        {"real_costs": [HOTEL, {"label": "Visa", "share": "1"}]},
        stay(costs={"real_costs": Decimal("100.00"), "real_costs-2": Decimal("80.05")}),
        ["80.00", "80.05"],
    ),
    # price less an own contribution
    ("less 1,000.00", {"share_of_cost": LESS}, priced("3500.00"), ["2500.00"]),
    ("at most 4,000.00", {"share_of_cost": LESS}, priced("6000.00"), ["5000.00", "-1000.00"]),
    ("half of the rest", {"share_of_cost": LESS | {"share": "0.5"}}, priced("3500.00"), ["1250.00"]),
    # by kind of organisation
    ("a public authority", {"share_of_cost": BY_KIND}, priced("1000.00", organisation_kind="public_authority"), ["800.00"]),
    ("a member", {"share_of_cost": BY_KIND}, priced("1000.05", organisation_kind="cluster_member"), ["333.02"]),  # 333.01665
    ("all others", {"share_of_cost": BY_KIND}, priced("1000.00", organisation_kind="provider"), ["500.00"]),
    (
        "real costs, too",
        {"real_costs": HOTEL | BY_KIND},
        stay(costs={"real_costs": Decimal(100)}, organisation_kind="public_authority"),
        ["80.00"],
    ),
    # topped up
    ("a share topped up", {"share_of_cost": SHARE | {"floor": "300.00"}}, priced("400.00"), ["240.00", "60.00"]),
    ("which is enough", {"share_of_cost": SHARE | {"floor": "300.00"}}, priced("500.00"), ["300.00"]),
    ("never more than the price", {"share_of_cost": SHARE | {"floor": "300.00"}}, priced("250.00"), ["150.00", "100.00"]),
    ("a voucher topped up", {"daily": DAYS, "floor": {"least": "1000.00"}}, stay(), ["900.00", "100.00"]),
    ("one that needs nothing", {"daily": DAYS, "floor": {"least": "900.00"}, "cap": {"most": "950.00"}}, stay(), ["900.00"]),
]


@pytest.mark.parametrize(("card", "case", "expected"), [each[1:] for each in TRAITS], ids=[each[0] for each in TRAITS])
def test_each_trait(card: Any, case: Case, expected: list[str]) -> None:
    lines = compute(card_of(**card), case)
    assert [str(line.amount) for line in lines] == expected
    assert [AmountLine.from_json(line.as_json()) for line in lines] == lines


def test_the_published_example_comes_out() -> None:
    """5 days at 180.00 with 2 travel days and 360.00 travel are 1,620.00."""
    lines = compute(card_of(distance_band=TRAVEL, daily=ADDED), stay(travel_days=2))
    assert str(total(lines)) == "1620.00"
    assert (lines[1].label, f"{lines[1].quantity} {lines[1].unit}") == ("Days of stay and travel", "7 days")
    assert lines[1].rule == "Daily amount of country group A: 5 days of stay and 2 travel days"


@pytest.mark.parametrize(
    ("card", "case", "rule"),
    [
        ({"lump_by_country": LUMP | {"per_person": True}}, stay(persons=3), "5 working days, 730 km; for each of 3 persons"),
        (
            {"daily": DAYS | {"per_person": True}},
            stay(persons=3),
            "Daily amount of country group A; 5 days for each of 3 persons",
        ),
        (
            {"daily": ADDED},
            stay(travel_days=6),
            "Daily amount of country group A: 5 days of stay and 2 travel days (6 were asked for)",
        ),
        (
            {"daily": DAYS | {"unit": "night", "travel_days": 1}},
            stay(2, travel_days=1),
            "Daily amount of country group A: 1 night of stay and 1 travel day",
        ),
        (
            {"fixed": {"amount": "1.00", "condition": INCLUSION}},
            stay(conditions=("needs-support",)),
            "Condition: A guest needs support",
        ),
        (
            {"share_of_cost": LESS},
            priced("3500.00"),
            "100 % of the agreed price of €3,500.00 less an own contribution of €1,000.00",
        ),
        (
            {"share_of_cost": BY_KIND},
            priced("10.00", organisation_kind="public_authority"),
            "80 % of the agreed price, as for a public authority",
        ),
        ({"real_costs": HOTEL}, stay(costs={"real_costs": Decimal(9)}), "80 % of what it costs"),
    ],
)
def test_each_line_explains_itself(card: Any, case: Case, rule: str) -> None:
    assert compute(card_of(**card), case)[0].rule == rule


@pytest.mark.parametrize(
    ("case", "rule"),
    [
        (
            Case.of_stay("PT", date(2027, 11, 30), date(2027, 12, 3), 730),
            "730 km, 3 working days: 1 December is a holiday in Portugal",
        ),
        (
            Case.of_stay("PT", date(2027, 11, 30), date(2027, 12, 8), 730),
            "730 km, 5 working days: 1 and 8 December are holidays in Portugal",
        ),
        (Case.of_stay("DE", date(2027, 11, 1), date(2027, 11, 4), 730), "4 working days, 730 km"),
        (
            Case.of_stay("DE", date(2027, 11, 1), date(2027, 11, 4), 730, region="DE-BY"),
            "730 km, 3 working days: 1 November is a holiday in Bayern (Germany)",
        ),
        (
            Case.of_stay("CH", date(2027, 3, 22), date(2027, 3, 26), 730, region="CH-ZH"),
            "730 km, 4 working days: 26 March is a holiday in Zürich (Switzerland)",
        ),
        (Case.of_stay("CH", date(2027, 3, 22), date(2027, 3, 26), 730, region="CH-VS"), "5 working days, 730 km"),
        (Case.of_stay("CH", date(2027, 3, 22), date(2027, 3, 26), 730, region="DE-BY"), "5 working days, 730 km"),
        (
            Case.of_stay("DE", date(2027, 11, 1), date(2028, 1, 6), 730, region="DE-BY"),
            "730 km, 47 working days: 1 November and 6 January are holidays in Bayern (Germany)",
        ),
        (Case.of_stay("PT", date(2027, 12, 24), date(2027, 12, 28), 730), "3 working days, 730 km"),  # the 25th is a Saturday
    ],
)
def test_holidays_are_said_to_the_day(case: Case, rule: str) -> None:
    card = card_of(lump_by_country={"amounts": dict.fromkeys(("PT", "DE", "CH"), "780.00")})
    assert compute(card, case)[0].rule == rule
    assert Case.from_json(case.as_json()) == case


def test_a_holiday_explains_a_reduction_and_a_refusal() -> None:
    card = card_of(
        lump_by_country={
            "amounts": {"PT": "780.00"},
            "minimum_working_days": 3,
            "reduction": {"factor": "0.5", "if_working_days_under": 5},
        }
    )
    (line,) = compute(card, Case.of_stay("PT", date(2027, 11, 29), date(2027, 12, 3), 730))
    assert (str(line.amount), line.rule) == (
        "390.00",
        "50 % because the stay is shorter than 5 working days; 4 working days: 1 December is a holiday in Portugal",
    )
    with pytest.raises(Refusal) as refusal:
        compute(card, Case.of_stay("PT", date(2027, 12, 1), date(2027, 12, 3), 730))
    assert refusal.value.message == (
        "The programme asks for at least 3 working days; this stay has 2: 1 December is a holiday in Portugal."
    )


def test_a_price_within_the_own_contribution_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        compute(card_of(share_of_cost=LESS), priced("1000.00"))
    assert (refusal.value.message, refusal.value.field) == (
        "The programme pays what is more than an own contribution of €1,000.00.",
        "price",
    )


@pytest.mark.parametrize(("price", "own"), [("3500.00", "1000.00"), ("6000.00", "2000.00")])
def test_what_is_left_to_pay_after_an_own_contribution(price: str, own: str) -> None:
    assert str(own_share(compute(card_of(share_of_cost=LESS), priced(price)), Decimal(price))) == own


def test_a_topped_up_share_is_paid_of_the_price() -> None:
    lines = compute(card_of(share_of_cost=SHARE | {"floor": "300.00"}, fixed={"amount": "50.00"}), priced("400.00"))
    assert str(own_share(lines, Decimal(400))) == "100.00"


@pytest.mark.parametrize(
    ("price", "whole", "own"),
    [("400.00", "300.00", "100.00"), ("200.00", "200.00", "0.00"), ("600.00", "360.00", "240.00")],
)
def test_the_minimum_of_a_card_is_paid_of_the_price_and_no_more_than_it(price: str, whole: str, own: str) -> None:
    """60 % and at least 300.00: 240.00 + 60.00, 120.00 + 80.00, 360.00."""
    lines = compute(card_of(share_of_cost=SHARE, floor={"least": "300.00"}), priced(price))
    assert (str(total(lines)), str(own_share(lines, Decimal(price)))) == (whole, own)


def test_a_higher_invoice_is_not_topped_up_beyond_what_was_approved() -> None:
    """200.00 approved for a price of 200.00; for 400.00 the card would give 300.00."""
    card = card_of(share_of_cost=SHARE, floor={"least": "300.00"})
    lines = compute(card, priced("400.00"), compute(card, priced("200.00")))
    assert [str(line.amount) for line in lines] == ["120.00", "80.00"]


def test_two_shares_are_no_more_than_the_price() -> None:
    """Twice 60 % of 1,000.00."""
    lines = compute(card_of(share_of_cost=[SHARE, SHARE]), priced("1000.00"))
    assert [str(line.amount) for line in lines] == ["600.00", "600.00", "-200.00"]
    assert (lines[-1].rule, str(own_share(lines, Decimal(1000)))) == ("At most €1,000.00 in all, the price", "0.00")


@pytest.mark.parametrize(
    ("card", "rule"),
    [
        ({"daily": DAYS | {"per_person": True}}, "Daily amount of country group A; 1 day for each of 3 persons"),
        (
            {"daily": DAYS | {"per_person": True, "full_days": 1, "share_after": "0.5"}},
            "50 % of €180.00 from day 2; 1 day at 50 % for each of 3 persons",
        ),
    ],
)
def test_one_day_is_no_days(card: Any, rule: str) -> None:
    days = 2 if "full_days" in card["daily"] else 1
    assert compute(card_of(**card), stay(days, persons=3))[-1].rule == rule


def test_one_month_is_no_months() -> None:
    card = card_of(monthly={"amounts": {"PT": "610.00"}, "per_person": True})
    assert compute(card, stay(30, persons=2))[0].rule == "A month has 30 days; 1 month for each of 2 persons"


def test_a_part_s_own_cap_is_not_the_voucher_s() -> None:
    lines = compute(card_of(daily=DAYS | {"cap": "500.00"}, fixed={"amount": "50.00"}, cap={"most": "520.00"}), stay())
    assert [line.rule for line in lines if line.amount < 0] == [
        "At most €500.00 for this part",
        "At most €520.00 per voucher",
    ]


def test_each_of_two_components_keeps_to_what_was_approved_for_it() -> None:
    """Approved: 900.00 and 100.00 of 5 days. 4 days come to 720.00 and 80.00; 8 to more, of which 900.00 and 100.00 are left."""
    card = card_of(daily=[DAYS, {"amounts": {"A": "20.00"}, "other_group": "A"}])
    approved = compute(card, stay())
    assert [(line.component, str(line.amount)) for line in approved] == [("daily", "900.00"), ("daily-2", "100.00")]
    assert compute(card, stay(8), approved) == approved
    assert [str(line.amount) for line in compute(card, stay(4), approved)] == ["720.00", "80.00"]


def test_a_shorter_stay_is_topped_up_to_the_floor() -> None:
    """900.00 approved for 5 days; 2 days are 360.00, and at least 500.00 are paid."""
    card = card_of(daily=DAYS, floor={"least": "500.00"})
    assert [str(line.amount) for line in compute(card, stay(2), compute(card, stay()))] == ["360.00", "140.00"]


def test_a_condition_that_was_not_confirmed_pays_nothing_later() -> None:
    card = card_of(daily=DAYS, fixed={"amount": "100.00", "condition": INCLUSION})
    approved = compute(card, stay())
    assert compute(card, stay(conditions=("needs-support",)), approved) == approved


def test_what_a_card_asks_the_guest() -> None:
    card = card_of(
        daily=[DAYS, ADDED],
        real_costs=[HOTEL, {"label": "Visa", "share": "1"}],
        fixed=[{"amount": "5.00", "condition": each} for each in (INCLUSION, OUTERMOST, INCLUSION)],
    )
    assert conditions_of(card) == [(each["key"], each["words"]) for each in (INCLUSION, OUTERMOST)]
    assert (travel_days_of(card, green=False), travel_days_of(card, green=True)) == (2, 6)
    assert costs_of(card) == [("real_costs", "Accommodation"), ("real_costs-2", "Visa")]
    assert (conditions_of([]), travel_days_of([], green=True), costs_of([])) == ([], 0, [])


def test_keys_are_kept_and_free_ones_are_given() -> None:
    parts = [{"component": "fixed"}, {"component": "fixed", "key": "fixed"}, {"component": "fixed"}, {"component": "cap"}]
    assert [part["key"] for part in keyed(parts)] == ["fixed-2", "fixed", "fixed-3", "cap"]


def test_a_case_from_before_reads_as_one_without_all_this() -> None:
    """The basis of a voucher as it was kept until version 0008."""
    kept = {"host_country": "PT", "days": 5, "working_days": 5, "distance_km": 730, "green": False, "price": None,
            "price_words": "agreed price", "persons": 2, "first_day": "2027-04-12", "last_day": "2027-04-16"}  # fmt: skip
    case = Case.from_json(kept)
    assert case == Case(
        "PT", 5, 5, 730, persons=2, first_day=date(2027, 4, 12), last_day=date(2027, 4, 16),
        travel_days=0, conditions=(), costs={}, organisation_kind="", region="", holidays=(),
    )  # fmt: skip


def test_all_of_a_case_is_kept() -> None:
    case = Case.of_stay("DE", date(2027, 11, 1), date(2027, 11, 4), 730, region="DE-BY")
    full = Case(
        **vars(case)
        | {"travel_days": 2, "conditions": ("a", "b"), "costs": {"real_costs": Decimal("9.90")}, "organisation_kind": "provider"}
    )
    assert Case.from_json(full.as_json()) == full
