"""What an exchange waits for, and until when (workflows.md, "Service promises"). Pure."""

from datetime import date, timedelta
from typing import Any

from mobility.core.wording import format_days
from mobility.exchanges.endorsing import ENDORSED, HOME, OBJECTED, REQUIRED, answer, stands_back
from mobility.exchanges.guards import days_are_over, left_behind, not_one_s_own, one_side_each, signed_sides
from mobility.exchanges.states import AGREED, CANCELLED, COMPLETED, IN_PROGRESS, PLANNING
from mobility.workflows.parts import Actor
from mobility.workflows.table import Promise, Reminder, Unpromised, days, once


def _attendance_period(exchange: Any, today: date) -> tuple[date, date]:
    return exchange.last_day, exchange.last_day + timedelta(days=exchange.programme.attendance_days)


def _signed_by_both(exchange: Any, today: date) -> date | None:
    return today if len(signed_sides(exchange)) == 2 else None


def _next_of_signatures(exchange: Any) -> str:
    """A plan whose days are over gets other days first; of what was agreed before, both say how to go on."""
    if not days_are_over(exchange):
        return "sign"
    return "show" if left_behind(exchange) else "amend"


def _asked_for_signatures(exchange: Any) -> str:
    words = {"amend": "Agree on other days: those of the plan are over", "show": "Say how to go on: the visit could not begin"}
    return words.get(_next_of_signatures(exchange), "Sign the agreement")


def _unsigned_version(exchange: Any) -> bool:
    return exchange.newest_version is not None and len(signed_sides(exchange)) < 2


def _to_be_endorsed(exchange: Any) -> bool:
    version = exchange.newest_version
    return exchange.endorsement == REQUIRED and version is not None and not version.endorsements


def _endorsement_period(exchange: Any, today: date) -> tuple[date, date]:
    """At the latest the day before the stay, as it is needed then."""
    due_on = min(today + timedelta(days=exchange.programme.endorsement_days), exchange.first_day - timedelta(days=1))
    return today, max(today, due_on)


def _answered(exchange: Any, today: date) -> date | None:
    """An objection is an answer, too."""
    version = exchange.newest_version
    return today if version is not None and (answer(version, ENDORSED) or answer(version, OBJECTED)) else None


def _others_endorse(exchange: Any) -> frozenset[Actor]:
    return frozenset({Actor.OWNER if exchange.endorser == HOME else Actor.GUEST_COORDINATOR})


def _objected(exchange: Any) -> bool:
    """The home organisation's yes is needed, and it has said no."""
    return exchange.objected and exchange.endorsement == REQUIRED


UNPROMISED = (
    Unpromised(
        state=AGREED,
        asks=lambda exchange: f"Visit {format_days((exchange.first_day, exchange.last_day))}",
        of_whom=lambda exchange: exchange.between,
        until=lambda exchange: exchange.first_day,
        coming=True,
        applies=lambda exchange: not left_behind(exchange) and not _objected(exchange),
    ),
    Unpromised(
        state=AGREED,
        asks="Say how to go on: the visit could not begin",
        button="See what is possible",
        of_whom=lambda exchange: exchange.between,
        until=lambda exchange: exchange.first_day,
        applies=left_behind,
    ),
    Unpromised(
        state=AGREED,
        asks="Say how to go on: the home organisation objects",
        button="See what is possible",
        of_whom=lambda exchange: exchange.between,
        until=lambda exchange: exchange.first_day,
        applies=lambda exchange: _objected(exchange) and not left_behind(exchange),
    ),
)

PROMISES = (
    Promise(
        "signatures",
        states={PLANNING, AGREED},
        owed_by=(Actor.HOST_COORDINATOR, Actor.GUEST),
        action=_next_of_signatures,
        asks=_asked_for_signatures,
        reminds="Sign the agreement of {guest} and {host}",
        period=days("signature_days"),
        reminders=(Reminder(before=7), Reminder(before=2)),
        then="escalate",
        kept_on=_signed_by_both,
        escalates_to=(Actor.HOST_COORDINATOR, Actor.GUEST_COORDINATOR),
        kept_by=signed_sides,
        applies=_unsigned_version,
        not_for=[one_side_each],
    ),
    Promise(
        "endorsement",
        states={AGREED},
        owed_by=(Actor.GUEST_COORDINATOR, Actor.OWNER),
        action="endorse",
        asks="Endorse the stay",
        reminds="Endorse the stay of {guest} at {host}",
        period=_endorsement_period,
        reminders=(Reminder(before=3), Reminder(before=1)),
        then="escalate",
        kept_on=_answered,
        escalates_to=(Actor.GUEST, Actor.HOST_COORDINATOR, Actor.OWNER),
        kept_by=_others_endorse,
        applies=_to_be_endorsed,
        not_for=[stands_back],
    ),
    Promise(
        "attendance",
        states={IN_PROGRESS},
        owed_by=(Actor.HOST_COORDINATOR,),
        action="confirm_attendance",
        asks="Confirm the attendance",
        reminds="Confirm the attendance of {guest}",
        period=_attendance_period,
        reminders=(Reminder(after=0), Reminder(after=3)),
        then="escalate",
        not_for=[not_one_s_own],
        kept_on=once(COMPLETED, CANCELLED),  # whoever reports a no-show has answered too
        escalates_to=(Actor.OWNER,),
    ),
)
