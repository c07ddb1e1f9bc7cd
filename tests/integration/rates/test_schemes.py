"""What real schemes have, in the editor and on the pages that everybody reads: several of a kind, and what is rare."""

from typing import Any

import pytest
from sqlalchemy import func, select

from mobility.programmes.models import Programme
from mobility.rates.models import RateCard
from mobility.rates.queries import newest_rate_card
from tests.support.cards import card_of
from tests.support.client import Client
from tests.support.factories import make_rate_card
from tests.support.html import fields_of, text_of
from tests.support.rates import of, save, text_of_element
from tests.support.timing import processor_seconds


def test_another_one_of_a_kind_without_any_script(owner: Client, programme: Programme, db_session: Any) -> None:
    form = fields_of(owner.get(of(programme, begin="innovation_voucher_like"))) | {"cap-most": "nonsense"}
    page = owner.post(of(programme), data=form | {"act": "another:fixed"})
    assert page.status_code == 200
    longer = fields_of(page)
    assert (longer["fixed-2-on"], longer["fixed-amount"], longer["cap-most"]) == (["y"], "5000.00", "nonsense")
    third = fields_of(owner.post(of(programme), data=longer | {"fixed-2-amount": "7", "act": "another:fixed"}))
    assert (third["fixed-2-amount"], third["fixed-3-on"]) == ("7", ["y"])
    assert db_session.scalar(select(func.count(RateCard.id))) == 0


def test_rows_can_be_added_beside_a_part_that_is_not_finished(owner: Client, programme: Programme) -> None:
    form = fields_of(owner.get(of(programme))) | {"fixed-on": "y", "share_of_cost-on": "y", "act": "add:daily"}
    assert owner.post(of(programme), data=form).status_code == 200


@pytest.mark.parametrize("what", ["cap", "floor", "gift", "", "fixed-2", "name"])
def test_what_a_card_has_once_cannot_be_repeated(owner: Client, programme: Programme, what: str) -> None:
    form = fields_of(owner.get(of(programme)))
    page = owner.post(of(programme), data=form | {"act": f"another:{what}"})
    assert (page.status_code, fields_of(page).keys() - form.keys()) == (200, set())


def test_one_group_without_countries_is_for_all_of_them(owner: Client, programme: Programme) -> None:
    form = fields_of(owner.get(of(programme)))
    typed = {"daily-on": "y", "daily-groups-0-name": "Everywhere", "daily-groups-0-amount": "180", "act": "save"}
    assert owner.post(of(programme), data=form | typed).status_code == 303
    card = newest_rate_card(programme.id)
    assert card is not None
    assert card.components == card_of(daily={"amounts": {"Everywhere": "180.00"}, "groups": {}, "other_group": "Everywhere"})
    assert "All countries Everywhere €180.00" in text_of(owner.get(f"/programmes/{programme.id}"))


def test_of_two_groups_without_countries_none_is_for_all(owner: Client, programme: Programme) -> None:
    form = fields_of(owner.get(of(programme)))
    groups = {
        "daily-groups-0-name": "A",
        "daily-groups-0-amount": "180",
        "daily-groups-1-name": "B",
        "daily-groups-1-amount": "90",
    }
    page = text_of(owner.post(of(programme), data=form | groups | {"daily-on": "y", "act": "preview"}))
    assert "The programme has not set a daily amount for Austria yet." in page
    assert "Ask the programme" not in page  # that is who reads this


def test_an_amount_under_a_condition_is_not_for_every_voucher(owner: Client, programme: Programme) -> None:
    form = fields_of(owner.get(of(programme)))
    typed = {"fixed-on": "y", "fixed-amount": "150", "fixed-label": "Inclusion", "fixed-condition": "A guest needs support"}
    assert owner.post(of(programme), data=form | typed | {"act": "save"}).status_code == 303
    page = text_of(owner.get(f"/programmes/{programme.id}"))
    assert "Inclusion €150.00. Only paid if this is declared and confirmed: A guest needs support" in page


def test_there_is_an_end_of_it(owner: Client, programme: Programme) -> None:
    form = fields_of(owner.get(of(programme, begin="innovation_voucher_like")))
    for _ in range(6):
        form = fields_of(owner.post(of(programme), data=form | {"act": "another:fixed"}))
    assert len([name for name in form if name.startswith("fixed-") and name.endswith("-amount")]) == 5


def test_each_part_is_saved_with_what_is_rare_in_it(owner: Client, programme: Programme) -> None:
    form = fields_of(owner.get(of(programme)))
    for part in ("daily", "fixed"):
        form = fields_of(owner.post(of(programme), data=form | {"act": f"another:{part}"}))
    typed = {
        "daily-on": "y",
        "daily-groups-0-name": "A",
        "daily-groups-0-amount": "180",
        "daily-other_group": "A",
        "daily-travel_days": "2",
        "daily-travel_days_green": "6",
        "daily-per_person": "y",
        "daily-2-groups-0-name": "B",
        "daily-2-groups-0-amount": "20",
        "daily-2-other_group": "B",
        "daily-2-unit": "night",
        "fixed-on": "y",
        "fixed-amount": "100",
        "fixed-label": "Inclusion",
        "fixed-condition": "A guest needs support",
        "fixed-2-amount": "50",
        "fixed-2-unit": "day",
        "fixed-2-cap": "200",
        "real_costs-on": "y",
        "real_costs-label": "Visa",
        "real_costs-share": "80",
        "real_costs-share_public_authority": "100",
        "floor-on": "y",
        "floor-least": "300",
    }
    assert owner.post(of(programme), data=form | typed | {"act": "save"}).status_code == 303
    card = newest_rate_card(programme.id)
    assert card is not None
    assert card.components == card_of(
        daily=[
            {
                "amounts": {"A": "180.00"},
                "groups": {},
                "other_group": "A",
                "travel_days": 2,
                "travel_days_green": 6,
                "per_person": True,
            },
            {"amounts": {"B": "20.00"}, "groups": {}, "other_group": "B", "unit": "night"},
        ],
        real_costs={"label": "Visa", "share": "0.8", "shares": {"public_authority": "1"}},
        fixed=[
            {
                "amount": "100.00",
                "label": "Inclusion",
                "condition": {"key": "a-guest-needs-support", "words": "A guest needs support"},
            },
            {"amount": "50.00", "label": "Fixed amount", "unit": "day", "cap": "200.00"},
        ],
        floor={"least": "300.00"},
    )
    again = fields_of(owner.get(of(programme)))
    kept = {name: value for name, value in typed.items() if not name.endswith(("-on", "per_person")) and "amount" not in name}
    assert {name: again[name] for name in kept} == kept | {
        "fixed-2-cap": "200.00",
        "floor-least": "300.00",
    }
    assert owner.post(of(programme), data=again | {"act": "save"}).status_code == 303
    newest = newest_rate_card(programme.id)
    assert newest is not None
    assert newest.components == card.components


def test_a_part_that_is_not_ticked_any_more_is_gone(owner: Client, programme: Programme) -> None:
    make_rate_card(programme, fixed=[{"amount": "5.00"}, {"amount": "7.00"}])
    form = fields_of(owner.get(of(programme)))
    del form["fixed-on"]
    assert owner.post(of(programme), data=form | {"act": "save"}).status_code == 303
    card = newest_rate_card(programme.id)
    assert card is not None
    assert [(part["key"], part["amount"]) for part in card.components] == [("fixed-2", "7.00")]
    assert fields_of(owner.get(of(programme)))["fixed-2-amount"] == "7.00"


@pytest.mark.parametrize(
    ("begin", "changes", "field", "words"),
    [
        (
            "erasmus_staff_like",
            {"daily-travel_days": "3", "daily-travel_days_green": "2"},
            "daily-travel_days_green",
            "enter 3 or more",
        ),
        ("erasmus_staff_like", {"daily-travel_days": "many"}, "daily-travel_days", "Enter a whole number"),
        ("erasmus_staff_like", {"daily-unit": "hour"}, "daily-unit", "Choose one from the list."),
        ("erasmus_staff_like", {"daily-cap": "0"}, "daily-cap", "Enter an amount greater than zero"),
        ("erasmus_staff_like", {"daily-condition": "x" * 161}, "daily-condition", "Keep this to 160 characters."),
        ("erasmus_staff_like", {"real_costs-on": "y", "real_costs-share": "80"}, "real_costs-label", "Say what costs are meant"),
        (
            "erasmus_staff_like",
            {"real_costs-on": "y", "real_costs-label": "Visa"},
            "real_costs-share",
            "the costs that is paid, such as 60.",
        ),
        (
            "erasmus_staff_like",
            {"floor-on": "y", "floor-least": "9", "cap-on": "y", "cap-most": "8"},
            "cap-most",
            "enter €9.00 or more",
        ),
        ("knowledge_voucher_like", {"share_of_cost-floor": "300"}, "share_of_cost-floor", "leave one of both empty"),
        (
            "knowledge_voucher_like",
            {"share_of_cost-share_provider": "101"},
            "share_of_cost-share_provider",
            "more than 0 and at most 100",
        ),
        (
            "knowledge_voucher_like",
            {"share_of_cost-own_contribution": "0"},
            "share_of_cost-own_contribution",
            "greater than zero",
        ),
    ],
)
def test_what_is_rare_is_refused_at_its_field_and_in_sight(
    owner: Client, programme: Programme, begin: str, changes: dict[str, str], field: str, words: str
) -> None:
    page = save(owner, of(programme), begin, **changes)
    body = page.get_data(as_text=True)
    assert (page.status_code, words in text_of_element(body, f"{field}-error")) == (422, True)
    assert f'href="#{field}"' in body
    before = body.partition(f'id="{field}-error"')[0]
    inside = before.count("<details") > before.count("</details>")
    assert not inside or "open" in before[before.rindex("<details") :].partition(">")[0]
    assert newest_rate_card(programme.id) is None


def test_without_a_stay_nothing_is_asked_about_one(owner: Client, programme: Programme) -> None:
    form = fields_of(owner.get(of(programme, "knowledge")))
    assert not {"fixed-unit", "fixed-per_person", "attempt-days", "attempt-persons", "daily-on"} & form.keys()
    changes = {"fixed-on": "y", "fixed-amount": "5", "fixed-unit": "day", "fixed-2-on": "y", "fixed-2-amount": "7"}
    assert owner.post(of(programme, "knowledge"), data=form | changes).status_code == 303
    card = newest_rate_card(programme.id, "knowledge")
    assert card is not None
    assert card.components == card_of(fixed=[{"amount": each, "label": "Fixed amount"} for each in ("5.00", "7.00")])


def test_everybody_reads_what_is_rare(client: Client, programme: Programme) -> None:
    make_rate_card(
        programme,
        daily={"amounts": {"A": "180.00"}, "other_group": "A", "travel_days": 2, "travel_days_green": 6, "unit": "night"},
        real_costs={"label": "Visa", "share": "0.8", "shares": {"public_authority": "1"}, "cap": "90.00"},
        fixed={
            "amount": "5.00",
            "label": "Inclusion",
            "unit": "day",
            "per_person": True,
            "condition": {"key": "x", "words": "A guest needs support"},
        },
        share_of_cost={"share": "1", "own_contribution": "1000.00", "floor": "50.00", "cap": "4000.00"},
        floor={"least": "300.00"},
    )
    page = text_of(client.get(f"/programmes/{programme.id}"))
    for words in (
        "An amount for each night",
        "Travel days are paid in addition: up to 2, by green travel up to 6.",
        "Visa The programme pays 80 % of what it costs. For a public authority it pays 100 %. At most €90.00 for this part.",
        "Inclusion €5.00 for each day. For each person who travels. "
        "Only paid if this is declared and confirmed: A guest needs support",
        "The programme pays 100 % of the agreed price less an own contribution of €1,000.00; you or your organisation",
        "A share under €50.00 is topped up to that, but to no more than the price. The share is at most €4,000.00.",
        "At least €300.00 per voucher.",
    ):
        assert words in page, words


def test_a_case_of_one_s_own_with_all_that_can_be_asked(owner: Client, programme: Programme) -> None:
    """2 persons, 5 days and 2 travel days at 100.00 are 1,400.00; 80 % of 50.00 are 40.00; and 10.00 under a condition."""
    make_rate_card(
        programme,
        daily={"amounts": {"A": "100.00"}, "other_group": "A", "travel_days": 2, "per_person": True},
        real_costs={"label": "Visa", "share": "0.5", "shares": {"public_authority": "0.8"}},
        fixed={"amount": "10.00", "condition": {"key": "x", "words": "A guest needs support"}},
    )
    own = {
        "attempt-country": "PT",
        "attempt-days": "5",
        "attempt-persons": "2",
        "attempt-travel_days": "2",
        "attempt-costs": "50",
        "attempt-conditions": "y",
        "attempt-organisation_kind": "public_authority",
    }
    page = text_of(owner.post(of(programme), data=fields_of(owner.get(of(programme))) | own | {"act": "preview"}))
    assert "Host in Portugal, 5 days, 2 persons, 2 travel days, A guest needs support, Visa €50.00, public authority" in page
    assert "Total €1,450.00" in page


ROWS = {
    "lump_by_country": ("amounts", ("country", "amount")),
    "distance_band": ("bands", ("from_km", "to_km")),
    "daily": ("groups", ("name", "amount")),
    "monthly": ("amounts", ("country", "amount")),
}


def test_as_much_as_one_can_type_takes_no_longer_than_a_second(owner: Client, programme: Programme) -> None:
    """Nine of each kind with 80 rows, wrong in every one, took 1.4 seconds: so there are five, 42 times as much as the page."""
    form = fields_of(owner.get(of(programme)))
    for kind, (rows, names) in ROWS.items():
        for key in (kind, *(f"{kind}-{number}" for number in range(2, 10))):
            form[f"{key}-on"] = "y"
            form |= {f"{key}-{rows}-{row}-{name}": "1" for row in range(80) for name in names}
    plain = processor_seconds(lambda: owner.get(of(programme)))
    assert processor_seconds(lambda: owner.post(of(programme), data=form | {"act": "preview"})) < 60 * plain
    page = owner.post(of(programme), data=form | {"act": "preview"})
    body = page.get_data(as_text=True)
    assert (page.status_code, [f'name="daily-{number}-on"' in body for number in (5, 6)]) == (422, [True, False])
