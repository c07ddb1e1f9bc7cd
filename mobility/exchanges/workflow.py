"""The exchange's workflow: the table of workflows.md, "Exchange", with its promises."""

from datetime import date, timedelta
from typing import Any

from mobility.core import clock
from mobility.core.wording import format_days
from mobility.people.interest import travelling
from mobility.people.parts import acts_for, has_left, host_side, members, person, programme_people
from mobility.people.roles import Role
from mobility.workflows.parts import Watch, acting_on
from mobility.workflows.table import By, Promise, Reminder, State, Transition, Unpromised, days, once
from mobility.workflows.workflow import Actor, Workflow

PLANNING, AGREED, IN_PROGRESS, COMPLETED = "planning", "agreed", "in_progress", "completed"
CLOSED, CANCELLED = "closed", "cancelled"
ENDED = frozenset({"rejected", "expired", "lapsed", "withdrawn", "revoked"})  # a voucher that nothing comes of
RUNNING = frozenset({PLANNING, AGREED, IN_PROGRESS})
TOOK_PLACE = frozenset({COMPLETED, CLOSED})


PARTS = (
    *host_side("host", watches=Watch(frozenset(), RUNNING)),
    person(Actor.GUEST, "guest", Watch(frozenset(), RUNNING), acts_for("guest_organisation")),
    members(Actor.GUEST_COORDINATOR, "guest_organisation", Role.COORDINATOR),
    *programme_people("programme"),
)


def before_the_start(exchange: Any, by: By) -> str | None:
    """A plan that was never agreed cannot have begun: its days are simply moved."""
    if left_behind(exchange):
        return "The first day has come, so the agreement stays as it is."
    return None


def unsigned_by(exchange: Any, by: By) -> str | None:
    """A side signs a version once."""
    if by.id is None or exchange.newest_version is None:
        return None
    if len(signed_sides(exchange)) == 2:
        return f"Both sides have signed version {exchange.newest_version.number}."
    parts = acting_on(PARTS, by, exchange) & {Actor.HOST_COORDINATOR, Actor.GUEST}
    if parts and not parts - signed_sides(exchange):
        return f"You have signed version {exchange.newest_version.number}. Now it is the other side's turn."
    return None


def one_side_each(exchange: Any, by: By) -> str | None:
    """Nobody signs for both sides."""
    version = exchange.newest_version
    if version is not None and any(signature.signed_by_id == by.id for signature in version.signatures):
        return "You have signed for one side. Somebody else signs for the other."
    return None


def days_ahead(exchange: Any, by: By) -> str | None:
    """Nobody agrees to days that are over."""
    if days_are_over(exchange):
        return f"The days of version {exchange.newest_version.number} are over: amend the dates first."
    return None


def days_are_over(exchange: Any) -> bool:
    """Those of the newest version."""
    return exchange.newest_version is not None and exchange.newest_version.last_day < clock.today(exchange.timezone)


def left_behind(exchange: Any) -> bool:
    """Agreed, but its first day has come without what it needs to begin."""
    return exchange.state == AGREED and clock.today(exchange.timezone) >= exchange.first_day


def signed_sides(exchange: Any) -> frozenset[Actor]:
    """The sides that have signed the newest version, as the actors who sign for them."""
    if exchange.newest_version is None:
        return frozenset()
    sides = {"host": Actor.HOST_COORDINATOR, "guest": Actor.GUEST}
    return frozenset(sides[signature.side] for signature in exchange.newest_version.signatures)


def state_after_signing(exchange: Any) -> str:
    """The last signature makes the agreement; an amendment in force stays agreed."""
    return AGREED if len(signed_sides(exchange)) == 2 else exchange.state


def voucher_in_hand(exchange: Any, by: By) -> str | None:
    if exchange.self_funded or (exchange.voucher is not None and exchange.voucher.state in {"issued", "redeemed"}):
        if clock.today(exchange.timezone) < exchange.first_day:
            return "The exchange can be started from its first day."
        return None
    return "No voucher was issued before the first day." if left_behind(exchange) else "The voucher has not been issued yet."


def host_may_confirm(exchange: Any, by: By) -> str | None:
    if clock.today(exchange.timezone) < exchange.first_day:
        return "The exchange has not begun yet."
    return None


def not_one_s_own(exchange: Any, by: By) -> str | None:
    """What is paid rests on it: whoever travels does not say for the host that they came."""
    words = "You are the guest." if by.id == exchange.guest_id else travelling(exchange, by) if by.id is not None else None
    return f"{words} A colleague at {exchange.host.name} must do this: its coordinators can invite one." if words else None


def no_voucher_open(exchange: Any, by: By) -> str | None:
    if exchange.to_go_unfunded:
        return "The agreement says already that the guest organisation pays."
    if exchange.voucher is not None and exchange.voucher.state not in ENDED:
        return "Withdraw the voucher first."
    return None


def not_begun(exchange: Any, by: By) -> str | None:
    if clock.today(exchange.timezone) >= exchange.first_day:
        return "The first day has come: guests are replaced before it."
    return None


def guest_gone(exchange: Any, by: By) -> str | None:
    if not has_left(exchange.guest, exchange.guest_organisation_id):
        if by.id == exchange.guest_id:
            return "You act for the guests yourself."
        return f"{exchange.guest.name} still acts for {exchange.guest_organisation.name}."
    return None


def not_validated(exchange: Any, by: By) -> str | None:
    """What was paid for, or is about to be, rests on the attendance."""
    if exchange.voucher is not None and exchange.voucher.state in {"validated", "paid", "recovered"}:
        return "The claim has been validated on this attendance. Ask the programme to take the validation back first."
    return None


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


WORKFLOW = Workflow(
    name="exchange",
    label="exchange",
    states=(
        State(PLANNING, "Planning"),
        State(AGREED, "Agreed"),
        State(IN_PROGRESS, "In progress"),
        State(COMPLETED, "Completed", "done"),
        State(CLOSED, "Closed", "done"),
        State(CANCELLED, "Cancelled", "stopped"),
    ),
    transitions=(
        # workflows.md has sign from planning only, but an amendment of an agreed plan must be signed too: decision 0004
        Transition(
            "sign",
            from_={PLANNING, AGREED},
            to=state_after_signing,
            by=(Actor.HOST_COORDINATOR, Actor.GUEST),
            button="Sign",
            past="Signed",
            only_if=[unsigned_by, one_side_each, days_ahead],
            hint="You sign for your side. Both sides sign the same version.",
        ),
        Transition(
            "amend",
            from_={PLANNING, AGREED},
            to=None,
            by=(Actor.HOST_COORDINATOR, Actor.GUEST),
            button="Amend the agreement",
            past="Agreement amended",
            only_if=[before_the_start],
            restarts=True,
            tone="secondary",
            hint="A new version that both sides sign; what was agreed stays in force until then.",
        ),
        Transition(
            "replace_guest",
            from_={PLANNING, AGREED},
            to=None,
            by=(Actor.GUEST, Actor.GUEST_COORDINATOR),
            button="Replace a guest",
            past="Guest replaced",
            only_if=[not_begun],
            restarts=True,
            tone="secondary",
            hint="If somebody falls ill. A new version says who travels, and both sides sign it.",
        ),
        Transition(
            "go_unfunded",
            from_={PLANNING, AGREED},
            to=None,
            by=Actor.GUEST,
            button="Go without a voucher",
            past="Changed to go without a voucher",
            only_if=[no_voucher_open],
            restarts=True,
            tone="secondary",
            hint="Your organisation pays. A new version says so, and both sides sign it.",
        ),
        Transition(
            "start",
            from_={AGREED},
            to=IN_PROGRESS,
            by=(Actor.HOST, Actor.SYSTEM),
            button="Check in",
            past="Checked in",
            only_if=[voucher_in_hand],
            hint="Your guest is here.",
            past_by_system="Started",
        ),
        Transition(
            "confirm_attendance",
            from_={IN_PROGRESS},
            to=COMPLETED,
            by=Actor.HOST_COORDINATOR,
            button="Confirm attendance",
            past="Attendance confirmed",
            only_if=[host_may_confirm, not_one_s_own],
            hint="Who came, from when to when. Your guests get their certificate.",
        ),
        Transition(
            "report_no_show",
            from_={IN_PROGRESS},
            to=CANCELLED,
            by=Actor.HOST_COORDINATOR,
            button="Report a no-show",
            past="No-show reported",
            only_if=[host_may_confirm],
            tone="danger",
            hint="Nobody came: the exchange is cancelled and its voucher revoked.",
        ),
        Transition(
            "correct_attendance",
            from_=TOOK_PLACE,
            to=None,
            by=Actor.HOST_COORDINATOR,
            button="Correct the attendance",
            past="Attendance corrected",
            only_if=[not_one_s_own, not_validated],
            tone="secondary",
            hint="If a day or a name is wrong. The guest is told, and may object.",
        ),
        # followup.md has the manager in the agreement only: whoever was forgotten there, or has left, is named later (0020)
        Transition(
            "name_manager",
            from_={AGREED, IN_PROGRESS, COMPLETED, CLOSED},
            to=None,
            by=(Actor.GUEST, Actor.GUEST_COORDINATOR),
            button="Name who confirms later",
            past="Manager named",
            tone="secondary",
            hint="Somebody at home, such as a manager, who says after half a year and a year what is in use.",
        ),
        # workflows.md has it for the voucher, whose exchange its holder moves as the guest: decision 0004
        Transition(
            "take_over",
            from_={PLANNING, AGREED, IN_PROGRESS, COMPLETED, CLOSED},
            to=None,
            by=Actor.GUEST_COORDINATOR,
            button="Take it over",
            past="Taken over",
            only_if=[guest_gone],
            tone="secondary",
            hint="If the guest has left: you act in their place, and hold the voucher.",
        ),
        # Not in workflows.md, which says that the guest may object, but not how: decision 0004
        Transition(
            "object_to_attendance",
            from_=TOOK_PLACE,
            to=None,
            by=Actor.GUEST,
            button="Object to the attendance",
            past="Objected to the attendance",
            only_if=[not_validated],
            kept=True,
            tone="secondary",
            hint="If what your host has confirmed is wrong. The programme reads it before it pays.",
        ),
        # when both end questionnaires are in or over: followup/ends.py
        Transition("close", from_={COMPLETED}, to=CLOSED, by=Actor.SYSTEM, button="Close", past="Closed"),
        Transition(
            "cancel",
            from_={PLANNING, AGREED},
            to=CANCELLED,
            by=(Actor.HOST_COORDINATOR, Actor.GUEST),
            button="Cancel the exchange",
            past="Cancelled",
            tone="danger",
            hint="The place becomes free, and an open voucher is withdrawn with it.",
        ),
    ),
    parts=PARTS,
    also_told={"change_consent": "Changed what may be published"},
    follows="application",
    leads_to="voucher",
    unpromised=(
        Unpromised(
            state=AGREED,
            asks=lambda exchange: f"Visit {format_days((exchange.first_day, exchange.last_day))}",
            of_whom=lambda exchange: exchange.between,
            until=lambda exchange: exchange.first_day,
            coming=True,
            applies=lambda exchange: not left_behind(exchange),
        ),
        Unpromised(
            state=AGREED,
            asks="Say how to go on: the visit could not begin",
            button="See what is possible",
            of_whom=lambda exchange: exchange.between,
            until=lambda exchange: exchange.first_day,
            applies=left_behind,
        ),
    ),
    promises=(
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
    ),
)
