"""The editor of rate cards, its worked cases, and the versions that everybody can read."""

import re
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from mobility.core.errors import EditConflict, Refusal
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from mobility.rates import operations as rates
from mobility.rates.examples import example_cards
from mobility.rates.models import RateCard
from mobility.rates.queries import newest_rate_card
from mobility.workflows.table import SYSTEM
from tests.support.cards import card_of, part_of
from tests.support.client import Client, Visitor
from tests.support.factories import make_member, make_rate_card
from tests.support.html import fields_of, text_of
from tests.support.rates import of, save, text_of_element

CASE = "Host in Portugal, 5 working days, 730 km Lump sum for Portugal 5 working days, 730 km €780.00 Total €780.00"


def ticked(part: str) -> dict[str, str]:
    return {f"{part}-on": "y"}


def test_saving_makes_a_version_with_everything_that_stands_in_the_form(owner: Client, programme: Programme) -> None:
    make_rate_card(programme)
    path = of(programme)
    form = fields_of(owner.get(path))
    rows = {form[f"lump_by_country-amounts-{row}-country"]: form[f"lump_by_country-amounts-{row}-amount"] for row in range(4)}
    assert rows == {"Austria": "640.00", "Germany": "", "Italy": "", "Portugal": "780.00"}
    assert (form["lump_by_country-percent"], form["lump_by_country-on"]) == ("50", ["y"])
    changes = {"lump_by_country-amounts-1-amount": "1,000.50", "cap-on": "y", "cap-most": "1100", "name": "Rates 2027"}
    assert owner.post(path, data=form | changes).status_code == 303
    card = newest_rate_card(programme.id)
    assert card is not None
    assert (card.number, card.name, card.components) == (
        2,
        "Rates 2027",
        [
            {
                "component": "lump_by_country",
                "key": "lump_by_country",
                "amounts": {"AT": "640.00", "DE": "1000.50", "PT": "780.00"},
                "minimum_working_days": 3,
                "reduction": {"factor": "0.5", "if_working_days_under": 5, "or_km_under": 200},
            },
            {"component": "cap", "key": "cap", "most": "1100.00"},
        ],
    )


@pytest.mark.parametrize(
    ("kind", "name"),
    [("mobility", name) for name in sorted(example_cards())]
    + [("knowledge", "knowledge_voucher_like"), ("knowledge", "innovation_voucher_like")],
)
def test_an_example_is_one_click_and_means_the_same_when_saved(owner: Client, programme: Programme, kind: str, name: str) -> None:
    assert save(owner, of(programme, kind), name).status_code == 303
    card = newest_rate_card(programme.id, kind)
    assert card is not None
    assert _numbers(card.components) == _numbers(example_cards()[name]["components"])


def _numbers(value: Any) -> Any:
    """Amounts and shares compared as numbers: "0.70" is "0.7"."""
    if isinstance(value, dict):
        return {key: _numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_numbers(each) for each in value]
    try:
        return Decimal(value)
    except ArithmeticError:
        return value


def test_an_example_saves_nothing_by_itself(owner: Client, programme: Programme, db_session: Any) -> None:
    page = owner.get(of(programme, begin="clusterxchange_like"))
    assert "Host in Portugal, 3 working days, 150 km" in text_of(page)
    assert db_session.scalar(select(func.count(RateCard.id))) == 0
    assert owner.get(of(programme, begin="nonsense")).status_code == 200
    assert owner.get(of(programme, begin="99")).status_code == 404


@pytest.mark.parametrize("seen", ["", "-1", "½", "١", "9" * 5000])
def test_a_version_that_is_none_counts_as_another(owner: Client, programme: Programme, seen: str) -> None:
    form = fields_of(owner.get(of(programme, begin="clusterxchange_like")))
    assert owner.post(of(programme), data=form | {"seen": seen}).status_code == 409


def test_of_two_owners_the_slower_is_told(owner: Client, programme: Programme, db_session: Any) -> None:
    path = of(programme)
    form = fields_of(owner.get(of(programme, begin="clusterxchange_like")))
    assert owner.post(path, data=form).status_code == 303
    slower = owner.post(path, data=form | {"cap-most": "900"})
    assert (slower.status_code, "This has changed since you opened it" in text_of(slower)) == (409, True)
    assert fields_of(slower)["cap-most"] == "900"
    assert db_session.scalar(select(func.count(RateCard.id))) == 1
    assert owner.post(path, data=fields_of(slower)).status_code == 303  # sent again, knowingly


def test_the_slower_owner_reads_what_is_in_force(owner: Client, programme: Programme) -> None:
    """Of the parts in which it is not what stands in the form."""
    path = of(programme)
    form = fields_of(owner.get(of(programme, begin="clusterxchange_like")))
    owner.post(path, data=form)
    mine = fields_of(owner.get(path))
    first = next(name for name, value in mine.items() if value and re.fullmatch(r"lump_by_country-\w+-\d+-amount", name))
    country = mine[first.removesuffix("amount") + "country"]
    theirs = {first: "123.45", "cap-most": "999"}
    assert owner.post(path, data=mine | theirs).status_code == 303
    page = text_of(owner.post(path, data=mine | {"name": "Mine"}))
    assert f"s country, as saved now: {country} 123.45 " in page
    assert "A limit, as saved now: At most per voucher 999.00" in page
    assert "Travel by distance, as saved now" not in page


def test_each_kind_of_voucher_has_versions_of_its_own(owner: Client, programme: Programme) -> None:
    save(owner, of(programme), "clusterxchange_like")
    save(owner, of(programme, "knowledge"), "knowledge_voucher_like")
    save(owner, of(programme, "knowledge"), **{"share_of_cost-share": "50"})
    cards = [newest_rate_card(programme.id, kind) for kind in ("mobility", "knowledge")]
    assert [(card.voucher_kind, card.number) for card in cards if card] == [("mobility", 1), ("knowledge", 2)]


def test_the_operation_refuses_what_the_editor_would_refuse(programme: Programme) -> None:
    for components, kind in (
        ([], "mobility"),
        (card_of(gift={}), "mobility"),
        (example_cards()["erasmus_staff_like"]["components"], "knowledge"),
    ):
        with pytest.raises(Refusal):
            rates.save_rate_card(programme, by=SYSTEM, components=components, voucher_kind=kind)
    fixed = card_of(fixed={"amount": "5.00"})
    rates.save_rate_card(programme, by=SYSTEM, components=fixed, seen=0)
    with pytest.raises(EditConflict):
        rates.save_rate_card(programme, by=SYSTEM, components=fixed, seen=0)


# Rows


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ("distance_band", "bands-7-from_km"),
        ("daily", "groups-6-name"),
        ("lump_by_country", "amounts-6-country"),
        ("monthly", "amounts-6-country"),
    ],
)
def test_more_rows_without_any_script(owner: Client, programme: Programme, part: str, field: str, db_session: Any) -> None:
    path = of(programme)
    typed = {"act": f"add:{part}", "cap-most": "not an amount", f"{part}-on": ""}
    form = fields_of(owner.get(of(programme, begin="erasmus_staff_like"))) | typed
    page = owner.post(path, data=form)
    assert page.status_code == 200
    assert f"{part}-{field}" in fields_of(page)
    assert fields_of(page)["cap-most"] == "not an amount"  # everything typed is kept
    assert fields_of(page)["distance_band-bands-3-green"] == "535.00"
    assert db_session.scalar(select(func.count(RateCard.id))) == 0


def test_bands_are_kept_in_order_and_empty_rows_left_out(owner: Client, programme: Programme) -> None:
    rows = [("100", "", "200", "250"), ("", "", "", ""), ("0", "99", "20", "30")]
    names = ("from_km", "to_km", "standard", "green")
    typed = {
        f"distance_band-bands-{row}-{name}": text
        for row, texts in enumerate(rows)
        for name, text in zip(names, texts, strict=True)
    }
    assert save(owner, of(programme), **ticked("distance_band"), **typed).status_code == 303
    card = newest_rate_card(programme.id)
    assert card is not None
    assert part_of(card.components, "distance_band")["bands"] == [
        {"from_km": 0, "to_km": 99, "standard": "20.00", "green": "30.00"},
        {"from_km": 100, "to_km": None, "standard": "200.00", "green": "250.00"},
    ]


def test_another_country_than_the_programme_s(owner: Client, programme: Programme) -> None:
    path = of(programme)
    form = fields_of(owner.get(of(programme, begin="clusterxchange_like")))
    longer = fields_of(owner.post(path, data=form | {"act": "add:lump_by_country"}))
    typed = {"lump_by_country-amounts-4-country": "sweden", "lump_by_country-amounts-4-amount": "900"}
    assert owner.post(path, data=longer | typed | {"act": "save"}).status_code == 303
    card = newest_rate_card(programme.id)
    assert card is not None
    assert part_of(card.components, "lump_by_country")["amounts"] == {"PT": "780.00", "SE": "900.00"}


# Bad input


@pytest.mark.parametrize(
    ("begin", "changes", "field", "words"),
    [
        (
            "clusterxchange_like",
            {"lump_by_country-amounts-3-amount": "much"},
            "lump_by_country-amounts-3-amount",
            "Enter an amount in euro such as 1,000.50.",
        ),
        (
            "clusterxchange_like",
            {"lump_by_country-amounts-3-amount": "-5"},
            "lump_by_country-amounts-3-amount",
            "Enter an amount greater than zero",
        ),
        (
            "clusterxchange_like",
            {"lump_by_country-amounts-3-amount": "0"},
            "lump_by_country-amounts-3-amount",
            "Enter an amount greater than zero",
        ),
        (
            "clusterxchange_like",
            {"lump_by_country-amounts-3-amount": "780.005"},
            "lump_by_country-amounts-3-amount",
            "at most two digits",
        ),
        (
            "clusterxchange_like",
            {"lump_by_country-amounts-3-amount": "1.000,50"},
            "lump_by_country-amounts-3-amount",
            "such as 1,000.50.",
        ),
        (
            "clusterxchange_like",
            {"lump_by_country-amounts-3-amount": "$100"},
            "lump_by_country-amounts-3-amount",
            "Enter the amount in euro",
        ),
        (
            "clusterxchange_like",
            {"lump_by_country-amounts-3-amount": "9" * 20},
            "lump_by_country-amounts-3-amount",
            "This amount is too large.",
        ),
        (
            "clusterxchange_like",
            {"lump_by_country-amounts-3-amount": "1,000,001"},
            "lump_by_country-amounts-3-amount",
            "Enter at most €1,000,000.00.",
        ),
        (
            "clusterxchange_like",
            {"lump_by_country-amounts-3-country": "Atlantis"},
            "lump_by_country-amounts-3-country",
            "“Atlantis” is not a country we know.",
        ),
        (
            "clusterxchange_like",
            {"lump_by_country-amounts-0-country": "Portugal"},
            "lump_by_country-amounts-3-country",
            "Portugal is already listed earlier.",
        ),
        (
            "clusterxchange_like",
            {"lump_by_country-percent": "150"},
            "lump_by_country-percent",
            "Enter a percentage between 1 and 99",
        ),
        (
            "clusterxchange_like",
            {"lump_by_country-minimum_working_days": "-1"},
            "lump_by_country-minimum_working_days",
            "from 0 to 60",
        ),
        (
            "erasmus_staff_like",
            {"distance_band-bands-1-from_km": "90"},
            "distance_band-bands-1-from_km",
            "This overlaps with the band that ends at 99 km: enter 100.",
        ),
        (
            "erasmus_staff_like",
            {"distance_band-bands-1-from_km": "150"},
            "distance_band-bands-1-from_km",
            "Nothing is set for 100 to 149 km",
        ),
        (
            "erasmus_staff_like",
            {"distance_band-bands-1-to_km": ""},
            "distance_band-bands-1-to_km",
            "only the last one may be open",
        ),
        ("erasmus_staff_like", {"distance_band-bands-1-to_km": "near"}, "distance_band-bands-1-to_km", "Enter a whole number"),
        (
            "erasmus_staff_like",
            {"distance_band-bands-1-green": ""},
            "distance_band-bands-1-green",
            "Enter an amount such as €780.00.",
        ),
        ("erasmus_staff_like", {"daily-share_after": "170"}, "daily-share_after", "Enter a percentage from 0 to 100."),
        ("erasmus_staff_like", {"daily-share_after": "-7"}, "daily-share_after", "Enter a percentage from 0 to 100"),
        ("erasmus_staff_like", {"daily-share_after": "0.7"}, "daily-share_after", "Enter it in percent: 60 is 60 %."),
        (
            "erasmus_staff_like",
            {"daily-groups-1-countries": "Germany, Atlantis"},
            "daily-groups-1-countries",
            "“Atlantis” is not a country we know.",
        ),
        (
            "erasmus_staff_like",
            {"daily-groups-0-countries": "Germany", "daily-groups-1-countries": "DE"},
            "daily-groups-1-countries",
            "Germany is in group A as well.",
        ),
        (
            "erasmus_staff_like",
            {"daily-groups-1-name": "A"},
            "daily-groups-1-name",
            "There is already a group “A” earlier in the list.",
        ),
        ("erasmus_staff_like", {"daily-groups-1-name": ""}, "daily-groups-1-name", "Give the group a name, such as A."),
        ("erasmus_staff_like", {"daily-other_group": "Z"}, "daily-other_group", "There is no group “Z”."),
        ("knowledge_voucher_like", {"share_of_cost-share": "101"}, "share_of_cost-share", "more than 0 and at most 100"),
        ("knowledge_voucher_like", {"share_of_cost-cap": "200"}, "share_of_cost-cap", "enter €300.00 or more"),
        ("innovation_voucher_like", {"fixed-amount": ""}, "fixed-amount", "Enter an amount such as €780.00."),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    owner: Client, programme: Programme, begin: str, changes: dict[str, str], field: str, words: str
) -> None:
    page = save(owner, of(programme), begin, **changes)
    body = page.get_data(as_text=True)
    assert page.status_code == 422
    at_field = text_of_element(body, f"{field}-error")
    assert words in at_field
    assert f'href="#{field}"' in body  # the summary leads there
    for name, typed in changes.items():
        assert fields_of(page)[name] == typed  # nothing typed is lost
    assert newest_rate_card(programme.id) is None


def test_an_empty_card_is_refused(owner: Client, programme: Programme) -> None:
    for changes in ({}, {"cap-on": "y", "cap-most": "100"}):
        page = save(owner, of(programme), **changes)
        assert (page.status_code, "An empty card pays nothing" in text_of(page)) == (422, True)


def test_parts_without_a_tick_are_not_looked_at(owner: Client, programme: Programme) -> None:
    nonsense = {"daily-share_after": "much", "distance_band-bands-0-from_km": "here"}
    assert save(owner, of(programme, "mobility"), "innovation_voucher_like", **nonsense).status_code == 303


def test_amounts_are_written_and_read_by_the_person_s_locale(visitor: Visitor, programme: Programme) -> None:
    make_rate_card(programme, lump_by_country={"amounts": {"PT": "1000.50"}})
    german = visitor(make_member(programme, Role.OWNER, locale="de_DE"))
    path = of(programme)
    form = fields_of(german.get(path))
    assert form["lump_by_country-amounts-3-amount"] == "1000,50"
    english = german.post(path, data=form | {"lump_by_country-amounts-3-amount": "1,000.50"})
    assert (english.status_code, "such as 1.000,50." in text_of(english)) == (422, True)
    assert german.post(path, data=form | {"lump_by_country-amounts-3-amount": "1.234,50"}).status_code == 303
    card = newest_rate_card(programme.id)
    assert card is not None
    assert part_of(card.components, "lump_by_country")["amounts"] == {"PT": "1234.50"}


# Worked cases


def test_worked_cases_stand_beside_the_form_before_anything_is_saved(
    owner: Client, programme: Programme, db_session: Any
) -> None:
    page = owner.get(of(programme, begin="clusterxchange_like"))
    assert CASE in text_of(page)
    assert "No voucher can be requested for hosts in Austria, Germany, Italy" in text_of(page)
    form = fields_of(page) | {"lump_by_country-amounts-3-amount": "1000"}
    again = owner.post(of(programme), data=form | {"act": "preview"})
    assert (again.status_code, CASE.replace("780.00", "1,000.00") in text_of(again)) == (200, True)
    piece = owner.post(f"/programmes/{programme.id}/rates/mobility/worked-cases", data=form)
    assert "€1,000.00" in piece.get_data(as_text=True)
    assert "<html" not in piece.get_data(as_text=True)
    assert db_session.scalar(select(func.count(RateCard.id))) == 0


def test_while_something_is_wrong_the_cases_wait_and_say_for_what(owner: Client, programme: Programme) -> None:
    form = fields_of(owner.get(of(programme, begin="erasmus_staff_like"))) | {"distance_band-bands-1-from_km": "150"}
    piece = owner.post(f"/programmes/{programme.id}/rates/mobility/worked-cases", data=form)
    assert piece.status_code == 200
    assert "Band 2, from, in km: Nothing is set for 100 to 149 km" in " ".join(piece.get_data(as_text=True).split())


def test_a_case_of_one_s_own(owner: Client, programme: Programme) -> None:
    form = fields_of(owner.get(of(programme, begin="erasmus_staff_like")))
    own = {"attempt-country": "PT", "attempt-days": "16", "attempt-km": "730", "act": "preview"}
    page = text_of(owner.post(of(programme), data=form | own))
    assert "Host in Portugal, 16 days, 730 km, by plane or by car alone" in page
    assert "Total €2,157.00" in page  # money.md


def test_worked_cases_are_the_owner_s(visitor: Visitor, programme: Programme) -> None:
    for role in (Role.ASSESSOR, Role.FINANCE_OFFICER, Role.AUDITOR):
        somebody = visitor(make_member(programme, role))
        assert somebody.post(f"/programmes/{programme.id}/rates/mobility/worked-cases").status_code == 404
        assert somebody.get(of(programme, "knowledge")).status_code == 404
    assert visitor(make_member(programme, Role.OWNER)).get(f"/programmes/{programme.id}/rates/gifts").status_code == 404


# What everybody reads


def test_everybody_reads_the_rates_of_both_kinds(client: Client, owner: Client, programme: Programme) -> None:
    save(
        owner, of(programme), "erasmus_staff_like", **{"daily-groups-1-countries": "Italy, pt", "cap-on": "y", "cap-most": "4000"}
    )
    save(owner, of(programme, "knowledge"), "knowledge_voucher_like")
    page = text_of(client.get(f"/programmes/{programme.id}"))
    for words in (
        "10 to 99 km €28.00 €56.00",
        "2,000 to 2,999 km €395.00 €535.00",
        "Under 10 km nothing is paid for travel.",
        "All countries that no other group names A €120.00 Italy, Portugal B €110.00",
        "In full up to day 14, 70 % from day 15 on.",
        "At most €4,000.00 per voucher.",
        "Knowledge vouchers A share of the price The programme pays 60 % of the agreed price",
        "Nothing is paid if the share is under €300.00.",
        "The share is at most €3,000.00.",
    ):
        assert words in page, words


def test_old_versions_can_be_read(client: Client, owner: Client, programme: Programme) -> None:
    save(owner, of(programme), "clusterxchange_like", name="The first")
    save(owner, of(programme), "young_entrepreneurs_like", name="The second")
    path = f"/programmes/{programme.id}/rates/mobility/versions"
    listed = text_of(client.get(path))
    assert "Version 2 In force The second 1 March 2027, 10:00, Brussels time" in listed
    assert "Version 1 The first" in listed
    assert "Portugal €780.00 A stay has at least 3 working days." in text_of(client.get(f"{path}/1"))
    assert client.get(f"{path}/3").status_code == 404
    begun = owner.get(of(programme, begin="1"))
    assert fields_of(begun)["lump_by_country-percent"] == "50"
    assert fields_of(begun)["seen"] == "2"
