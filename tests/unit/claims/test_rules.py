"""What a claim comes to, needs, and may be lowered to. Every table is computed by hand from money.md."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from mobility.asking.rules import Asked, case_for, case_of
from mobility.claims.rules import (
    Correction,
    correct,
    correction_problem,
    decision_in_words,
    final_lines,
    paid_by,
    problems,
)
from mobility.claims.worth import (
    worth,
)
from mobility.core.errors import Refusal
from mobility.rates.rules import AmountLine, compute, estimate, total
from mobility.vouchers.workflow import WORKFLOW
from tests.support.cards import card_of

OF_CLUSTER = {"kind": "cluster_organisation", "region": ""}
GRAZ = SimpleNamespace(country="AT", latitude=47.07, longitude=15.44, **OF_CLUSTER)
LISBON = SimpleNamespace(country="PT", latitude=38.72, longitude=-9.14, **OF_CLUSTER)  # 2,302 km away
MUNICH = SimpleNamespace(country="DE", latitude=48.14, longitude=11.58, **OF_CLUSTER)  # 313 km away
MONDAY, FRIDAY = date(2027, 4, 12), date(2027, 4, 16)

LUMP = {
    "lump_by_country": {
        "amounts": {"PT": "780.00"},
        "minimum_working_days": 3,
        "reduction": {"factor": "0.5", "if_working_days_under": 5, "or_km_under": 200},
    }
}
BANDS = {
    "distance_band": {
        "bands": [
            {"from_km": 100, "to_km": 499, "standard": "211.00", "green": "285.00"},
            {"from_km": 500, "to_km": 2999, "standard": "395.00", "green": "535.00"},
        ]
    },
    "daily": {
        "groups": {"A": ["PT", "DE"]},
        "amounts": {"A": "120.00"},
        "full_days": 14,
        "share_after": "0.7",
    },
}
TWO_THOUSAND = {"cap": {"most": "2000.00"}}
MONTHLY = {"monthly": {"amounts": {"PT": "900.00"}}}
SHARE = {"share_of_cost": {"share": "0.6", "minimum": "300.00", "cap": "3000.00"}}


def line(label: str, amount: str, component: str = "") -> AmountLine:
    return AmountLine(label, Decimal(1), "", Decimal(amount), Decimal(amount), "rule", component)


def voucher(card: dict[str, Any], approved: str, agreed: tuple[date, date], actual: tuple[Any, Any], **values: Any) -> Any:
    """As it was requested when `agreed` was; `approved` is worked out by hand."""
    exchange = SimpleNamespace(
        host=values.pop("host", LISBON),
        guest_organisation=GRAZ,
        first_day=agreed[0],
        last_day=agreed[1],
        actual_first_day=actual[0],
        actual_last_day=actual[1],
        delegates=[],
        attended=[],
    )
    plausible = {
        "kind": "mobility",
        "exchange": exchange,
        "rate_card": SimpleNamespace(components=card_of(**card)),
        "amount": Decimal(approved),
        "green_travel": False,
        "price": None,
        "travel_days": 0,
        "conditions_declared": [],
        "expected_costs": {},
        "programme": SimpleNamespace(scheme="full", currency="EUR"),
    }
    found = SimpleNamespace(**plausible | values)
    case = case_for(found)
    found.basis, found.amount_lines = case.as_json(), list(estimate(card_of(**card), case).lines)
    assert total(found.amount_lines) == found.amount
    return found


def figures(lines: Any) -> list[str]:
    return [f"{each.amount:.2f}" for each in lines]


FROM_12 = date(2027, 4, 12)
CASES = [
    # lump sum: half if under 5 working days, nothing under 3
    ("5 working days as agreed", LUMP, "780.00", FRIDAY, FRIDAY, ["780.00"]),
    ("4 of 5 working days", LUMP, "780.00", FRIDAY, date(2027, 4, 15), ["390.00"]),
    ("3 of 5 working days", LUMP, "780.00", FRIDAY, date(2027, 4, 14), ["390.00"]),
    ("a weekend more is no working day", LUMP, "780.00", FRIDAY, date(2027, 4, 18), ["780.00"]),
    ("5 instead of 4 is as approved", LUMP, "390.00", date(2027, 4, 15), FRIDAY, ["390.00"]),
    # bands and days: 395 for 2,302 km, 120 a day, 84 from day 15
    ("16 days as agreed", BANDS, "2243.00", date(2027, 4, 27), date(2027, 4, 27), ["395.00", "1680.00", "168.00"]),
    ("14 of 16 days", BANDS, "2243.00", date(2027, 4, 27), date(2027, 4, 25), ["395.00", "1680.00"]),
    ("13 of 16 days", BANDS, "2243.00", date(2027, 4, 27), date(2027, 4, 24), ["395.00", "1560.00"]),
    ("17 instead of 16 days", BANDS, "2243.00", date(2027, 4, 27), date(2027, 4, 28), ["395.00", "1680.00", "168.00"]),
    ("30 instead of 16 days", BANDS, "2243.00", date(2027, 4, 27), date(2027, 5, 11), ["395.00", "1680.00", "168.00"]),
    ("20 instead of 10 days", BANDS, "1595.00", date(2027, 4, 21), date(2027, 5, 1), ["395.00", "1200.00"]),
    # months of 30 days, then thirtieths
    ("45 days as agreed", MONTHLY, "1350.00", date(2027, 5, 26), date(2027, 5, 26), ["900.00", "450.00"]),
    ("40 of 45 days", MONTHLY, "1350.00", date(2027, 5, 26), date(2027, 5, 21), ["900.00", "300.00"]),
    ("29 of 45 days", MONTHLY, "1350.00", date(2027, 5, 26), date(2027, 5, 10), ["870.00"]),
    ("60 instead of 45 days", MONTHLY, "1350.00", date(2027, 5, 26), date(2027, 6, 10), ["900.00", "450.00"]),
    ("30 instead of 29 days", MONTHLY, "870.00", date(2027, 5, 10), date(2027, 5, 11), ["870.00"]),
    # a cap on all, 2,000 in all
    (
        "16 days under a cap",
        BANDS | TWO_THOUSAND,
        "2000.00",
        date(2027, 4, 27),
        date(2027, 5, 11),
        ["395.00", "1680.00", "168.00", "-243.00"],
    ),
    ("12 of 16 days under it", BANDS | TWO_THOUSAND, "2000.00", date(2027, 4, 27), date(2027, 4, 23), ["395.00", "1440.00"]),
]


@pytest.mark.parametrize(("card", "approved", "agreed", "actual", "lines"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_stay_is_computed_again_from_its_actual_days(
    card: dict[str, Any], approved: str, agreed: date, actual: date, lines: list[str]
) -> None:
    found = worth(voucher(card, approved, (FROM_12, agreed), (FROM_12, actual)))
    assert figures(found.lines) == lines
    assert found.total <= Decimal(approved)


def test_green_travel_stays_green() -> None:
    found = worth(voucher(BANDS, "1135.00", (MONDAY, FRIDAY), (MONDAY, date(2027, 4, 15)), green_travel=True))
    assert figures(found.lines) == ["535.00", "480.00"]


def test_the_distance_is_that_of_both_cities() -> None:
    found = worth(voucher(BANDS, "811.00", (MONDAY, FRIDAY), (MONDAY, date(2027, 4, 13)), host=MUNICH))
    assert figures(found.lines) == ["211.00", "240.00"]


def test_a_share_of_the_cost_does_not_depend_on_the_days() -> None:
    found = worth(voucher(SHARE, "2400.00", (MONDAY, FRIDAY), (MONDAY, date(2027, 4, 14)), price=Decimal("4000.00")))
    assert figures(found.lines) == ["2400.00"]
    assert found.explanation.endswith("The amount stays the same.")


def test_a_share_of_the_cost_keeps_its_cap() -> None:
    found = worth(voucher(SHARE, "3000.00", (MONDAY, FRIDAY), (MONDAY, FRIDAY), price=Decimal("6000.00")))
    assert figures(found.lines) == ["3600.00", "-600.00"]


def test_a_stay_that_was_too_short_is_refused_in_the_rates_words() -> None:
    with pytest.raises(Refusal, match=r"The programme asks for at least 3 working days; this stay has 2\."):
        worth(voucher(LUMP, "780.00", (MONDAY, FRIDAY), (MONDAY, date(2027, 4, 13))))


def test_more_days_than_approved_are_paid_as_approved() -> None:
    subject = voucher(BANDS, "2243.00", (MONDAY, date(2027, 4, 27)), (MONDAY, date(2027, 5, 11)))
    assert list(worth(subject).lines) == subject.amount_lines


SIXTEEN, THIRTY = (MONDAY, date(2027, 4, 27)), (MONDAY, date(2027, 5, 11))
CORRECTED = [
    # what is right by money.md: each line at most what was approved for it, before the correction is taken off
    ("travel refused", BANDS, SIXTEEN, THIRTY, False, {0: "0.00"}, "1848.00"),
    ("the first days refused", BANDS, SIXTEEN, THIRTY, False, {1: "0.00"}, "563.00"),
    (
        "green approved, by plane, 8 days held",
        BANDS,
        (MONDAY, FRIDAY),
        (MONDAY, date(2027, 4, 19)),
        True,
        {0: "395.00"},
        "995.00",
    ),
    ("a day refused", BANDS, (MONDAY, FRIDAY), (MONDAY, date(2027, 4, 19)), False, {1: "480.00"}, "875.00"),
    ("months, the rest refused", MONTHLY, (MONDAY, date(2027, 5, 26)), (MONDAY, date(2027, 6, 10)), False, {1: "0.00"}, "900.00"),
    ("under a cap, travel refused", BANDS | TWO_THOUSAND, SIXTEEN, THIRTY, False, {0: "0.00"}, "1848.00"),
    ("under a cap, a little refused", BANDS | TWO_THOUSAND, SIXTEEN, THIRTY, False, {0: "300.00"}, "2000.00"),
]


@pytest.mark.parametrize(
    ("card", "agreed", "held", "green", "lowered", "right"), [c[1:] for c in CORRECTED], ids=[c[0] for c in CORRECTED]
)
def test_days_that_nobody_approved_never_pay_for_a_line_that_was_refused(
    card: dict[str, Any], agreed: Any, held: Any, green: bool, lowered: dict[int, str], right: str
) -> None:
    stay = SimpleNamespace(host=LISBON, guest_organisation=GRAZ, first_day=agreed[0], last_day=agreed[1], delegates=[])
    approved = total(compute(card_of(**card), case_of(stay, Asked(green=green))))
    found = worth(voucher(card, str(approved), agreed, held, green_travel=green))
    left = correct(found.lines, [Correction(place, Decimal(amount), "Not so.") for place, amount in lowered.items()])
    assert total(left) == Decimal(right)


def test_a_cap_of_the_share_caps_the_share_alone() -> None:
    """60 % of 6,000.00 are 3,600.00, at most 3,000.00, and 500.00 beside it: without these 3,000.00, not 3,500.00."""
    lines = [line("Share", "3600.00", "share_of_cost"), line("Cap", "-600.00", "share_of_cost"), line("Extra", "500.00", "fixed")]
    assert total(correct(lines, [Correction(2, Decimal(0), "No.")])) == Decimal(3000)
    assert total(correct(lines, [Correction(0, Decimal(3100), "No.")])) == Decimal(3500)


@pytest.mark.parametrize(
    "changed", [{"latitude": 38.88, "longitude": -6.97}, {"country": "ES"}, {"country": "BR", "latitude": -23.0}]
)
def test_what_became_of_a_place_changes_no_amount(changed: dict[str, Any]) -> None:
    """Graz and Lisbon, 2,302 km: 780.00 as approved, and 390.00 for the four days, whatever the host's page says now."""
    host = SimpleNamespace(**vars(LISBON))
    for last, right in ((FRIDAY, ["780.00"]), (date(2027, 4, 15), ["390.00"])):
        subject = voucher(LUMP, "780.00", (MONDAY, FRIDAY), (MONDAY, last), host=host)
        vars(host).update(changed)
        assert figures(worth(subject).lines) == right
        vars(host).update(vars(LISBON))


def test_a_place_that_changed_is_no_change_of_days() -> None:
    host = SimpleNamespace(**vars(LISBON))
    subject = voucher(LUMP, "780.00", (MONDAY, FRIDAY), (MONDAY, FRIDAY), host=host)
    host.latitude, host.longitude = GRAZ.latitude, GRAZ.longitude
    assert worth(subject).explanation == ""


@pytest.mark.parametrize("exchange", [None, "unconfirmed"])
def test_without_actual_days_it_is_what_was_approved(exchange: str | None) -> None:
    subject = voucher(LUMP, "780.00", (MONDAY, FRIDAY), (None, None))
    if exchange is None:
        subject.exchange = None
    assert worth(subject).lines == tuple(subject.amount_lines)
    assert worth(subject).explanation == ""


# The provider's invoice (money.md, the voucher card: 60 % of the price, at least 300.00, at most 3,000.00)

FIXED = {"fixed": {"amount": "5000.00"}}
CAPPED = {"share_of_cost": {"share": "0.6"}, "cap": {"most": "2000.00"}}
BOTH = {"share_of_cost": {"share": "0.6"}, "fixed": {"amount": "500.00"}}
HALF = {"share_of_cost": {"share": "0.5"}}
INVOICES = [
    # card, agreed price, approved lines, invoiced, claimed lines, what is said after both prices
    (SHARE, "4000.00", ["2400.00"], "4000.00", ["2400.00"], ""),
    (SHARE, "4000.00", ["2400.00"], "3500.00", ["2100.00"], "At the same rates this comes to €2,100.00 instead of €2,400.00."),
    (SHARE, "4000.00", ["2400.00"], "3333.33", ["2000.00"], "At the same rates this comes to €2,000.00 instead of €2,400.00."),
    (SHARE, "4000.00", ["2400.00"], "3999.99", ["2399.99"], "At the same rates this comes to €2,399.99 instead of €2,400.00."),
    (SHARE, "4000.00", ["2400.00"], "500.00", ["300.00"], "At the same rates this comes to €300.00 instead of €2,400.00."),
    (
        SHARE,
        "4000.00",
        ["2400.00"],
        "4500.00",
        ["2400.00"],
        "The rates would come to €2,700.00; what was approved is the most that is paid.",
    ),
    (
        SHARE,
        "4000.00",
        ["2400.00"],
        "6000.00",
        ["2400.00"],
        "The rates would come to €3,000.00; what was approved is the most that is paid.",
    ),
    (SHARE, "6000.00", ["3600.00", "-600.00"], "5500.00", ["3300.00", "-300.00"], "The amount stays the same."),
    (SHARE, "6000.00", ["3600.00", "-600.00"], "5000.00", ["3000.00"], "The amount stays the same."),
    (
        SHARE,
        "6000.00",
        ["3600.00", "-600.00"],
        "4999.99",
        ["2999.99"],
        "At the same rates this comes to €2,999.99 instead of €3,000.00.",
    ),
    (HALF, "3000.00", ["1500.00"], "2000.01", ["1000.01"], "At the same rates this comes to €1,000.01 instead of €1,500.00."),
    (
        CAPPED,
        "4000.00",
        ["2400.00", "-400.00"],
        "3000.00",
        ["1800.00"],
        "At the same rates this comes to €1,800.00 instead of €2,000.00.",
    ),
    (
        BOTH,
        "4000.00",
        ["2400.00", "500.00"],
        "1000.00",
        ["600.00", "500.00", "-100.00"],
        "No more is paid than was invoiced: €1,000.00 instead of €2,900.00.",
    ),
    (FIXED, "8000.00", ["5000.00"], "7000.00", ["5000.00"], "The amount stays the same."),
    (
        FIXED,
        "8000.00",
        ["5000.00"],
        "3000.00",
        ["5000.00", "-2000.00"],
        "No more is paid than was invoiced: €3,000.00 instead of €5,000.00.",
    ),
    (
        FIXED,
        "3000.00",
        ["5000.00"],
        "3000.00",
        ["5000.00", "-2000.00"],
        "No more is paid than was invoiced: €3,000.00 instead of €5,000.00.",
    ),
]


def knowledge(card: dict[str, Any], price: str, approved: list[str]) -> Any:
    whole = sum(map(Decimal, approved))
    values = {"kind": "knowledge", "provider": GRAZ, "holder_organisation": LISBON, "price": Decimal(price), "exchange": None}
    found = voucher(card, str(whole), (MONDAY, FRIDAY), (None, None), **values)
    assert figures(found.amount_lines) == approved
    return found


@pytest.mark.parametrize(("card", "price", "approved", "invoiced", "claimed", "effect"), INVOICES)
def test_an_invoice_is_paid_by_its_own_price(
    card: dict[str, Any], price: str, approved: list[str], invoiced: str, claimed: list[str], effect: str
) -> None:
    subject = knowledge(card, price, approved)
    found = worth(subject, Decimal(invoiced))
    assert figures(found.lines) == claimed
    assert found.total <= min(subject.amount, Decimal(invoiced))
    said = f"Agreed price €{Decimal(price):,.2f}, invoiced €{Decimal(invoiced):,.2f}. {effect}"
    assert found.explanation == (said if effect else "")


@pytest.mark.parametrize(
    ("card", "approved", "invoiced", "words"),
    [
        (
            SHARE,
            "2400.00",
            "499.99",
            "For an invoice of €499.99 this voucher pays nothing: €299.99 is under the minimum of €300.00.",
        ),
        (
            SHARE,
            "2400.00",
            "400.00",
            "For an invoice of €400.00 this voucher pays nothing: €240.00 is under the minimum of €300.00.",
        ),
        ({"share_of_cost": {"share": "0.4"}}, "1600.00", "0.01", "For an invoice of €0.01 this voucher pays nothing."),
    ],
)
def test_an_invoice_for_which_the_rates_give_nothing_is_refused(
    card: dict[str, Any], approved: str, invoiced: str, words: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        worth(knowledge(card, "4000.00", [approved]), Decimal(invoiced))
    assert (refusal.value.message, refusal.value.field) == (words, "invoice_total")


def test_before_the_invoice_it_is_what_was_approved() -> None:
    assert worth(knowledge(SHARE, "4000.00", ["2400.00"])) == worth(knowledge(SHARE, "4000.00", ["2400.00"]), Decimal(4000))


def test_the_lines_of_an_invoice_say_so() -> None:
    lines = worth(knowledge(SHARE, "4000.00", ["2400.00"]), Decimal("4500.00")).lines
    assert [(each.label, each.rule) for each in lines] == [("Share of the price", "60 % of the agreed price")]
    lower = worth(knowledge(SHARE, "4000.00", ["2400.00"]), Decimal("3500.00")).lines
    assert [(each.label, each.rule) for each in lower] == [("Share of the price", "60 % of the invoiced price")]
    last = worth(knowledge(FIXED, "8000.00", ["5000.00"]), Decimal(3000)).lines[-1]
    assert (last.label, last.rule) == ("Limited to what was invoiced", "€3,000.00 was invoiced")


EXPLANATIONS = [
    (LUMP, "780.00", FRIDAY, FRIDAY, ""),
    (
        LUMP,
        "780.00",
        FRIDAY,
        date(2027, 4, 15),
        "5 working days were approved (12 to 16 April 2027); the stay had 4 (12 to 15 April 2027). "
        "At the same rates this comes to €390.00 instead of €780.00.",
    ),
    (
        LUMP,
        "390.00",
        date(2027, 4, 15),
        FRIDAY,
        "4 working days were approved (12 to 15 April 2027); the stay had 5 (12 to 16 April 2027). "
        "The rates would come to €780.00; what was approved is the most that is paid.",
    ),
    (
        BANDS,
        "2243.00",
        date(2027, 4, 27),
        date(2027, 5, 1),
        "16 days were approved (12 to 27 April 2027); the stay had 20 (12 April to 1 May 2027). "
        "The rates would come to €2,579.00; what was approved is the most that is paid.",
    ),
]


@pytest.mark.parametrize(("card", "approved", "agreed", "actual", "words"), EXPLANATIONS)
def test_the_difference_is_explained(card: dict[str, Any], approved: str, agreed: date, actual: date, words: str) -> None:
    assert worth(voucher(card, approved, (MONDAY, agreed), (MONDAY, actual))).explanation == words


def test_days_that_were_amended_after_the_request_are_named() -> None:
    subject = voucher(LUMP, "390.00", (MONDAY, date(2027, 4, 15)), (MONDAY, FRIDAY))
    subject.exchange.last_day = FRIDAY
    assert worth(subject).explanation == (
        "The days of the stay were changed after the voucher was requested. "
        "4 working days were approved (12 to 15 April 2027); the stay had 5 (12 to 16 April 2027). "
        "The rates would come to €780.00; what was approved is the most that is paid."
    )


def test_the_promise_of_payment() -> None:
    assert paid_by(date(2027, 4, 20), 10) == date(2027, 4, 30)


# What it needs


def claim(**values: Any) -> Any:
    whole = {
        "invoice_number": "17",
        "invoice_total": Decimal("4000.00"),
        "evidence": ["file"],
        "corrections": [],
    }
    return SimpleNamespace(**whole | values)


def case(kind: str = "mobility", scheme: str = "full") -> Any:
    return SimpleNamespace(kind=kind, programme=SimpleNamespace(scheme=scheme), basis={})


NOTHING = {"invoice_number": " \n", "invoice_total": None, "evidence": []}


@pytest.mark.parametrize(
    ("kind", "scheme", "missing"),
    [
        ("mobility", "full", ["files"]),
        ("mobility", "light", []),
        ("knowledge", "full", ["invoice_number", "invoice_total", "files"]),
        ("knowledge", "light", ["invoice_number", "invoice_total", "files"]),
    ],
)
def test_what_each_kind_of_claim_needs(kind: str, scheme: str, missing: list[str]) -> None:
    assert problems(case(kind, scheme), claim()) == []
    assert [each.field for each in problems(case(kind, scheme), claim(**NOTHING))] == missing


# What validation may change

TRAVEL, DAYS, CAP = line("Travel", "395.00"), line("Days", "600.00"), line("Cap", "-95.00", "cap")


@pytest.mark.parametrize(
    ("lines", "lowered", "left"),
    [
        ([TRAVEL, DAYS], {}, ["395.00", "600.00"]),
        ([TRAVEL, DAYS], {1: "480.00"}, ["395.00", "480.00"]),
        ([TRAVEL, DAYS], {0: "0.00"}, ["0.00", "600.00"]),
        ([TRAVEL, DAYS, CAP], {}, ["395.00", "600.00", "-95.00"]),  # 900 in all
        ([TRAVEL, DAYS, CAP], {1: "550.00"}, ["395.00", "550.00", "-45.00"]),  # still over the cap: 900
        ([TRAVEL, DAYS, CAP], {1: "505.00"}, ["395.00", "505.00"]),  # the cap just not reached
        ([TRAVEL, DAYS, CAP], {1: "400.00"}, ["395.00", "400.00"]),  # below it: the cap takes nothing
        ([TRAVEL, DAYS, CAP, line("Limited", "-100.00", "cap")], {1: "480.00"}, ["395.00", "480.00", "-75.00"]),  # 800 in all
    ],
)
def test_lines_are_lowered_and_a_cap_takes_off_what_is_over_it(lines: Any, lowered: dict[int, str], left: list[str]) -> None:
    found = correct(lines, [Correction(place, Decimal(amount), "Not paid twice.") for place, amount in lowered.items()])
    assert figures(found) == left
    assert total(found) <= total(lines)


def test_a_corrected_line_says_why() -> None:
    (found,) = correct([DAYS], [Correction(0, Decimal("480.00"), "One day was private.")])
    assert (found.label, found.amount, found.rule) == ("Days", Decimal("480.00"), "One day was private.")


@pytest.mark.parametrize(
    ("amount", "reason", "wrong"),
    [
        ("600.00", "", None),
        ("599.99", "A reason.", None),
        ("0.00", "A reason.", None),
        ("600.01", "A reason.", ("amount", "At most €600.00 was claimed here; validation can only lower it.")),
        ("-0.01", "A reason.", ("amount", "Enter an amount of €0.00 or more, in whole cents.")),
        ("599.999", "A reason.", ("amount", "Enter an amount of €0.00 or more, in whole cents.")),
        ("1E+40", "A reason.", ("amount", "Enter an amount of €0.00 or more, in whole cents.")),
        ("599.99", "  ", ("reason", "Say why less is paid; the claimant will read it.")),
    ],
)
def test_a_correction_lowers_and_says_why(amount: str, reason: str, wrong: Any) -> None:
    assert correction_problem(Decimal("600.00"), Decimal(amount), reason, "EUR") == wrong


@pytest.mark.parametrize("place", [-1, 2, 3])
def test_only_a_line_that_gives_something_can_be_lowered(place: int) -> None:
    with pytest.raises(Refusal, match=r"This line cannot be lowered\."):
        correct([TRAVEL, DAYS, CAP], [Correction(place, Decimal(0), "No.")])


def test_what_is_stored_is_what_comes_back() -> None:
    stored = claim(amount_lines=[TRAVEL, DAYS], corrections=[Correction(1, Decimal("480.00"), "Private.").as_json()])
    assert stored.corrections == [{"line": 1, "amount": "480.00", "reason": "Private."}]
    assert figures(final_lines(stored)) == ["395.00", "480.00"]


def test_the_decision_in_words() -> None:
    lowered = [(DAYS, Correction(1, Decimal("480.00"), "One day was private."))]
    approved = SimpleNamespace(amount=Decimal("995.00"), basis={}, programme=SimpleNamespace(currency="EUR"))
    assert decision_in_words(approved, Decimal("995.00"), "", []) == "€995.00 of €995.00 approved."
    approved.amount = Decimal("1115.00")
    assert decision_in_words(approved, Decimal("875.00"), "The stay was shorter.", lowered) == (
        "€875.00 of €1,115.00 approved. The stay was shorter. Days: €480.00 instead of €600.00. One day was private."
    )


# Who is asked to act


@pytest.mark.parametrize(
    ("state", "kind", "scheme", "promise", "owing"),
    [
        ("delivered", "mobility", "full", "claim", {"holder"}),
        ("delivered", "knowledge", "full", "claim", {"provider"}),
        ("claimed", "mobility", "full", "payment", {"finance officer"}),
        ("claimed", "mobility", "light", "payment", {"finance officer", "programme owner"}),
        ("claimed", "knowledge", "light", "payment", {"finance officer"}),
        ("validated", "mobility", "light", "payment", {"finance officer"}),
    ],
)
def test_who_owes_the_next_act(state: str, kind: str, scheme: str, promise: str, owing: set[str]) -> None:
    subject = SimpleNamespace(state=state, kind=kind, programme=SimpleNamespace(scheme=scheme))
    found = WORKFLOW.promise_for(subject)
    assert found is not None
    assert (found.name, {actor.value for actor in found.owing(subject)}) == (promise, owing)


def test_a_returned_claim_has_until_the_day_that_was_set() -> None:
    subject = SimpleNamespace(programme=SimpleNamespace(claim_days=30), claim_due_on=date(2027, 4, 14))
    period = WORKFLOW.promise("claim").period
    assert period(subject, date(2027, 3, 20)) == (date(2027, 3, 20), date(2027, 4, 14))
    subject.claim_due_on = None  # delivered before there were claims
    assert period(subject, date(2027, 3, 20)) == (date(2027, 3, 20), date(2027, 4, 19))
