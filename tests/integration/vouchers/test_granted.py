"""An amount rests on what was true when it was granted (money.md): what changes later changes neither amount nor rates."""

from datetime import timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from mobility.claims import operations as claims
from mobility.claims.rules import (
    Correction,
)
from mobility.core import clock as core_clock
from mobility.core.errors import Refusal
from mobility.rates import operations as rates
from mobility.vouchers import operations
from mobility.workflows.table import SYSTEM
from tests.support import evidence, factories
from tests.support.cards import card_of
from tests.support.cases import DECLARATIONS, Case, make_case, make_knowledge

MADRID = {"country": "ES", "city": "Madrid", "latitude": 40.4168, "longitude": -3.7038}
EVORA = {"country": "PT", "city": "Évora", "latitude": 38.5714, "longitude": -7.9135}
BADAJOZ = {"city": "Badajoz", "latitude": 38.8794, "longitude": -6.9707}
NEAR_EVORA = {"city": "Lisbon", "latitude": 38.7223, "longitude": -9.1393}
BANDS = {
    "distance_band": {
        "bands": [
            {"from_km": 100, "to_km": 499, "standard": "309.00", "green": "417.00"},
            {"from_km": 500, "to_km": None, "standard": "395.00", "green": "535.00"},
        ]
    },
    "daily": {"amounts": {"A": "120.00"}, "other_group": "A", "full_days": 14, "share_after": "0.7"},
}


def visit(first_in: int = 42, days: int = 5, **values: Any) -> Case:
    first = core_clock.today() + timedelta(days=first_in)
    home, host = factories.make_organisation(**MADRID), factories.make_organisation(**EVORA)
    days_of_it = {"first_day": first, "last_day": first + timedelta(days=days - 1)}
    return make_case("full", guest_organisation=home, host=host, **days_of_it, **values)


def change(thing: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(thing, name, value)


def claimed(case: Case, days: int) -> Any:
    """The host has confirmed so many days; the guest has claimed."""
    case.exchange.actual_first_day = case.exchange.first_day
    case.exchange.actual_last_day = case.exchange.first_day + timedelta(days=days - 1)
    claims.save(case.voucher, by=case.holder)
    claims.add_evidence(case.voucher, by=case.holder, name="ticket.pdf", content=evidence.pdf())
    return claims.claim(case.voucher, by=case.holder)


@pytest.mark.parametrize(
    ("whose", "values"),
    [
        ("host", BADAJOZ),
        ("host", {**BADAJOZ, "country": "ES"}),
        ("host", {"country": "BR"}),
        ("guest_organisation", NEAR_EVORA),
        ("guest_organisation", {"country": "PT", **NEAR_EVORA}),
    ],
)
@pytest.mark.parametrize(("days", "right", "words"), [(5, "780.00", ""), (4, "390.00", "5 working days were approved")])
def test_a_place_that_is_edited_changes_no_amount(
    db_session: Any, whose: str, values: dict[str, Any], days: int, right: str, words: str
) -> None:
    """Madrid to Évora, 415 km; the card pays half under 200 km, and Badajoz is only 92 km from Évora."""
    case = visit()
    case.take_to("delivered")
    assert case.voucher.basis["distance_km"] == 415
    change(getattr(case.exchange, whose), **values)
    db_session.flush()
    claim = claimed(case, days)
    assert [line.amount for line in claim.amount_lines] == [Decimal(right)]
    assert claim.explanation.startswith(words)
    assert "The days of the stay were changed" not in claim.explanation
    assert claim.explanation or days == 5


def test_sixteen_days_approved_thirty_held_and_no_travel(db_session: Any) -> None:
    """395.00 + 1,680.00 + 168.00 approved; without the travel 1,848.00 are left, whatever the days beyond would come to."""
    case = visit(days=16, programme=(programme := factories.make_programme(scheme="full")), line=line_of(programme))
    case.exchange.guest_organisation.latitude, case.exchange.guest_organisation.longitude = 47.07, 15.44
    case.take_to("delivered")
    assert [line.amount for line in case.voucher.amount_lines] == [Decimal(395), Decimal(1680), Decimal(168)]
    claimed(case, 30)
    claims.validate(case.voucher, by=case.owner, corrections=[Correction(0, Decimal(0), "The host paid it.")])
    assert case.voucher.final_amount == Decimal("1848.00")


def test_green_was_approved_and_the_plane_was_taken(db_session: Any) -> None:
    """535.00 + 600.00 approved; 8 days held, travel as by plane: 395.00 + 600.00."""
    case = visit(programme=(programme := factories.make_programme(scheme="full")), line=line_of(programme))
    case.exchange.guest_organisation.latitude, case.exchange.guest_organisation.longitude = 47.07, 15.44
    operations.request(case.voucher, by=case.holder, declarations=list(DECLARATIONS), green_travel=True)
    for step in ("recommended", "approved", "issued", "redeemed", "delivered"):
        getattr(case, f"_{step}")()
    assert [line.amount for line in case.voucher.amount_lines] == [Decimal(535), Decimal(600)]
    claimed(case, 8)
    claims.validate(case.voucher, by=case.owner, corrections=[Correction(0, Decimal(395), "By plane.")])
    assert case.voucher.final_amount == Decimal("995.00")


def line_of(programme: Any) -> Any:
    factories.make_rate_card(programme, **BANDS)
    return factories.make_budget_line(factories.make_call(programme), 10_000)


# The programme has asked something


def asked(scheme: str = "light") -> Case:
    case = make_case(scheme)
    operations.request(case.voucher, by=case.holder, declarations=list(DECLARATIONS))
    operations.ask_information(case.voucher, by=case.owner, question="Which train?")
    return case


def test_a_call_that_closes_while_the_programme_asks_keeps_what_was_requested_in_time(db_session: Any, clock: ModuleType) -> None:
    case = asked()
    case.line.call.closes_on = core_clock.today()
    clock.move(days=3)
    operations.resubmit(case.voucher, by=case.holder, answer="By Milan.")
    assert (case.voucher.state, case.voucher.amount, case.voucher.budget_line) == ("requested", Decimal(780), case.line)
    operations.approve(case.voucher, by=case.owner)
    assert (case.voucher.state, case.line.committed) == ("issued", Decimal(780))


def test_another_call_does_not_take_it_over(db_session: Any, clock: ModuleType) -> None:
    case = asked()
    case.line.call.closes_on = core_clock.today()
    clock.move(days=3)
    factories.make_budget_line(factories.make_call(case.programme, name="The next"), 10_000)
    operations.resubmit(case.voucher, by=case.holder, answer="By Milan.")
    assert case.voucher.budget_line == case.line


@pytest.mark.parametrize("amounts", [{"AT": "500.00"}, {"PT": "1.00"}, {"PT": "900.00"}])
def test_new_rates_while_the_programme_asks_are_not_those_of_the_request(db_session: Any, amounts: dict[str, str]) -> None:
    case = asked("full")
    card = case.voucher.rate_card
    factories.make_rate_card(case.programme, lump_by_country={"amounts": amounts})
    operations.resubmit(case.voucher, by=case.holder, answer="By Milan.")
    assert (case.voucher.amount, case.voucher.rate_card) == (Decimal(780), card)
    case._recommended()
    case._approved()
    assert case.voucher.state == "approved"


def test_an_answer_takes_the_days_that_were_amended_and_nothing_else(db_session: Any) -> None:
    case = asked()
    case.exchange.last_day -= timedelta(days=1)
    change(case.exchange.host, country="BR", **BADAJOZ)
    operations.resubmit(case.voucher, by=case.holder, answer="A day less.")
    assert (case.voucher.amount, case.voucher.basis["days"], case.voucher.basis["host_country"]) == (Decimal(390), 4, "PT")


def test_a_price_is_answered_for_at_the_rates_of_the_request(db_session: Any, clock: ModuleType) -> None:
    """60 % of 4,000.00."""
    case = make_knowledge()
    voucher = case.take_to("requested")
    operations.ask_information(voucher, by=case.owner, question="Which course?")
    case.line.call.closes_on = core_clock.today()
    dearer = {"share_of_cost": {"share": "0.1"}}
    rates.save_rate_card(case.programme, by=SYSTEM, voucher_kind="knowledge", components=card_of(**dearer))
    clock.move(days=3)
    operations.resubmit(voucher, by=case.holder, answer="The one of May.")
    assert (voucher.amount, voucher.budget_line) == (Decimal(2400), case.line)


def test_what_was_never_requested_is_not_in_time(db_session: Any, clock: ModuleType) -> None:
    case = make_case("light")
    case.line.call.closes_on = core_clock.today()
    clock.move(days=3)
    with pytest.raises(Refusal, match="No call of this programme is open"):
        operations.request(case.voucher, by=case.holder, declarations=list(DECLARATIONS))
