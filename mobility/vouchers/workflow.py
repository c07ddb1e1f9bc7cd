"""The voucher's workflow: the table of workflows.md, "Voucher", with its promises."""

from datetime import date, timedelta
from typing import Any

from mobility.core import clock
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
from mobility.core.working_days import add_working_days

DRAFT, REQUESTED, RETURNED, RECOMMENDED = "draft", "requested", "returned", "recommended"
APPROVED, REJECTED, ISSUED, REDEEMED = "approved", "rejected", "issued", "redeemed"
DELIVERED, CLAIMED, VALIDATED, PAID = "delivered", "claimed", "validated", "paid"
EXPIRED, LAPSED, WITHDRAWN, REVOKED, RECOVERED = "expired", "lapsed", "withdrawn", "revoked", "recovered"

MOBILITY, KNOWLEDGE = "mobility", "knowledge"

WITHDRAWABLE = frozenset({DRAFT, REQUESTED, RETURNED, RECOMMENDED, APPROVED, ISSUED})
COMMITTED_STATES = frozenset({APPROVED, ISSUED, REDEEMED, DELIVERED, CLAIMED, VALIDATED})

_PROGRAMME_PARTS = {
    "owner": Actor.OWNER,
    "assessor": Actor.ASSESSOR,
    "finance_officer": Actor.FINANCE_OFFICER,
    "auditor": Actor.AUDITOR,
}


def actors_on(person: Any, voucher: Any) -> frozenset[Actor]:
    """Holder and their coordinators, the host, the provider; the programme's people once it was requested."""
    actors = set()
    if person.id == voucher.holder_id:
        actors.add(Actor.HOLDER)
    if "coordinator" in person.roles_in(voucher.holder_organisation_id):
        actors.add(Actor.GUEST_COORDINATOR)
    if voucher.kind == MOBILITY:
        at_host = person.roles_in(voucher.host_id)
        if "coordinator" in at_host:
            actors |= {Actor.HOST_COORDINATOR, Actor.HOST}
        if "host" in at_host:
            actors.add(Actor.HOST)
    elif {"provider", "coordinator"} & person.roles_in(voucher.provider_id):
        actors.add(Actor.PROVIDER)
    if voucher.state != DRAFT:
        actors |= {_PROGRAMME_PARTS[role] for role in person.roles_in_programme(voucher.programme_id)}
    return frozenset(actors)


def may_see_code(person: Any, voucher: Any) -> bool:
    """The holder hands the code over: before that, nobody but their side sees it."""
    return bool(actors_on(person, voucher) & {Actor.HOLDER, Actor.GUEST_COORDINATOR})


def no_interest(voucher: Any, by: Any) -> str | None:
    """No interest in the case: not a member of the host, guest, holder or provider organisation (workflows.md)."""
    involved = {voucher.holder_organisation_id, voucher.host_id, voucher.provider_id} - {None}
    if by.id is not None and (by.id == voucher.holder_id or any(by.roles_in(each) for each in involved)):
        return "You belong to an organisation that takes part in this case. Somebody without an interest must decide."
    return None


def budget_suffices(voucher: Any, by: Any) -> str | None:
    line = voucher.budget_line
    if line is None:
        return "No open call of this programme has a budget line for this voucher."
    if line.available < voucher.amount:
        return f"The budget line has {line.available:,.2f} left; this voucher needs {voucher.amount:,.2f}."
    return None


def four_eyes(voucher: Any, by: Any) -> str | None:
    if voucher.programme.scheme == "full" and voucher.assessed_by_id == by.id:
        return "You assessed this voucher. In this programme somebody else approves it."
    return None


def scheme_is_full(voucher: Any, by: Any) -> str | None:
    if voucher.programme.scheme != "full":
        return "This programme decides in one step, without an assessment."
    return None


def at_its_turn(voucher: Any, by: Any) -> str | None:
    """Scheme `light` approves what is requested, `full` what is recommended."""
    if voucher.programme.scheme == "full" and voucher.state == REQUESTED:
        return "An assessor must recommend this voucher first."
    return None


def agreed_exchange(voucher: Any, by: Any) -> str | None:
    if voucher.kind == MOBILITY and (voucher.exchange is None or voucher.exchange.state != "agreed"):
        return "Both sides must have signed the agreement first."
    return None


def within_validity(voucher: Any, by: Any) -> str | None:
    today = clock.today(voucher.timezone)
    if voucher.valid_from and today < voucher.valid_from:
        return f"The voucher is valid from {voucher.valid_from:%-d %B %Y}."
    if voucher.valid_until and today > voucher.valid_until:
        return f"The voucher was valid until {voucher.valid_until:%-d %B %Y}."
    return None


def extendable_once(voucher: Any, by: Any) -> str | None:
    if voucher.extended:
        return "A voucher is extended once, and this one was."
    return within_validity(voucher, by)


def confirmable(voucher: Any, by: Any) -> str | None:
    """Of a mobility voucher the host confirms, of a knowledge voucher the holder: never the provider."""
    parts = actors_on(by, voucher) if by.id is not None else frozenset()
    wanted = Actor.HOST_COORDINATOR if voucher.kind == MOBILITY else Actor.HOLDER
    return None if wanted in parts else f"The {wanted.value} confirms the delivery."


def past_validity(voucher: Any, by: Any) -> str | None:
    if voucher.valid_until is not None and clock.today(voucher.timezone) > voucher.valid_until:
        return None
    return "The voucher is still valid."


def past_claim_deadline(voucher: Any, by: Any) -> str | None:
    if voucher.due_on is not None and clock.today(voucher.timezone) > voucher.due_on:
        return None
    return "There is still time for the claim."


def before_claim_deadline(voucher: Any, by: Any) -> str | None:
    return "The deadline for the claim has passed." if past_claim_deadline(voucher, by) is None else None


def not_the_validator(voucher: Any, by: Any) -> str | None:
    if voucher.validated_by_id is not None and voucher.validated_by_id == by.id:
        return "You validated this claim. Somebody else pays it."
    return None


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


def _delivery_period(voucher: Any, today: date) -> tuple[date, date]:
    """Redeemed but never confirmed: it lapses when the claim would, had the host confirmed on the last day to do so."""
    last_day = voucher.exchange.last_day if voucher.exchange else today
    programme = voucher.programme
    return today, max(today, last_day) + timedelta(days=programme.attendance_days + programme.claim_days)


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
        Transition("request", frozenset({DRAFT}), REQUESTED, (Actor.HOLDER,), "Request the voucher", agreed_exchange),
        Transition(
            "recommend",
            frozenset({REQUESTED}),
            RECOMMENDED,
            (Actor.ASSESSOR,),
            "Recommend",
            first_refusal(scheme_is_full, no_interest),
        ),
        Transition(
            "approve",
            frozenset({REQUESTED, RECOMMENDED}),
            APPROVED,
            (Actor.OWNER,),
            "Approve",
            first_refusal(at_its_turn, no_interest, four_eyes, budget_suffices),
        ),
        Transition(
            "issue",
            frozenset({APPROVED}),
            ISSUED,
            (Actor.OWNER,),
            "Issue",
            hint="The voucher gets its code; holder and host are told.",
        ),
        Transition(
            "ask_information",
            frozenset({REQUESTED, RECOMMENDED}),
            RETURNED,
            (Actor.ASSESSOR, Actor.OWNER),
            "Ask for information",
            tone="secondary",
        ),
        Transition("resubmit", frozenset({RETURNED}), REQUESTED, (Actor.HOLDER,), "Answer and resubmit"),
        Transition(
            "reject",
            frozenset({REQUESTED, RECOMMENDED, RETURNED}),
            REJECTED,
            (Actor.OWNER,),
            "Reject",
            tone="danger",
        ),
        Transition(
            "redeem",
            frozenset({ISSUED}),
            REDEEMED,
            (Actor.HOST_COORDINATOR, Actor.PROVIDER),
            "Redeem with the code",
            within_validity,
        ),
        Transition(
            "confirm_delivery",
            frozenset({REDEEMED}),
            DELIVERED,
            (Actor.HOST_COORDINATOR, Actor.HOLDER),
            "Confirm delivery",
            confirmable,
        ),
        Transition(
            "claim",
            frozenset({DELIVERED}),
            CLAIMED,
            (Actor.HOLDER, Actor.PROVIDER),
            "Report and claim",
            before_claim_deadline,
        ),
        Transition(
            "return_claim",
            frozenset({CLAIMED}),
            DELIVERED,
            (Actor.FINANCE_OFFICER,),
            "Return the claim",
            tone="secondary",
        ),
        Transition("validate", frozenset({CLAIMED}), VALIDATED, (Actor.OWNER, Actor.FINANCE_OFFICER), "Validate"),
        Transition("pay", frozenset({VALIDATED}), PAID, (Actor.FINANCE_OFFICER,), "Pay", not_the_validator),
        Transition(
            "extend",
            frozenset({ISSUED, REDEEMED}),
            None,
            (Actor.OWNER,),
            "Extend",
            extendable_once,
            restarts=True,
            tone="secondary",
        ),
        Transition("expire", frozenset({ISSUED}), EXPIRED, (Actor.SYSTEM,), "Expire", past_validity),
        Transition("lapse", frozenset({REDEEMED, DELIVERED}), LAPSED, (Actor.SYSTEM,), "Lapse", past_claim_deadline),
        Transition(
            "withdraw",
            WITHDRAWABLE,
            WITHDRAWN,
            (Actor.HOLDER,),
            "Withdraw",
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
            through=frozenset({"report_no_show"}),
            tone="danger",
            hint="The money that was set aside goes back to the budget.",
        ),
        Transition("recover", frozenset({PAID}), RECOVERED, (Actor.FINANCE_OFFICER,), "Recover", tone="danger"),
    ),
    actors_on=actors_on,
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
            also_reminded=(Actor.HOST_COORDINATOR,),
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
            listed=False,  # the exchange's promise of attendance asks for it
        ),
        Promise(
            "claim",
            frozenset({DELIVERED}),
            (Actor.HOLDER,),
            "claim",
            "Report and claim",
            days("claim_days"),
            (Reminder(before=14), Reminder(before=7), Reminder(before=1)),
            then="lapse",
        ),
        Promise(
            "payment",
            frozenset({CLAIMED, VALIDATED}),
            (Actor.FINANCE_OFFICER,),
            "validate",
            "Pay the claim",
            days("payment_days"),
            (Reminder(after=7),),
            then="escalate",
            escalates_to=(Actor.FINANCE_OFFICER,),
        ),
    ),
)
