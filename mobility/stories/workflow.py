"""The workflow of a success story (followup.md, "Success story"; what that leaves open: decisions 0021 and 0041).

It is told of an exchange, or of a voucher's service: there the holder stands where the guest does, the provider where the host.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from mobility.core import clock
from mobility.people.parts import acts_for, host_side, members, person, programme_people
from mobility.people.roles import Role
from mobility.workflows.parts import Actor, Watch
from mobility.workflows.table import SYSTEM, By, Promise, Reminder, State, Transition, Unpromised, once
from mobility.workflows.workflow import Workflow

DRAFT, IN_REVIEW, RETURNED = "draft", "in_review", "returned"
PUBLISHED, WITHDRAWN = "published", "withdrawn"
WRITABLE = frozenset({DRAFT, RETURNED})
STORY, HOST_VIEW = "story", "host_view"  # the two parts of a draft, each written and saved by itself

REVIEW, FIND_REVIEWER, AGREE = "story_review", "story_reviewer", "story_consent"  # the promises
REVIEW_DAYS, FIND_DAYS, AGREE_DAYS = 14, 7, 14

SIDE_OF = {  # who speaks for a side
    Actor.GUEST: "guest",
    Actor.HOLDER: "guest",
    Actor.GUEST_COORDINATOR: "guest",
    Actor.HOST_COORDINATOR: "host",
    Actor.PROVIDER: "host",
}
SPEAKERS = tuple(SIDE_OF)
WRITERS = (*SPEAKERS, Actor.HOST)
OF_STAY, OF_SERVICE = frozenset({Actor.GUEST, Actor.HOST_COORDINATOR}), frozenset({Actor.HOLDER, Actor.PROVIDER})

_WRITES = Watch(None, WRITABLE)
PARTS = (
    person(Actor.GUEST, "exchange.guest", _WRITES, acts_for("exchange.guest_organisation")),
    members(Actor.GUEST_COORDINATOR, "exchange.guest_organisation", Role.COORDINATOR),
    *host_side("exchange.host", watches=_WRITES),
    person(Actor.HOLDER, "voucher.holder", _WRITES, acts_for("voucher.holder_organisation")),
    members(Actor.GUEST_COORDINATOR, "voucher.holder_organisation", Role.COORDINATOR),
    members(Actor.PROVIDER, "voucher.provider", Role.PROVIDER, Role.COORDINATOR, watches=_WRITES),
    person(Actor.REVIEWER, "reviewer", Watch(frozenset({REVIEW}))),
    *programme_people("programme", Actor.OWNER, watches=Watch(frozenset({FIND_REVIEWER}))),
    *programme_people("programme", Actor.AUDITOR),
)


def sides_of(by: By, story: Any) -> frozenset[str]:
    """The sides for which somebody speaks: "guest", "host"."""
    parts = story.workflow.acting_on(by, story)
    return frozenset(side for actor, side in SIDE_OF.items() if actor in parts)


def not_recommended(story: Any, by: By) -> str | None:
    return "The reviewer has recommended this version." if story.recommended_on else None


def recommended(story: Any, by: By) -> str | None:
    """Nothing is published that nobody else has read."""
    return None if story.recommended_on else "The reviewer has not recommended it yet."


def agrees_once(story: Any, by: By) -> str | None:
    if not sides_of(by, story) - story.agreed_sides:
        return f"You have agreed to version {story.edition}. Now it is the other side's turn."
    return None


def one_side_each(story: Any, by: By) -> str | None:
    """Nobody agrees for both sides."""
    if by.id is not None and by.id in story.agreed_by:
        return "You have agreed for one side. Somebody else agrees for the other."
    return None


def no_part(story: Any, by: By) -> str | None:
    """Whoever reviews has no part in it, and had none."""
    if by.ever_in((story.host_id, story.guest_organisation_id)):
        return "You have or had a role in one of the two organisations. Somebody else reviews it."
    return None


def review_is_overdue(story: Any, by: By) -> str | None:
    """The system passes a review on only when its time is over, or nobody is there to do it."""
    if by is not SYSTEM or story.reviewer_is_gone or story.due_on < clock.today(story.timezone):
        return None
    return "The reviewer still has time."


def has_reviewer(story: Any, by: By) -> str | None:
    return None if story.reviewer_id else "Nobody is asked to review it."


def after_review(story: Any) -> str:
    """Recommended, it waits for both sides; else it goes back to them."""
    return IN_REVIEW if story.recommended_on else RETURNED


def after_agreeing(story: Any) -> str:
    return PUBLISHED if len(story.agreed_sides) == 2 else IN_REVIEW


def _for(days: int) -> Callable[[Any, date], tuple[date, date]]:
    return lambda story, today: (today, today + timedelta(days=days))


def _reviewed(story: Any, today: date) -> date | None:
    return today if story.recommended_on or story.state == RETURNED else None


def _found(story: Any, today: date) -> date | None:
    return today if story.reviewer_id else None


def _have_agreed(story: Any) -> frozenset[Actor]:
    """With those who have no part in a story of this kind."""
    here, elsewhere = (OF_STAY, OF_SERVICE) if story.exchange_id else (OF_SERVICE, OF_STAY)
    return frozenset(actor for actor in here if SIDE_OF[actor] in story.agreed_sides) | elsewhere


WORKFLOW = Workflow(
    name="story",
    plural="stories",
    label="success story",
    states=(
        State(DRAFT, "Draft"),
        State(IN_REVIEW, "In review"),
        State(RETURNED, "Returned"),
        State(PUBLISHED, "Published", "done"),
        State(WITHDRAWN, "Withdrawn", "stopped"),
    ),
    transitions=(
        Transition(
            "submit",
            from_=WRITABLE,
            to=IN_REVIEW,
            by=WRITERS,
            button="Send it to review",
            past="Submitted to review",
            hint="Somebody from another region, with no part in it, reads it.",
        ),
        Transition(
            "review",
            from_={IN_REVIEW},
            to=after_review,
            by=Actor.REVIEWER,
            button="Review it",
            past="Reviewed",
            only_if=[no_part, not_recommended],
            hint="Comment on each part, then recommend it or send it back.",
        ),
        Transition(
            "decline",
            from_={IN_REVIEW},
            to=IN_REVIEW,
            by=Actor.REVIEWER,
            button="I cannot review it",
            past="The reviewer declined",
            only_if=[not_recommended],
            restarts=True,
            tone="secondary",
            hint="Somebody else is asked at once.",
        ),
        Transition(
            "assign",
            from_={IN_REVIEW},
            to=IN_REVIEW,
            by=Actor.OWNER,
            button="Choose the reviewer",
            past="Reviewer appointed",
            only_if=[not_recommended],
            restarts=True,
            tone="secondary",
            hint="Whoever was asked before is told that it is no longer theirs to do.",
        ),
        Transition(
            "pass_on",
            from_={IN_REVIEW},
            to=IN_REVIEW,
            by=Actor.SYSTEM,
            button="Ask another reviewer",
            past="Another reviewer was asked",
            only_if=[not_recommended, has_reviewer, review_is_overdue],
            restarts=True,
        ),
        Transition(
            "agree",
            from_={IN_REVIEW},
            to=after_agreeing,
            by=SPEAKERS,
            button="Agree to publish it",
            past="Agreed to publish it",
            only_if=[recommended, agrees_once, one_side_each],
            hint="To this very version. It is public as soon as both sides agree, and you can withdraw it at any time.",
        ),
        Transition(
            "take_back",
            from_={IN_REVIEW},
            to=DRAFT,
            by=WRITERS,
            button="Change it again",
            past="Taken back to be changed",
            tone="secondary",
            hint="Both sides and the reviewer look at the new version; what was agreed to holds no longer.",
        ),
        Transition(
            "withdraw",
            from_={DRAFT, IN_REVIEW, RETURNED, PUBLISHED},
            to=WITHDRAWN,
            by=(*SPEAKERS, Actor.OWNER),
            button="Withdraw it",
            past="Withdrawn",
            kept=True,
            tone="danger",
            hint="At once nobody else can read it any more, neither here nor in the feed.",
        ),
        Transition(
            "rework",
            from_={WITHDRAWN},
            to=DRAFT,
            by=WRITERS,
            button="Work on it again",
            past="Reopened as a draft",
            tone="secondary",
            hint="As a new version: it is reviewed, and agreed to, anew.",
        ),
    ),
    parts=PARTS,
    unpromised=tuple(
        Unpromised(
            state=state,
            asks=words,
            button="Go on writing",
            page="stories.edit",
            of_whom=lambda story: story.between,
        )
        for state, words in ((DRAFT, "Tell your story"), (RETURNED, "Improve your story: the reviewer has commented on it"))
    ),
    promises=(
        Promise(
            REVIEW,
            states={IN_REVIEW},
            applies=lambda story: bool(story.reviewer_id) and not story.recommended_on,
            owed_by=(Actor.REVIEWER,),
            action="review",
            asks="Review a success story",
            button="Review it",
            reminds="Review the success story “{title}”",
            period=_for(REVIEW_DAYS),
            reminders=(Reminder(before=7), Reminder(before=1)),
            then="pass_on",
            afterwards="After that day somebody else is asked.",
            not_for=(no_part,),
            kept_on=_reviewed,
        ),
        Promise(
            FIND_REVIEWER,
            states={IN_REVIEW},
            applies=lambda story: not story.reviewer_id and not story.recommended_on,
            owed_by=(Actor.OWNER,),
            action="assign",
            asks="Find a reviewer for a success story",
            reminds="Find a reviewer for the success story “{title}”",
            period=_for(FIND_DAYS),
            reminders=(Reminder(before=2),),
            then="escalate",
            escalates_to=(Actor.OWNER, *sorted(OF_STAY | OF_SERVICE)),
            kept_on=_found,
        ),
        Promise(
            AGREE,
            states={IN_REVIEW},
            applies=lambda story: bool(story.recommended_on),
            owed_by=(Actor.GUEST, Actor.HOLDER, Actor.HOST_COORDINATOR, Actor.PROVIDER),
            kept_by=_have_agreed,
            action="agree",
            asks="Say whether your story may be published",
            reminds="Say whether the success story “{title}” may be published",
            reminds_others="Say whether the success story “{title}” may be published",
            period=_for(AGREE_DAYS),
            reminders=(Reminder(before=7), Reminder(before=1)),
            also_reminded=(Actor.GUEST_COORDINATOR,),
            then="escalate",
            escalates_to=(Actor.GUEST_COORDINATOR, Actor.HOST_COORDINATOR, Actor.PROVIDER),
            kept_on=once(PUBLISHED),
        ),
    ),
    follows="exchange",
)
