"""The application's workflow: the table of workflows.md, "Application", with its promises."""

from datetime import date, timedelta
from typing import Any

from mobility.core import clock
from mobility.core.wording import format_day
from mobility.people.parts import acts_for, host_side, members, person, programme_people
from mobility.people.roles import Role
from mobility.themes.workflow import ARCHIVED, CLOSED, full, goes_on
from mobility.workflows.parts import Watch, unless
from mobility.workflows.table import By, Promise, Reminder, State, Transition, Unpromised, days, once
from mobility.workflows.workflow import Actor, Workflow

DRAFT, WAITING, SUBMITTED, IN_DIALOGUE, ACCEPTED = "draft", "waiting", "submitted", "in_dialogue", "accepted"
CONFIRMED, DECLINED, WITHDRAWN, LAPSED = "confirmed", "declined", "withdrawn", "lapsed"
OPEN_STATES = frozenset({SUBMITTED, IN_DIALOGUE, ACCEPTED})
WRITABLE = frozenset({DRAFT, WAITING})
OFFER_DAYS = 5  # workflows.md, "Ways back": so long a freed place is kept for the first in the queue


# A draft is its guest's alone, also while it waits for a place; what was sent is for both sides and for the programme
SENT = (unless(DRAFT, WAITING),)
FOR_HOME = acts_for("guest_organisation", then="You can withdraw it, and apply for another.", own=WRITABLE)
PARTS = (
    *host_side("theme.host", SENT, Watch()),
    person(Actor.GUEST, "guest", Watch(states=WRITABLE), FOR_HOME),
    members(Actor.GUEST_COORDINATOR, "guest_organisation", Role.COORDINATOR, only=SENT),
    *programme_people("theme.programme", only=SENT),
)


def holds_place(application: Any) -> bool:
    """A place is kept for it, as it was offered one from the queue."""
    return application.place_offered_on is not None


def offered(application: Any) -> bool:
    return application.state == WAITING and holds_place(application)


def without_place(application: Any) -> bool:
    """Accepted, but the last place went to another meanwhile."""
    return application.state == ACCEPTED and not holds_place(application) and application.theme.free_places < 1


def place_free(application: Any, by: By) -> str | None:
    if not holds_place(application) and application.theme.free_places < 1:
        return "All places of this theme are taken."
    return None


def theme_full(application: Any, by: By) -> str | None:
    """One waits only where there is nothing to apply for now, and a place may still become free."""
    theme = application.theme
    if full(theme):
        return None
    if goes_on(theme):
        return "A place is free: submit your application instead."
    if theme.state in (CLOSED, ARCHIVED):
        return "The host takes no more guests for this theme, so there is nothing to wait for."
    return "The application deadlines of all hosting windows have passed, so there is nothing to wait for."


def place_offered(application: Any, by: By) -> str | None:
    if holds_place(application):
        return None
    return "No place is free yet. When it is your turn, you are told by mail and on your first page."


def not_offered_yet(application: Any, by: By) -> str | None:
    return "A place is offered already." if holds_place(application) else None


def queue_over(application: Any, by: By) -> str | None:
    """What has been offered stands until its day, unless the theme is put away."""
    if goes_on(application.theme) or (holds_place(application) and application.theme.state != ARCHIVED):
        return "A place may still become free."
    return None


def acquainted(application: Any, by: By) -> str | None:
    """P9: an exchange follows a first contact."""
    if application.first_contacts or application.know_each_other:
        return None
    return "Record your first contact before accepting: every exchange starts with a conversation."


def overdue(subject: Any, by: By) -> str | None:
    if subject.due_on is not None and subject.due_on < clock.today(subject.timezone):
        return None
    return "Nothing is due." if subject.due_on is None else f"There is time until {subject.due_on}."


def _offer_period(application: Any, today: date) -> tuple[date, date]:
    """Five days, but not past the day until which one can apply."""
    until = today + timedelta(days=OFFER_DAYS)
    return today, min(until, application.theme.apply_by or until)


def _asks_to_confirm(application: Any) -> str:
    if without_place(application):
        return "The last place went to another: look elsewhere, or wait and see"
    return "Confirm your exchange"


WORKFLOW = Workflow(
    name="application",
    label="application",
    states=(
        State(DRAFT, "Draft"),
        State(WAITING, "Waiting for a place"),
        State(SUBMITTED, "Submitted"),
        State(IN_DIALOGUE, "In dialogue"),
        State(ACCEPTED, "Accepted"),
        State(CONFIRMED, "Confirmed", "done"),
        State(DECLINED, "Declined", "stopped"),
        State(WITHDRAWN, "Withdrawn", "stopped"),
        State(LAPSED, "Lapsed", "stopped"),
    ),
    transitions=(
        Transition("submit", from_={DRAFT}, to=SUBMITTED, by=Actor.GUEST, button="Submit", past="Submitted"),
        Transition(
            "wait_for_place",
            from_={DRAFT},
            to=WAITING,
            by=Actor.GUEST,
            button="Wait for a place",
            past="Joined the queue for a place",
            only_if=[theme_full],
        ),
        # The queue's further acts are not in workflows.md, which says only what they come to: decision 0004
        Transition(
            "offer_place",
            from_={WAITING},
            to=None,
            by=Actor.SYSTEM,
            button="Offer the place",
            past="Place offered",
            only_if=[not_offered_yet],
        ),
        Transition(
            "accept_offer",
            from_={WAITING},
            to=SUBMITTED,
            by=Actor.GUEST,
            button="Take the place",
            past="Place taken, and submitted",
            only_if=[place_offered],
            hint="Your application goes to the host. You can change it first.",
        ),
        Transition(
            "leave_queue",
            from_={WAITING},
            to=DRAFT,
            by=Actor.GUEST,
            button="Leave the queue",
            past="Stopped waiting for a place",
            tone="secondary",
            hint="If you do not want to wait any more. Your draft is kept.",
        ),
        Transition(
            "end_waiting",
            from_={WAITING},
            to=LAPSED,
            by=Actor.SYSTEM,
            button="End the queue",
            past="The queue ended",
            only_if=[queue_over],
        ),
        Transition(
            "record_contact",
            from_={SUBMITTED},
            to=IN_DIALOGUE,
            by=(Actor.HOST, Actor.GUEST),
            button="Record first contact",
            past="First contact recorded",
            tone="secondary",
            hint="Every exchange starts with a conversation: say when you talked, and how.",
        ),
        Transition(
            "accept",
            from_={SUBMITTED, IN_DIALOGUE},
            to=ACCEPTED,
            by=Actor.HOST_COORDINATOR,
            button="Accept",
            choice="Answer",
            past="Accepted",
            only_if=[place_free],
            hint="You offer dates; the guest then confirms.",
        ),
        Transition(
            "confirm",
            from_={ACCEPTED},
            to=CONFIRMED,
            by=Actor.GUEST,
            button="Confirm",
            choice="Confirm",
            past="Confirmed",
            only_if=[place_free],
            hint="The place is yours, and you plan the exchange together.",
        ),
        Transition(
            "decline",
            from_={SUBMITTED, IN_DIALOGUE},
            to=DECLINED,
            by=Actor.HOST_COORDINATOR,
            button="Decline",
            past="Declined",
            tone="danger",
        ),
        Transition(
            "withdraw",
            from_={DRAFT, SUBMITTED, IN_DIALOGUE, ACCEPTED},
            to=WITHDRAWN,
            by=Actor.GUEST,
            button="Withdraw",
            past="Withdrawn",
            kept=True,
            tone="danger",
        ),
        Transition(
            "take_back",
            from_={ACCEPTED},
            to=SUBMITTED,
            by=Actor.HOST_COORDINATOR,
            button="Take the acceptance back",
            past="Acceptance taken back",
            tone="secondary",
            hint="If it was a mistake, and as long as the guest has not confirmed.",
        ),
        Transition(
            "lapse", from_=OPEN_STATES | {WAITING}, to=LAPSED, by=Actor.SYSTEM, button="Lapse", past="Lapsed", only_if=[overdue]
        ),
    ),
    parts=PARTS,
    arrives_in=frozenset({CONFIRMED}),
    leaves_to=WITHDRAWN,
    follows="theme",
    leads_to="exchange",
    unpromised=(
        Unpromised(
            state=DRAFT,
            asks="Finish your application",
            button="Continue writing",
            page="applications.edit",
            of_whom=lambda application: application.theme.host.name,
            until=lambda application: application.theme.apply_by,
        ),
        Unpromised(
            state=WAITING,
            asks="You are waiting for a place",
            of_whom=lambda application: (
                f"{application.theme.host.name}, until {format_day(application.theme.apply_by)} at the latest"
            ),
            coming=True,
        ),
    ),
    promises=(
        Promise(
            "place_offer",
            states={WAITING},
            owed_by=(Actor.GUEST,),
            action="accept_offer",
            asks="Take the place that you are offered",
            reminds="Take the place with {host}, or let it go",
            period=_offer_period,
            reminders=(Reminder(before=2), Reminder(before=0)),
            then="lapse",
            afterwards="After that day the place is offered to the next who waits.",
            kept_on=once(SUBMITTED),
            applies=holds_place,
        ),
        Promise(
            "host_answer",
            states={SUBMITTED, IN_DIALOGUE},
            owed_by=(Actor.HOST_COORDINATOR,),
            action="accept",
            asks="Answer the application",
            reminds="Answer the application of {guest}",
            period=days("host_answer_days"),
            reminders=(Reminder(before=5), Reminder(before=2), Reminder(before=0)),
            then="lapse",
            afterwards="After that day the application lapses.",
            kept_on=once(ACCEPTED, DECLINED),
        ),
        Promise(
            "guest_confirmation",
            states={ACCEPTED},
            owed_by=(Actor.GUEST,),
            action="confirm",
            asks=_asks_to_confirm,
            button=lambda application: "See what is possible" if without_place(application) else "",
            reminds="Confirm your exchange with {host}",
            reminds_others="Confirm the exchange of {guest} with {host}",
            period=days("guest_confirmation_days"),
            reminders=(Reminder(before=3), Reminder(before=1)),
            then="lapse",
            afterwards="After that day the application lapses.",
            kept_on=once(CONFIRMED),
        ),
    ),
)
