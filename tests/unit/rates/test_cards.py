"""What can be wrong with a rate card, part by part, and what each fault says would be right."""

from copy import deepcopy
from typing import Any

import pytest

from mobility.rates.cards import Fault, country_code, faults, readable
from mobility.rates.examples import example_cards, uncovered, worked_cases
from mobility.rates.rules import components_of, estimate
from mobility.vouchers.kinds import KINDS
from tests.support.cards import by_component, card_of

LUMP = {"amounts": {"PT": "780.00"}, "minimum_working_days": 3}
REDUCED = LUMP | {"reduction": {"factor": "0.5", "if_working_days_under": 5, "or_km_under": 200}}
FIXED = {"amount": "5.00"}
DAILY = {"amounts": {"A": "120.00", "B": "110.00"}, "groups": {"A": ["DE"], "B": ["PT"]}}


def band(first: int | None, last: int | None, standard: str | None = "28.00", green: str | None = "56.00") -> dict[str, Any]:
    return {"from_km": first, "to_km": last, "standard": standard, "green": green}


def bands(*each: dict[str, Any]) -> dict[str, Any]:
    return {"distance_band": {"bands": list(each)}}


@pytest.mark.parametrize("name", sorted(example_cards()))
def test_the_cards_that_ship_have_no_fault(name: str) -> None:
    assert faults(example_cards()[name]["components"]) == []


@pytest.mark.parametrize(
    ("components", "place", "words"),
    [
        ({}, (), "An empty card pays nothing: choose at least one part besides the limit and the minimum."),
        (
            {"cap": {"most": "9.00"}},
            (),
            "An empty card pays nothing: choose at least one part besides the limit and the minimum.",
        ),
        (
            bands(band(10, 99), band(90, 499)),
            ("distance_band", "bands", 1, "from_km"),
            "This overlaps with the band that ends at 99 km: enter 100.",
        ),
        (
            bands(band(10, 99), band(150, 499)),
            ("distance_band", "bands", 1, "from_km"),
            "Nothing is set for 100 to 149 km: enter 100, or add the missing band.",
        ),
        (
            bands(band(10, 9)),
            ("distance_band", "bands", 0, "to_km"),
            "The band ends before it begins: enter 10 or more.",
        ),
        (
            bands(band(10, None), band(100, 499)),
            ("distance_band", "bands", 0, "to_km"),
            "Enter where this band ends; only the last one may be open.",
        ),
        (
            bands(band(None, 99)),
            ("distance_band", "bands", 0, "from_km"),
            "Enter the distance from which it applies, in kilometres.",
        ),
        (bands(), ("distance_band", "bands"), "Enter at least one band."),
        (
            bands(band(0, 99, "0.00")),
            ("distance_band", "bands", 0, "standard"),
            "Enter an amount greater than zero; leave out what is not paid.",
        ),
        (bands(band(0, 99, green=None)), ("distance_band", "bands", 0, "green"), "Enter an amount such as €780.00."),
        (
            {"lump_by_country": LUMP | {"amounts": {}}},
            ("lump_by_country", "amounts"),
            "Enter an amount for at least one country.",
        ),
        (
            {"lump_by_country": LUMP | {"amounts": {"PT": "-5.00"}}},
            ("lump_by_country", "amounts", "PT"),
            "Enter an amount greater than zero; leave out what is not paid.",
        ),
        (
            {"lump_by_country": LUMP | {"amounts": {"PT": "1000000.01"}}},
            ("lump_by_country", "amounts", "PT"),
            "Enter at most €1,000,000.00.",
        ),
        (
            {"monthly": {"amounts": {"QQ": "1.00"}}},
            ("monthly", "amounts", "QQ"),
            "“QQ” is not a country we know. Enter a name or two letters, such as Austria or AT.",
        ),
        (
            {"lump_by_country": LUMP | {"reduction": {"factor": "1.5", "or_km_under": 200}}},
            ("lump_by_country", "reduction", "factor"),
            "Enter a percentage between 1 and 99, such as 50.",
        ),
        (
            {"lump_by_country": LUMP | {"reduction": {"factor": None, "or_km_under": 200}}},
            ("lump_by_country", "reduction", "factor"),
            "Enter the percentage that a lump sum is reduced to, such as 50.",
        ),
        (
            {"lump_by_country": LUMP | {"reduction": {"factor": "0.5"}}},
            ("lump_by_country", "reduction", "if_working_days_under"),
            "Say when lump sums are reduced: under so many days or kilometres.",
        ),
        (
            {"lump_by_country": LUMP | {"reduction": {"factor": "0.5", "if_working_days_under": 3}}},
            ("lump_by_country", "reduction", "if_working_days_under"),
            "Stays under 3 working days are refused anyway: enter 4 or more, or leave it empty.",
        ),
        ({"daily": {"amounts": {}}}, ("daily", "amounts"), "Enter at least one group with its amount."),
        (
            {"daily": DAILY | {"groups": {"A": ["DE"], "B": ["DE"]}}},
            ("daily", "groups", "B"),
            "Germany is in group A as well. A country belongs to one group, once.",
        ),
        (
            {"daily": DAILY | {"groups": {"A": ["DE", "DE"]}}},
            ("daily", "groups", "A"),
            "Germany is twice in this group. A country belongs to one group, once.",
        ),
        (
            {"daily": DAILY | {"groups": {"A": ["Atlantis"]}}},
            ("daily", "groups", "A"),
            "“Atlantis” is not a country we know. Enter a name or two letters, such as Austria or AT.",
        ),
        (
            {"daily": DAILY | {"other_group": "Z"}},
            ("daily", "other_group"),
            "There is no group “Z”. Choose one of these: A, B.",
        ),
        (
            {"daily": DAILY | {"full_days": 14, "share_after": "1.2"}},
            ("daily", "share_after"),
            "Enter a percentage from 0 to 100.",
        ),
        (
            {"daily": DAILY | {"full_days": 14, "share_after": "-0.1"}},
            ("daily", "share_after"),
            "Enter a percentage from 0 to 100.",
        ),
        (
            {"daily": DAILY | {"full_days": 14}},
            ("daily", "share_after"),
            "Enter the percentage that is paid from then on, such as 70.",
        ),
        ({"daily": DAILY | {"share_after": "0.7"}}, ("daily", "full_days"), "Enter the last day that is paid in full."),
        ({"share_of_cost": {"share": "1.01"}}, ("share_of_cost", "share"), "Enter a percentage of more than 0 and at most 100."),
        ({"share_of_cost": {"share": "0"}}, ("share_of_cost", "share"), "Enter a percentage of more than 0 and at most 100."),
        (
            {"share_of_cost": {"share": None}},
            ("share_of_cost", "share"),
            "Enter the percentage of the price that is paid, such as 60.",
        ),
        (
            {"share_of_cost": {"share": "0.6", "minimum": "300.00", "cap": "200.00"}},
            ("share_of_cost", "cap"),
            "The most is less than the least: enter €300.00 or more.",
        ),
        ({"fixed": {"amount": None}}, ("fixed", "amount"), "Enter an amount such as €780.00."),
        (
            {"daily": DAILY | {"travel_days": 3, "travel_days_green": 2}},
            ("daily", "travel_days_green"),
            "By green travel there are at least as many: enter 3 or more.",
        ),
        ({"daily": DAILY | {"unit": "hour"}}, ("daily", "unit"), "Choose days or nights."),
        (
            {"daily": DAILY | {"cap": "0.00"}},
            ("daily", "cap"),
            "Enter an amount greater than zero; leave out what is not paid.",
        ),
        (
            {"fixed": [FIXED, FIXED | {"condition": {"key": "x", "words": " "}}]},
            ("fixed-2", "condition"),
            "Say in a few words when this is paid.",
        ),
        (
            {"fixed": [FIXED | {"condition": {"key": "x", "words": each}} for each in ("One", "Other")]},
            ("fixed-2", "condition"),
            "Another part says this as “One”: write it the same.",
        ),
        (
            {"share_of_cost": {"share": "0.6", "minimum": "300.00", "floor": "300.00"}},
            ("share_of_cost", "floor"),
            "Below an amount either nothing is paid or it is topped up: leave one of both empty.",
        ),
        (
            {"share_of_cost": {"share": "0.6", "floor": "300.00", "cap": "299.99"}},
            ("share_of_cost", "cap"),
            "The most is less than the least: enter €300.00 or more.",
        ),
        (
            {"share_of_cost": {"share": "0.6", "own_contribution": "0.00"}},
            ("share_of_cost", "own_contribution"),
            "Enter an amount greater than zero; leave out what is not paid.",
        ),
        (
            {"share_of_cost": {"share": "0.6", "shares": {"provider": "1.2"}}},
            ("share_of_cost", "shares", "provider"),
            "Enter a percentage of more than 0 and at most 100.",
        ),
        (
            {"share_of_cost": {"share": "0.6", "shares": {"club": "0.2"}}},
            ("share_of_cost", "shares", "club"),
            "There is no kind of organisation “club”.",
        ),
        (
            {"share_of_cost": {"share": "0.6", "per_person": True}},
            ("share_of_cost",),
            "Only a lump sum, travel, days, months and fixed amounts can be paid for each person.",
        ),
        (
            {"real_costs": {"label": "", "share": "0.6"}},
            ("real_costs", "label"),
            "Say what costs are meant, such as Accommodation.",
        ),
        (
            {"real_costs": {"label": "Visa", "share": None}},
            ("real_costs", "share"),
            "Enter the percentage of the costs that is paid, such as 60.",
        ),
        (
            {"share_of_cost": {"share": "0.6", "own_contribution": "100.00", "floor": "50.00"}},
            ("share_of_cost", "floor"),
            "Nothing is paid of a price within the own contribution, so it cannot be topped up: leave one empty.",
        ),
        ({"fixed": FIXED, "floor": {"least": None}}, ("floor", "least"), "Enter an amount such as €780.00."),
        (
            {"fixed": FIXED, "floor": {"least": "9.00"}, "cap": {"most": "8.99"}},
            ("cap", "most"),
            "The most is less than the least: enter €9.00 or more.",
        ),
        ({"fixed": FIXED, "cap": [{"most": "9.00"}] * 2}, (), "A card has one limit and one minimum."),
        (
            {"floor": {"least": "9.00"}},
            (),
            "An empty card pays nothing: choose at least one part besides the limit and the minimum.",
        ),
        (
            {"fixed": {"amount": "5.00"}, "cap": {"most": "0.00"}},
            ("cap", "most"),
            "Enter an amount greater than zero; leave out what is not paid.",
        ),
    ],
)
def test_each_fault_says_what_would_be_right(components: dict[str, Any], place: tuple[Any, ...], words: str) -> None:
    assert faults(card_of(**components)) == [Fault(place, words)]


def test_every_fault_of_a_card_is_found_at_once() -> None:
    wrong = {**bands(band(10, 99), band(200, 150, "0.00")), "share_of_cost": {"share": "2"}}
    assert [fault.place[-1] for fault in faults(card_of(**wrong))] == ["to_km", "from_km", "standard", "share"]


@pytest.mark.parametrize(
    "components",
    [
        bands(band(0, 99), band(100, None)),
        {"daily": DAILY | {"full_days": 14, "share_after": "0"}},
        {"share_of_cost": {"share": "1", "minimum": "300.00", "cap": "300.00"}},
        {"lump_by_country": REDUCED, "fixed": {"amount": "0.01"}, "cap": {"most": "1000000.00"}},
        {"daily": [DAILY, DAILY | {"unit": "night"}], "fixed": [FIXED | {"condition": {"key": "x", "words": "The same"}}] * 2},
        {"fixed": FIXED, "floor": {"least": "9.00"}, "cap": {"most": "9.00"}},
    ],
)
def test_what_is_unusual_but_right_is_no_fault(components: dict[str, Any]) -> None:
    before = deepcopy(components)
    assert faults(card_of(**components)) == []
    assert components == before


def test_keys_are_their_parts_own() -> None:
    for keys in (("fixed", "fixed"), ("fixed", "daily")):
        card = [{"component": "fixed", "key": key, **FIXED} for key in keys]
        assert [fault.message for fault in faults(card)] == [
            "Each part of a card has a key of its own, which begins with its component."
        ]


def test_a_knowledge_voucher_has_no_stay() -> None:
    assert [fault.message for fault in faults(card_of(fixed=FIXED | {"unit": "day"}), "knowledge")] == [
        "Knowledge vouchers have no stay, so nothing is paid by days."
    ]
    assert components_of(KINDS["knowledge"]) == ["share_of_cost", "fixed", "floor", "cap"]
    assert [fault.message for fault in faults(card_of(daily=DAILY, fixed={"amount": "5.00"}), "knowledge")] == [
        "No such component of a rate card for knowledge vouchers: daily."
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Austria", "AT"),
        ("austria", "AT"),
        (" at ", "AT"),
        ("Greece", "GR"),
        ("UK", "GB"),
        ("Czech  Republic", "CZ"),
        ("Atlantis", None),
        ("ZZ", None),
        ("EU", None),
        ("", None),
        ("A", None),
        ("150", None),
    ],
)
def test_countries_are_known_by_name_or_letters(text: str, code: str | None) -> None:
    assert country_code(text) == code


def test_countries_without_an_amount_are_named() -> None:
    assert uncovered(card_of(lump_by_country=LUMP), ["AT", "PT"]) == ["AT"]
    assert uncovered(card_of(daily=DAILY), ["AT", "DE", "PT"]) == ["AT"]
    assert uncovered(card_of(daily=DAILY | {"other_group": "B"}), ["AT", "DE", "PT"]) == []
    assert uncovered(card_of(fixed={"amount": "5.00"}), ["AT"]) == []


def test_pages_get_amounts_and_percentages() -> None:
    card = by_component(readable(card_of(lump_by_country=REDUCED, share_of_cost={"share": "0.6667", "cap": "3000.00"})))
    assert str(card["lump_by_country"]["amounts"]["PT"]) == "780.00"
    assert str(card["lump_by_country"]["reduction"]["factor"]) == "50"
    assert (str(card["share_of_cost"]["share"]), str(card["share_of_cost"]["cap"])) == ("66.67", "3000.00")


def totals(name: str) -> dict[str, str]:
    components = example_cards()[name]["components"]
    found = {}
    for case in worked_cases(components, ["PT"]):
        shown = estimate(components, case.case)
        found[case.words] = shown.refusal or str(shown.total)
    return found


def test_the_worked_cases_of_the_cards_that_ship() -> None:
    """By hand from shared figures: what the owner sees beside the editor."""
    assert totals("clusterxchange_like") == {
        "Host in Portugal, 3 working days, 150 km": "390.00",
        "Host in Portugal, 5 working days, 730 km": "780.00",
        "Host in Portugal, 12 working days, 2,050 km": "780.00",
        "Host in Portugal, 2 working days, 2,050 km": "The programme asks for at least 3 working days; this stay has 2.",
    }
    assert totals("erasmus_staff_like") == {
        "Host in Portugal, 3 days, 150 km, by plane or by car alone": "571.00",
        "Host in Portugal, 5 days, 730 km, by plane or by car alone": "909.00",
        "Host in Portugal, 5 days, 730 km, by train, bus or shared car": "1017.00",
        "Host in Portugal, 16 days, 2,050 km, by plane or by car alone": "2243.00",
    }
    assert totals("young_entrepreneurs_like") == {
        "Host in Austria, 3 days": "90.00",
        "Host in Austria, 5 days": "150.00",
        "Host in Austria, 45 days": "1350.00",
    }
    assert totals("knowledge_voucher_like") == {
        "Price €400.00": "€240.00 is under the minimum of €300.00.",
        "Price €4,000.00": "2400.00",
        "Price €6,000.00": "3000.00",
    }
    assert totals("innovation_voucher_like") == {"Every voucher": "5000.00"}
