"""The workflow of a mentoring (followup.md, "Success story"): from the question to what came of three agreed points."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from mobility.applications.workflow import overdue
from mobility.core import clock
from mobility.core.wording import format_day
from mobility.core.workdays import add_working_days
from mobility.people.parts import members, person
from mobility.people.roles import Role
from mobility.workflows.parts import Watch
from mobility.workflows.table import SYSTEM, By, Promise, Reminder, State, Transition, Unpromised, once
from mobility.workflows.workflow import Actor, Workflow

ASKED, ACCEPTED, TALKED, AGREED, LOOKED_BACK = "asked", "accepted", "talked", "agreed", "looked_back"
ENDED, DECLINED, WITHDRAWN, LAPSED, CANCELLED = "ended", "declined", "withdrawn", "lapsed", "cancelled"
RUNNING = frozenset({ACCEPTED, TALKED, AGREED})
OPEN = RUNNING | {ASKED, LOOKED_BACK}
WORKING_DAYS = 10  # to answer, to talk, and to agree on the points
DAYS_TO_READ = 14  # after looking back; then it ends by itself
BOTH = (Actor.MENTOR, Actor.MENTEE)

PARTS = (
    person(Actor.MENTOR, "mentor", Watch(states=frozenset({LOOKED_BACK}))),
    person(Actor.MENTEE, "mentee", Watch(states=frozenset({LOOKED_BACK}))),
    members(Actor.COORDINATOR, "organisation", Role.COORDINATOR),
)


def both_are_there(mentoring: Any, by: By) -> str | None:
    """Whoever has left does not go on, and nobody goes on with them; the system ends it within the hour."""
    who = mentoring.who_left
    return f"{who} is no longer there, so this mentoring ends by itself." if who else None


def somebody_left(mentoring: Any, by: By) -> str | None:
    return None if mentoring.who_left else "Both are still there."


def was_read(mentoring: Any, by: By) -> str | None:
    """The two may end it at any time, the system after a while."""
    if by is SYSTEM and clock.today(mentoring.timezone) <= mentoring.ends_on:
        return f"There is time to read it until {format_day(mentoring.ends_on)}."
    return None


def _working_days(mentoring: Any, today: date) -> tuple[date, date]:
    return today, add_working_days(today, WORKING_DAYS, mentoring.programme.country)


def _until_looking_back(mentoring: Any, today: date) -> tuple[date, date]:
    return today, mentoring.look_back_on


def _owed(
    name: str, *, state: str, action: str, kept: str, asks: str, reminds: str, period: Callable[..., tuple[date, date]]
) -> Promise:
    """What both owe each other: whoever comes first keeps it for both."""
    return Promise(
        name,
        states={state},
        owed_by=BOTH,
        action=action,
        asks=asks,
        reminds=reminds,
        period=period,
        reminders=(Reminder(before=3), Reminder(before=0)),
        then="escalate",
        escalates_to=(Actor.COORDINATOR,),
        kept_on=once(kept),
    )


WORKFLOW = Workflow(
    name="mentoring",
    label="mentoring",
    states=(
        State(ASKED, "Asked"),
        State(ACCEPTED, "Accepted"),
        State(TALKED, "First talk held"),
        State(AGREED, "Points agreed"),
        State(LOOKED_BACK, "Looked back"),
        State(ENDED, "Ended", "done"),
        State(DECLINED, "Declined", "stopped"),
        State(WITHDRAWN, "Withdrawn", "stopped"),
        State(LAPSED, "Lapsed", "stopped"),
        State(CANCELLED, "Ended early", "stopped"),
    ),
    transitions=(
        Transition(
            "accept",
            from_={ASKED},
            to=ACCEPTED,
            by=Actor.MENTOR,
            button="Accept",
            choice="Answer",
            past="Accepted",
            only_if=[both_are_there],
            hint="You then see each other's address, and arrange a first talk.",
        ),
        Transition(
            "decline",
            from_={ASKED},
            to=DECLINED,
            by=Actor.MENTOR,
            button="Decline",
            past="Declined",
            tone="danger",
        ),
        Transition(
            "withdraw",
            from_={ASKED},
            to=WITHDRAWN,
            by=(Actor.MENTEE, Actor.COORDINATOR),
            button="Withdraw",
            past="Withdrawn",
            tone="danger",
            hint="If you do not need it any more.",
        ),
        Transition(
            "lapse", from_={ASKED}, to=LAPSED, by=Actor.SYSTEM, button="Lapse", past="Lapsed without an answer", only_if=[overdue]
        ),
        Transition(
            "record_talk",
            from_={ACCEPTED},
            to=TALKED,
            by=BOTH,
            button="Record the first talk",
            past="First talk recorded",
            only_if=[both_are_there],
            hint="Once you have talked: say on which day.",
        ),
        Transition(
            "agree_points",
            from_={TALKED},
            to=AGREED,
            by=BOTH,
            button="Write down the three points",
            past="Three points agreed",
            only_if=[both_are_there],
            hint="What you have agreed on, and when you look back at it.",
        ),
        Transition(
            "look_back",
            from_={AGREED},
            to=LOOKED_BACK,
            by=BOTH,
            button="Look back",
            past="Looked back",
            only_if=[both_are_there],
            hint="Say of each point whether it was done.",
        ),
        Transition(
            "change_points",
            from_={AGREED},
            to=AGREED,
            by=BOTH,
            button="Change the points",
            past="Points changed",
            only_if=[both_are_there],
            restarts=True,
            tone="secondary",
            hint="If you have agreed on something else, or on another day.",
        ),
        Transition(
            "end",
            from_={LOOKED_BACK},
            to=ENDED,
            by=(*BOTH, Actor.SYSTEM),
            button="End the mentoring",
            past="Ended",
            only_if=[was_read],
            hint="With a last word, if you like.",
            past_by_system="Ended by itself",
        ),
        Transition(
            "cancel",
            from_=RUNNING,
            to=CANCELLED,
            by=(*BOTH, Actor.COORDINATOR),
            button="End it early",
            past="Ended early",
            tone="danger",
            hint="At any time, with a word to the other.",
        ),
        Transition(
            "leave",
            from_=OPEN,
            to=CANCELLED,
            by=Actor.SYSTEM,
            button="End it as somebody has left",
            past="Ended as somebody has left",
            only_if=[somebody_left],
        ),
    ),
    parts=PARTS,
    unpromised=(
        Unpromised(
            state=LOOKED_BACK,
            asks="Read what came of the three points",
            button="Read",
            of_whom=lambda mentoring: mentoring.between,
            until=lambda mentoring: mentoring.ends_on,
        ),
    ),
    promises=(
        Promise(
            "mentor_answer",
            states={ASKED},
            owed_by=(Actor.MENTOR,),
            action="accept",
            asks="Answer whether you will be a mentor",
            reminds="Answer {mentee}, who asks you to be their mentor",
            period=_working_days,
            reminders=(Reminder(before=5), Reminder(before=1)),
            then="lapse",
            afterwards="After that day the question lapses, and somebody else can be asked.",
            kept_on=once(ACCEPTED, DECLINED),
        ),
        _owed(
            "first_talk",
            state=ACCEPTED,
            action="record_talk",
            kept=TALKED,
            asks="Hold your first talk, and record it",
            reminds="Hold the first talk of {mentee} with {mentor}",
            period=_working_days,
        ),
        _owed(
            "three_points",
            state=TALKED,
            action="agree_points",
            kept=AGREED,
            asks="Agree on three points, and write them down",
            reminds="Write down the three points of {mentee} and {mentor}",
            period=_working_days,
        ),
        _owed(
            "looking_back",
            state=AGREED,
            action="look_back",
            kept=LOOKED_BACK,
            asks="Look back at your three points",
            reminds="Look back at the three points of {mentee} and {mentor}",
            period=_until_looking_back,
        ),
    ),
)


def read_until(looked_back_on: date) -> date:
    """The last day on which both can still read it before it ends."""
    return looked_back_on + timedelta(days=DAYS_TO_READ)
