"""The workflow of a request to join: to an organisation's coordinators, or, for a new one, to whoever checks it.

An organisation that nobody coordinates cannot answer, so whoever checks new ones does.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from mobility.core import clock
from mobility.core.workdays import add_working_days
from mobility.people.parts import administrators, members, person, programme_people
from mobility.people.roles import Role
from mobility.workflows.parts import Watch
from mobility.workflows.table import SYSTEM, By, Promise, Reminder, State, Transition, once
from mobility.workflows.workflow import Actor, Workflow

ASKED, CHECKING, RETURNED = "asked", "checking", "returned"
JOINED, DECLINED, WITHDRAWN, LAPSED = "joined", "declined", "withdrawn", "lapsed"
OPEN = frozenset({ASKED, CHECKING, RETURNED})
TO_DECIDE = frozenset({ASKED, CHECKING})
WORKING_DAYS = 5  # to decide
DAYS_TO_ANSWER = 14  # a question; then it lapses
ANSWER, BY_OWNERS, BY_ADMINISTRATOR, QUESTION = "join_answer", "join_check", "join_check_by_administrator", "join_question"
CHECKERS = (Actor.OWNER, Actor.ADMINISTRATOR)
DECIDERS = (Actor.COORDINATOR, *CHECKERS)

PARTS = (
    person(Actor.REQUESTER, "person", Watch()),
    members(Actor.COORDINATOR, "organisation", Role.COORDINATOR, watches=Watch(frozenset({ANSWER}))),
    *programme_people("programme", Actor.OWNER, watches=Watch(frozenset({BY_OWNERS}))),
    administrators(Watch(frozenset({BY_ADMINISTRATOR}))),
)


def turn_of(request: Any) -> str:
    """Who decides: the organisation, if somebody coordinates it, else whoever checks new ones."""
    return ASKED if request.has_coordinator else CHECKING


# Guards


def not_ones_own(request: Any, by: By) -> str | None:
    """Nobody decides about themselves."""
    return "This is your own request: somebody else decides about it." if by.id == request.person_id else None


def nothing_to_gain(request: Any, by: By) -> str | None:
    """An owner with a role in the organisation leaves to others who joins it; its coordinators and administrators may."""
    if by is SYSTEM or request.organisation_id is None or getattr(by, "is_administrator", False):
        return None
    roles = by.roles_in(request.organisation_id)
    if roles and Role.COORDINATOR not in roles:
        return f"You have a role in {request.place_name} yourself: another owner, or the administrator, decides about this."
    return None


def still_there(request: Any, by: By) -> str | None:
    return None if request.person.active else f"{request.person.name} has closed the account, so this request ends by itself."


def is_open(request: Any, by: By) -> str | None:
    """Nobody begins a role where all have ended."""
    closed = request.organisation is not None and request.organisation.closed_at
    return f"{request.place_name} is closed: decline this." if closed else None


def has_gone(request: Any, by: By) -> str | None:
    return "The account is open." if request.person.active else None


def is_new(request: Any, by: By) -> str | None:
    return None if request.is_new else f"{request.place_name} is registered already."


def decides(request: Any, by: By) -> str | None:
    """With the organisation, its coordinators decide, or an administrator in their place; otherwise whoever checks."""
    if request.state != ASKED or by is SYSTEM:
        return None
    actors = request.workflow.actors_on(by, request)
    if actors & {Actor.COORDINATOR, Actor.ADMINISTRATOR}:
        return None
    return f"The coordinators of {request.place_name} decide about this now."


def nobody_coordinates(request: Any, by: By) -> str | None:
    if request.is_new or not request.has_coordinator:
        return None
    return f"{request.place_name} has a coordinator by now, who decides: it is passed on within the hour."


def others_turn(request: Any, by: By) -> str | None:
    return "It is where it belongs." if request.state == turn_of(request) else None


def overdue(request: Any, by: By) -> str | None:
    today = clock.today(request.timezone)
    return None if request.due_on and request.due_on < today else "There is still time to answer."


# Promises


def _working_days(request: Any, today: date) -> tuple[date, date]:
    return today, add_working_days(today, WORKING_DAYS, request.holidays_of)


def _days_to_answer(request: Any, today: date) -> tuple[date, date]:
    return today, today + timedelta(days=DAYS_TO_ANSWER)


def _decision(name: str, state: str, owed_by: Actor, kept: tuple[str, ...], applies: Callable[[Any], bool]) -> Promise:
    """Whoever decides has five working days; then an administrator is told, who can do it in their place."""
    return Promise(
        name,
        states={state},
        applies=applies,
        owed_by=(owed_by,),
        action="accept" if state == ASKED else "admit",
        asks=lambda request: request.asks,
        reminds="Answer {person}, who asks to join {place}" if state == ASKED else "Check the request of {person} for {place}",
        period=_working_days,
        reminders=(Reminder(before=2), Reminder(before=0)),
        then="escalate",
        escalates_to=(Actor.ADMINISTRATOR,),
        kept_on=once(*kept),
        not_for=(not_ones_own, nothing_to_gain),
    )


WORKFLOW = Workflow(
    name="joining",
    label="request",
    states=(
        State(ASKED, "With the organisation"),
        State(CHECKING, "Being checked"),
        State(RETURNED, "Question to answer"),
        State(JOINED, "Joined", "done"),
        State(DECLINED, "Declined", "stopped"),
        State(WITHDRAWN, "Withdrawn", "stopped"),
        State(LAPSED, "Lapsed", "stopped"),
    ),
    transitions=(
        Transition(
            "accept",
            from_={ASKED},
            to=JOINED,
            by=(Actor.COORDINATOR, Actor.ADMINISTRATOR),
            button="Accept",
            choice="Answer",
            past="Accepted",
            only_if=[not_ones_own, is_open, still_there],
            hint="The role that was asked for begins at once. If you do not know the person, ask first.",
        ),
        Transition(
            "admit",
            from_={CHECKING},
            to=JOINED,
            by=CHECKERS,
            button="Accept",
            choice="Check",
            past="Checked and accepted",
            only_if=[not_ones_own, nothing_to_gain, nobody_coordinates, is_open, still_there],
            hint="You have looked whether it exists, and whether this person speaks for it. The role begins at once.",
        ),
        Transition(
            "merge",
            from_={CHECKING},
            to=turn_of,
            by=CHECKERS,
            button="It is here already",
            past="Passed to an organisation that is here already",
            only_if=[not_ones_own, is_new, still_there],
            tone="secondary",
            restarts=True,
            hint="Name the organisation that is meant: this becomes a request to join it, for its coordinators to answer.",
        ),
        Transition(
            "ask_back",
            from_=TO_DECIDE,
            to=RETURNED,
            by=DECIDERS,
            button="Ask a question",
            past="Asked a question",
            only_if=[not_ones_own, decides, nothing_to_gain, still_there],
            tone="secondary",
            hint="If something is missing for a decision. Your time begins anew with the answer.",
        ),
        Transition(
            "answer",
            from_={RETURNED},
            to=turn_of,
            by=Actor.REQUESTER,
            button="Answer",
            past="Answered",
            hint="You can ask for another role with it.",
        ),
        Transition(
            "decline",
            from_=TO_DECIDE,
            to=DECLINED,
            by=DECIDERS,
            button="Decline",
            past="Declined",
            only_if=[not_ones_own, decides, nothing_to_gain],
            tone="danger",
        ),
        Transition(
            "withdraw",
            from_=OPEN,
            to=WITHDRAWN,
            by=Actor.REQUESTER,
            button="Withdraw",
            past="Withdrawn",
            tone="danger",
            hint="If you do not need it any more, or asked the wrong organisation.",
        ),
        Transition(
            "lapse",
            from_={RETURNED},
            to=LAPSED,
            by=Actor.SYSTEM,
            button="Lapse",
            past="Lapsed without an answer",
            only_if=[overdue],
        ),
        Transition(
            "pass_on",
            from_=TO_DECIDE,
            to=turn_of,
            by=Actor.SYSTEM,
            button="Pass on to whoever decides",
            past="Passed on to whoever decides",
            only_if=[others_turn],
            restarts=True,
        ),
        Transition(
            "call_off",
            from_=OPEN,
            to=WITHDRAWN,
            by=Actor.SYSTEM,
            button="End it as the account is closed",
            past="Ended as the account was closed",
            only_if=[has_gone],
        ),
    ),
    also_told={"create": "Asked to join"},
    parts=PARTS,
    promises=(
        _decision(ANSWER, ASKED, Actor.COORDINATOR, (JOINED, DECLINED), lambda request: True),
        _decision(BY_OWNERS, CHECKING, Actor.OWNER, (JOINED, DECLINED, ASKED), lambda request: request.programme_id is not None),
        _decision(
            BY_ADMINISTRATOR,
            CHECKING,
            Actor.ADMINISTRATOR,
            (JOINED, DECLINED, ASKED),
            lambda request: request.programme_id is None,
        ),
        Promise(
            QUESTION,
            states={RETURNED},
            owed_by=(Actor.REQUESTER,),
            action="answer",
            asks="Answer the question about your request",
            reminds="Answer the question about your request to join {place}",
            reminds_others="Answer the question to {person} about {place}",
            period=_days_to_answer,
            reminders=(Reminder(before=7), Reminder(before=1)),
            then="lapse",
            afterwards="After that day the request lapses, and you can make another one.",
            kept_on=once(ASKED, CHECKING),
        ),
    ),
)
