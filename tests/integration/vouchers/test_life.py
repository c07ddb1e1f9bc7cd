"""A voucher's life through its operations: states, money, dates, mails."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from mobility.asking.queries import estimate_of
from mobility.budgets.checks import check_ledger
from mobility.core.errors import GuardRefused, NotAllowed, Refusal, WrongState
from mobility.documents.codes import grouped
from mobility.notifications.models import OutboxMessage
from mobility.people.roles import Role
from mobility.vouchers import operations
from mobility.workflows.table import SYSTEM
from tests.support import factories
from tests.support.cases import DECLARATIONS, Case, make_case

ALL = list(DECLARATIONS)


def mails(db_session: Any, kind: str) -> list[str]:
    """Who was written to, of the messages of a kind, in the order of the addresses."""
    db_session.flush()
    return sorted(db_session.scalars(select(OutboxMessage.address).where(OutboxMessage.kind == kind)))


def addresses(*people: Any) -> list[str]:
    return sorted(person.email for person in people)


def balances(case: Case) -> tuple[Decimal, Decimal]:
    return case.line.available, case.line.committed


# Request


def test_the_draft_waits_for_the_guest(db_session: Any, full: Case) -> None:
    voucher = full.voucher
    assert (voucher.state, voucher.waiting_for, voucher.due_on) == ("draft", "voucher_request", date(2027, 3, 15))
    assert voucher.amount == 0
    assert mails(db_session, "voucher_drafted") == addresses(full.holder)


def test_requesting_computes_the_amount_and_starts_the_promise(db_session: Any, full: Case) -> None:
    voucher = full.take_to("requested")
    assert [(line.label, line.amount) for line in voucher.amount_lines] == [("Lump sum for Portugal", Decimal("780.00"))]
    assert (voucher.amount, voucher.budget_line) == (Decimal("780.00"), full.line)
    assert voucher.requested_on == date(2027, 3, 1)
    assert (voucher.waiting_for, voucher.due_on) == ("decision", date(2027, 3, 15))  # ten working days
    assert mails(db_session, "voucher_requested") == addresses(full.owner, full.other_owner, full.assessor)
    assert balances(full) == (Decimal(10_000), 0)


def test_in_light_only_owners_are_asked(db_session: Any, light: Case) -> None:
    light.take_to("requested")
    assert mails(db_session, "voucher_requested") == addresses(light.owner, light.other_owner)


def test_the_voucher_keeps_its_version_of_the_rates(db_session: Any, full: Case) -> None:
    voucher = full.take_to("requested")
    factories.make_rate_card(full.programme, lump_by_country={"amounts": {"PT": "1.00"}})
    assert (voucher.rate_card.number, voucher.amount) == (1, Decimal("780.00"))


def test_the_newest_rates_count(db_session: Any, full: Case) -> None:
    factories.make_rate_card(full.programme, lump_by_country={"amounts": {"PT": "1.00"}})
    assert full.take_to("requested").amount == Decimal("1.00")


def test_every_declaration_is_needed(db_session: Any, full: Case) -> None:
    with pytest.raises(Refusal) as refusal:
        operations.request(full.voucher, by=full.holder, declarations=ALL[:1])
    assert refusal.value.field == "declarations"
    assert refusal.value.message == f"Confirm this too: {DECLARATIONS[ALL[1]]}"


def test_a_stay_that_is_too_short_is_refused_in_the_rule_s_words(db_session: Any) -> None:
    case = make_case(last_day=date(2027, 4, 13))  # Monday and Tuesday
    with pytest.raises(Refusal, match="The programme asks for at least 3 working days; this stay has 2"):
        operations.request(case.voucher, by=case.holder, declarations=ALL)
    assert estimate_of(case.voucher).refusal is not None


def test_without_an_agreement_there_is_no_request(db_session: Any, full: Case) -> None:
    full.exchange.state = "planning"
    with pytest.raises(GuardRefused, match="Both sides must have signed"):
        operations.request(full.voucher, by=full.holder, declarations=ALL)


def test_without_rates_or_an_open_call_the_refusal_says_so(db_session: Any) -> None:
    programme = factories.make_programme()
    factories.make_rate_card(programme)
    closed = factories.make_call(programme, closes_on=date(2027, 2, 28))
    case = make_case(programme=programme, line=factories.make_budget_line(closed))
    with pytest.raises(Refusal, match="No call of this programme is open"):
        operations.request(case.voucher, by=case.holder, declarations=ALL)


def test_of_several_open_calls_the_one_that_closes_first_pays_if_it_can(db_session: Any, full: Case) -> None:
    soon = factories.make_budget_line(factories.make_call(full.programme, closes_on=date(2027, 4, 1)), 100)
    assert full.take_to("requested").budget_line == full.line  # the soon one has not enough
    second = make_case(programme=full.programme, line=full.line)
    soon.available += 0
    factories.programmes_operations.appropriate(soon, Decimal(1000), by=SYSTEM)
    assert second.take_to("requested").budget_line == soon


# Questions


def test_a_question_and_its_answer(db_session: Any, full: Case) -> None:
    voucher = full.take_to("recommended")
    operations.ask_information(voucher, by=full.owner, question="Who pays the hotel?")
    assert (voucher.state, voucher.waiting_for, voucher.due_on) == ("returned", "answer", date(2027, 3, 15))
    assert mails(db_session, "voucher_question") == addresses(full.holder)
    operations.resubmit(voucher, by=full.holder, answer="The host does.")
    assert (voucher.state, voucher.waiting_for) == ("requested", "decision")
    assert (voucher.question, voucher.answer) == ("Who pays the hotel?", "The host does.")
    assert voucher.assessed_by is None  # to be assessed again
    assert mails(db_session, "voucher_answered") == addresses(full.owner, full.other_owner, full.assessor)


# Decisions


def test_light_decides_once(db_session: Any, light: Case) -> None:
    voucher = light.take_to("issued")
    assert [entry.action for entry in voucher.history()] == ["issue", "approve", "request", "create"]
    assert len(voucher.code or "") == 28
    assert (voucher.valid_from, voucher.valid_until) == (date(2027, 3, 1), date(2028, 3, 1))
    assert (voucher.waiting_for, voucher.due_on) == ("redemption", date(2028, 3, 1))
    assert voucher.decided_on == date(2027, 3, 1)
    assert balances(light) == (Decimal(9_220), Decimal(780))
    assert mails(db_session, "voucher_issued") == addresses(light.holder, light.host_coordinator)
    assert check_ledger() == []


def test_full_takes_four_eyes_and_three_steps(db_session: Any, full: Case) -> None:
    voucher = full.take_to("recommended")
    assert (voucher.score, voucher.assessment, voucher.assessed_by) == (80, "Well prepared.", full.assessor)
    assert mails(db_session, "voucher_recommended") == addresses(full.owner, full.other_owner)
    operations.approve(voucher, by=full.owner, note="Gladly.")
    assert (voucher.state, voucher.code, balances(full)) == ("approved", None, (Decimal(9_220), Decimal(780)))
    assert mails(db_session, "voucher_approved") == addresses(full.holder)
    operations.issue(voucher, by=full.owner)
    assert voucher.state == "issued"
    assert voucher.code is not None


def test_who_assessed_does_not_approve(db_session: Any, full: Case) -> None:
    factories.make_membership(full.assessor, full.programme, Role.OWNER)
    voucher = full.take_to("recommended")
    with pytest.raises(GuardRefused, match="You assessed this voucher"):
        operations.approve(voucher, by=full.assessor)
    operations.approve(voucher, by=full.owner)


@pytest.mark.parametrize("side", ["host", "guest_organisation"])
def test_nobody_decides_in_their_own_case(db_session: Any, full: Case, side: str) -> None:
    for person in (full.assessor, full.owner):
        factories.make_membership(person, getattr(full.exchange, side), Role.GUEST)
    full.take_to("requested")
    with pytest.raises(GuardRefused, match="Somebody without an interest must decide"):
        operations.recommend(full.voucher, by=full.assessor, scores=[1, 1, 1, 1], note="x")
    other = factories.make_member(full.programme, Role.ASSESSOR)
    operations.recommend(full.voucher, by=other, scores=[1, 1, 1, 1], note="x")
    with pytest.raises(GuardRefused, match="Somebody without an interest must decide"):
        operations.approve(full.voucher, by=full.owner)
    operations.approve(full.voucher, by=full.other_owner)


def test_full_is_not_approved_before_it_is_recommended(db_session: Any, full: Case) -> None:
    with pytest.raises(GuardRefused, match="An assessor must recommend this voucher first"):
        operations.approve(full.take_to("requested"), by=full.owner)


def test_light_knows_no_assessment(db_session: Any, light: Case) -> None:
    with pytest.raises(GuardRefused, match="This programme decides in one step"):
        operations.recommend(light.take_to("requested"), by=light.assessor, scores=[1, 1, 1, 1], note="x")


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ([-1, 0, 0, 0], "“Learning that the organisation needs” gets 0 to 30 points."),
        ([30, 30, 21, 20], "“A plan that can be carried out” gets 0 to 20 points."),
        ([30, 30, 20], "Give points for each criterion."),
        ([30, 30, 20, None], "Give points for each criterion."),
        ([], "Give points for each criterion."),
    ],
)
def test_points_are_those_of_the_score_sheet(db_session: Any, full: Case, scores: list[Any], words: str) -> None:
    with pytest.raises(Refusal) as refusal:
        operations.recommend(full.take_to("requested"), by=full.assessor, scores=scores, note="x")
    assert (refusal.value.field, refusal.value.message) == ("scores", words)


def test_the_points_are_kept_with_the_sheet_of_that_day(db_session: Any, full: Case) -> None:
    full.programme.score_sheet = [{"criterion": "Need", "points": 7}, {"criterion": "Plan", "points": 5}]
    voucher = full.take_to("requested")
    operations.recommend(voucher, by=full.assessor, scores=[7, 0], note="Urgent.")
    full.programme.score_sheet = [{"criterion": "Everything", "points": 100}]
    assert voucher.scores == [
        {"criterion": "Need", "points": 7, "most": 7},
        {"criterion": "Plan", "points": 0, "most": 5},
    ]
    assert (voucher.score, voucher.most_points) == (7, 12)
    assert voucher.history()[0].note == "7 of 12 points. Urgent."


def test_without_a_sheet_there_are_points_for_the_whole(db_session: Any, full: Case) -> None:
    full.programme.score_sheet = []
    voucher = full.take_to("requested")
    operations.recommend(voucher, by=full.assessor, scores=[64], note="Fine.")
    assert voucher.scores == [{"criterion": "Overall", "points": 64, "most": 100}]


def test_a_budget_that_does_not_suffice_says_the_figures(db_session: Any) -> None:
    case = make_case("light", amount=779)
    with pytest.raises(GuardRefused, match=r"The budget line has €779\.00 left; this voucher needs €780\.00"):
        operations.approve(case.take_to("requested"), by=case.owner)


def test_rejecting_needs_a_reason_and_tells_the_holder(db_session: Any, full: Case) -> None:
    voucher = full.take_to("requested")
    with pytest.raises(Refusal) as refusal:
        operations.reject(voucher, by=full.owner, reason=" ")
    assert refusal.value.field == "reason"
    operations.reject(voucher, by=full.owner, reason="Not this year.")
    assert (voucher.state, voucher.waiting_for, voucher.history()[0].note) == ("rejected", None, "Not this year.")
    assert mails(db_session, "voucher_rejected") == addresses(full.holder)


# Use


def test_redeeming_with_the_code_as_people_type_it(db_session: Any, light: Case) -> None:
    voucher = light.take_to("issued")
    operations.redeem(voucher, by=light.host_coordinator, code=f" {grouped(voucher.code or '').lower()} ")
    assert (voucher.state, voucher.redeemed_on) == ("redeemed", date(2027, 3, 1))
    assert mails(db_session, "voucher_redeemed") == addresses(light.holder)
    with pytest.raises(WrongState, match="is not possible: this voucher is redeemed"):
        operations.redeem(voucher, by=light.host_coordinator, code=voucher.code or "")


def test_a_wrong_code_is_refused_at_its_field(db_session: Any, light: Case) -> None:
    voucher = light.take_to("issued")
    code = voucher.code or ""
    other = make_case("light").take_to("issued").code or ""
    typo = ("1" if code[0] != "1" else "2") + code[1:]
    for typed, words in [
        (other, "code of another voucher"),
        (typo, "typing mistake"),
        (code[:-1], "28 letters and digits"),
        ("", "28 letters and digits"),
    ]:
        with pytest.raises(Refusal, match=words) as refusal:
            operations.redeem(voucher, by=light.host_coordinator, code=typed)
        assert refusal.value.field == "code"
    assert voucher.state == "issued"


def test_a_code_works_on_its_last_day_and_not_after(db_session: Any, clock: Any) -> None:
    first, second = make_case("light"), make_case("light")
    for case in (first, second):
        case.take_to("issued")
    clock.move(days=366)  # 2028 has 29 February between: this is the last valid day
    assert first.programme.today == first.voucher.valid_until
    operations.redeem(first.voucher, by=first.host_coordinator, code=first.voucher.code or "")
    clock.move(days=1)
    with pytest.raises(GuardRefused, match="The voucher was valid until 1 March 2028"):
        operations.redeem(second.voucher, by=second.host_coordinator, code=second.voucher.code or "")


def test_only_the_host_s_coordinator_redeems_and_confirms(db_session: Any, light: Case) -> None:
    voucher = light.take_to("issued")
    for person in (light.holder, light.owner, light.stranger):
        with pytest.raises(NotAllowed):
            operations.redeem(voucher, by=person, code=voucher.code or "")
    light._redeemed()
    with pytest.raises(GuardRefused, match="The host coordinator confirms the delivery"):
        operations.confirm_delivery(voucher, by=light.holder)


def test_delivery_starts_the_clock_of_the_claim(db_session: Any, light: Case) -> None:
    voucher = light.take_to("delivered")
    assert (voucher.delivered_on, voucher.waiting_for, voucher.due_on) == (date(2027, 3, 1), "claim", date(2027, 3, 31))
    assert mails(db_session, "voucher_delivered") == addresses(light.holder)


def test_extending_once_within_the_limit(db_session: Any, light: Case) -> None:
    voucher = light.take_to("issued")
    for until, words in [
        (date(2028, 3, 1), "Choose a day after 1 March 2028"),
        (date(2028, 9, 2), "until 1 September 2028 at the latest"),
    ]:
        with pytest.raises(Refusal, match=words) as refusal:
            operations.extend(voucher, by=light.owner, until=until)
        assert refusal.value.field == "until"
    operations.extend(voucher, by=light.owner, until=date(2028, 9, 1))
    assert (voucher.state, voucher.valid_until, voucher.due_on) == ("issued", date(2028, 9, 1), date(2028, 9, 1))
    assert mails(db_session, "voucher_extended") == addresses(light.holder, light.host_coordinator)
    with pytest.raises(GuardRefused, match="A voucher can be extended only once, and this one already has been"):
        operations.extend(voucher, by=light.owner, until=date(2028, 9, 2))


def test_nothing_is_extended_after_its_expiry(db_session: Any, light: Case, clock: Any) -> None:
    voucher = light.take_to("issued")
    clock.move(days=367)
    with pytest.raises(GuardRefused, match="was valid until"):
        operations.extend(voucher, by=light.owner, until=date(2028, 6, 1))


# Ends, and the money that comes back


def test_expiry_the_day_after_the_last_valid_one(db_session: Any, light: Case, clock: Any) -> None:
    voucher = light.take_to("issued")
    clock.move(days=366)
    with pytest.raises(GuardRefused, match="still valid"):
        operations.expire(voucher)
    clock.move(days=1)
    operations.expire(voucher)
    assert (voucher.state, balances(light)) == ("expired", (Decimal(10_000), 0))
    assert mails(db_session, "voucher_expired") == addresses(light.holder, light.owner, light.other_owner)
    assert check_ledger() == []


def test_lapse_when_nobody_claims(db_session: Any, light: Case, clock: Any) -> None:
    voucher = light.take_to("delivered")
    with pytest.raises(GuardRefused, match="There is still time for the claim"):
        operations.lapse(voucher)
    clock.move(days=31)
    operations.lapse(voucher)
    assert (voucher.state, balances(light)) == ("lapsed", (Decimal(10_000), 0))
    assert mails(db_session, "voucher_lapsed") == addresses(light.holder, light.owner, light.other_owner)


@pytest.mark.parametrize("state", ["draft", "requested", "recommended", "approved", "issued"])
def test_withdrawing_gives_back_what_was_set_aside(db_session: Any, full: Case, state: str) -> None:
    voucher = full.take_to(state)
    operations.withdraw(voucher, by=full.holder)
    assert (voucher.state, balances(full)) == ("withdrawn", (Decimal(10_000), 0))
    people = {
        "draft": [],
        "issued": [full.owner, full.other_owner, full.host_coordinator],
    }.get(state, [full.owner, full.other_owner])
    assert mails(db_session, "voucher_withdrawn") == addresses(*people)
    assert check_ledger() == []


@pytest.mark.parametrize("state", ["approved", "issued", "redeemed"])
def test_revoking_needs_a_reason_and_gives_the_money_back(db_session: Any, full: Case, state: str) -> None:
    voucher = full.take_to(state)
    with pytest.raises(Refusal) as refusal:
        operations.revoke(voucher, by=full.owner, reason="")
    assert refusal.value.field == "reason"
    operations.revoke(voucher, by=full.owner, reason="The host has closed.")
    assert (voucher.state, balances(full)) == ("revoked", (Decimal(10_000), 0))
    assert mails(db_session, "voucher_revoked") == addresses(full.holder, full.host_coordinator, full.other_owner)
    assert check_ledger() == []


def test_the_history_says_under_which_part_one_acted(db_session: Any, full: Case) -> None:
    voucher = full.take_to("redeemed")
    assert [(entry.action, entry.acted_as) for entry in reversed(voucher.history())] == [
        ("create", "system"),
        ("request", "holder"),
        ("recommend", "assessor"),
        ("approve", "programme owner"),
        ("issue", "programme owner"),
        ("redeem", "host coordinator"),
    ]


def test_after_a_rejection_the_holder_may_ask_again(db_session: Any, light: Case, clock: Any) -> None:
    voucher = light.take_to("requested")
    with pytest.raises(GuardRefused, match="Only the holder can ask again"):
        operations.draft_again(voucher, by=light.holder)
    operations.reject(voucher, by=light.owner, reason="The budget is spent.")
    with pytest.raises(GuardRefused, match="Only the holder can ask again"):
        operations.draft_again(voucher, by=light.host_coordinator)
    second = operations.draft_again(voucher, by=light.holder)
    assert (second.state, second.exchange, second.holder) == ("draft", light.exchange, light.holder)
    with pytest.raises(GuardRefused, match="Only the holder can ask again"):
        operations.draft_again(voucher, by=light.holder)  # there is one already
    operations.withdraw(second, by=light.holder)
    clock.move(days=42)
    with pytest.raises(GuardRefused, match="before the exchange begins"):
        operations.draft_again(second, by=light.holder)
