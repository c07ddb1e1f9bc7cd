"""What the amount of a voucher depends on besides the stay: how one travels, and what price was agreed (P17)."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from mobility.core.errors import Refusal
from mobility.notifications.models import OutboxMessage
from mobility.notifications.rendering import html_of
from mobility.papers.queries import voucher_paper
from mobility.rates import operations as rates
from mobility.rates.examples import example_cards
from mobility.vouchers import operations
from tests.support.cards import by_component, card_of
from tests.support.cases import DECLARATIONS, Case, act, make_case
from tests.support.factories import make_rate_card
from tests.support.html import text_of

BANDS = by_component(example_cards()["erasmus_staff_like"]["components"])
SHARE = {"share_of_cost": {"share": "0.60", "minimum": "300.00", "cap": "3000.00"}}
ALL = list(DECLARATIONS)


def with_rates(components: dict[str, Any]) -> Case:
    """Graz to Lisbon, 2,195 km, five days."""
    case = make_case("light")
    make_rate_card(case.programme, **components)
    return case


def test_lump_sums_ask_neither_for_travel_nor_for_a_price(visitor: Any, light: Case) -> None:
    body = visitor(light.holder).get(f"/vouchers/{light.voucher.id}/request").get_data(as_text=True)
    assert 'name="green_travel"' not in body
    assert 'name="price"' not in body
    assert "Show the amount" not in body


def test_green_travel_is_paid_better_and_stays_with_the_voucher(visitor: Any, db_session: Any) -> None:
    case = with_rates(BANDS)
    holder = visitor(case.holder)
    page = text_of(holder.get(f"/vouchers/{case.voucher.id}/request"))
    assert "Total €995.00" in page  # 395.00 + 5 x 120.00
    assert "By train, bus or shared car it would be €1,135.00." in page  # 535.00 instead
    shown = text_of(act(holder, case.voucher, "amount", green_travel="y"))
    assert "Total €1,135.00" in shown
    assert "By plane or by car alone it would be €995.00." in shown
    assert case.voucher.lines == []  # only looked at
    assert act(holder, case.voucher, "request", green_travel="y", declarations=ALL).status_code == 303
    assert (case.voucher.green_travel, case.voucher.amount) == (True, Decimal("1135.00"))
    assert [line.label for line in case.voucher.amount_lines] == ["Travel, green", "Days of stay"]
    assert "by train, bus or shared car" in text_of(visitor(case.owner).get(f"/vouchers/{case.voucher.id}/approve"))


def test_an_answer_is_computed_with_the_same_travel(light: Case) -> None:
    make_rate_card(light.programme, **BANDS)
    operations.request(light.voucher, by=light.holder, declarations=ALL, green_travel=True)
    operations.ask_information(light.voucher, by=light.owner, question="Which train?")
    operations.resubmit(light.voucher, by=light.holder, answer="By Milan.")
    assert light.voucher.amount == Decimal("1135.00")


def test_co_funding_says_what_the_programme_pays_and_what_oneself(visitor: Any, db_session: Any) -> None:
    case = with_rates(SHARE)
    holder = visitor(case.holder)
    opened = text_of(holder.get(f"/vouchers/{case.voucher.id}/request"))
    assert "The amount follows from the agreed price." in opened
    shown = text_of(act(holder, case.voucher, "amount", price="6,000"))
    assert "60 % €6,000.00 €3,600.00" in shown
    assert "-€600.00" in shown
    assert "Of the price of €6,000.00, the programme pays €3,000.00; you or your organisation pay €3,000.00 yourselves." in shown
    assert act(holder, case.voucher, "request", price="4,000", declarations=ALL).status_code == 303
    assert (case.voucher.price, case.voucher.amount, case.voucher.own_share) == (4000, 2400, 1600)
    assert "the holder or their organisation pays €1,600.00" in text_of(holder.get(f"/vouchers/{case.voucher.id}"))


def test_the_paper_says_what_the_holder_pays_of_the_price_beside_travel_and_days(db_session: Any) -> None:
    """By money.md: 395.00 + 5 x 120.00 + 60 % of 4,000.00 = 3,395.00; of the price 1,600.00 are left to the holder."""
    case = with_rates(BANDS | SHARE)
    operations.request(case.voucher, by=case.holder, declarations=ALL, price=Decimal(4000))
    operations.approve(case.voucher, by=case.owner)
    paper = voucher_paper(case.voucher)
    assert (paper.total, paper.price, paper.own_share) == (Decimal("3395.00"), Decimal("4000.00"), Decimal("1600.00"))


def test_the_paper_of_lump_sums_says_nothing_of_a_price(light: Case) -> None:
    light.take_to("issued")
    paper = voucher_paper(light.voucher)
    assert (paper.total, paper.price, paper.own_share) == (Decimal("780.00"), None, None)


def test_the_piece_for_the_script_is_only_the_amount(visitor: Any, db_session: Any) -> None:
    case = with_rates(SHARE)
    piece = act(visitor(case.holder), case.voucher, "amount?piece=1", price="500").get_data(as_text=True)
    assert "€300.00" in piece
    assert "<html" not in piece


@pytest.mark.parametrize(
    ("price", "words"),
    [
        ("", "Enter the agreed price in euro."),
        ("400", "€240.00 is under the minimum of €300.00."),
        ("0", "Enter a price greater than zero."),
        ("-5", "Enter an amount greater than zero"),
        ("much", "Enter an amount in euro such as 1,000.50."),
        ("4.000,00", "Enter an amount in euro such as 1,000.50."),
        ("4000.005", "at most two digits"),
        ("$4,000", "Enter the amount in euro; every amount here is."),
        ("1,000,001", "A price is at most €1,000,000.00."),
        ("9" * 30, "This amount is too large."),
    ],
)
def test_a_price_that_cannot_be_is_refused_at_its_field(visitor: Any, db_session: Any, price: str, words: str) -> None:
    case = with_rates(SHARE)
    page = act(visitor(case.holder), case.voucher, "request", price=price, declarations=ALL)
    body = page.get_data(as_text=True)
    assert page.status_code == 422
    assert words in body.partition('id="price-error"')[2].partition("</p>")[0]
    assert f'value="{price}"' in body
    assert case.voucher.state == "draft"


def test_looking_at_the_amount_is_for_who_may_request(visitor: Any, db_session: Any) -> None:
    case = with_rates(BANDS)
    assert act(visitor(case.stranger), case.voucher, "amount").status_code == 404
    assert act(visitor(case.host_coordinator), case.voucher, "amount").status_code in (403, 404)
    case.take_to("requested")
    assert act(visitor(case.holder), case.voucher, "amount").status_code == 409


def test_nothing_is_no_voucher(light: Case) -> None:
    """A card of travel bands alone, between neighbours: the amount would be zero."""
    make_rate_card(
        light.programme, distance_band={"bands": [{"from_km": 5000, "to_km": None, "standard": "9.00", "green": "9.00"}]}
    )
    with pytest.raises(Refusal, match="comes to nothing"):
        operations.request(light.voucher, by=light.holder, declarations=ALL)


def test_knowledge_rates_are_not_a_mobility_voucher_s(light: Case) -> None:
    fixed = {"fixed": {"amount": "5000.00"}}
    rates.save_rate_card(light.programme, by=light.owner, voucher_kind="knowledge", components=card_of(**fixed))
    operations.request(light.voucher, by=light.holder, declarations=ALL)
    assert light.voucher.amount == Decimal("780.00")


def test_mails_have_the_amount_line_by_line(db_session: Any) -> None:
    case = with_rates(BANDS | SHARE)
    operations.request(case.voucher, by=case.holder, declarations=ALL, green_travel=True, price=Decimal(6000))
    operations.approve(case.voucher, by=case.owner)
    db_session.flush()
    table = (
        "Travel, green                         €535.00\n"
        "  2,195 km one way lies between 2,000 and 2,999 km\n"
        "Days of stay                          €600.00\n"
        "  Daily amount of country group A\n"
        "Share of the price                  €3,600.00\n"
        "  60 % of the agreed price\n"
        "Cap of the share                     -€600.00\n"
        "  At most €3,000.00 for this part\n"
        "Total                               €4,135.00\n"
    )
    for kind, own in (("voucher_requested", "The holder's own share"), ("voucher_issued", "Your own share of the price")):
        mail = db_session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)).first()
        assert table in mail.text, mail.text
        assert f"{own:<32} {'€3,000.00':>12}" in mail.text
        assert "60 % of the agreed price" in html_of(mail)
