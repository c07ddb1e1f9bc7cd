"""What people of the demonstration answer when they are asked what came of it: some at once, some never."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from mobility.core import clock
from mobility.core.database import db
from mobility.demo.words import BRINGS, TAKEN_HOME
from mobility.followup import operations, queries
from mobility.followup.models import QuestionnaireRequest
from mobility.followup.workflow import ASKED
from mobility.questionnaires.items import (
    BY_LINE,
    DATE,
    LONG_TEXT,
    NUMBER,
    ROWS,
    SCALE_5,
    SCALE_10,
    TAPPED,
    TEXT,
    Item,
    Leaf,
    collect,
    leaves,
)

ANSWERING_DAYS = range(-195, 1, 3)
OF_TEN = 6  # so many answer


def answering() -> Iterator[int]:
    """Every third day somebody looks into the mail."""
    for day in ANSWERING_DAYS:
        yield day
        for request in _looked_at():
            _answer(request)


def _looked_at() -> list[QuestionnaireRequest]:
    """Asked three days ago or earlier, of those who answer at all."""
    asked = QuestionnaireRequest
    query = select(asked).where(
        asked.state == ASKED, asked.waiting_since <= clock.today() - timedelta(days=3), asked.respondent_id.is_not(None)
    )
    return [each for each in db.session.scalars(query.order_by(asked.id)) if each.id * 7 % 10 < OF_TEN]


def _answer(request: QuestionnaireRequest) -> None:
    operations.save_draft(request, answers_to(request, request.id))
    operations.send(request, by=request.respondent)


def answers_to(request: QuestionnaireRequest, number: int) -> dict[str, Any]:
    """What somebody answers: another thing for each number."""
    lines = queries.lines_of(request)
    said: dict[Leaf, Any] = {}
    for place, item in enumerate(request.asked_version.items):
        for leaf in leaves(item, lines):
            said[leaf] = _said(item, leaf, number + place)
    return collect(said)


def _said(item: Item, leaf: Leaf, number: int) -> Any:
    """Mostly content, and not of many words; of rows the first."""
    if item.kind == ROWS and (leaf.path[1] != 1 or item.key != "take_overs"):
        return None
    if leaf.item.kind in TAPPED | BY_LINE:
        return _tapped(leaf.item, number)
    return {
        NUMBER: str(1 + number % 7),
        DATE: (clock.today() + timedelta(days=60 + number % 90)).isoformat(),
        TEXT: TAKEN_HOME[number % len(TAKEN_HOME)] if leaf.item.key == "what" else None,
        LONG_TEXT: BRINGS[number % len(BRINGS)] if not number % 3 else None,
    }.get(leaf.item.kind)


def _tapped(item: Item, number: int) -> Any:
    if item.kind == SCALE_5:
        return 3 + number % 3
    if item.kind == SCALE_10:
        return 6 + number % 5
    options = [each.key for each in item.choices]
    chosen = options[0 if number % 3 else number % len(options)]
    return int(chosen) if chosen.isdigit() else chosen
