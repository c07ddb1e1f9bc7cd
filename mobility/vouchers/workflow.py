"""The voucher's workflow: the table of workflows.md, "Voucher", with its promises."""

from datetime import date, timedelta
from typing import Any

from mobility.core.workdays import add_working_days
from mobility.core.workflow import (
    Actor,
    Promise,
    Reminder,
    State,
    Transition,
    Workflow,
    days,
    first_refusal,
)
from mobility.vouchers.guards import (
    APPROVED,
    CLAIMED,
    DELIVERED,
    DRAFT,
    EXPIRED,
    ISSUED,
    LAPSED,
    PAID,
    RECOMMENDED,
    RECOVERED,
    REDEEMED,
    REJECTED,
    REQUESTED,
    RETURNED,
    REVOKED,
    VALIDATED,
    WITHDRAWABLE,
    WITHDRAWN,
    actors_on,
    agreed_exchange,
    before_claim_deadline,
    budget_suffices,
    claimable,
    confirmable,
    described,
    extendable_once,
    no_interest,
    not_one_s_own,
    not_the_validator,
    past_claim_deadline,
    past_validity,
    scheme_is_full,
    why_not_approve,
    within_validity,
)
from mobility.vouchers.kinds import KNOWLEDGE, MOBILITY


def _request_period(voucher: Any, today: date) -> tuple[date, date]:
    """The request is asked for within the programme's days, and in any case before the exchange begins."""
    due = today + timedelta(days=voucher.programme.voucher_request_days)
    return today, max(today, min(due, voucher.exchange.first_day - timedelta(days=1))) if voucher.exchange else due


def _decision_period(voucher: Any, today: date) -> tuple[date, date]:
    return today, add_working_days(today, voucher.programme.decision_working_days, voucher.programme.country)


def _next_decision(voucher: Any) -> str:
    """The decision that is due: in the scheme `full` an assessment comes first, and issuing is a step of its own."""
    if voucher.state == APPROVED:
        return "issue"
    return "recommend" if voucher.state == REQUESTED and voucher.programme.scheme == "full" else "approve"


def _not_their_turn(voucher: Any) -> frozenset[Actor]:
    return frozenset({Actor.OWNER if _next_decision(voucher) == "recommend" else Actor.ASSESSOR})


def _validity(voucher: Any, today: date) -> tuple[date, date]:
    return voucher.valid_from, voucher.valid_until


def _claim_period(voucher: Any, today: date) -> tuple[date, date]:
    """Until the day that delivery has set, or that a returned claim has moved."""
    return today, voucher.claim_due_on or today + timedelta(days=voucher.programme.claim_days)


def _not_the_claimant(voucher: Any) -> frozenset[Actor]:
    return frozenset({Actor.PROVIDER if voucher.kind == MOBILITY else Actor.HOLDER})


def _next_of_payment(voucher: Any) -> str:
    return "pay" if voucher.state == VALIDATED else "validate"


def _not_the_owner_s_click(voucher: Any) -> frozenset[Actor]:
    """In the scheme `light` the owner validates, with one click; all else about payment is the finance officers'."""
    asked = voucher.state == CLAIMED and voucher.kind == MOBILITY and voucher.programme.scheme == "light"
    return frozenset() if asked else frozenset({Actor.OWNER})


def _delivery_period(voucher: Any, today: date) -> tuple[date, date]:
    """Redeemed but never confirmed: it lapses when the claim would, had the host confirmed on the last day to do so."""
    last_day = voucher.exchange.last_day if voucher.exchange else today
    programme = voucher.programme
    return today, max(today, last_day) + timedelta(days=programme.attendance_days + programme.claim_days)


def _service_period(voucher: Any, today: date) -> tuple[date, date]:
    """A service may take its time: as long as the voucher is valid, and never less than a stay's confirmation and claim."""
    programme = voucher.programme
    return today, max(voucher.valid_until, today + timedelta(days=programme.attendance_days + programme.claim_days))


WORKFLOW = Workflow(
    name="voucher",
    label="voucher",
    states=(
        State(DRAFT, "Draft"),
        State(REQUESTED, "Requested"),
        State(RETURNED, "Question asked"),
        State(RECOMMENDED, "Recommended"),
        State(APPROVED, "Approved"),
        State(ISSUED, "Issued"),
        State(REDEEMED, "Redeemed"),
        State(DELIVERED, "Delivered"),
        State(CLAIMED, "Claimed"),
        State(VALIDATED, "Validated"),
        State(PAID, "Paid", "done"),
        State(REJECTED, "Rejected", "stopped"),
        State(EXPIRED, "Expired", "stopped"),
        State(LAPSED, "Lapsed", "stopped"),
        State(WITHDRAWN, "Withdrawn", "stopped"),
        State(REVOKED, "Revoked", "stopped"),
        State(RECOVERED, "Recovered", "stopped"),
    ),
    transitions=(
        Transition(
            "request",
            frozenset({DRAFT}),
            REQUESTED,
            (Actor.HOLDER,),
            "Request the voucher",
            "Requested",
            first_refusal(agreed_exchange, described),
        ),
        Transition(
            "recommend",
            frozenset({REQUESTED}),
            RECOMMENDED,
            (Actor.ASSESSOR,),
            "Recommend",
            "Recommended",
            first_refusal(scheme_is_full, no_interest),
        ),
        Transition(
            "approve",
            frozenset({REQUESTED, RECOMMENDED}),
            APPROVED,
            (Actor.OWNER,),
            "Approve",
            "Approved",
            first_refusal(why_not_approve, budget_suffices),
        ),
        Transition(
            "issue",
            frozenset({APPROVED}),
            ISSUED,
            (Actor.OWNER,),
            "Issue",
            "Issued",
            hint="The voucher gets its code; holder and host are told.",
        ),
        Transition(
            "ask_information",
            frozenset({REQUESTED, RECOMMENDED}),
            RETURNED,
            (Actor.ASSESSOR, Actor.OWNER),
            "Ask for information",
            "Question asked",
            tone="secondary",
        ),
        Transition(
            "resubmit", frozenset({RETURNED}), REQUESTED, (Actor.HOLDER,), "Answer and resubmit", "Answered and resubmitted"
        ),
        Transition(
            "reject",
            frozenset({REQUESTED, RECOMMENDED, RETURNED}),
            REJECTED,
            (Actor.OWNER,),
            "Reject",
            "Rejected",
            tone="danger",
        ),
        Transition(
            "redeem",
            frozenset({ISSUED}),
            REDEEMED,
            (Actor.HOST_COORDINATOR, Actor.PROVIDER),
            "Redeem with the code",
            "Redeemed with the code",
            first_refusal(not_one_s_own, within_validity),
        ),
        Transition(
            "confirm_delivery",
            frozenset({REDEEMED}),
            DELIVERED,
            (Actor.HOST_COORDINATOR, Actor.HOLDER),
            "Confirm delivery",
            "Delivery confirmed",
            confirmable,
            carried=lambda voucher: voucher.kind == MOBILITY,  # by the exchange's confirmation of attendance
        ),
        Transition(
            "claim",
            frozenset({DELIVERED}),
            CLAIMED,
            (Actor.HOLDER, Actor.PROVIDER),
            "Report and claim",
            "Reported and claimed",
            first_refusal(claimable, before_claim_deadline),
        ),
        Transition(
            "return_claim",
            frozenset({CLAIMED}),
            DELIVERED,
            (Actor.FINANCE_OFFICER,),
            "Return the claim",
            "Claim returned",
            tone="secondary",
        ),
        Transition(
            "validate",
            frozenset({CLAIMED}),
            VALIDATED,
            (Actor.OWNER, Actor.FINANCE_OFFICER),
            "Validate",
            "Validated",
            no_interest,
        ),
        Transition("pay", frozenset({VALIDATED}), PAID, (Actor.FINANCE_OFFICER,), "Pay", "Paid", not_the_validator),
        Transition(
            "extend",
            frozenset({ISSUED, REDEEMED}),
            None,
            (Actor.OWNER,),
            "Extend",
            "Extended",
            extendable_once,
            restarts=True,
            tone="secondary",
        ),
        Transition("expire", frozenset({ISSUED}), EXPIRED, (Actor.SYSTEM,), "Expire", "Expired", past_validity),
        Transition("lapse", frozenset({REDEEMED, DELIVERED}), LAPSED, (Actor.SYSTEM,), "Lapse", "Lapsed", past_claim_deadline),
        Transition(
            "withdraw",
            WITHDRAWABLE,
            WITHDRAWN,
            (Actor.HOLDER,),
            "Withdraw",
            "Withdrawn",
            through=frozenset({"cancel"}),
            tone="danger",
            hint="Money that was set aside goes back to the budget.",
        ),
        Transition(
            "revoke",
            frozenset({APPROVED, ISSUED, REDEEMED}),
            REVOKED,
            (Actor.OWNER,),
            "Revoke",
            "Revoked",
            through=frozenset({"report_no_show"}),
            tone="danger",
            hint="The money that was set aside goes back to the budget.",
        ),
        Transition("recover", frozenset({PAID}), RECOVERED, (Actor.FINANCE_OFFICER,), "Recover", "Recovered", tone="danger"),
    ),
    actors_on=actors_on,
    also_told={"payment_came_back": "Payment came back"},
    promises=(
        Promise(
            "voucher_request",
            frozenset({DRAFT}),
            (Actor.HOLDER,),
            "request",
            "Request your voucher",
            _request_period,
            (Reminder(before=7), Reminder(before=2)),
            then="escalate",
            escalates_to=(Actor.GUEST_COORDINATOR,),
            applies=lambda voucher: voucher.kind == MOBILITY,  # a need of one's own is written down in one's own time
        ),
        Promise(
            "decision",
            frozenset({REQUESTED, RECOMMENDED, APPROVED}),
            (Actor.ASSESSOR, Actor.OWNER),
            _next_decision,
            "Decide on the voucher",
            _decision_period,
            (Reminder(after=5, working=True), Reminder(after=8, working=True)),
            then="escalate",
            escalates_to=(Actor.OWNER,),
            kept_by=_not_their_turn,
        ),
        Promise(
            "answer",
            frozenset({RETURNED}),
            (Actor.HOLDER,),
            "resubmit",
            "Answer the programme's question",
            days("answer_days"),
            (Reminder(before=7), Reminder(before=2)),
            then="escalate",
            escalates_to=(Actor.OWNER,),
        ),
        Promise(
            "redemption",
            frozenset({ISSUED}),
            (Actor.HOLDER,),
            "show",
            "Use your voucher",
            _validity,
            (Reminder(before=60), Reminder(before=30), Reminder(before=7)),
            then="expire",
            also_reminded=(Actor.HOST_COORDINATOR, Actor.PROVIDER),
        ),
        Promise(
            "delivery",
            frozenset({REDEEMED}),
            (Actor.HOST_COORDINATOR,),
            "confirm_delivery",
            "Confirm the delivery",
            _delivery_period,
            (),
            then="lapse",
            applies=lambda voucher: voucher.kind == MOBILITY,
            listed=False,  # the exchange's promise of attendance asks for it
        ),
        Promise(
            "service",
            frozenset({REDEEMED}),
            (Actor.HOLDER,),
            "confirm_delivery",
            "Confirm what you received",
            _service_period,
            (Reminder(after=14), Reminder(before=30), Reminder(before=7), Reminder(before=1)),
            then="lapse",
            applies=lambda voucher: voucher.kind == KNOWLEDGE,
        ),
        Promise(
            "claim",
            frozenset({DELIVERED}),
            (Actor.HOLDER, Actor.PROVIDER),
            "claim",
            "Report and claim",
            _claim_period,
            (Reminder(before=14), Reminder(before=7), Reminder(before=1)),
            then="lapse",
            kept_by=_not_the_claimant,
        ),
        Promise(
            "payment",
            frozenset({CLAIMED, VALIDATED}),
            (Actor.FINANCE_OFFICER, Actor.OWNER),
            _next_of_payment,
            "Pay the claim",
            days("payment_days"),
            (Reminder(after=7),),
            then="escalate",
            escalates_to=(Actor.FINANCE_OFFICER,),
            kept_by=_not_the_owner_s_click,
        ),
    ),
)
