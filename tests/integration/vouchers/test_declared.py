"""What a guest asks for and declares, from the request to the validation, with amounts worked out by hand (money.md)."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from io import BytesIO
from types import ModuleType
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from mobility.applications.models import Delegate
from mobility.budgets.checks import check_ledger
from mobility.claims import operations as claims
from mobility.claims.models import Claim
from mobility.claims.rules import (
    Correction,
    asked_costs,
)
from mobility.core import clock as core_clock
from mobility.core.errors import NotReady, Refusal
from mobility.notifications.models import OutboxMessage
from mobility.rates import operations as rates
from mobility.vouchers import operations
from mobility.vouchers.kinds import KINDS
from mobility.workflows.table import SYSTEM
from tests.support import evidence, factories
from tests.support.cards import card_of
from tests.support.cases import ALL, DECLARATIONS, Case, act, desk_of, make_case, make_knowledge
from tests.support.client import Visitor
from tests.support.forms import values_of
from tests.support.html import text_of

# 5 days at 180.00 with 2 travel days and 360.00 travel are 1,620.00 (money.md)
TRAVEL = {"bands": [{"from_km": 100, "to_km": None, "standard": "360.00", "green": "360.00"}]}
DAYS = {"amounts": {"A": "180.00"}, "other_group": "A", "travel_days": 2, "travel_days_green": 6}
PUBLISHED = {"distance_band": TRAVEL, "daily": DAYS}

INCLUSION = {"key": "inclusion", "words": "I have fewer opportunities."}
OUTERMOST = {"key": "outermost", "words": "I come from an outermost region."}
SUPPLEMENTS = {
    "daily": {"amounts": {"A": "100.00"}, "other_group": "A"},
    "fixed": [
        {"amount": "150.00", "label": "Inclusion supplement", "condition": INCLUSION},
        {"amount": "300.00", "label": "Outermost supplement", "condition": OUTERMOST},
    ],
}
COSTS = {
    "daily": {"amounts": {"A": "100.00"}, "other_group": "A"},
    "real_costs": [{"key": "visa", "label": "Visa", "share": "0.8"}],
}


def piece_of(answer: Any) -> str:
    """The words of a piece of a page, which its script fetches."""
    assert answer.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def visit(card: dict[str, Any], scheme: str = "full", persons: int = 1, amount: int = 10_000, **values: Any) -> Case:
    """An agreed stay of five days, Graz to Lisbon unless said otherwise, 2,195 km."""
    programme = factories.make_programme(scheme=scheme)
    factories.make_rate_card(programme, **card)
    case = make_case(scheme, amount, programme=programme, **values)
    for position in range(2, persons + 1):
        case.exchange.application.delegates.append(
            Delegate(position=position, name=f"Guest {position}", email="", level="cluster_manager")
        )
    return case


def request(case: Case, **asked: Any) -> None:
    operations.request(case.voucher, by=case.holder, declarations=list(DECLARATIONS), **asked)


def approve(case: Case, confirmed: tuple[str, ...] = ()) -> None:
    if case.programme.scheme == "full":
        case._recommended()
    operations.approve(case.voucher, by=case.owner, confirmed=confirmed)
    assert check_ledger() == []


def deliver(case: Case, days: int | None = None, attended: list[str] | None = None) -> None:
    if case.programme.scheme == "full":
        operations.issue(case.voucher, by=case.owner)
    case._redeemed()
    case._delivered()
    exchange = case.exchange
    exchange.actual_first_day = exchange.first_day
    exchange.actual_last_day = exchange.first_day + timedelta(days=days - 1) if days else exchange.last_day
    exchange.attended = attended or [each.name for each in exchange.delegates]


def claim(case: Case, **spent: Any) -> Claim:
    claims.save(case.voucher, by=case.holder, **spent)
    claims.add_evidence(case.voucher, by=case.holder, name="ticket.pdf", content=evidence.pdf())
    found = claims.claim(case.voucher, by=case.holder)
    assert check_ledger() == []
    return found


def validate(case: Case) -> Decimal | None:
    claims.validate(case.voucher, by=case.owner)
    assert check_ledger() == []
    return case.voucher.final_amount


def amounts(lines: Any) -> list[Decimal]:
    return [line.amount for line in lines]


# Travel days


def test_the_published_example_from_the_request_to_the_validation(db_session: Any, visitor: Visitor) -> None:
    case = visit(PUBLISHED)
    request(case, travel_days=2)
    assert (amounts(case.voucher.amount_lines), case.voucher.amount) == ([Decimal(360), Decimal(1260)], Decimal(1620))
    approve(case)
    assert (case.line.committed, case.line.available) == (Decimal(1620), Decimal(8380))
    deliver(case)
    paper = PdfReader(BytesIO(visitor(case.holder).get(f"/vouchers/{case.voucher.id}/voucher.pdf").data))
    words = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    assert "5 days of stay and 2 travel days" in words
    assert "1,620.00" in words
    assert claim(case, travel_days=2).explanation == ""
    assert validate(case) == Decimal(1620)


@pytest.mark.parametrize(
    ("held", "used", "right", "words"),
    [
        (5, 1, 1440, "2 days of travel were approved, 1 used."),  # 360 + 6 x 180
        (5, 0, 1260, "2 days of travel were approved, none used."),  # 360 + 5 x 180
        (4, 2, 1440, "5 days were approved"),  # 360 + 6 x 180
        (3, 1, 1080, "5 days were approved"),  # 360 + 4 x 180
        (7, 2, 1620, "The rates would come to €1,980.00"),  # 360 + 9 x 180, of which 7 days were approved
    ],
)
def test_what_was_used_of_it_is_paid(db_session: Any, held: int, used: int, right: int, words: str) -> None:
    case = visit(PUBLISHED)
    request(case, travel_days=2)
    approve(case)
    deliver(case, held)
    found = claim(case, travel_days=used)
    assert words in found.explanation
    assert validate(case) == Decimal(right)


@pytest.mark.parametrize(("green", "days", "words"), [(False, 3, "At most 2; at most 6 by train"), (True, 7, "At most 2")])
def test_no_more_travel_days_than_the_rates_have(db_session: Any, green: bool, days: int, words: str) -> None:
    case = visit(PUBLISHED)
    with pytest.raises(Refusal, match=words) as refused:
        request(case, travel_days=days, green_travel=green)
    assert refused.value.field == "travel_days"
    request(case, travel_days=6, green_travel=True)
    assert case.voucher.amount == Decimal(2340)  # 360 + 11 x 180


def test_a_claim_says_how_many_travel_days_and_no_more_than_approved(db_session: Any) -> None:
    case = visit(PUBLISHED)
    request(case, travel_days=2)
    approve(case)
    deliver(case)
    for used, words in ((None, "Say how many days"), (3, "At most 2 were approved")):
        with pytest.raises(NotReady, match=words):
            claim(case, travel_days=used)


# Persons


def test_a_delegation_of_three_is_paid_three_times(db_session: Any) -> None:
    """3 x 360.00 and 3 x 7 days at 180.00; two who came: 2 x 360.00 and 14 days at 180.00."""
    by_person = {"distance_band": TRAVEL | {"per_person": True}, "daily": DAYS | {"per_person": True}}
    case = visit(by_person, persons=3)
    request(case, travel_days=2)
    assert amounts(case.voucher.amount_lines) == [Decimal(1080), Decimal(3780)]
    approve(case)
    assert case.line.committed == Decimal(4860)
    names = [each.name for each in case.exchange.delegates]
    deliver(case, attended=names[:2])
    found = claim(case, travel_days=2)
    assert "3 guests were approved, 2 came." in found.explanation
    assert amounts(found.amount_lines) == [Decimal(720), Decimal(2520)]
    assert validate(case) == Decimal(3240)
    assert case.line.available == Decimal(6760)


def test_attendance_that_is_corrected_counts_who_came(db_session: Any, clock: ModuleType) -> None:
    """Two persons, 2 x 5 days at 180.00; one of them had not come after all."""
    case = visit({"daily": DAYS | {"per_person": True}}, persons=2)
    request(case)
    approve(case)
    deliver(case)
    found = claim(case)
    assert amounts(found.amount_lines) == [Decimal(1800)]
    clock.move(days=60)
    case.exchange.state, case.exchange.confirmed_on = "completed", core_clock.today()
    days = {"first_day": case.exchange.first_day, "last_day": case.exchange.last_day}
    claims.correct_attendance(case.exchange, by=case.host_coordinator, attended=[1], reason="She fell ill.", **days)
    assert amounts(found.amount_lines) == [Decimal(900)]
    assert validate(case) == Decimal(900)


# Conditions


@pytest.mark.parametrize(
    ("declared", "confirmed", "asked", "right"),
    [
        ((), (), 500, 500),
        (("inclusion",), ("inclusion",), 650, 650),
        (("inclusion",), (), 650, 500),
        (("inclusion", "outermost"), ("outermost",), 950, 800),
        (("inclusion", "outermost"), ("inclusion", "outermost"), 950, 950),
        (("inclusion",), ("inclusion", "outermost"), 650, 650),  # nobody is given what they did not ask for
    ],
)
@pytest.mark.parametrize("scheme", ["light", "full"])
def test_a_supplement_is_paid_once_the_programme_has_confirmed_its_condition(
    db_session: Any, scheme: str, declared: Any, confirmed: Any, asked: int, right: int
) -> None:
    case = visit(SUPPLEMENTS, scheme)
    request(case, conditions=declared)
    assert case.voucher.amount == Decimal(asked)
    approve(case, confirmed)
    assert (case.voucher.amount, case.line.committed) == (Decimal(right), Decimal(right))
    right_ones = [each for each in declared if each in confirmed]
    assert case.voucher.basis["conditions"] == case.voucher.conditions_confirmed == right_ones
    assert case.voucher.conditions_declared == list(declared)
    deliver(case)
    claim(case)
    assert validate(case) == Decimal(right)


@pytest.mark.parametrize(("confirmed", "right"), [(("inclusion",), 550), ((), 400)])
def test_a_shorter_stay_counts_what_was_confirmed(db_session: Any, confirmed: Any, right: int) -> None:
    """4 days at 100.00, and 150.00."""
    case = visit(SUPPLEMENTS)
    request(case, conditions=("inclusion",))
    approve(case, confirmed)
    deliver(case, days=4)
    claim(case)
    assert validate(case) == Decimal(right)


def test_it_is_bound_to_the_money_that_suffices_without_what_is_not_confirmed(db_session: Any) -> None:
    """800.00 asked for, 500.00 without the condition: the first call has 300.00 left, the second 600.00."""
    case = visit(SUPPLEMENTS, "light", amount=300)
    second = factories.make_budget_line(factories.make_call(case.programme), 600)
    request(case, conditions=["outermost"])
    assert (case.voucher.amount, case.voucher.budget_line) == (Decimal(800), second)
    approve(case)
    assert (case.voucher.amount, second.available) == (Decimal(500), Decimal(100))


def test_whoever_declared_it_is_told_and_nobody_else(db_session: Any, visitor: Visitor) -> None:
    case = visit(SUPPLEMENTS, "light")
    request(case, conditions=("inclusion", "outermost"))
    approve(case, ("outermost",))
    words = "not confirmed this of what you declared: I have fewer opportunities. So the amount"
    told = {each.address: each.text for each in db_session.scalars(select(OutboxMessage)) if each.kind == "voucher_issued"}
    assert words in " ".join(told[case.holder.email].split())
    assert "€800.00 instead of €950.00" in told[case.holder.email]
    assert len(told) > 1
    assert all("confirmed" not in text for address, text in told.items() if address != case.holder.email)
    page = text_of(visitor(case.holder).get(f"/vouchers/{case.voucher.id}"))
    assert "not confirmed by" in page
    assert "I have fewer opportunities. So the amount is" in page
    assert "€800.00 instead of €950.00" in page
    of_host = text_of(visitor(case.host_coordinator).get(f"/vouchers/{case.voucher.id}"))
    assert "€800.00 in all." in of_host
    for text in (of_host, told[case.host_coordinator.email]):
        for words in ("fewer opportunities", "outermost", "supplement"):
            assert words not in text.casefold()
    assert "€800.00" in told[case.host_coordinator.email]
    assert "Outermost supplement" in told[case.holder.email]


def test_the_approval_shows_both_amounts_and_nothing_is_ticked(db_session: Any, visitor: Visitor) -> None:
    case = visit(SUPPLEMENTS, "light")
    request(case, conditions=("inclusion",))
    owner, address = visitor(case.owner), f"/vouchers/{case.voucher.id}/approve"
    opened = owner.get(address)
    assert "confirmed" not in values_of(opened)
    assert "To be approved €500.00" in text_of(opened)
    assert "Total €650.00" in text_of(opened)
    looked = owner.post(f"{address}/amount?piece=1", data=values_of(opened) | {"confirmed": "inclusion"})
    assert "To be approved €650.00" in piece_of(looked)
    assert case.voucher.state == "requested"
    assert act(owner, case.voucher, "approve", confirmed="outermost").status_code == 422
    assert act(owner, case.voucher, "approve", note="No proof.").status_code == 303
    assert (case.voucher.state, case.voucher.amount) == ("issued", Decimal(500))
    history = [each.note for each in case.voucher.history() if each.action == "approve"]
    assert history == ["1 declared condition is not confirmed: €500.00 instead of €650.00. No proof."]


def test_a_line_that_covers_it_without_the_supplement_is_enough(db_session: Any) -> None:
    case = visit(SUPPLEMENTS, "light", amount=600)
    request(case, conditions=("inclusion",))
    db_session.commit()
    with pytest.raises(Refusal, match=r"this voucher needs €650\.00"):
        operations.approve(case.voucher, by=case.owner, confirmed=("inclusion",))
    db_session.rollback()
    operations.approve(case.voucher, by=case.owner)
    assert case.line.committed == Decimal(500)


def test_what_is_declared_is_not_approved_in_a_batch(db_session: Any, visitor: Visitor) -> None:
    case = visit(SUPPLEMENTS, "light")
    request(case, conditions=("inclusion",))
    owner, row = visitor(case.owner), f"{case.voucher.id}:{case.voucher.version}"
    review = text_of(owner.get(f"{desk_of(case)}/review?chosen={case.voucher.id}"))
    assert "The holder declares a condition: open the voucher" in review
    decided = owner.post(desk_of(case), data={"decision": "approve", "chosen": row})
    assert "The holder declares a condition: open the voucher" in text_of(decided)
    assert case.voucher.state == "requested"
    row = f"{case.voucher.id}:{case.voucher.version}"
    owner.post(desk_of(case), data={"decision": "reject", "chosen": row, "reason": "No proof."})
    assert case.voucher.state == "rejected"


# Real costs


@pytest.mark.parametrize(
    ("spent", "right", "words"),
    [
        ("250.00", "700.00", ""),  # 500 + 80 % of 250
        ("100.10", "580.08", "Visa: €250.00 expected, €100.10 spent."),  # 500 + 80.08
        ("400.00", "700.00", "what was approved is the most that is paid"),
        ("0.00", "500.00", "Visa: €250.00 expected, €0.00 spent."),
    ],
)
@pytest.mark.parametrize("scheme", ["light", "full"])
def test_real_costs_are_paid_at_their_share_up_to_what_was_approved(
    db_session: Any, scheme: str, spent: str, right: str, words: str
) -> None:
    case = visit(COSTS, scheme)
    request(case, costs={"visa": Decimal(250)})
    assert case.voucher.amount == Decimal(700)
    approve(case)
    deliver(case)
    assert words in claim(case, costs={"visa": Decimal(spent)}).explanation
    assert validate(case) == Decimal(right)


def test_real_costs_are_stated_and_shown_with_receipts_also_in_a_light_programme(db_session: Any) -> None:
    case = visit(COSTS, "light")
    with pytest.raises(Refusal, match="Visa: enter what you expect to pay") as refused:
        request(case)
    assert refused.value.field == "costs"
    request(case, costs={"visa": Decimal(250)})
    approve(case)
    deliver(case)
    claims.save(case.voucher, by=case.holder)
    with pytest.raises(NotReady) as missing:
        claims.claim(case.voucher, by=case.holder)
    assert [each.field for each in missing.value.problems] == ["costs", "files"]


def test_costs_of_which_none_were_approved_are_not_asked_for(db_session: Any) -> None:
    """The visa was expected to cost nothing: 5 days at 100.00 are all there is."""
    case = visit(COSTS, "light")
    request(case, costs={"visa": Decimal(0)})
    approve(case)
    deliver(case)
    assert asked_costs(case.voucher) == []
    claims.save(case.voucher, by=case.holder)
    claims.claim(case.voucher, by=case.holder)
    assert validate(case) == Decimal(500)


def test_the_history_does_not_tell_the_host_what_was_spent(db_session: Any) -> None:
    """80 % of 250.00 approved, 100.00 spent, then 20.00 less."""
    case = visit(COSTS)
    request(case, costs={"visa": Decimal(250)})
    approve(case)
    deliver(case)
    found = claim(case, costs={"visa": Decimal(100)})
    assert "Visa: €250.00 expected, €100.00 spent." in found.explanation
    claimed = "At the same rates this comes to €580.00 instead of €700.00."
    assert case.voucher.history()[0].note == claimed
    lowered = [Correction(1, Decimal(60), "One receipt is missing.")]
    claims.validate(case.voucher, by=case.owner, corrections=lowered)
    note = case.voucher.history()[0].note
    assert note == f"€560.00 of €700.00 approved. {claimed} The claim says what is paid less, and why."


def test_what_one_component_has_left_never_pays_for_another(db_session: Any) -> None:
    """5 days at 100.00 and 80 % of 250.00 approved; 7 held, nothing spent: 500.00."""
    case = visit(COSTS)
    request(case, costs={"visa": Decimal(250)})
    approve(case)
    deliver(case, days=7)
    claim(case, costs={"visa": Decimal(0)})
    assert validate(case) == Decimal(500)


@pytest.mark.parametrize(("kind", "right"), [("cluster_organisation", "700.00"), ("public_authority", "750.00")])
def test_the_share_is_that_of_the_holder_s_kind_of_organisation(db_session: Any, kind: str, right: str) -> None:
    """80 % of 250.00, of a public authority all; whatever the organisation is called afterwards."""
    by_kind = COSTS | {"real_costs": [COSTS["real_costs"][0] | {"shares": {"public_authority": "1"}}]}
    case = visit(by_kind, guest_organisation=factories.make_organisation(kind=kind))
    request(case, costs={"visa": Decimal(250)})
    approve(case)
    case.exchange.guest_organisation.kind = "provider"
    deliver(case)
    claim(case, costs={"visa": Decimal(250)})
    assert validate(case) == Decimal(right)


def test_a_course_is_paid_by_the_kind_of_organisation_from_the_first_page_on(db_session: Any, visitor: Visitor) -> None:
    """Of 4,000.00 a public authority gets 50 %, everybody else 60 %."""
    known = make_knowledge()
    share = {"share": "0.6", "shares": {"public_authority": "0.5"}}
    rates.save_rate_card(known.programme, by=SYSTEM, voucher_kind="knowledge", components=card_of(share_of_cost=share))
    known.home.kind = "public_authority"
    piece = piece_of(visitor(known.holder).post("/vouchers/new/amount", data=known.typed()))
    assert "The programme pays €2,000.00" in piece
    voucher = known.take_to("requested")
    known.home.kind = "cluster_organisation"
    operations.approve(voucher, by=known.owner)
    assert (voucher.amount, known.line.committed) == (Decimal(2000), Decimal(2000))


# Regions


LUMP = {
    "lump_by_country": {
        "amounts": {"DE": "800.00", "CH": "800.00"},
        "reduction": {"factor": "0.5", "if_working_days_under": 5, "or_km_under": 0},
    }
}


@pytest.mark.parametrize(
    ("country", "region", "first", "right"),
    [
        ("DE", "DE-BY", date(2027, 11, 1), 400),  # All Saints' Day, a Monday: four working days
        ("DE", "DE-BE", date(2027, 11, 1), 800),
        ("DE", "", date(2027, 11, 1), 800),
        ("CH", "CH-ZH", date(2027, 3, 22), 400),  # Good Friday, 26 March 2027
        ("CH", "CH-TI", date(2027, 3, 22), 800),
    ],
)
def test_holidays_of_the_host_s_region_are_no_working_days(
    db_session: Any, country: str, region: str, first: date, right: int
) -> None:
    host = factories.make_organisation(country=country, city="There", region=region, latitude=47.4, longitude=8.5)
    case = visit(LUMP, host=host, first_day=first, last_day=first + timedelta(days=4))
    request(case)
    assert (case.voucher.amount, case.voucher.basis["region"]) == (Decimal(right), region)
    approve(case)
    host.region, host.city, host.latitude = "", "Elsewhere", 10.0
    deliver(case)
    assert claim(case).explanation == ""
    assert validate(case) == Decimal(right)


# The pages


def test_the_request_is_computed_anew_while_one_types_and_keeps_what_was_typed(db_session: Any, visitor: Visitor) -> None:
    card = {"daily": DAYS, "real_costs": COSTS["real_costs"], "fixed": SUPPLEMENTS["fixed"]}
    case = visit(card)
    holder, address = visitor(case.holder), f"/vouchers/{case.voucher.id}"
    opened = holder.get(f"{address}/request")
    page = text_of(opened)
    for words in ("Days of travel", "At most 2; at most 6 by train, bus or shared car.", "Visa", "I have fewer opportunities."):
        assert words in page
    typed = values_of(opened) | {"travel_days": "2", "costs-0": "250.00", "conditions": "inclusion"}
    piece = piece_of(holder.post(f"{address}/amount?piece=1", data=typed))
    assert "€1,610.00" in piece  # 7 x 180 + 200 + 150
    assert "If the programme does not confirm what you declare, you get €1,460.00." in piece
    too_many = piece_of(holder.post(f"{address}/amount?piece=1", data=typed | {"travel_days": "4"}))
    assert "At most 2; at most 6" in too_many
    again = holder.post(f"{address}/request", data=typed | {"travel_days": "4"})  # without the declarations, too
    assert again.status_code == 422
    assert {name: values_of(again)[name] for name in ("travel_days", "costs-0", "conditions")} == {
        "travel_days": "4",
        "costs-0": "250.00",
        "conditions": "inclusion",
    }
    sent = act(holder, case.voucher, "request", **typed | {"declarations": list(DECLARATIONS), "version": case.voucher.version})
    assert sent.status_code == 303
    assert (case.voucher.state, case.voucher.amount) == ("requested", Decimal(1610))
    assert case.voucher.expected_costs == {"visa": "250.00"}


def test_the_claim_is_computed_anew_while_one_types(db_session: Any, visitor: Visitor) -> None:
    case = visit({"daily": DAYS, "real_costs": COSTS["real_costs"]})
    request(case, travel_days=2, costs={"visa": Decimal(250)})
    approve(case)
    deliver(case)
    holder, address = visitor(case.holder), f"/vouchers/{case.voucher.id}/claim"
    opened = holder.get(address)
    assert "You get at most €1,460.00" in text_of(opened)
    assert values_of(opened)["travel_days"] == "2"
    typed = values_of(opened) | {"costs-0": "100.00", "travel_days": "1"}
    assert "You get €1,160.00" in piece_of(holder.post(f"{address}/amount", data=typed))  # 6 x 180 + 80
    holder.post(address, data=typed | {"act": "save"})
    kept = values_of(holder.get(address))
    assert (kept["costs-0"], kept["travel_days"]) == ("100.00", "1")
    too_many = holder.post(address, data=kept | {"travel_days": "3", "act": "save"})
    assert "Enter a whole number from 0 to 2." in text_of(too_many)
    claim(case, travel_days=1, costs={"visa": Decimal(100)})
    decision = text_of(visitor(case.owner).get(f"/vouchers/{case.voucher.id}/validate"))
    assert "€100.00 spent, €250.00 expected" in decision
    assert "1 used, 2 approved" in decision
    assert validate(case) == Decimal(1160)


def test_a_voucher_without_any_of_it_asks_for_nothing_of_it(full: Case, visitor: Visitor) -> None:
    page = text_of(visitor(full.holder).get(f"/vouchers/{full.voucher.id}/request"))
    for words in ("Days of travel", "What you expect to pay", "Does this apply to you?"):
        assert words not in page


def test_a_condition_that_goes_on_a_sentence_begins_like_one_where_it_stands_alone(db_session: Any, visitor: Visitor) -> None:
    needs = {"key": "support", "words": "a guest needs support"}  # as it goes on from "Only paid if"
    case = visit(SUPPLEMENTS | {"fixed": [{"amount": "150.00", "label": "Inclusion", "condition": needs}]}, "light")
    page = text_of(visitor(case.holder).get(f"/vouchers/{case.voucher.id}/request"))
    assert "A guest needs support" in page
    request(case, conditions=("support",))
    assert "A guest needs support" in text_of(visitor(case.owner).get(f"/vouchers/{case.voucher.id}/approve"))


def test_the_amount_of_an_answer_keeps_what_was_declared(db_session: Any, clock: ModuleType) -> None:
    case = visit(SUPPLEMENTS, "light")
    request(case, conditions=("inclusion",))
    operations.ask_information(case.voucher, by=case.owner, question="Which?")
    operations.resubmit(case.voucher, by=case.holder, answer="A wheelchair.")
    assert (case.voucher.amount, case.voucher.unconfirmed) == (Decimal(650), ["inclusion"])


@pytest.mark.parametrize(
    ("spent", "paid", "words"),
    [
        (1000, 2900, ""),  # as expected: 60 % of 4,000.00 and 50 % of 1,000.00
        (
            400,
            2600,
            "Agreed price €4,000.00, invoiced €4,000.00. Room hire: €1,000.00 expected, €400.00 spent. At the same rates",
        ),
        (0, 2400, "Room hire: €1,000.00 expected, €0.00 spent."),
        (1500, 2900, "what was approved is the most that is paid."),
    ],
)
def test_real_costs_beside_an_invoice_are_paid_as_they_were_spent(
    db_session: Any, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, spent: int, paid: int, words: str
) -> None:
    """Of a kind whose holder sends the invoice and is paid."""
    monkeypatch.setitem(KINDS, "knowledge", replace(KINDS["knowledge"], claims="holder", paid="holder"))  # type: ignore[arg-type]
    case = make_knowledge()
    card = card_of(share_of_cost={"share": "0.6"}, real_costs=[{"key": "real_costs", "label": "Room hire", "share": "0.5"}])
    rates.save_rate_card(case.programme, by=SYSTEM, voucher_kind="knowledge", components=card)
    voucher = case.draft()
    operations.request(voucher, by=case.holder, declarations=ALL, costs={"real_costs": Decimal(1000)})
    operations.approve(voucher, by=case.owner)
    operations.redeem(voucher, by=case.seller, code=voucher.code or "")
    operations.confirm_delivery(voucher, by=case.holder, note="We had it.")
    claims.save(voucher, by=case.holder, invoice_number="17", invoice_total=Decimal(4000))
    claims.add_evidence(voucher, by=case.holder, name="invoice.pdf", content=evidence.pdf())
    with pytest.raises(NotReady, match="Room hire: enter what you paid, or 0"):
        claims.claim(voucher, by=case.holder)
    holder, address = visitor(case.holder), f"/vouchers/{voucher.id}/claim"
    typed = values_of(holder.get(address)) | {"costs-0": str(spent)}
    assert f"You get €{paid:,}.00" in piece_of(holder.post(f"{address}/amount", data=typed))
    claims.save(voucher, by=case.holder, costs={"real_costs": Decimal(spent)})
    found = claims.claim(voucher, by=case.holder)
    assert words in found.explanation
    claims.validate(voucher, by=case.owner)
    assert voucher.final_amount == Decimal(paid)
    assert check_ledger() == []


SME = {"fixed": {"amount": "5000.00", "condition": {"key": "sme", "words": "We are an SME"}}}


def test_a_card_that_pays_only_under_a_condition_is_asked_for_with_it(db_session: Any, visitor: Visitor) -> None:
    """5,000.00 only for an SME: what the draft comes to without the declaration does not count."""
    case = make_knowledge()
    rates.save_rate_card(case.programme, by=SYSTEM, voucher_kind="knowledge", components=card_of(**SME))
    voucher = case.draft()
    holder = visitor(case.holder)
    for path in (f"/vouchers/{voucher.id}", f"/vouchers/{voucher.id}/edit"):
        page = text_of(holder.get(path))
        assert "The amount depends on what you declare" in page
        assert "no voucher to request" not in page
    operations.ensure_ready(voucher)
    with pytest.raises(Refusal, match="comes to nothing"):
        operations.request(voucher, by=case.holder, declarations=ALL)
    operations.request(voucher, by=case.holder, declarations=ALL, conditions=["sme"])
    assert (voucher.state, voucher.amount) == ("requested", Decimal(5000))


@pytest.mark.parametrize("card", [{"real_costs": COSTS["real_costs"]}, {"fixed": SME["fixed"]}])
def test_a_draft_of_a_visit_says_that_it_depends_on_what_is_declared(db_session: Any, visitor: Visitor, card: Any) -> None:
    case = visit(card)
    page = text_of(visitor(case.holder).get(f"/vouchers/{case.voucher.id}"))
    assert "The amount depends on what you declare" in page
    assert "This cannot be requested as it is" not in page


def test_where_the_provider_is_paid_no_card_pays_the_holders_costs(db_session: Any) -> None:
    case = make_knowledge()
    card = card_of(share_of_cost={"share": "0.6"}, real_costs={"label": "Room hire", "share": "0.8"})
    with pytest.raises(Refusal, match="No such component of a rate card for knowledge vouchers: real_costs"):
        rates.save_rate_card(case.programme, by=SYSTEM, voucher_kind="knowledge", components=card)


def test_a_claim_of_nothing_is_not_filed(db_session: Any, visitor: Visitor) -> None:
    """Nobody could validate it, and whoever sent it could do no better."""
    case = visit({"real_costs": COSTS["real_costs"]})
    request(case, costs={"visa": Decimal(250)})
    approve(case)
    deliver(case)
    holder, address = visitor(case.holder), f"/vouchers/{case.voucher.id}/claim"
    typed = values_of(holder.get(address)) | {"costs-0": "0", "act": "save"}
    page = holder.post(address, data=typed, follow_redirects=True)
    assert "there is nothing to claim" in text_of(page)
    assert "Are the costs right? If not, correct them." in text_of(page)
    assert "Send report and claim" in page.text  # for whoever corrects them
    with pytest.raises(Refusal, match=r"Visa: €250\.00 expected, €0\.00 spent\. That comes to nothing"):
        claim(case, costs={"visa": Decimal(0)})
    assert (case.voucher.state, check_ledger()) == ("delivered", [])


def test_a_stay_without_a_night_pays_no_nights(db_session: Any) -> None:
    case = visit({"daily": {"amounts": {"A": "100.00"}, "other_group": "A", "unit": "night"}})
    request(case)
    assert case.voucher.amount == Decimal(400)
    approve(case)
    deliver(case, 1)
    with pytest.raises(Refusal, match="That comes to nothing"):
        claim(case)


def test_nobody_asks_by_rates_they_have_not_seen(db_session: Any, visitor: Visitor) -> None:
    """The first cost was the visa when the page was opened, and is the hotel by now."""
    visa, hotel = ({"label": "Visa", "share": "0.8"}, {"label": "Hotel", "share": "0.1"})
    case = visit({"daily": SUPPLEMENTS["daily"], "real_costs": [visa, hotel]}, "light")
    holder, address = visitor(case.holder), f"/vouchers/{case.voucher.id}/request"
    typed = values_of(holder.get(address)) | {"costs-0": "100.00", "costs-1": "2000.00", "declarations": list(DECLARATIONS)}
    newer = card_of(daily=SUPPLEMENTS["daily"], real_costs=[hotel, visa])
    rates.save_rate_card(case.programme, by=SYSTEM, voucher_kind="mobility", components=newer)
    page = holder.post(address, data=typed)
    assert (page.status_code, case.voucher.state) == (422, "draft")
    assert "The programme has changed its rates since you opened this page." in text_of(page)
    kept = values_of(page)
    assert (kept["costs-0"], kept["costs-1"]) == ("100.00", "2000.00")
    again = kept | {"costs-0": "2000.00", "costs-1": "100.00", "declarations": list(DECLARATIONS)}
    assert holder.post(address, data=again).status_code == 303
    assert case.voucher.amount == Decimal(780)  # 5 x 100 + 10 % of 2,000 + 80 % of 100


def test_a_condition_that_is_gone_is_refused_in_our_words(db_session: Any, visitor: Visitor) -> None:
    case = visit(SUPPLEMENTS, "light")
    holder, address = visitor(case.holder), f"/vouchers/{case.voucher.id}/request"
    typed = values_of(holder.get(address)) | {"conditions": ["inclusion"], "declarations": list(DECLARATIONS)}
    fewer = card_of(daily=SUPPLEMENTS["daily"], fixed=SUPPLEMENTS["fixed"][1:])
    rates.save_rate_card(case.programme, by=SYSTEM, voucher_kind="mobility", components=fewer)
    page = holder.post(address, data=typed)
    assert (page.status_code, case.voucher.state) == (422, "draft")
    assert "Choose from the list; something in your choice is not in it any more." in text_of(page)
