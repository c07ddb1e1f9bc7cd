"""The workflow of a request for answers (followup.md, "Questionnaires are data")."""

from datetime import date
from typing import Any

from mobility.core import clock
from mobility.core.wording import format_day
from mobility.people.parts import has_ended, programme_people
from mobility.people.roles import Role
from mobility.vouchers.states import CLAIMED, DELIVERED, PAID, RECOVERED, VALIDATED
from mobility.workflows.parts import Actor, Members, Part, Person, Watch
from mobility.workflows.table import SYSTEM, By, Promise, Reminder, State, Transition, Unpromised, once
from mobility.workflows.workflow import Workflow

ASKED, ANSWERED, MISSED = "asked", "answered", "missed"
NOT_DELIVERED, CALLED_OFF = "not_delivered", "called_off"
OPEN = frozenset({ASKED, NOT_DELIVERED})
FILED = frozenset({CLAIMED, VALIDATED, PAID, RECOVERED})  # of a voucher: its claim went to the programme
UNPAID = frozenset({DELIVERED, CLAIMED, VALIDATED})
PROMISE = "questionnaire"

PARTS = (
    Part(Actor.RESPONDENT, Person("respondent"), watches=Watch(frozenset({PROMISE}))),
    Part(
        Actor.COORDINATOR,
        Members("organisation", "organisation", frozenset({Role.COORDINATOR})),
        watches=Watch(frozenset(), frozenset({NOT_DELIVERED})),
    ),
    *programme_people("programme", Actor.OWNER, Actor.AUDITOR),
)


def not_claimed(request: Any, by: By) -> str | None:
    """The report of a claim stands as it was filed, until the claim is returned."""
    if request.report_of is not None and request.report_of.state in FILED:
        return "Your report went to the programme with your claim, and stands as it is. It opens again if the claim is returned."
    return None


def in_time(request: Any, by: By) -> str | None:
    """Answers are taken until the last day is over in the programme."""
    if request.answer_by < clock.today(request.timezone):
        return f"Answers were taken until {format_day(request.answer_by)}."
    return None


def time_is_over(request: Any, by: By) -> str | None:
    return None if in_time(request, by) else f"There is time to answer until {format_day(request.answer_by)}."


def once_a_day(request: Any, by: By) -> str | None:
    """Nobody gets the same question twice on a day."""
    if request.mailed_on and request.mailed_on >= clock.today(request.timezone):
        return "It was sent today. It can be sent again tomorrow."
    return None


def nothing_to_ask_about(request: Any, by: By) -> str | None:
    """The system calls off only what has lost its object; an owner may for any reason."""
    return "There is something to ask about still." if by is SYSTEM and not request.is_pointless else None


def has_bounced(request: Any, by: By) -> str | None:
    """The system knows it from the mail server; an owner may have learnt it in another way."""
    return "No message has come back." if by is SYSTEM and not (request.returned_mail or request.has_left) else None


def holder_answers(request: Any, by: By) -> str | None:
    """A claim has one holder, and so has its report."""
    if request.report_of is not None and request.report_of.holder_id == request.respondent_id:
        return (
            "It is the report of a claim. If whoever holds the voucher has left, take the voucher over: the report comes with it."
        )
    return None


def claim_open(request: Any, by: By) -> str | None:
    return None if request.report_of is not None and request.report_of.state == DELIVERED else "No claim waits for it."


def somebody_to_take_it(request: Any, by: By) -> str | None:
    return None if request.colleagues else "Nobody else acts for the organisation. Invite a colleague first."


def speaks_still(request: Any, by: By) -> str | None:
    """What one says of one's own stay stays one's own; for an organisation only those answer who have a role there."""
    if by.id is None or not (request.speaks_for_organisation and request.has_left):
        return None
    return has_ended(by, request.organisation, request.timezone)


def _period(request: Any, today: date) -> tuple[date, date]:
    return today, request.answer_by


WORKFLOW = Workflow(
    name="followup",
    label="questionnaire",
    states=(
        State(ASKED, "Asked"),
        State(ANSWERED, "Answered", "done"),
        State(MISSED, "Not answered", "stopped"),
        State(NOT_DELIVERED, "Not delivered"),
        State(CALLED_OFF, "Called off", "stopped"),
    ),
    transitions=(
        Transition(
            "answer",
            from_={ASKED, NOT_DELIVERED, ANSWERED},
            to=ANSWERED,
            by=Actor.RESPONDENT,
            button="Answer",
            past="Answered",
            only_if=[speaks_still, not_claimed, in_time],
            hint="Until the last day you can send it again: the last sending counts.",
        ),
        Transition(
            "ask_again",
            from_={ASKED, NOT_DELIVERED},
            to=ASKED,
            by=Actor.OWNER,
            button="Send it again",
            past="Mailed again",
            only_if=[once_a_day],
            tone="secondary",
            hint="At most once a day. If it was not delivered, there is the whole time again to answer.",
        ),
        Transition(
            "hand_over",
            from_={ASKED, NOT_DELIVERED},
            to=ASKED,
            by=Actor.COORDINATOR,
            through=frozenset({"name_manager"}),
            button="Hand it over",
            past="Handed over",
            only_if=[holder_answers, somebody_to_take_it],
            restarts=True,
            tone="secondary",
            hint="To a colleague, if whoever was asked has left. The earlier link no longer works.",
        ),
        Transition(
            "report_undelivered",
            from_={ASKED},
            to=NOT_DELIVERED,
            by=(Actor.OWNER, Actor.SYSTEM),
            button="It was not delivered",
            past="Reported as not delivered",
            only_if=[has_bounced],
            tone="secondary",
            hint="If the message came back to you.",
            past_by_system="Came back undelivered",
        ),
        Transition(
            "call_off",
            from_={ASKED, NOT_DELIVERED},
            to=CALLED_OFF,
            by=(Actor.OWNER, Actor.SYSTEM),
            button="Call it off",
            past="Called off",
            only_if=[nothing_to_ask_about],
            tone="danger",
            hint="Nobody is asked any more. It counts neither as answered nor as missed.",
        ),
        Transition(
            "go_with_claim",
            from_={ASKED, NOT_DELIVERED, MISSED},
            to=ASKED,
            by=Actor.SYSTEM,
            button="Ask it with the claim",
            past="Asked with the claim",
            only_if=[claim_open],
            restarts=True,
        ),
        Transition(
            "miss",
            from_={ASKED},
            to=MISSED,
            by=Actor.SYSTEM,
            button="Note as missed",
            past="Not answered in time",
            only_if=[time_is_over],
        ),
    ),
    parts=PARTS,
    unpromised=(
        Unpromised(
            state=NOT_DELIVERED,
            asks="Say who answers instead: the question was not delivered",
            button="Hand it over",
            page="followups.hand_over",
            of_whom=lambda request: request.between,
            until=lambda request: request.answer_by,
            applies=lambda request: request.report_of_id is None,
        ),
    ),
    promises=(
        Promise(
            PROMISE,
            states={ASKED},
            owed_by=(Actor.RESPONDENT,),
            action="answer",
            asks=lambda request: request.title,
            button="Answer",
            reminds="Answer “{title}”",
            reminds_others="Answer “{title}”",
            period=_period,
            reminders=(Reminder(before=7), Reminder(before=1)),
            then="miss",
            afterwards="After that day it can no longer be answered.",
            kept_on=once(ANSWERED),
            applies=lambda request: request.report_of_id is None,  # else the claim is promised, and reminded of
        ),
    ),
    also_told={"go_to_holder": "Passed to whoever holds the voucher"},
    follows="exchange",
)
