"""What can be wrong with a rate card, part by part, and what each fault says would be right."""

from copy import deepcopy
from typing import Any

import pytest

from mobility.rates.cards import Fault, country_code, faults, readable
from mobility.rates.examples import example_cards, uncovered, worked_cases
from mobility.rates.rules import components_of, estimate
from mobility.vouchers.kinds import KINDS

LUMP = {"amounts": {"PT": "780.00"}, "minimum_working_days": 3}
REDUCED = LUMP | {"reduction": {"factor": "0.5", "if_working_days_under": 5, "or_km_under": 200}}
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
        ({}, (), "An empty card pays nothing: choose at least one part besides the limit."),
        ({"cap": {"most": "9.00"}}, (), "An empty card pays nothing: choose at least one part besides the limit."),
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
            {"fixed": {"amount": "5.00"}, "cap": {"most": "0.00"}},
            ("cap", "most"),
            "Enter an amount greater than zero; leave out what is not paid.",
        ),
    ],
)
def test_each_fault_says_what_would_be_right(components: dict[str, Any], place: tuple[Any, ...], words: str) -> None:
    assert faults(components) == [Fault(place, words)]


def test_every_fault_of_a_card_is_found_at_once() -> None:
    wrong = {**bands(band(10, 99), band(200, 150, "0.00")), "share_of_cost": {"share": "2"}}
    assert [fault.place[-1] for fault in faults(wrong)] == ["to_km", "from_km", "standard", "share"]


@pytest.mark.parametrize(
    "components",
    [
        bands(band(0, 99), band(100, None)),
        {"daily": DAILY | {"full_days": 14, "share_after": "0"}},
        {"share_of_cost": {"share": "1", "minimum": "300.00", "cap": "300.00"}},
        {"lump_by_country": REDUCED, "fixed": {"amount": "0.01"}, "cap": {"most": "1000000.00"}},
    ],
)
def test_what_is_unusual_but_right_is_no_fault(components: dict[str, Any]) -> None:
    before = deepcopy(components)
    assert faults(components) == []
    assert components == before


def test_a_knowledge_voucher_has_no_stay() -> None:
    assert components_of(KINDS["knowledge"]) == ["share_of_cost", "fixed", "cap"]
    assert [fault.message for fault in faults({"daily": DAILY, "fixed": {"amount": "5.00"}}, "knowledge")] == [
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
    assert uncovered({"lump_by_country": LUMP}, ["AT", "PT"]) == ["AT"]
    assert uncovered({"daily": DAILY}, ["AT", "DE", "PT"]) == ["AT"]
    assert uncovered({"daily": DAILY | {"other_group": "B"}}, ["AT", "DE", "PT"]) == []
    assert uncovered({"fixed": {"amount": "5.00"}}, ["AT"]) == []


def test_pages_get_amounts_and_percentages() -> None:
    card = readable({"lump_by_country": REDUCED, "share_of_cost": {"share": "0.6667", "cap": "3000.00"}})
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
