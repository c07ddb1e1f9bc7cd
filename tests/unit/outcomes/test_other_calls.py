"""Calls of other shapes, worked out by hand: nothing at all, one exchange, only knowledge vouchers, only self-funded ones."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from mobility.outcomes import facts
from mobility.outcomes.facts import EXCHANGE, VOUCHER, Case, Facts
from mobility.outcomes.meetings import knowledge_flow
from mobility.outcomes.publication import publish
from mobility.outcomes.review import Review
from mobility.people.roles import Level, OrganisationKind

AS_OF = date(2028, 3, 31)
CALLS = (facts.Call(key="c1", opens_on=date(2027, 1, 1)),)
ORGANISATIONS = {
    each.key: each
    for each in (
        facts.Organisation(key="vienna", kind=OrganisationKind.PUBLIC_AUTHORITY, country="AT", region="Wien"),
        facts.Organisation(key="porto", kind=OrganisationKind.CLUSTER_ORGANISATION, country="PT", region="Norte"),
        facts.Organisation(key="evora", kind=OrganisationKind.CLUSTER_MEMBER, country="PT", region="Alentejo"),
    )
}


def programme(**what: Any) -> Facts:
    return Facts(as_of=AS_OF, calls=CALLS, organisations=ORGANISATIONS, **what)


def day(month: int, of_month: int, year: int = 2027) -> date:
    return date(year, month, of_month)


def stay(key: str, guest: str, host: str, first: date, **more: Any) -> facts.Exchange:
    delegates = (facts.Delegate(level=Level.CLUSTER_MANAGER, attended=True), facts.Delegate(level=Level.CLUSTER_MEMBER))
    return facts.Exchange(
        key=key, guest=guest, host=host, first_day=first, last_day=first, agreed_on=first, **{"delegates": delegates, **more}
    )


def paid(key: str, exchange: str | None, requested: date, amount: str, **more: Any) -> facts.Voucher:
    """Requested, approved after 10 days, issued, redeemed; its claim is paid."""
    approved = date.fromordinal(requested.toordinal() + 10)
    days = {"first_requested_on": requested, "requested_on": requested, "decided_on": approved, "issued_on": approved}
    what = {"call": "c1", "approved": True, "redeemed_on": approved, "amount": Decimal(amount), **days, **more}
    return facts.Voucher(key=key, exchange=exchange, **what)


def asked(
    key: str, questionnaire: str, about: Case, answers: Mapping[str, Any] | None = None, **more: Any
) -> tuple[facts.Request, list[facts.Sending]]:
    """Answered on 1 March 2028, or without answers missed."""
    state = "missed" if answers is None else "answered"
    what = {"due_on": day(3, 14, 2028), "state": state, **more}
    request = facts.Request(key=key, questionnaire=questionnaire, about=about, **what)
    return request, [] if answers is None else [facts.Sending(request=key, sent_on=day(3, 1, 2028), answers=answers)]


def with_requests(pairs: list[tuple[facts.Request, list[facts.Sending]]], **what: Any) -> Facts:
    requests = tuple(request for request, _ in pairs)
    return programme(requests=requests, sendings=tuple(each for _, sendings in pairs for each in sendings), **what)


def shown(review: Review, *keys: str) -> list[tuple[str, int]]:
    return [(review.figures[key].shown, review.figures[key].n) for key in keys]


# Nothing at all


def test_a_call_of_nothing_counts_nothing_and_shares_nothing() -> None:
    """Counts and what was spent are zero; of shares, means, medians and answers there is no figure. None of them is marked."""
    review = Review(programme(), "c1")
    zeros = {key for key, figure in review.figures.items() if figure.value == 0}
    groups = {key.split(".")[0] for key in zeros}
    assert groups == {"pipeline", "pipeline_knowledge", "cost", "not_delivered", "take_overs"}
    assert zeros >= {"cost.total", "take_overs.planned"}
    assert "take_overs.in_use_after_a_year" not in zeros
    assert all(figure.shown == "no figure" for key, figure in review.figures.items() if key not in zeros)
    assert review.figures["cost.total"].shown == "0.00"
    assert not any(figure.few_answered for figure in review.figures.values())
    assert all(not table.cells for table in review.tables.values())


def test_of_nothing_only_bare_counts_are_public() -> None:
    snapshot = publish(Review(programme(), "c1"))
    assert {key.split(".")[0] for key in snapshot.shown} == {"pipeline", "pipeline_knowledge", "kept"}
    assert all(table.left_out for table in snapshot.tables.values())


# One exchange, everything answered

ONE = Case(EXCHANGE, "x1")
ANSWERED = [
    asked("r1", "before", ONE, {"practice": {1: 4, 2: 1}}),
    asked("r2", "end_guest", ONE, {"met": {1: "yes", 2: "no"}, "benefit": "yes", "hours": Decimal("2.5")}),
    asked("r3", "end_host", ONE, {"benefit": "yes", "hours": 3}),
    asked("r4", "month_6", ONE, {"changes": ["tool", "tool"], "joint": {"project": 0}}),
    asked("r5", "month_6_host", ONE, {"changes": ["service"], "joint": {"project": 2, "proposal": 1}}),
    asked(
        "r6", "month_12", ONE, {"practice": {1: 0, 2: 2}, "members_served": 0, "leveraged": Decimal("0.10"), "anyway": "smaller"}
    ),
    asked("r7", "month_12_host", ONE, {"anyway": "not_at_all"}),
    asked("r8", "manager", ONE, {"t1": "in_use", "t2": "in_use"}, occasion="month_12"),
]
TAKE_OVERS = (
    facts.TakeOver(key="t1", exchange="x1", since=(("planned", day(3, 8)), ("in_use", day(3, 1, 2028)))),
    facts.TakeOver(key="t2", exchange="x1", since=(("planned", day(3, 8)), ("in_use", day(3, 2, 2028)))),
)
ALONE = with_requests(
    ANSWERED,
    exchanges=(stay("x1", "vienna", "porto", day(3, 1), completed=True, theme="Hydrogen"),),
    vouchers=(paid("v1", "x1", day(2, 1), "500.05"),),
    claims=(facts.Claim(voucher="v1", filed_on=day(3, 10)), facts.Claim(voucher="v1", filed_on=day(3, 20), paid_on=day(3, 25))),
    recoveries=(facts.Recovery(voucher="v1", amount=Decimal("100.02")), facts.Recovery(voucher="v1", amount=Decimal("0.03"))),
    take_overs=TAKE_OVERS,
)


@pytest.mark.parametrize(
    ("key", "value", "as_shown", "n"),
    [
        ("days_to_decide.median", 10, "10", 1),
        ("days_to_decide.p90", 10, "10", 1),
        ("days_to_pay.median", 5, "5", 1),  # from the second claim
        ("days_to_pay_from_first.median", 15, "15", 1),
        ("redemption_rate", 1, "100 %", 1),
        ("cost.total", 400, "400.00", 1),  # 500.05 - 100.02 - 0.03
        ("cost.per_exchange", 400, "400.00", 1),
        ("objectives_met.yes", Fraction(1, 2), "50 %", 2),
        ("objectives_met.partly", 0, "0 %", 2),
        ("win_win", 1, "100 %", 1),
        ("change_in_practice", Fraction(-3, 2), "-1.5", 2),  # 0 - 4 and 2 - 1
        ("change_in_practice.up", Fraction(1, 2), "50 %", 2),
        ("change_in_practice.same", 0, "0 %", 2),
        ("change_in_practice.down", Fraction(1, 2), "50 %", 2),
        ("take_overs.in_use", 2, "2", 2),
        ("take_overs.in_use_after_a_year", Fraction(1, 2), "50 %", 2),  # t2 a day after the answer
        ("cost.of_a_take_over", 400, "400.00", 1),
        ("additionality.guests", 0, "0 %", 1),
        ("additionality.guests_smaller", 1, "100 %", 1),
        ("additionality.hosts", 1, "100 %", 1),
        ("levels.mixed", 0, "0 %", 1),  # a manager at a cluster organisation; the member did not come
        ("first_time_pairs", 1, "100 %", 1),
        ("sums.members_served", 0, "0", 1),
        ("sums.leveraged", Fraction(1, 10), "0.10", 1),
        ("sums.leveraged_median", Fraction(1, 10), "0.10", 1),
        ("sums.changes.tool", 2, "2", 2),
        ("sums.changes.service", 1, "1", 2),
        ("sums.changes.procedure", 0, "0", 2),
        ("sums.joint.project", 2, "2", 1),
        ("sums.joint.proposal", 1, "1", 1),
        ("sums.joint.introduction", None, "no figure", 0),
        ("hours.guests", Fraction(5, 2), "2.5", 1),
        ("hours.hosts", 3, "3", 1),
    ],
)
def test_one_exchange_with_all_its_answers(key: str, value: Fraction | None, as_shown: str, n: int) -> None:
    figure = Review(ALONE, "c1").figures[key]
    assert (figure.value, figure.shown, figure.n) == (value, as_shown, n)
    assert not figure.few_answered


def test_one_exchange_answers_every_item_that_was_asked() -> None:
    items = Review(ALONE, "c1").figures["change_in_practice"].items
    assert [(key, item, response.answered, response.asked) for key, item, response in items] == [
        ("before", "practice", 1, 1),
        ("month_12", "practice", 1, 1),
    ]


def test_the_last_item_is_left_out() -> None:
    """The guest answered at 12 months, but not how many members were served: 0 of 1 for the item, 1 of 1 for all."""
    found = Review(with_requests([asked("r", "month_12", ONE, {"anyway": ""})], exchanges=ALONE.exchanges)).figures
    (item,) = found["sums.members_served"].items
    assert (item[2].answered, item[2].asked, found["response.month_12"].shown) == (0, 1, "100 %")
    assert found["additionality.guests"].shown == "no figure"


def test_longest_is_a_ninetieth_percentile_of_fewer_than_ten() -> None:
    vouchers = tuple(paid(str(number), None, day(2, number), "1") for number in range(1, 11))
    nine, ten = Review(programme(vouchers=vouchers[:9])), Review(programme(vouchers=vouchers))
    names = [each.figures["days_to_decide.p90"].name for each in (nine, ten)]
    assert names == ["Days to decide: longest", "Days to decide: 90th percentile"]
    assert "longest" not in nine.figures["days_to_decide.median"].name


def test_one_exchange_is_in_no_public_figure() -> None:
    """But for bare counts and kept rates, which say nothing of anybody's answers."""
    snapshot = publish(Review(ALONE, "c1"))
    assert all(figure.definition.bare for figure in snapshot.shown.values())


def test_knowledge_flows_to_who_travels() -> None:
    (flow,) = knowledge_flow(Review(ALONE, "c1").scope, by_region=True)
    assert (flow.learner, flow.teacher, flow.cases, flow.themes) == ("AT Wien", "PT Norte", {ONE}, (("Hydrogen", 1),))


# Only knowledge vouchers

BOUGHT = Case(VOUCHER, "k1")
KNOWLEDGE = with_requests(
    [
        asked("r1", "delivery", BOUGHT, {"quality": 4}),
        asked("r2", "applied", BOUGHT, {"changes": ["procedure"], "anyway": "not_at_all"}),
        *(asked(f"r{number}", "applied", Case(VOUCHER, f"k{number}")) for number in (3, 4)),
    ],
    vouchers=(
        paid("k1", None, day(2, 1), "2400"),
        paid("k2", None, day(2, 1), "100", redeemed_on=None, ended=True),
        paid("k3", None, day(2, 1), "100", redeemed_on=None),
        paid("k4", None, day(2, 1), "100", approved=False, issued_on=None, redeemed_on=None),
        facts.Voucher(key="k5", call="c1"),  # a draft
    ),
    claims=(facts.Claim(voucher="k1", filed_on=day(3, 1), paid_on=day(3, 9)),),
)


def test_a_call_of_knowledge_vouchers_alone() -> None:
    """k1 was paid, k2 expired, k3 can still be redeemed, k4 was rejected, k5 is a draft."""
    review = Review(KNOWLEDGE, "c1")
    steps = [f"pipeline_knowledge.vouchers_{step}" for step in ("requested", "approved", "issued", "redeemed", "paid")]
    assert [review.figures[key].value for key in steps] == [4, 3, 3, 1, 1]
    assert review.figures["pipeline.vouchers_requested"].value == 0
    assert shown(review, "days_to_decide.median", "days_to_pay.p90", "redemption_rate") == [("10", 4), ("8", 1), ("50 %", 2)]
    assert shown(review, "cost.total", "cost.per_exchange") == [("2400.00", 1), ("no figure", 0)]


def test_holders_answer_for_knowledge_vouchers() -> None:
    """1 of 3 applied what they bought: below 40 %, and the changes are theirs alone."""
    review = Review(KNOWLEDGE, "c1")
    assert shown(review, "response.applied", "additionality.holders", "sums.changes.procedure") == [
        ("33 %", 3),
        ("100 %", 1),
        ("1", 1),
    ]
    assert review.figures["additionality.holders"].few_answered
    assert review.figures["sums.changes.procedure"].few_answered
    assert review.figures["sums.changes.procedure"].cases == {BOUGHT}


# Only self-funded exchanges

SELF_FUNDED = programme(
    applications=tuple(
        facts.Application(key=key, submitted_on=day(1, 10), confirmed_on=day(1, 20), exchange=key, self_funded=True)
        for key in ("x1", "x2", "x3")
    ),
    exchanges=(
        stay("x1", "vienna", "porto", day(3, 1), completed=True),
        stay("x2", "porto", "vienna", day(3, 1), completed=True),
        stay("x3", "porto", "vienna", day(3, 2), completed=True),
        stay("x4", "evora", "vienna", day(2, 1)),
    ),
)


def test_self_funded_exchanges_are_the_programmes_alone() -> None:
    call, whole = Review(SELF_FUNDED, "c1"), Review(SELF_FUNDED)
    keys = ("pipeline.applications_submitted", "pipeline.agreements", "pipeline.exchanges_completed")
    assert [call.figures[key].value for key in keys] == [0, 0, 0]
    assert [whole.figures[key].value for key in keys] == [3, 4, 3]
    assert shown(whole, "cost.total", "cost.per_exchange", "redemption_rate") == [
        ("0.00", 0),
        ("no figure", 0),
        ("no figure", 0),
    ]


def test_two_that_begin_on_one_day_are_both_the_first() -> None:
    """x1 and x2 begin on 1 March, neither is earlier; x3 a day later is not the first: 2 of 3."""
    assert shown(Review(SELF_FUNDED), "first_time_pairs") == [("67 %", 3)]


def test_levels_and_countries_of_self_funded_exchanges() -> None:
    """Managers from Porto (x2, x3) at an authority: mixed. The manager from Vienna (x1) at a cluster organisation: not."""
    whole = Review(SELF_FUNDED)
    assert shown(whole, "levels.mixed") == [("67 %", 3)]
    assert whole.tables["levels"].numbers == {
        ("cluster_manager", "cluster_manager"): 1,
        ("cluster_manager", "policy_maker"): 2,
        ("cluster_manager", "*"): 3,
        ("*", "cluster_manager"): 1,
        ("*", "policy_maker"): 2,
    }
    assert whole.tables["countries"].numbers == {
        ("AT", "AT"): 0,
        ("AT", "PT"): 1,
        ("PT", "AT"): 2,
        ("PT", "PT"): 0,
        ("AT", "*"): 1,
        ("PT", "*"): 2,
        ("*", "AT"): 2,
        ("*", "PT"): 1,
    }


# Which call


def test_an_application_without_a_voucher_is_of_the_call_that_was_open() -> None:
    """The first day and the last count; where two were open, the one that opened last; where none was, no call."""
    calls = (
        facts.Call(key="first", opens_on=day(2, 1), closes_on=day(2, 28)),
        facts.Call(key="second", opens_on=day(2, 28), closes_on=day(3, 10)),
    )
    days = [day(1, 31), day(2, 1), day(2, 27), day(2, 28), day(3, 10), day(3, 11)]
    applications = tuple(facts.Application(key=number, submitted_on=each) for number, each in enumerate(days))
    found = Facts(as_of=AS_OF, calls=calls, applications=applications)
    numbers = [Review(found, call).figures["pipeline.applications_submitted"].value for call in ("first", "second", None)]
    assert numbers == [2, 2, 6]


def test_what_an_exchange_cost_counts_all_its_vouchers() -> None:
    """The first drew on another call and was paid, too: 300 + 200 for one exchange, 200 for the call."""
    vouchers = (paid("v1", "x1", day(1, 1), "300", call="c0"), paid("v2", "x1", day(2, 1), "200"))
    claims = tuple(facts.Claim(voucher=each.key, filed_on=day(3, 1), paid_on=day(3, 1)) for each in vouchers)
    review = Review(programme(exchanges=ALONE.exchanges, vouchers=vouchers, claims=claims), "c1")
    assert shown(review, "cost.total", "cost.per_exchange") == [("200.00", 1), ("500.00", 1)]


@pytest.mark.parametrize(
    ("state", "due", "counts"),
    [
        ("asked", AS_OF, False),  # the due day itself is not over
        ("asked", day(3, 30, 2028), True),
        ("missed", day(3, 30, 2028), True),
        ("not_delivered", day(3, 30, 2028), True),
        ("called_off", day(3, 30, 2028), False),
    ],
)
def test_a_year_is_over_with_its_request(state: str, due: date, counts: bool) -> None:
    """Without an answer it is the due day on which take-overs have to be in use."""
    request = asked("r", "month_12", ONE, state=state, due_on=due)
    manager = asked("m", "manager", ONE, {"t1": "in_use", "t2": "dropped"}, occasion="month_12")
    found = Review(with_requests([request, manager], exchanges=ALONE.exchanges, take_overs=TAKE_OVERS)).figures
    assert found["take_overs.in_use_after_a_year"].shown == ("50 %" if counts else "no figure")
