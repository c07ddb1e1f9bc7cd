"""What a theme's page says a visit would pay, before anybody applies; amounts worked out by hand."""

from datetime import date
from typing import Any

import pytest

from mobility.people.roles import Role
from mobility.themes.models import Theme
from tests.support import factories
from tests.support.client import Visitor
from tests.support.factories import sign_in
from tests.support.html import text_of
from tests.support.queries import queries

WINDOW = (date(2027, 4, 12), date(2027, 4, 30), date(2027, 4, 1))  # a Monday to a Friday
LISBON = {"country": "PT", "city": "Lisbon", "latitude": 38.72, "longitude": -9.14}  # 2,195 km from Graz
BANDS = {
    "distance_band": {
        "bands": [
            {"from_km": 100, "to_km": 499, "standard": "211.00", "green": "285.00"},
            {"from_km": 500, "to_km": 2999, "standard": "395.00", "green": "535.00"},
        ]
    },
    "daily": {"amounts": {"A": "120.00"}, "other_group": "A"},
}
PLANNED = {"minimum_days": 2, "maximum_days": 10, "windows": [WINDOW]}


def theme_with(card: dict[str, Any] | None, **values: Any) -> Theme:
    """At a host in Lisbon, 2 to 10 days."""
    programme = factories.make_programme(name="Green Route")
    if card is not None:
        factories.make_rate_card(programme, **card)
    return factories.make_theme(host=factories.make_organisation(**LISBON), programme=programme, **PLANNED | values)


def shown(client: Any, theme: Theme) -> str:
    page = text_of(client.get(f"/themes/{theme.id}"))
    return page.partition("What a visit would pay ")[2].partition(" The host ")[0]


def guest() -> Any:
    return factories.make_member(factories.make_organisation(), Role.GUEST)


def test_a_guest_sees_it_for_the_own_city(db_session: Any, visitor: Visitor) -> None:
    """395.00 + 2 x 120.00 and 395.00 + 10 x 120.00; by train 140.00 more."""
    page = shown(visitor(guest()), theme_with(BANDS))
    assert "€635.00 for 2 days, such as Mon 12 April to Tue 13 April; €775.00 by train, bus or shared car" in page
    assert "€1,595.00 for 10 days, such as Mon 12 April to Wed 21 April; €1,735.00 by train" in page
    assert "For one guest from Graz, 2,195 km one way, at today's rates of Green Route" in page


def test_a_stranger_sees_from_what_to_what_and_on_what_it_rests(client: Any, db_session: Any) -> None:
    """Next door 2 x 120.00; far away by train 535.00 + 10 x 120.00."""
    page = shown(client, theme_with(BANDS))
    assert "From €240.00 to €1,735.00 for one guest, for 2 to 10 days." in page
    assert "depends on the length of the stay and the way to Lisbon" in page
    assert "Sign in to see it for your organisation's city." in page


def test_stays_that_the_rates_do_not_pay_for_are_left_out(db_session: Any, visitor: Visitor) -> None:
    """At least 3 working days, half under 5: 3 days from Monday 390.00, 10 days 780.00."""
    lump = {
        "amounts": {"PT": "780.00"},
        "minimum_working_days": 3,
        "reduction": {"factor": "0.5", "if_working_days_under": 5, "or_km_under": 200},
    }
    page = shown(visitor(guest()), theme_with({"lump_by_country": lump}))
    assert "€390.00 for 3 days, such as Mon 12 April to Wed 14 April" in page
    assert "€780.00 for 10 days" in page
    assert "by train" not in page


@pytest.mark.parametrize(
    ("card", "words"),
    [
        (None, "Green Route has not set its rates yet."),
        ({"lump_by_country": {"amounts": {"AT": "640.00"}}}, "has not set a lump sum for Portugal yet"),
        ({"share_of_cost": {"share": "0.6"}}, "Green Route pays a share of the price that you agree on with the host."),
    ],
)
def test_without_an_amount_it_says_why(client: Any, db_session: Any, card: Any, words: str) -> None:
    assert words in shown(client, theme_with(card))


def test_what_is_asked_for_with_the_voucher_is_named(client: Any, db_session: Any) -> None:
    card = {
        "daily": {"amounts": {"A": "120.00"}, "other_group": "A", "travel_days": 2},
        "fixed": [{"amount": "150.00", "condition": {"key": "inclusion", "words": "I have fewer opportunities."}}],
        "real_costs": [{"key": "visa", "label": "Visa", "share": "0.8"}],
    }
    page = shown(client, theme_with(card))
    assert "From €240.00 to €1,200.00" in page
    assert "you can also ask for: days of travel; Visa; a supplement if you declare “I have fewer opportunities”." in page


ONLY = [
    ({"real_costs": [{"key": "visa", "label": "Visa", "share": "0.8"}]}, "Visa."),
    ({"fixed": [{"amount": "150.00", "condition": {"key": "sme", "words": "We are an SME."}}]}, "a supplement if you declare"),
]


@pytest.mark.parametrize(("card", "words"), ONLY)
def test_rates_that_pay_only_what_is_declared_later_refuse_nothing_yet(
    client: Any, db_session: Any, card: Any, words: str
) -> None:
    page = shown(client, theme_with(card))
    assert f"depends on what you declare when you request the voucher: {words}" in page
    assert "no voucher to request" not in page


def test_a_theme_whose_deadlines_have_passed_promises_nothing(client: Any, db_session: Any, clock: Any) -> None:
    theme = theme_with(BANDS)
    clock.move(days=40)
    assert "What a visit would pay" not in text_of(client.get(f"/themes/{theme.id}"))


@pytest.mark.parametrize("windows", [1, 5])
def test_it_takes_the_same_queries_however_much_there_is(client: Any, db_session: Any, windows: int) -> None:
    theme = theme_with(BANDS, windows=[factories.make_window(starts_in=40 + 20 * number) for number in range(windows)])
    client.get(f"/themes/{theme.id}")
    for person, most in ((None, 3), (guest(), 8)):
        if person:
            sign_in(client, person)
        with queries() as seen:
            client.get(f"/themes/{theme.id}")
        assert seen.count == most, str(seen)


LUMP = {"lump_by_country": {"amounts": {"PT": "780.00"}, "minimum_working_days": 3}}


@pytest.mark.parametrize(
    ("window", "stay"),
    [
        ((date(2027, 4, 16), date(2027, 4, 30)), "Mon 19 April to Wed 21 April"),  # opens on a Friday
        ((date(2027, 4, 24), date(2027, 5, 9)), "Mon 26 April to Wed 28 April"),  # opens on a Saturday
        ((date(2027, 4, 14), date(2027, 4, 16)), "Wed 14 April to Fri 16 April"),  # no Monday in it
    ],
)
def test_it_is_reckoned_from_a_monday_where_there_is_one(db_session: Any, visitor: Visitor, window: Any, stay: str) -> None:
    """A window that opened on a Friday said: at least 3 working days, this stay has 1; nobody had asked for that stay."""
    theme = theme_with(LUMP, minimum_days=2, maximum_days=4, windows=[(*window, date(2027, 4, 1))])
    assert f"€780.00 for 3 days, such as {stay}" in shown(visitor(guest()), theme)


def test_a_monday_that_is_a_holiday_is_passed_over(db_session: Any, visitor: Visitor) -> None:
    """All Saints' Day 2027 is a Monday: 1 to 3 November has two working days in Portugal, 8 to 10 November three."""
    window = (date(2027, 10, 30), date(2027, 11, 30), date(2027, 10, 1))
    theme = theme_with(LUMP, minimum_days=3, maximum_days=3, windows=[window])
    assert "€780.00 for 3 days, such as Mon 8 November to Wed 10 November" in shown(visitor(guest()), theme)
