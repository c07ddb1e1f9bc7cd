"""What a guest would get, shown while picking dates: by the page itself, and by its script's small requests."""

import re
from typing import Any

import pytest

from mobility.core.database import db
from mobility.people.models import User
from mobility.rates.examples import example_cards
from mobility.themes.models import Theme
from tests.support.cards import by_component
from tests.support.factories import make_guest, make_organisation, make_programme, make_rate_card, make_theme, sign_in
from tests.support.forms import fill, values_of

pytestmark = pytest.mark.usefixtures("db_session")

DAYS = {"first_day": "2027-04-12", "last_day": "2027-04-16"}  # Monday to Friday


@pytest.fixture
def theme() -> Theme:
    """At a host in Graz."""
    programme = make_programme()
    return make_theme(host=make_organisation(name="Graz host"), programme=programme)


@pytest.fixture
def guest(client: Any) -> User:
    """From Aveiro."""
    organisation = make_organisation(country="PT", city="Aveiro", latitude=40.64, longitude=-8.65)
    guest = make_guest(organisation=organisation)
    sign_in(client, guest)
    return guest


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)).split())


def preview(client: Any, theme: Theme, **typed: Any) -> str:
    address = f"/themes/{theme.id}/apply"
    return words(client.post(f"{address}/amount", data=values_of(client.get(address)) | typed))


def test_before_the_days_are_chosen_the_page_says_what_to_do(client: Any, theme: Theme, guest: User) -> None:
    make_rate_card(theme.programme)
    page = words(client.get(f"/themes/{theme.id}/apply"))
    assert "Choose your first and last day to see here what you would get." in page


def test_the_lines_stand_on_the_saved_draft_s_page(client: Any, theme: Theme, guest: User) -> None:
    make_rate_card(theme.programme)
    saved = fill(client, f"/themes/{theme.id}/apply", act="save", **DAYS)
    page = words(client.get(saved.location, follow_redirects=True))
    assert "What you would get" in page
    assert "Lump sum for Austria 5 working days, 2,050 km 1 stay €640.00 €640.00 Total €640.00" in page


def test_the_lines_follow_the_days(client: Any, theme: Theme, guest: User) -> None:
    make_rate_card(theme.programme)
    assert "Total €640.00" in preview(client, theme, **DAYS)
    assert "Total €320.00" in preview(client, theme, first_day="2027-04-12", last_day="2027-04-15")
    too_short = preview(client, theme, first_day="2027-04-12", last_day="2027-04-13")
    assert "The programme asks for at least 3 working days; this stay has 2." in too_short
    assert db.session.query(type(theme)).count() == 1


def test_green_travel_is_shown_as_the_alternative(client: Any, theme: Theme, guest: User) -> None:
    make_rate_card(theme.programme, **by_component(example_cards()["erasmus_staff_like"]["components"]))
    page = preview(client, theme, **DAYS)
    assert "Total €995.00" in page
    assert "By train, bus or shared car it would be €1,135.00." in page


def test_a_share_of_the_price_is_said_in_words(client: Any, theme: Theme, guest: User) -> None:
    make_rate_card(theme.programme, share_of_cost={"share": "0.6"})
    assert "You state the price when you request the voucher." in preview(client, theme, **DAYS)


def test_without_rates_it_says_so(client: Any, theme: Theme, guest: User) -> None:
    assert "The programme has not set its rates yet." in preview(client, theme, **DAYS)


@pytest.mark.parametrize(
    "typed",
    [
        {"first_day": "2027-04-16", "last_day": "2027-04-12"},
        {"first_day": "never", "last_day": "2027-04-12"},
        {"first_day": "2027-04-12", "last_day": "2099-04-12"},
        {"first_day": "2027-04-12", "last_day": ""},
    ],
)
def test_days_that_are_none_show_no_amount(client: Any, theme: Theme, guest: User, typed: dict[str, str]) -> None:
    make_rate_card(theme.programme)
    assert "Choose your first and last day" in preview(client, theme, **typed)


def test_who_pays_themselves_gets_nothing_and_reads_nothing_of_it(client: Any, theme: Theme, guest: User) -> None:
    make_rate_card(theme.programme)
    assert preview(client, theme, self_funded="y", **DAYS) == ""
    assert client.post(f"/themes/{theme.id}/apply/amount", data={"organisation": "999999"} | DAYS).status_code == 200
