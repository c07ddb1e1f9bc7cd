"""The application's workflow: the table of workflows.md, "Application", with its promises."""

from typing import Any

from mobility.core import clock
from mobility.people.parts import host_side, members, person, programme_people
from mobility.people.roles import Role
from mobility.workflows.parts import Watch, unless
from mobility.workflows.table import By, Promise, Reminder, State, Transition, Unpromised, days, once
from mobility.workflows.workflow import Actor, Workflow

DRAFT, SUBMITTED, IN_DIALOGUE, ACCEPTED = "draft", "submitted", "in_dialogue", "accepted"
CONFIRMED, DECLINED, WITHDRAWN, LAPSED = "confirmed", "declined", "withdrawn", "lapsed"
OPEN_STATES = frozenset({SUBMITTED, IN_DIALOGUE, ACCEPTED})


# A draft is its guest's alone; what was sent is for both sides and for the programme
SENT = (unless(DRAFT),)
PARTS = (
    *host_side("theme.host", SENT, Watch()),
    person(Actor.GUEST, "guest", Watch(states=frozenset({DRAFT}))),
    members(Actor.GUEST_COORDINATOR, "guest_organisation", Role.COORDINATOR, only=SENT),
    *programme_people("theme.programme", only=SENT),
)


def place_free(application: Any, by: By) -> str | None:
    if application.theme.free_places < 1:
        return "All places of this theme are taken."
    return None


def acquainted(application: Any, by: By) -> str | None:
    """P9: an exchange follows a first contact."""
    if application.first_contacts or application.know_each_other:
        return None
    return "Record your first contact before accepting: every exchange starts with a conversation."


def overdue(subject: Any, by: By) -> str | None:
    if subject.due_on is not None and subject.due_on < clock.today(subject.timezone):
        return None
    return f"There is time until {subject.due_on}."


WORKFLOW = Workflow(
    name="application",
    label="application",
    states=(
        State(DRAFT, "Draft"),
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
        Transition("lapse", from_=OPEN_STATES, to=LAPSED, by=Actor.SYSTEM, button="Lapse", past="Lapsed", only_if=[overdue]),
    ),
    parts=PARTS,
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
    ),
    promises=(
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
            asks="Confirm your exchange",
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
