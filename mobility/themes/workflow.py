"""The theme's workflow: the table of workflows.md, "Theme"."""

from datetime import date
from typing import Any

from mobility.core import clock
from mobility.people.parts import host_side, programme_people
from mobility.workflows.parts import Watch, unless
from mobility.workflows.table import By, State, Transition, Unpromised
from mobility.workflows.workflow import Actor, Workflow

DRAFT, PUBLISHED, CLOSED, ARCHIVED = "draft", "published", "closed", "archived"

OPEN_APPLICATION_STATES = frozenset({"submitted", "in_dialogue", "accepted"})


# The host organisation's people; owners and auditors of the programme read along once it is published
PARTS = (
    *host_side("host", watches=Watch(states=frozenset({DRAFT}))),
    *programme_people("programme", Actor.OWNER, Actor.AUDITOR, only=(unless(DRAFT),)),
)


def publishable(theme: Any, by: By) -> str | None:
    """All that is still missing before guests can use the theme."""
    missing = [
        words
        for words, value in (
            ("a title", theme.title),
            ("what guests can learn", theme.learning_offered),
            ("what you want in return", theme.benefit_wanted),
            ("who it is for (levels)", theme.levels),
        )
        if not value
    ]
    reasons = [f"Still missing: {', '.join(missing)}."] if missing else []
    if theme.places < 1:
        reasons.append("Offer at least one place.")
    if not future_windows(theme):
        reasons.append("Add at least one hosting window in the future.")
    return " ".join(reasons) or None


def reopenable(theme: Any, by: By) -> str | None:
    if not future_windows(theme):
        return "Add a hosting window in the future first."
    if theme.free_places < 1:
        taken = "taken or offered to those who wait" if theme.places_offered else "taken"
        return f"All places are {taken}; offer more places first."
    return None


def nothing_open(theme: Any, by: By) -> str | None:
    count = sum(application.state in OPEN_APPLICATION_STATES for application in theme.applications)
    return f"{count} open application{'s' if count > 1 else ''} must be answered first." if count else None


def may_be_closed(theme: Any, by: By) -> str | None:
    """The system closes only what nobody can apply to any more; a coordinator whenever they wish."""
    if by.id is not None or theme.all_taken or not applicable_windows(theme):
        return None
    return "There is still a free place in a hosting window that is open for applications."


def future_windows(theme: Any) -> list[Any]:
    """Windows that have not ended."""
    today = clock.today(theme.timezone)
    return [window for window in theme.windows if window.last_day > today]


def applicable_windows(theme: Any, on: date | None = None) -> list[Any]:
    """Windows still open for applications."""
    today = on or clock.today(theme.timezone)
    return [window for window in theme.windows if window.apply_by >= today]


def goes_on(theme: Any, on: date | None = None) -> bool:
    """A place may still become free for those who wait: one can apply until a day to come, and the host has not closed it."""
    return bool(applicable_windows(theme, on)) and (theme.closed_full if theme.state == CLOSED else theme.state == PUBLISHED)


def full(theme: Any, on: date | None = None) -> bool:
    """No place is free for a newcomer, but one may become so: this theme is waited for."""
    return goes_on(theme, on) and (theme.state == CLOSED or theme.free_places < 1)


WORKFLOW = Workflow(
    name="theme",
    label="theme",
    states=(
        State(DRAFT, "Draft"),
        State(PUBLISHED, "Published", "done"),
        State(CLOSED, "Closed", "stopped"),
        State(ARCHIVED, "Archived", "stopped"),
    ),
    transitions=(
        Transition(
            "publish",
            from_={DRAFT},
            to=PUBLISHED,
            by=Actor.HOST_COORDINATOR,
            button="Publish",
            past="Published",
            only_if=[publishable],
            hint="Everybody sees the theme, and guests can apply.",
        ),
        Transition(
            "revise", from_={PUBLISHED}, to=None, by=Actor.HOST_COORDINATOR, button="Revise", past="Revised", tone="secondary"
        ),
        Transition(
            "close",
            from_={PUBLISHED},
            to=CLOSED,
            by=(Actor.HOST_COORDINATOR, Actor.SYSTEM),
            button="Close",
            past="Closed",
            only_if=[may_be_closed],
            tone="secondary",
            hint="Nobody can apply any more. You can reopen it later.",
        ),
        Transition(
            "reopen",
            from_={CLOSED},
            to=PUBLISHED,
            by=Actor.HOST_COORDINATOR,
            button="Reopen",
            past="Reopened",
            only_if=[reopenable],
            hint="Guests can apply again.",
        ),
        Transition(
            "archive",
            from_={DRAFT, CLOSED},
            to=ARCHIVED,
            by=Actor.HOST_COORDINATOR,
            button="Archive",
            past="Archived",
            only_if=[nothing_open],
            tone="danger",
            hint="The theme is archived for good.",
        ),
    ),
    parts=PARTS,
    unpromised=(Unpromised(state=DRAFT, asks="Publish your theme", button="Continue writing"),),
    also_told={"edit": "Draft changed", "move_in": "Moved in"},
)
