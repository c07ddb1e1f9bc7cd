"""The application's workflow: the table of workflows.md, "Application", with its promises."""

from typing import Any

from mobility.core import clock
from mobility.core.workflow import Actor, Promise, Reminder, State, Transition, Workflow, days, once

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
        Transition("submit", frozenset({DRAFT}), SUBMITTED, (Actor.GUEST,), "Submit", "Submitted"),
        Transition(
            "record_contact",
            frozenset({SUBMITTED}),
            IN_DIALOGUE,
            (Actor.HOST, Actor.GUEST),
            "Record first contact",
            "First contact recorded",
            tone="secondary",
            hint="An exchange follows a conversation: say when you talked, and how.",
        ),
        Transition(
            "accept",
            frozenset({SUBMITTED, IN_DIALOGUE}),
            ACCEPTED,
            (Actor.HOST_COORDINATOR,),
            "Accept",
            "Accepted",
            place_free,
            hint="You offer dates; the guest then confirms.",
        ),
        Transition(
            "confirm",
            frozenset({ACCEPTED}),
            CONFIRMED,
            (Actor.GUEST,),
            "Confirm",
            "Confirmed",
            place_free,
            hint="The place is yours, and you plan the exchange together.",
        ),
        Transition(
            "decline",
            frozenset({SUBMITTED, IN_DIALOGUE}),
            DECLINED,
            (Actor.HOST_COORDINATOR,),
            "Decline",
            "Declined",
            tone="danger",
        ),
        Transition(
            "withdraw",
            frozenset({DRAFT, SUBMITTED, IN_DIALOGUE, ACCEPTED}),
            WITHDRAWN,
            (Actor.GUEST,),
            "Withdraw",
            "Withdrawn",
            tone="danger",
        ),
        Transition("lapse", OPEN_STATES, LAPSED, (Actor.SYSTEM,), "Lapse", "Lapsed", overdue),
    ),
    actors_on=actors_on,
    promises=(
        Promise(
            "host_answer",
            frozenset({SUBMITTED, IN_DIALOGUE}),
            (Actor.HOST_COORDINATOR,),
            "accept",
            "Answer the application",
            days("host_answer_days"),
            (Reminder(before=5), Reminder(before=2), Reminder(before=0)),
            then="lapse",
            kept_on=once(ACCEPTED, DECLINED),
        ),
        Promise(
            "guest_confirmation",
            frozenset({ACCEPTED}),
            (Actor.GUEST,),
            "confirm",
            "Confirm your exchange",
            days("guest_confirmation_days"),
            (Reminder(before=3), Reminder(before=1)),
            then="lapse",
            kept_on=once(CONFIRMED),
        ),
    ),
)
