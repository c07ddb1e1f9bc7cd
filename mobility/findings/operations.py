"""Computing the reviews of a large programme: begun by one process, computed while others write, kept all at once."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import GuardRefused, NotAllowed
from mobility.findings.models import Computation, KeptFigure, KeptScope, KeptTable
from mobility.findings.queries import LEASE, computation_of, facts_of, nobody_at_it
from mobility.findings.stored import figure_row, flow_row, table_row
from mobility.outcomes.facts import Facts
from mobility.outcomes.figures import find
from mobility.outcomes.meetings import knowledge_flow
from mobility.outcomes.review import DEFINITIONS, TABLES
from mobility.outcomes.scope import Scope
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme

AT_WORK = "They are being computed. Look again in a minute."


@dataclass(frozen=True)
class Computed:
    """What is to be kept of a programme: each call and (None) all of it, with the columns of its figures and tables."""

    as_of: date
    at: datetime
    scopes: dict[int | None, dict[str, Any]]


def want_anew(programme: Programme, *, by: User) -> None:
    """An owner wants the figures computed now instead of next night; a job does it within a minute."""
    if Role.OWNER not in by.roles_in_programme(programme.id):
        raise NotAllowed("Only an owner of the programme can have its figures computed.")
    row = _row_of(programme)
    if row.begun_at is not None and row.begun_at > clock.utc_now() - LEASE:
        raise GuardRefused(AT_WORK)
    row.wanted_at = clock.utc_now()
    db.session.flush()


def _row_of(programme: Programme) -> Computation:
    """There is one for each programme: its own row is locked while it is made."""
    programmes.lock(programme.id)
    row = computation_of(programme)
    if row is None:
        row = Computation(programme_id=programme.id)
        db.session.add(row)
        db.session.flush()
    return row


def begin(programme: Programme) -> datetime | None:
    """When this process began, or None if another is at it."""
    row, now = _row_of(programme), clock.utc_now()
    taken = update(Computation).where(Computation.id == row.id, nobody_at_it()).values(begun_at=now)
    return now if db.session.execute(taken).rowcount else None  # type: ignore[attr-defined]


def compute(programme: Programme) -> Computed:
    """Everything, scope by scope and figure by figure, so that never more is held than has to be."""
    at, facts = clock.utc_now(), facts_of(programme)
    calls: list[int | None] = [each.key for each in facts.calls if isinstance(each.key, int)]
    return Computed(facts.as_of, at, {call: _compute(facts, call) for call in [None, *calls]})


def _compute(facts: Facts, call: int | None) -> dict[str, Any]:
    scope = Scope(facts, call)
    flows = {key: [flow_row(each) for each in knowledge_flow(scope, by_region=key == "region")] for key in ("country", "region")}
    figures: list[dict[str, Any]] = []
    for each in DEFINITIONS:
        figures.append(_with_known_cases(figure_row(find(each, scope)), figures))
    return {"flows": flows, "figures": figures, "tables": [table_row(make(scope)) for make in TABLES]}


def _with_known_cases(row: dict[str, Any], others: list[dict[str, Any]]) -> dict[str, Any]:
    """Many figures rest on the same cases: of a large programme they are kept in memory once."""
    known = next((each["cases"] for each in others if each["cases"] == row["cases"]), row["cases"])
    return row | {"cases": known}


def keep(programme: Programme, computed: Computed, begun: datetime) -> bool:
    """Replace what was kept; False if this process took so long that another has begun."""
    row = _row_of(programme)
    if row.begun_at != begun:
        return False
    _forget(row)
    for call, of_scope in computed.scopes.items():
        scope = KeptScope(
            computation_id=row.id, call_id=call, as_of=computed.as_of, computed_at=computed.at, flows=of_scope["flows"]
        )
        _keep(scope, of_scope)
    row.begun_at = None
    if row.wanted_at is not None and row.wanted_at <= begun:
        row.wanted_at = None
    db.session.flush()
    return True


def _keep(scope: KeptScope, of_scope: dict[str, Any]) -> None:
    db.session.add(scope)
    db.session.flush()
    for model, name in ((KeptFigure, "figures"), (KeptTable, "tables")):
        for each in of_scope[name]:  # one by one: of a large programme each is long
            db.session.execute(insert(model).values(scope_id=scope.id, **each))


def _forget(row: Computation) -> None:
    scopes = select(KeptScope.id).where(KeptScope.computation_id == row.id)
    for model in (KeptFigure, KeptTable):
        db.session.execute(delete(model).where(model.scope_id.in_(scopes)))
    db.session.execute(delete(KeptScope).where(KeptScope.computation_id == row.id))
