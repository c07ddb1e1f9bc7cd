"""The worked examples of money.md, and what else a rate card can meet."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mobility.core.errors import Refusal
from mobility.programmes.rules import AmountLine, Case, add_months, compute, distance_km, example_cards, total

CARDS = {name: card["components"] for name, card in example_cards().items()}
LUMP = CARDS["clusterxchange_like"]
BANDS = CARDS["erasmus_staff_like"]
MONTHLY = CARDS["young_entrepreneurs_like"]
SHARE = CARDS["knowledge_voucher_like"]

LISBON, WARSAW, GRAZ = (38.7223, -9.1393), (52.2297, 21.0122), (47.0707, 15.4395)


def amounts(components: Any, case: Case) -> list[str]:
    return [str(line.amount) for line in compute(components, case)]


@pytest.mark.parametrize(
    ("working_days", "km", "expected"),
    [
        (5, 2050, ["780.00"]),
        (3, 2050, ["390.00"]),
        (3, 150, ["390.00"]),  # both reasons hold, the reduction applies once
        (5, 150, ["390.00"]),
        (5, 200, ["780.00"]),
        (5, 199, ["390.00"]),
        (4, 200, ["390.00"]),
    ],
)
def test_lump_sum_with_its_reduction(working_days: int, km: int, expected: list[str]) -> None:
    assert amounts(LUMP, Case("PT", days=7, working_days=working_days, distance_km=km)) == expected


@pytest.mark.parametrize(("working_days", "words"), [(2, "this stay has 2."), (0, "this stay has none.")])
def test_too_short_a_stay_is_refused_in_the_rule_s_words(working_days: int, words: str) -> None:
    with pytest.raises(Refusal) as refusal:
        compute(LUMP, Case("PT", days=7, working_days=working_days, distance_km=2050))
    assert refusal.value.message == f"The programme asks for at least 3 working days; {words}"


def test_a_country_without_an_amount_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        compute(LUMP, Case("SE", working_days=5, distance_km=2050))
    assert (
        refusal.value.message
        == "The programme has not set a lump sum for Sweden yet. Ask the programme to add it."
    )


def test_the_line_says_how_it_was_computed() -> None:
    assert compute(LUMP, Case("PT", working_days=3, distance_km=150)) == [
        AmountLine(
            label="Lump sum for Portugal",
            quantity=Decimal(50),
            unit="%",
            unit_amount=Decimal("780.00"),
            amount=Decimal("390.00"),
            rule="50 % because the stay is under 5 working days and under 200 km",
        )
    ]


def test_the_cap_is_a_line_of_its_own() -> None:
    generous = {"lump_by_country": {"amounts": {"PT": "1500.00"}}, "cap": {"most": "1100.00"}}
    assert amounts(generous, Case("PT", working_days=5)) == ["1500.00", "-400.00"]


@pytest.mark.parametrize(
    ("km", "green", "days", "expected"),
    [
        (730, False, 5, ["309.00", "600.00"]),
        (730, True, 5, ["417.00", "600.00"]),
        (730, False, 16, ["309.00", "1680.00", "168.00"]),
        (730, False, 14, ["309.00", "1680.00"]),
        (3, False, 1, ["120.00"]),
    ],
)
def test_bands_and_days(km: int, green: bool, days: int, expected: list[str]) -> None:
    assert amounts(BANDS, Case("PT", days=days, distance_km=km, green=green)) == expected


def test_a_distance_beyond_all_bands_is_refused() -> None:
    with pytest.raises(Refusal, match="no travel amount for 3,000 km"):
        compute(BANDS, Case("PT", days=5, distance_km=3000))


@pytest.mark.parametrize(
    ("days", "expected"), [(45, ["900.00", "450.00"]), (60, ["1800.00"]), (7, ["210.00"]), (1, ["30.00"])]
)
def test_monthly(days: int, expected: list[str]) -> None:
    assert amounts(MONTHLY, Case("AT", days=days)) == expected


@pytest.mark.parametrize(
    ("price", "expected"),
    [("4000.00", ["2400.00"]), ("6000.00", ["3600.00", "-600.00"]), ("500.00", ["300.00"]), ("5000.00", ["3000.00"])],
)
def test_share_of_cost(price: str, expected: list[str]) -> None:
    assert amounts(SHARE, Case("SI", price=Decimal(price))) == expected


def test_a_share_under_the_minimum_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        compute(SHARE, Case("SI", price=Decimal("400.00")))
    assert (refusal.value.message, refusal.value.field) == ("240.00 is under the minimum of 300.00.", "price")


def test_fixed() -> None:
    assert amounts(CARDS["innovation_voucher_like"], Case("IE")) == ["5000.00"]


def test_each_line_is_rounded_half_up() -> None:
    third = {"lump_by_country": {"amounts": {"PT": "0.05"}, "reduction": {"factor": "0.5", "or_km_under": 200}}}
    assert amounts(third, Case("PT", working_days=5, distance_km=10)) == ["0.03"]


@pytest.mark.parametrize("name", sorted(CARDS))
def test_lines_survive_being_stored(name: str) -> None:
    country = "AT" if name == "young_entrepreneurs_like" else "PT"
    case = Case(country, days=16, working_days=12, distance_km=730, price=Decimal("6000.00"))
    lines = compute(CARDS[name], case)
    assert [AmountLine.from_json(line.as_json()) for line in lines] == lines
    assert total(lines) == sum(line.amount for line in lines)


def test_a_component_nobody_knows_is_a_fault() -> None:
    with pytest.raises(KeyError, match="gift"):
        compute({"gift": {}}, Case("PT"))


def test_working_days_leave_out_weekends_and_the_host_country_s_holidays() -> None:
    easter = Case.of_stay("AT", date(2027, 3, 25), date(2027, 3, 30), 500)  # Thursday to Tuesday, Easter Monday between
    assert (easter.days, easter.working_days) == (6, 3)
    assert Case.of_stay("AT", date(2027, 3, 1), date(2027, 3, 5), 500).working_days == 5


@pytest.mark.parametrize(
    ("here", "there", "km"),
    [(LISBON, LISBON, 0), (LISBON, WARSAW, 2759), (LISBON, GRAZ, 2195), ((0.0, 0.0), (0.0, 180.0), 20015)],
)
def test_distance_is_great_circle_to_the_kilometre(
    here: tuple[float, float], there: tuple[float, float], km: int
) -> None:
    assert distance_km(*here, *there) == km == distance_km(*there, *here)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2027, 3, 1), 12, date(2028, 3, 1)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2027, 12, 15), 1, date(2028, 1, 15)),
    ],
)
def test_months_are_added_by_the_calendar(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected
