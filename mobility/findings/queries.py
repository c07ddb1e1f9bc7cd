"""Reading what the figures rest on, and the reviews that are kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from mobility.applications.models import Application
from mobility.core import clock
from mobility.core.database import db
from mobility.findings.models import Computation, KeptFigure, KeptScope, KeptTable
from mobility.findings.reading import Reading
from mobility.findings.stored import BY_KEY, figure_of, flow_of, table_of
from mobility.outcomes.facts import Facts
from mobility.outcomes.figures import Figure
from mobility.outcomes.meetings import Flow, knowledge_flow
from mobility.outcomes.review import TABLES, Review
from mobility.outcomes.tables import Table
from mobility.programmes.models import Call, Programme
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher

SMALL = 300
"""Of no more applications and vouchers than this the review is computed whenever somebody looks: that is quicker than a page."""
LEASE = timedelta(minutes=10)
"""Whoever has been computing for longer has died."""


def facts_of(programme: Programme, as_of: date | None = None) -> Facts:
    """All of a programme at the end of a day, today's if none is given, in a constant number of statements."""
    rows = Reading(programme, as_of or programme.today)
    # What needs most beside itself is read first, and each kind before those that it names, so that none of them is missing
    return Facts(
        as_of=rows.as_of,
        sendings=tuple(rows.sendings()),
        requests=tuple(rows.requests()),
        take_overs=tuple(rows.take_overs()),
        promise_records=tuple(rows.promise_records()),
        claims=tuple(rows.claims()),
        recoveries=tuple(rows.recoveries()),
        vouchers=tuple(rows.vouchers()),
        exchanges=tuple(rows.exchanges()),
        applications=tuple(rows.applications()),
        organisations={each.key: each for each in rows.organisations()},
        calls=tuple(rows.calls()),
    )


# Reviews


@dataclass(frozen=True)
class KeptReview:
    """A review of a call (its id), or with `call=None` of the programme; outcomes/review.py, Reviewed.

    `computed_at`: it is of then, and `as_of` the day it was in the programme. `is_kept`: so somebody may ask for it anew.
    `flows(by_region)` is the knowledge flow.
    """

    call: int | None
    as_of: date
    computed_at: datetime
    figures: Mapping[str, Figure]
    tables: Mapping[str, Table]
    flows: Callable[[bool], Sequence[Flow]]
    is_kept: bool = False


def review_of(programme: Programme, call: Call | None = None, *, whole: bool = False) -> KeptReview:
    """The review of a call of the programme, or of all of it. A large programme's is kept, and computed at once only as long as
    none is; a small one's is computed whenever somebody looks.

    What figures of a kept one rest on is read when somebody asks, unless it is to be had `whole`: so ask in one moment, as
    another may be kept in between.
    """
    kept = None if is_small(programme) else _kept(programme, call.id if call else None, whole)
    return kept or computed(facts_of(programme), call.id if call else None)


def computed(facts: Facts, call: int | None) -> KeptReview:
    """Now."""
    review = Review(facts, call)

    def flows(by_region: bool) -> Sequence[Flow]:
        return knowledge_flow(review.scope, by_region=by_region)

    return KeptReview(call, facts.as_of, clock.utc_now(), review.figures, review.tables, flows)


def is_small(programme: Programme) -> bool:
    of_programme = select(Application.id).join(Theme).where(Theme.programme_id == programme.id)
    vouchers = select(Voucher.id).where(Voucher.programme_id == programme.id)
    one_more = (each.offset(SMALL).limit(1).scalar_subquery() for each in (of_programme, vouchers))
    return not any(db.session.execute(select(*one_more)).one())


def _kept(programme: Programme, call: int | None, whole: bool) -> KeptReview | None:
    """What is kept. A call that was made since has come to nothing then."""
    query = select(KeptScope.id, KeptScope.as_of, KeptScope.computed_at).join(
        Computation, KeptScope.computation_id == Computation.id
    )
    query = query.where(Computation.programme_id == programme.id, or_(KeptScope.call_id.is_(None), KeptScope.call_id == call))
    rows = db.session.execute(query.order_by(KeptScope.call_id.is_(None))).all()
    if not rows:
        return None
    id, as_of, computed_at = rows[0]
    if call is not None and len(rows) == 1:
        return replace(computed(Facts(as_of=as_of), call), computed_at=computed_at, is_kept=True)
    figures, tables = _figures(id, whole), _tables(id, whole)
    if figures.keys() != BY_KEY.keys() or len(tables) != len(TABLES):
        return None  # kept by an earlier version of the application
    return KeptReview(call, as_of, computed_at, figures, tables, lambda by_region: _flows(id, by_region), is_kept=True)


def _figures(scope: int, whole: bool) -> dict[str, Figure]:
    figure = KeptFigure
    columns = (figure.key, figure.value, figure.n, figure.few_answered, figure.items, *(_RESTS_ON if whole else ()))
    query = select(*columns).where(figure.scope_id == scope)
    known = (row for row in db.session.execute(query.order_by(figure.id)) if row.key in BY_KEY)
    return {row.key: figure_of(row, partial(_as_read, row) if whole else partial(_rests_on, scope, row.key)) for row in known}


_RESTS_ON = (KeptFigure.cases, KeptFigure.paid, KeptFigure.shares)


def _as_read(row: Any) -> Any:
    return row


def _rests_on(scope: int, key: str) -> Any:
    return db.session.execute(select(*_RESTS_ON).where(KeptFigure.scope_id == scope, KeptFigure.key == key)).one()


def _tables(scope: int, whole: bool) -> dict[str, Table]:
    table = KeptTable
    columns = (table.key, table.n, table.rows, table.columns, table.numbers, *([table.cases] if whole else []))
    found = db.session.execute(select(*columns).where(table.scope_id == scope).order_by(table.id))
    return {row.key: table_of(row, partial(getattr, row, "cases") if whole else partial(_cells, scope, row.key)) for row in found}


def _cells(scope: int, key: str) -> Any:
    return db.session.execute(select(KeptTable.cases).where(KeptTable.scope_id == scope, KeptTable.key == key)).scalar_one()


def _flows(scope: int, by_region: bool) -> list[Flow]:
    flows = db.session.scalar(select(KeptScope.flows).where(KeptScope.id == scope)) or {}
    return [flow_of(row) for row in flows.get("region" if by_region else "country", ())]


# What is to be computed


def due() -> Sequence[int]:
    """Ids of programmes whose kept reviews are not of today, in their own time; small ones are not kept."""
    query = select(Computation.programme_id, KeptScope.as_of).join(KeptScope, KeptScope.computation_id == Computation.id)
    kept = {row.programme_id: row.as_of for row in db.session.execute(query.where(KeptScope.call_id.is_(None)))}
    programmes = db.session.scalars(select(Programme).order_by(Programme.id)).all()
    return [each.id for each in programmes if kept.get(each.id, date.min) < each.today and not is_small(each)]


def wanted() -> Sequence[int]:
    """Ids of programmes of which somebody wants them anew, and nobody is at it."""
    query = select(Computation.programme_id).where(Computation.wanted_at.is_not(None), nobody_at_it())
    return db.session.scalars(query.order_by(Computation.wanted_at)).all()


def nobody_at_it() -> ColumnElement[bool]:
    return or_(Computation.begun_at.is_(None), Computation.begun_at < clock.utc_now() - LEASE)


def computation_of(programme: Programme) -> Computation | None:
    """When the programme's reviews were computed, or are to be."""
    return db.session.scalar(select(Computation).where(Computation.programme_id == programme.id))
