"""The voucher's workflow: the table of workflows.md, "Voucher", with its promises."""

from datetime import date, timedelta
from typing import Any

from mobility.core.workdays import add_working_days
from mobility.vouchers.guards import (
    PARTS,
    agreed_exchange,
    at_its_turn,
    before_claim_deadline,
    before_the_stay,
    budget_suffices,
    claim_extendable,
    claimable,
    confirmable,
    described,
    extendable_once,
    four_eyes,
    holder_gone,
    in_no_batch,
    no_interest,
    not_one_s_own,
    not_the_validator,
    nothing_recovered,
    past_claim_deadline,
    past_validity,
    scheme_is_full,
    within_validity,
)
from mobility.vouchers.kinds import kind_of
from mobility.vouchers.states import (
    APPROVED,
    CLAIMED,
    DELIVERED,
    DRAFT,
    EXPIRED,
    ISSUED,
    LAPSED,
    OPEN,
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
)
from mobility.workflows.workflow import Actor, Promise, Reminder, State, Transition, Unpromised, Workflow, days, once


def _request_period(voucher: Any, today: date) -> tuple[date, date]:
    """The request is asked for within the programme's days, and in any case before the exchange begins."""
    return today, _before_the_stay(voucher, today, today + timedelta(days=voucher.programme.voucher_request_days))


def _decision_period(voucher: Any, today: date) -> tuple[date, date]:
    """Within the programme's working days, and in any case before the exchange begins."""
    programme = voucher.programme
    return today, _before_the_stay(voucher, today, add_working_days(today, programme.decision_working_days, programme.country))


def _before_the_stay(voucher: Any, today: date, due: date) -> date:
    """The day before the stay at the latest, but never a day that is over: of what nobody stays for, `due` itself."""
    return max(today, min(due, voucher.exchange.first_day - timedelta(days=1))) if voucher.exchange else due


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
    return frozenset({Actor.HOLDER, Actor.PROVIDER} - {Actor(kind_of(voucher.kind).claims)})


def _next_of_payment(voucher: Any) -> str:
    return "pay" if voucher.state == VALIDATED else "validate"


def _asked_for_payment(voucher: Any) -> str:
    return "Collect the claim for payment" if voucher.state == VALIDATED else "Check the claim"


def _button_of_payment(voucher: Any) -> str:
    return "Go to the payments" if voucher.state == VALIDATED else "Check"


def _rests_on_stay(voucher: Any) -> bool:
    return kind_of(voucher.kind).rests_on_stay


def _rests_on_price(voucher: Any) -> bool:
    return kind_of(voucher.kind).rests_on_price


def _paid_on(voucher: Any, today: date) -> date | None:
    """The bank's day, not the one on which somebody records it."""
    return voucher.paid_on if voucher.state == PAID else None


def _state_after_recovery(voucher: Any) -> str:
    return PAID if voucher.unrecovered else RECOVERED


def _not_the_owner_s_click(voucher: Any) -> frozenset[Actor]:
    """In the scheme `light` the owner validates a report, with one click; all else about payment is the finance officers'."""
    one_click = not kind_of(voucher.kind).by_invoice and voucher.programme.scheme == "light"
    asked = voucher.state == CLAIMED and one_click
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
            from_={DRAFT},
            to=REQUESTED,
            by=Actor.HOLDER,
            button="Request the voucher",
            past="Requested",
            only_if=[agreed_exchange, before_the_stay, described],
        ),
        Transition(
            "recommend",
            from_={REQUESTED},
            to=RECOMMENDED,
            by=Actor.ASSESSOR,
            button="Recommend",
            choice="Assess",
            past="Recommended",
            within_programme=True,
            only_if=[scheme_is_full, no_interest],
        ),
        Transition(
            "recommend_against",
            from_={REQUESTED},
            to=RECOMMENDED,
            by=Actor.ASSESSOR,
            button="Recommend against",
            past="Recommended against",
            only_if=[scheme_is_full, no_interest],
            within_programme=True,
            tone="secondary",
            hint="With the same sheet. An owner decides.",
        ),
        Transition(
            "approve",
            from_={REQUESTED, RECOMMENDED},
            to=APPROVED,
            by=Actor.OWNER,
            button="Approve",
            choice="Decide",
            past="Approved",
            only_if=[before_the_stay, at_its_turn, no_interest, four_eyes, budget_suffices],
        ),
        Transition(
            "issue",
            from_={APPROVED},
            to=ISSUED,
            by=Actor.OWNER,
            button="Issue",
            past="Issued",
            only_if=[before_the_stay],
            hint="The voucher gets its code; holder and host are told.",
        ),
        Transition(
            "ask_information",
            from_={REQUESTED, RECOMMENDED},
            to=RETURNED,
            by=(Actor.ASSESSOR, Actor.OWNER),
            button="Ask for information",
            past="Question asked",
            tone="secondary",
        ),
        Transition(
            "resubmit",
            from_={RETURNED},
            to=REQUESTED,
            by=Actor.HOLDER,
            button="Answer and resubmit",
            past="Answered and resubmitted",
            only_if=[before_the_stay],
        ),
        Transition(
            "reject",
            from_={REQUESTED, RECOMMENDED, RETURNED},
            to=REJECTED,
            by=Actor.OWNER,
            button="Reject",
            past="Rejected",
            tone="danger",
        ),
        Transition(
            "redeem",
            from_={ISSUED},
            to=REDEEMED,
            by=(Actor.HOST_COORDINATOR, Actor.PROVIDER),
            button="Redeem with the code",
            past="Redeemed with the code",
            only_if=[not_one_s_own, within_validity],
        ),
        Transition(
            "confirm_delivery",
            from_={REDEEMED},
            to=DELIVERED,
            by=(Actor.HOST_COORDINATOR, Actor.HOLDER),
            button="Confirm delivery",
            past="Delivery confirmed",
            only_if=[confirmable],
            carried=_rests_on_stay,  # by the exchange's confirmation of attendance
        ),
        Transition(
            "claim",
            from_={DELIVERED},
            to=CLAIMED,
            by=(Actor.HOLDER, Actor.PROVIDER),
            button="Report and claim",
            past="Reported and claimed",
            only_if=[claimable, before_claim_deadline],
        ),
        Transition(
            "return_claim",
            from_={CLAIMED},
            to=DELIVERED,
            by=Actor.FINANCE_OFFICER,
            button="Return the claim",
            past="Claim returned",
            tone="secondary",
        ),
        Transition(
            "validate",
            from_={CLAIMED},
            to=VALIDATED,
            by=(Actor.OWNER, Actor.FINANCE_OFFICER),
            button="Validate",
            past="Validated",
            only_if=[no_interest],
        ),
        Transition(
            "take_back_validation",
            from_={VALIDATED},
            to=CLAIMED,
            by=(Actor.OWNER, Actor.FINANCE_OFFICER),
            button="Take the validation back",
            past="Validation taken back",
            only_if=[no_interest, in_no_batch],
            tone="secondary",
            hint="If it was a mistake. What it gave back to the budget is set aside again.",
        ),
        Transition(
            "pay", from_={VALIDATED}, to=PAID, by=Actor.FINANCE_OFFICER, button="Pay", past="Paid", only_if=[not_the_validator]
        ),
        Transition(
            "extend",
            from_={ISSUED, REDEEMED},
            to=None,
            by=Actor.OWNER,
            button="Extend",
            past="Extended",
            only_if=[extendable_once],
            restarts=True,
            tone="secondary",
        ),
        # workflows.md has it from delivered only, but the night after the deadline lapses it: decision 0004
        Transition(
            "extend_claim",
            from_={DELIVERED, LAPSED},
            to=DELIVERED,
            by=Actor.OWNER,
            button="Extend the claim",
            past="Claim extended",
            only_if=[claim_extendable],
            restarts=True,
            tone="secondary",
            hint="Once, for a reason. If it has lapsed, the money is set aside again as far as it is available.",
        ),
        Transition(
            "expire", from_={ISSUED}, to=EXPIRED, by=Actor.SYSTEM, button="Expire", past="Expired", only_if=[past_validity]
        ),
        Transition(
            "lapse",
            from_={REDEEMED, DELIVERED},
            to=LAPSED,
            by=Actor.SYSTEM,
            button="Lapse",
            past="Lapsed",
            only_if=[past_claim_deadline],
        ),
        Transition(
            "withdraw",
            from_=WITHDRAWABLE,
            to=WITHDRAWN,
            by=Actor.HOLDER,
            button="Withdraw",
            past="Withdrawn",
            through={"cancel"},
            tone="danger",
            hint="Money that was set aside goes back to the budget.",
        ),
        Transition(
            "take_over",
            from_=OPEN,
            to=None,
            by=Actor.GUEST_COORDINATOR,
            button="Take it over",
            past="Taken over",
            only_if=[holder_gone],
            through={"take_over"},
            tone="secondary",
            hint="If whoever holds it has left: you go on with it for your organisation.",
        ),
        Transition(
            "revoke",
            from_={APPROVED, ISSUED, REDEEMED},
            to=REVOKED,
            by=Actor.OWNER,
            button="Revoke",
            past="Revoked",
            through={"report_no_show"},
            tone="danger",
            hint="The money that was set aside goes back to the budget.",
        ),
        Transition(
            "came_back",
            from_={PAID},
            to=VALIDATED,
            by=Actor.FINANCE_OFFICER,
            button="Record that it came back",
            past="Paid, and came back",
            only_if=[nothing_recovered],
            tone="secondary",
            hint="If the bank has returned the payment. It can be collected again, to another account too.",
        ),
        Transition(
            "recover",
            from_={PAID},
            to=_state_after_recovery,
            by=Actor.FINANCE_OFFICER,
            button="Recover",
            past="Recovered",
            tone="danger",
            hint="All that was paid, or a part of it, as often as needed.",
        ),
    ),
    parts=PARTS,
    follows="exchange",
    unpromised=(
        Unpromised(
            state=DRAFT,
            asks="Finish your request",
            button="Continue writing",
            page="knowledge.edit",
            of_whom=lambda voucher: voucher.programme.name,
        ),
    ),
    also_told={
        "payment_came_back": "Payment came back",
        "attendance_corrected": "Attendance corrected",
        "follow_stay": "Moved with the stay",
        "holder_replaced": "Holder replaced",
    },
    promises=(
        Promise(
            "voucher_request",
            states={DRAFT},
            owed_by=(Actor.HOLDER,),
            action="request",
            asks="Request your voucher",
            reminds="Request your voucher for {host}",
            reminds_others="Request the voucher of {guest}",
            period=_request_period,
            reminders=(Reminder(before=7), Reminder(before=2)),
            then="escalate",
            kept_on=once(REQUESTED),
            escalates_to=(Actor.GUEST_COORDINATOR,),
            applies=_rests_on_stay,  # nobody waits for a need that its holder has yet to write down
        ),
        Promise(
            "decision",
            states={REQUESTED, RECOMMENDED, APPROVED},
            owed_by=(Actor.ASSESSOR, Actor.OWNER),
            action=_next_decision,
            asks="Decide on the voucher",
            reminds="Decide on the voucher of {guest}",
            period=_decision_period,
            reminders=(Reminder(after=5, working=True), Reminder(after=8, working=True)),
            then="escalate",
            kept_on=once(APPROVED, REJECTED),
            answers_for_it=(Actor.OWNER,),
            escalates_to=(Actor.OWNER,),
            kept_by=_not_their_turn,
            not_for=[no_interest, four_eyes],
        ),
        Promise(
            "answer",
            states={RETURNED},
            owed_by=(Actor.HOLDER,),
            action="resubmit",
            asks="Answer the programme's question",
            reminds="Answer the question about your voucher",
            reminds_others="Answer the question about the voucher of {guest}",
            period=days("answer_days"),
            reminders=(Reminder(before=7), Reminder(before=2)),
            then="escalate",
            kept_on=once(REQUESTED),
            escalates_to=(Actor.OWNER,),
        ),
        Promise(
            "redemption",
            states={ISSUED},
            owed_by=(Actor.HOLDER,),
            action="show",
            asks="Use your voucher",
            asks_others="A voucher for you to redeem",
            reminds="Use your voucher",
            reminds_others="Redeem the voucher of {guest}",
            period=_validity,
            reminders=(Reminder(before=60), Reminder(before=30), Reminder(before=7)),
            then="expire",
            afterwards="After that day the voucher expires, and its money goes back to the budget.",
            listed=lambda voucher: voucher.exchange_id is None,  # else the visit stands among what is coming up
            kept_on=once(REDEEMED),
            also_reminded=(Actor.HOST_COORDINATOR, Actor.PROVIDER),
        ),
        Promise(
            "delivery",
            states={REDEEMED},
            owed_by=(Actor.HOST_COORDINATOR,),
            action="confirm_delivery",
            asks="Confirm the delivery",
            period=_delivery_period,
            reminders=(),
            then="lapse",
            afterwards="After that day the voucher lapses, and nothing can be paid any more.",
            applies=_rests_on_stay,
            listed=lambda voucher: False,  # the exchange's promise of attendance asks for it
            kept_on=once(DELIVERED),
        ),
        Promise(
            "service",
            states={REDEEMED},
            owed_by=(Actor.HOLDER,),
            action="confirm_delivery",
            asks="Confirm what you received",
            reminds="Confirm what {host} has delivered",
            reminds_others="Confirm what {host} has delivered to {guest}",
            period=_service_period,
            reminders=(Reminder(after=14), Reminder(before=30), Reminder(before=7), Reminder(before=1)),
            then="lapse",
            afterwards="After that day the voucher lapses, and nothing can be paid any more.",
            applies=_rests_on_price,
            kept_on=once(DELIVERED),
        ),
        Promise(
            "claim",
            states={DELIVERED},
            owed_by=(Actor.HOLDER, Actor.PROVIDER),
            action="claim",
            asks=lambda voucher: kind_of(voucher.kind).words.claim_title,
            button=lambda voucher: kind_of(voucher.kind).words.claim_open,
            reminds="Report on your exchange and claim the money",
            reminds_others="Report and claim for {guest}",
            period=_claim_period,
            reminders=(Reminder(before=14), Reminder(before=7), Reminder(before=1)),
            then="lapse",
            afterwards="After that day the voucher lapses, and nothing can be paid any more.",
            kept_on=once(CLAIMED),
            kept_by=_not_the_claimant,
        ),
        Promise(
            "payment",
            states={CLAIMED, VALIDATED},
            owed_by=(Actor.FINANCE_OFFICER, Actor.OWNER),
            action=_next_of_payment,
            asks=_asked_for_payment,
            button=_button_of_payment,
            reminds="Pay the claim of {guest}",
            period=days("payment_days"),
            reminders=(Reminder(after=7),),
            then="escalate",
            kept_on=_paid_on,
            answers_for_it=(Actor.FINANCE_OFFICER,),
            escalates_to=(Actor.FINANCE_OFFICER,),
            kept_by=_not_the_owner_s_click,
            not_for=[not_the_validator],
        ),
    ),
)
