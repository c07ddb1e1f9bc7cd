"""The worked examples of money.md, and what else a rate card can meet."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mobility.core.errors import Refusal
from mobility.rates.examples import example_cards
from mobility.rates.rules import AmountLine, Case, compute, distance_km, estimate, own_share, total
from tests.support.cards import by_component, card_of

CARDS = {name: by_component(card["components"]) for name, card in example_cards().items()}
LUMP = CARDS["clusterxchange_like"]
BANDS = CARDS["erasmus_staff_like"]
MONTHLY = CARDS["young_entrepreneurs_like"]
SHARE = CARDS["knowledge_voucher_like"]

LISBON, WARSAW, GRAZ = (38.7223, -9.1393), (52.2297, 21.0122), (47.0707, 15.4395)


def lines_of(components: Any, case: Case, most: list[AmountLine] | None = None) -> list[AmountLine]:
    return compute(card_of(**components), case, most)


def amounts(components: Any, case: Case) -> list[str]:
    return [str(line.amount) for line in lines_of(components, case)]


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
        lines_of(LUMP, Case("PT", days=7, working_days=working_days, distance_km=2050))
    assert refusal.value.message == f"The programme asks for at least 3 working days; {words}"


def test_a_country_without_an_amount_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        lines_of(LUMP, Case("SE", working_days=5, distance_km=2050))
    assert refusal.value.message == "The programme has not set a lump sum for Sweden yet. Ask the programme to add it."


def test_the_line_says_how_it_was_computed() -> None:
    assert lines_of(LUMP, Case("PT", working_days=3, distance_km=150)) == [
        AmountLine(
            label="Lump sum for Portugal",
            quantity=Decimal(50),
            unit="%",
            unit_amount=Decimal("780.00"),
            amount=Decimal("390.00"),
            rule="50 % because the stay is shorter than 5 working days and the way is under 200 km",
            component="lump_by_country",
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
        lines_of(BANDS, Case("PT", days=5, distance_km=3000))


@pytest.mark.parametrize(("days", "expected"), [(45, ["900.00", "450.00"]), (60, ["1800.00"]), (7, ["210.00"]), (1, ["30.00"])])
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
        lines_of(SHARE, Case("SI", price=Decimal("400.00")))
    assert (refusal.value.message, refusal.value.field) == ("€240.00 is under the minimum of €300.00.", "price")


def test_fixed() -> None:
    assert amounts(CARDS["innovation_voucher_like"], Case("IE")) == ["5000.00"]


def test_each_line_is_rounded_half_up() -> None:
    third = {"lump_by_country": {"amounts": {"PT": "0.05"}, "reduction": {"factor": "0.5", "or_km_under": 200}}}
    assert amounts(third, Case("PT", working_days=5, distance_km=10)) == ["0.03"]


@pytest.mark.parametrize("name", sorted(CARDS))
def test_lines_survive_being_stored(name: str) -> None:
    country = "AT" if name == "young_entrepreneurs_like" else "PT"
    case = Case(country, days=16, working_days=12, distance_km=730, price=Decimal("6000.00"))
    lines = lines_of(CARDS[name], case)
    assert [AmountLine.from_json(line.as_json()) for line in lines] == lines
    assert total(lines) == sum(line.amount for line in lines)


def test_a_component_nobody_knows_is_a_fault() -> None:
    with pytest.raises(KeyError, match="gift"):
        lines_of({"gift": {}}, Case("PT"))


def test_working_days_leave_out_weekends_and_the_host_country_s_holidays() -> None:
    easter = Case.of_stay("AT", date(2027, 3, 25), date(2027, 3, 30), 500)  # Thursday to Tuesday, Easter Monday between
    assert (easter.days, easter.working_days) == (6, 3)
    assert Case.of_stay("AT", date(2027, 3, 1), date(2027, 3, 5), 500).working_days == 5


@pytest.mark.parametrize(
    ("here", "there", "km"),
    [(LISBON, LISBON, 0), (LISBON, WARSAW, 2759), (LISBON, GRAZ, 2195), ((0.0, 0.0), (0.0, 180.0), 20015)],
)
def test_distance_is_great_circle_to_the_kilometre(here: tuple[float, float], there: tuple[float, float], km: int) -> None:
    assert distance_km(*here, *there) == km == distance_km(*there, *here)


# More cases by hand, like those of money.md but not among them

GROUPS = {
    "daily": {
        "amounts": {"A": "119.99", "B": "90.05"},
        "groups": {"A": ["DK", "SE"], "B": ["PT"]},
        "full_days": 3,
        "share_after": "0.333",
    }
}


@pytest.mark.parametrize(
    ("country", "days", "expected"),
    [
        ("SE", 1, ["119.99"]),
        ("SE", 3, ["359.97"]),
        ("SE", 4, ["359.97", "39.96"]),  # 119.99 x 0.333 = 39.95667
        ("SE", 6, ["359.97", "119.87"]),  # 3 x 119.99 x 0.333 = 119.87001: the line is rounded, not the day
        ("PT", 5, ["270.15", "59.97"]),  # 2 x 90.05 x 0.333 = 59.9733
    ],
)
def test_days_by_group_and_a_share_after(country: str, days: int, expected: list[str]) -> None:
    assert amounts(GROUPS, Case(country, days=days)) == expected


def test_a_country_of_no_group_is_refused_unless_a_group_takes_all_others() -> None:
    with pytest.raises(Refusal) as refusal:
        lines_of(GROUPS, Case("AT", days=3))
    assert refusal.value.message == "The programme has not set a daily amount for Austria yet. Ask the programme to add it."
    others = {"daily": GROUPS["daily"] | {"other_group": "B"}}
    assert amounts(others, Case("AT", days=3)) == ["270.15"]
    assert amounts(others, Case("DK", days=3)) == ["359.97"]


@pytest.mark.parametrize(
    ("country", "days", "expected"),
    [
        ("BE", 29, ["802.33"]),  # 830 x 29 / 30 = 802.333
        ("BE", 30, ["830.00"]),
        ("BE", 31, ["830.00", "27.67"]),  # 27.6667
        ("BE", 37, ["830.00", "193.67"]),  # 7 x 27.6667 = 193.6667: not 7 x 27.67 = 193.69
        ("DK", 91, ["3300.00", "36.67"]),
        ("PL", 1, ["20.33"]),
    ],
)
def test_thirtieths_of_a_month(country: str, days: int, expected: list[str]) -> None:
    assert amounts(MONTHLY, Case(country, days=days)) == expected


@pytest.mark.parametrize(
    ("km", "standard", "green"),
    [(10, "28.00", "56.00"), (99, "28.00", "56.00"), (100, "211.00", "285.00"), (499, "211.00", "285.00"),
     (500, "309.00", "417.00"), (1999, "309.00", "417.00"), (2000, "395.00", "535.00"), (2999, "395.00", "535.00")],
)  # fmt: skip
def test_the_edges_of_the_bands(km: int, standard: str, green: str) -> None:
    assert amounts(BANDS, Case("PT", days=1, distance_km=km))[0] == standard
    assert amounts(BANDS, Case("PT", days=1, distance_km=km, green=True))[0] == green


def test_next_door_nothing_is_paid_for_travel() -> None:
    assert amounts(BANDS, Case("PT", days=1, distance_km=9)) == ["120.00"]


def test_the_last_band_may_be_open() -> None:
    far = {"distance_band": {"bands": [{"from_km": 3000, "to_km": None, "standard": "580.00", "green": "785.00"}]}}
    (line,) = lines_of(far, Case("PT", distance_km=20015))
    assert (str(line.amount), line.rule) == ("580.00", "20,015 km one way lies at or beyond 3,000 km")
    assert lines_of(far, Case("PT", distance_km=2999)) == []


@pytest.mark.parametrize(
    ("most", "expected", "whole"),
    [
        ("5000.00", ["309.00", "600.00", "2400.00", "500.00"], "3809.00"),
        ("3809.00", ["309.00", "600.00", "2400.00", "500.00"], "3809.00"),
        ("3808.99", ["309.00", "600.00", "2400.00", "500.00", "-0.01"], "3808.99"),
        ("1000.00", ["309.00", "600.00", "2400.00", "500.00", "-2809.00"], "1000.00"),
    ],
)
def test_a_card_of_many_parts_with_a_cap(most: str, expected: list[str], whole: str) -> None:
    card = {**BANDS, **SHARE, "fixed": {"amount": "500.00", "label": "Accessibility supplement"}, "cap": {"most": most}}
    lines = lines_of(card, Case("PT", days=5, distance_km=730, price=Decimal("4000.00")))
    assert [str(line.amount) for line in lines] == expected
    assert str(total(lines)) == whole


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ("500.00", ["300.00"]),
        ("5000.01", ["3000.01", "-0.01"]),
        ("1234.56", ["740.74"]),  # 740.736
    ],
)
def test_shares_at_their_edges(price: str, expected: list[str]) -> None:
    assert amounts(SHARE, Case("SI", price=Decimal(price))) == expected


def test_the_rounded_share_is_what_the_minimum_is_compared_with() -> None:
    assert amounts(SHARE, Case("SI", price=Decimal("499.995"))) == ["300.00"]
    with pytest.raises(Refusal, match=r"€299\.99 is under the minimum of €300\.00"):
        lines_of(SHARE, Case("SI", price=Decimal("499.99")))


@pytest.mark.parametrize("price", ["0.00", "-100.00"])
def test_a_price_is_more_than_zero(price: str) -> None:
    with pytest.raises(Refusal, match="greater than zero"):
        lines_of({"share_of_cost": {"share": "0.6"}}, Case("SI", price=Decimal(price)))


@pytest.mark.parametrize(
    ("card", "price", "own"),
    [
        (SHARE, "4000.00", "1600.00"),
        (SHARE, "6000.00", "3000.00"),
        ({**BANDS, **SHARE}, "4000.00", "1600.00"),  # travel and days are no part of the price
        ({**SHARE, "cap": {"most": "1000.00"}}, "4000.00", "3000.00"),
        (LUMP, "4000.00", "0.00"),
    ],
)
def test_what_is_left_to_pay_oneself(card: Any, price: str, own: str) -> None:
    case = Case("PT", days=5, working_days=5, distance_km=730, price=Decimal(price))
    assert str(own_share(lines_of(card, case), Decimal(price))) == own
    assert str(own_share(lines_of(card, case), None)) == "0.00"


@pytest.mark.parametrize(
    ("first", "last", "country", "expected"),
    [
        (date(2027, 5, 3), date(2027, 5, 7), "PL", 4),  # 3 May is Constitution Day
        (date(2027, 6, 7), date(2027, 6, 11), "PT", 4),  # 10 June is Portugal Day
        (date(2027, 12, 24), date(2027, 12, 31), "AT", 6),  # 25 and 26 December fall on a weekend
        (date(2027, 3, 6), date(2027, 3, 7), "AT", 0),
    ],
)
def test_working_days_of_the_host_s_country(first: date, last: date, country: str, expected: int) -> None:
    assert Case.of_stay(country, first, last, 500).working_days == expected


@pytest.mark.parametrize(
    ("components", "words"),
    [
        (None, "The programme has not set its rates yet. Ask the programme when it will."),
        (LUMP, "The programme asks for at least 3 working days; this stay has none."),
        ({"distance_band": {"bands": [{"from_km": 10, "to_km": None, "standard": "1.00", "green": "1.00"}]}},
         "At the programme's rates this comes to nothing, so there is no voucher to request."),
    ],
)  # fmt: skip
def test_an_estimate_says_what_stands_against_it(components: Any, words: str) -> None:
    assert estimate(components and card_of(**components), Case("PT")).refusal == words


MULTIPLIED = [
    ({"monthly": {"amounts": {"PT": "610.00"}}}, 45, ["1 months x 610.00 = 610.00", "15/30 x 610.00 = 305.00"]),
    ({"monthly": {"amounts": {"PT": "1000.00"}}}, 7, ["7/30 x 1000.00 = 233.33"]),
    (
        {"daily": {"amounts": {"A": "33.33"}, "other_group": "A", "full_days": 2, "share_after": "0.7"}},
        7,
        ["2 days x 33.33 = 66.66", "5 days at 70 % x 33.33 = 116.66"],
    ),
]


@pytest.mark.parametrize(("card", "days", "printed"), MULTIPLIED)
def test_what_is_printed_multiplies_out(card: dict[str, Any], days: int, printed: list[str]) -> None:
    """ "15 days x 20.33 = 305.00" is wrong to the eye, "15/30 of 610.00" is not."""
    lines = lines_of(card, Case("PT", days=days))
    assert [
        f"{each.quantity}{'' if each.unit[0] == '/' else ' '}{each.unit} x {each.unit_amount} = {each.amount}" for each in lines
    ] == printed


def test_a_case_is_what_is_kept_of_it() -> None:
    case = Case.of_stay("PT", date(2027, 4, 12), date(2027, 4, 16), 2302, green=True)
    assert Case.from_json(case.as_json()) == case
    assert Case.from_json(Case("AT", price=Decimal("4000.00"), persons=3).as_json()) == Case(
        "AT", price=Decimal("4000.00"), persons=3
    )


def test_no_component_pays_for_another() -> None:
    """Approved: 395.00 and 600.00 for 5 days. 8 days come to 395.00 and 960.00, of which 600.00 was approved."""
    card = {
        "distance_band": {"bands": [{"from_km": 100, "to_km": None, "standard": "395.00", "green": "535.00"}]},
        "daily": {"amounts": {"A": "120.00"}, "other_group": "A"},
    }
    approved = lines_of(card, Case("PT", days=5, distance_km=700))
    assert [each.amount for each in lines_of(card, Case("PT", days=8, distance_km=700))] == [Decimal(395), Decimal(960)]
    assert lines_of(card, Case("PT", days=8, distance_km=700), approved) == approved
    assert [each.amount for each in lines_of(card, Case("PT", days=4, distance_km=700), approved)] == [Decimal(395), Decimal(480)]
