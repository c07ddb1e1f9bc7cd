"""Reading key figures, and what serves them."""

from collections.abc import Sequence
from typing import Any

from flask import abort
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.keyfigures.models import KeyFigure, KeyFigureValue, Serving
from mobility.keyfigures.rules import key_of
from mobility.keyfigures.workflow import CURRENT
from mobility.lists.columns import Column, Kind, Listing, state_of
from mobility.people.models import Organisation
from mobility.vouchers.models import Voucher
from mobility.workflows.history import Subject


def find(id: int, user: Any, for_update: bool = False) -> KeyFigure:
    """A key figure with its values, or 404 if the person may not see it."""
    if for_update:
        db.session.execute(select(KeyFigure.id).where(KeyFigure.id == id).with_for_update())
    query = select(KeyFigure).where(KeyFigure.id == id).options(*_whole())
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None or not found.workflow.may_see(user, found):
        abort(404)
    return found


def _whole() -> tuple[Any, ...]:
    return joinedload(KeyFigure.organisation, innerjoin=True), selectinload(KeyFigure.values)


def of_organisation(organisation: Organisation) -> Sequence[KeyFigure]:
    """All of it, those that are current first, in the order in which they were made."""
    query = select(KeyFigure).where(KeyFigure.organisation_id == organisation.id)
    return db.session.scalars(query.order_by(KeyFigure.state, KeyFigure.id).options(*_whole())).all()


def current_of(organisation_id: int) -> Sequence[KeyFigure]:
    """Those that something can serve from now on."""
    query = select(KeyFigure).where(KeyFigure.organisation_id == organisation_id, KeyFigure.state == CURRENT)
    return db.session.scalars(query.order_by(KeyFigure.id)).all()


def lock_organisation(organisation_id: int) -> None:
    """Nobody else adds a key figure to it, or takes one up again, until this transaction ends."""
    db.session.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())


# What serves them


def served_by(subject: Subject) -> Sequence[KeyFigure]:
    """The key figures that an exchange, a voucher or a story is to serve."""
    query = select(KeyFigure).join(Serving, Serving.key_figure_id == KeyFigure.id)
    of = (Serving.subject_type == subject.subject_type, Serving.subject_id == subject.id)
    return db.session.scalars(query.where(*of).order_by(KeyFigure.id).options(*_whole())).all()


def servings_of(subject: Subject) -> Sequence[Serving]:
    of = (Serving.subject_type == subject.subject_type, Serving.subject_id == subject.id)
    return db.session.scalars(select(Serving).where(*of).order_by(Serving.key_figure_id)).all()


def asked_of(subject: Subject) -> dict[str, KeyFigure]:
    """Those of them whose values a questionnaire asks for, by the keys of its lines: a retired one is measured no more."""
    return {key_of(each.id): each for each in served_by(subject) if each.state == CURRENT}


def value_from(figure: KeyFigure, request_id: int) -> KeyFigureValue | None:
    """The value that counts of those that were answered in a request."""
    return next((each for each in figure.measured if each.request_id == request_id), None)


def serving(figure: KeyFigure) -> dict[str, Sequence[Any]]:
    """What serves a key figure, for its page: `exchanges` and `vouchers`."""
    return {"exchanges": _serving(Exchange, figure), "vouchers": _serving(Voucher, figure)}


def _serving(model: type[Any], figure: KeyFigure) -> Sequence[Any]:
    of = (Serving.subject_type == model.workflow.name, Serving.key_figure_id == figure.id)
    query = select(model).where(model.id.in_(select(Serving.subject_id).where(*of))).order_by(model.id)
    return db.session.scalars(query.options(*model.brief())).unique().all()


LIST = Listing(
    "key-figures",
    "Own key figures",
    (
        Column("Name", "name"),
        Column("Unit", "unit"),
        Column("Baseline", "baseline", Kind.NUMBER),
        Column("Baseline of", "baseline_on", Kind.DAY),
        Column("Target", "target", Kind.NUMBER),
        Column("Target by", "target_on", Kind.DAY),
        Column("Newest value", "newest.value", Kind.NUMBER),
        Column("Newest of", "newest.on", Kind.DAY),
        Column("State", state_of),
        Column("Strategy", "strategy"),
    ),
)
