"""The application's workflow: the table of workflows.md, "Application", with its promises."""

from typing import Any

from mobility.core import clock
from mobility.core.workflow import Actor, Promise, Reminder, State, Transition, Workflow, days

DRAFT, SUBMITTED, IN_DIALOGUE, ACCEPTED = "draft", "submitted", "in_dialogue", "accepted"
CONFIRMED, DECLINED, WITHDRAWN, LAPSED = "confirmed", "declined", "withdrawn", "lapsed"
OPEN_STATES = frozenset({SUBMITTED, IN_DIALOGUE, ACCEPTED})

PROGRAMME_PARTS = {
    "owner": Actor.OWNER,
    "assessor": Actor.ASSESSOR,
    "finance_officer": Actor.FINANCE_OFFICER,
    "auditor": Actor.AUDITOR,
}


def sides_of(person: Any, host_id: int, guest_id: int, guest_organisation_id: int) -> set[Actor]:
    """The parts a person plays on the two sides. The host's coordinator is one of its hosts, too."""
    at_host = person.roles_in(host_id)
    actors = set()
    if "coordinator" in at_host:
        actors |= {Actor.HOST_COORDINATOR, Actor.HOST}
    if "host" in at_host:
        actors.add(Actor.HOST)
    if person.id == guest_id:
        actors.add(Actor.GUEST)
    if "coordinator" in person.roles_in(guest_organisation_id):
        actors.add(Actor.GUEST_COORDINATOR)
    return actors


def programme_parts(person: Any, programme_id: int) -> set[Actor]:
    return {PROGRAMME_PARTS[role] for role in person.roles_in_programme(programme_id)}


def actors_on(person: Any, application: Any) -> frozenset[Actor]:
    """A draft is its guest's alone; what was sent is for both sides and for the programme."""
    if application.state == DRAFT:
        return frozenset({Actor.GUEST}) if person.id == application.guest_id else frozenset()
    actors = sides_of(person, application.theme.host_id, application.guest_id, application.guest_organisation_id)
    return frozenset(actors | programme_parts(person, application.theme.programme_id))


def place_free(application: Any, by: Any) -> str | None:
    if application.theme.free_places < 1:
        return "All places of this theme are taken."
    return None


def acquainted(application: Any, by: Any) -> str | None:
    """P9: an exchange follows a first contact."""
    if application.first_contacts or application.know_each_other:
        return None
    return "Record your first contact before accepting: an exchange follows a conversation."


def overdue(subject: Any, by: Any) -> str | None:
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
            hint="An exchange follows a conversation: say when you talked, and how.",
        ),
        Transition(
            "accept",
            from_={SUBMITTED, IN_DIALOGUE},
            to=ACCEPTED,
            by=Actor.HOST_COORDINATOR,
            button="Accept",
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
        Transition("lapse", from_=OPEN_STATES, to=LAPSED, by=Actor.SYSTEM, button="Lapse", past="Lapsed", only_if=[overdue]),
    ),
    actors_on=actors_on,
    promises=(
        Promise(
            "host_answer",
            states={SUBMITTED, IN_DIALOGUE},
            owed_by=(Actor.HOST_COORDINATOR,),
            action="accept",
            asks="Answer the application",
            period=days("host_answer_days"),
            reminders=(Reminder(before=5), Reminder(before=2), Reminder(before=0)),
            then="lapse",
        ),
        Promise(
            "guest_confirmation",
            states={ACCEPTED},
            owed_by=(Actor.GUEST,),
            action="confirm",
            asks="Confirm your exchange",
            period=days("guest_confirmation_days"),
            reminders=(Reminder(before=3), Reminder(before=1)),
            then="lapse",
        ),
    ),
)
