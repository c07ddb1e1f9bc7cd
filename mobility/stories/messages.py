"""The mails about stories. Reminders: mobility/reminders.py."""

from collections.abc import Iterable
from typing import Any

from mobility.core.links import path_of
from mobility.notifications.operations import post
from mobility.notifications.recipients import playing
from mobility.stories.models import SuccessStory
from mobility.stories.workflow import SPEAKERS, WORKFLOW
from mobility.workflows.table import By
from mobility.workflows.workflow import Actor

SIDES = SPEAKERS


def begun(story: SuccessStory, *, by: By) -> None:
    """To both sides, but not to whoever has begun it."""
    _post("story_begun", _others(story, by), story)


def to_review(story: SuccessStory) -> None:
    """To the reviewer; where nobody could be asked, to the programme's owners, who find somebody."""
    if story.reviewer is not None:
        _post("story_to_review", [story.reviewer], story, act="review")
    else:
        _post("story_without_reviewer", playing(story, Actor.OWNER), story, act="assign")


def released(story: SuccessStory, person: Any) -> None:
    """To whoever was asked: there is nothing to do any more."""
    if person.active:
        path = path_of("home.index")
        post("story_released", [person], about=story, path=path, title=story.title, theme=None)


def returned(story: SuccessStory) -> None:
    _post("story_returned", playing(story, *SIDES), story, act="edit")


def recommended(story: SuccessStory) -> None:
    """To those who speak for both sides: each agrees, or does not."""
    _post("story_recommended", playing(story, *SIDES), story, act="agree")


def published(story: SuccessStory) -> None:
    _post("story_published", playing(story, *SIDES, *[Actor.REVIEWER] * (story.reviewer is not None)), story)


def withdrawn(story: SuccessStory, *, by: By, was_public: bool) -> None:
    _post("story_withdrawn", _others(story, by), story, by=by, was_public=was_public)


def _others(story: SuccessStory, by: By) -> list[Any]:
    return [each for each in playing(story, *SIDES) if each.id != by.id]


def _post(kind: str, to: Iterable[Any], story: SuccessStory, *, act: str = "show", **context: Any) -> None:
    path = path_of(f"{WORKFLOW.things}.{act}", id=story.id)
    post(kind, to, about=story, path=path, title=story.title, programme=story.programme, theme=story.theme, **context)
