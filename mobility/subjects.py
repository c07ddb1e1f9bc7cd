"""The subjects, each one line: what pages, reminders and documents that go through every kind of thing go through."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Select, select

from mobility.applications.models import Application
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.experts.models import Mentoring
from mobility.followup.models import QuestionnaireRequest
from mobility.joining.models import JoinRequest
from mobility.keyfigures.models import KeyFigure
from mobility.payments.models import PaymentBatch
from mobility.stories.models import SuccessStory
from mobility.takeovers.models import TakeOver
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher
from mobility.workflows.workflow import Workflow

SUBJECTS: tuple[type[Any], ...] = (
    Theme,
    Application,
    Exchange,
    Voucher,
    PaymentBatch,
    QuestionnaireRequest,
    KeyFigure,
    TakeOver,
    Mentoring,
    SuccessStory,
    JoinRequest,
)


def workflows() -> dict[str, Workflow]:
    """All workflows by the name of what they move."""
    return {subject.workflow.name: subject.workflow for subject in SUBJECTS}


Named = tuple[str, int]  # the name of a workflow, the id of one of its subjects


def briefly(named: Iterable[Named]) -> dict[Named, Any]:
    """Those that there are, with what they are about: one query for each kind of them.

    By their ids, so that the database keeps its plan for joining them with that.
    """
    ids: dict[str, set[int]] = {}
    for name, id in named:
        ids.setdefault(name, set()).add(id)
    kinds = [(model, chosen) for model in SUBJECTS if (chosen := ids.get(model.workflow.name))]
    found = (each for model, chosen in kinds for each in db.session.scalars(_told(model).where(model.id.in_(chosen))).unique())  # type: ignore[arg-type]
    return {(each.workflow.name, each.id): each for each in found}


@cache
def _told(model: type[Any]) -> Select[Any]:
    return select(model).options(*model.brief())
