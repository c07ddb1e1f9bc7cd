"""What a voucher waits for: the service promises of workflows.md, with their days, and who has to act. Pure."""

from datetime import date, timedelta
from typing import Any

from mobility.core.workdays import add_working_days
from mobility.people.interest import interest_in
from mobility.vouchers.guards import (
    before_the_stay,
    four_eyes,
    not_the_validator,
    too_late,
)
from mobility.vouchers.kinds import kind_of
from mobility.vouchers.states import (
    APPROVED,
    CLAIMED,
    DELIVERED,
    DRAFT,
    ISSUED,
    PAID,
    RECOMMENDED,
    REDEEMED,
    REJECTED,
    REQUESTED,
    RETURNED,
    VALIDATED,
)
from mobility.workflows.table import Promise, Reminder, days, once
from mobility.workflows.workflow import Actor


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
    """The decision that is due: in the scheme `full` an assessment comes first, and issuing is a step of its own.

    Once the stay has begun, only one is left.
    """
    if too_late(voucher):
        return "revoke" if voucher.state == APPROVED else "reject"
    if voucher.state == APPROVED:
        return "issue"
    return "recommend" if voucher.state == REQUESTED and voucher.programme.scheme == "full" else "approve"


def _asked_for_decision(voucher: Any) -> str:
    return {
        "recommend": "Assess the request",
        "issue": "Issue the voucher",
        "revoke": "Revoke the voucher: the stay has begun",
        "reject": "Reject the request: the stay has begun",
    }.get(_next_decision(voucher), "Decide on the voucher")


def _in_time(voucher: Any) -> bool:
    """Else the exchange's own task asks how to go on."""
    return not too_late(voucher)


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


def rests_on_stay(voucher: Any) -> bool:
    return kind_of(voucher.kind).rests_on_stay


def _rests_on_price(voucher: Any) -> bool:
    return kind_of(voucher.kind).rests_on_price


def _paid_on(voucher: Any, today: date) -> date | None:
    """The bank's day, not the one on which somebody records it."""
    return voucher.paid_on if voucher.state == PAID else None


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


PROMISES = (
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
        applies=rests_on_stay,  # nobody waits for a need that its holder has yet to write down
        listed=_in_time,
        not_for=[before_the_stay],
    ),
    Promise(
        "decision",
        states={REQUESTED, RECOMMENDED, APPROVED},
        owed_by=(Actor.ASSESSOR, Actor.OWNER),
        action=_next_decision,
        asks=_asked_for_decision,
        reminds="Decide on the voucher of {guest}",
        period=_decision_period,
        reminders=(Reminder(after=5, working=True), Reminder(after=8, working=True)),
        then="escalate",
        kept_on=once(APPROVED, REJECTED),
        answers_for_it=(Actor.OWNER,),
        escalates_to=(Actor.OWNER,),
        kept_by=_not_their_turn,
        not_for=[interest_in, four_eyes],
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
        listed=_in_time,
        not_for=[before_the_stay],
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
        applies=rests_on_stay,
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
        not_for=[interest_in, not_the_validator],
    ),
)
