"""Publishing and withdrawing a snapshot of a review."""

from collections.abc import Mapping, Sequence
from typing import Any

from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import GuardRefused
from mobility.outcomes.figures import Form
from mobility.outcomes.hiding import PublicTable
from mobility.outcomes.publication import Snapshot
from mobility.outcomes.publication import publish as without_what_tells_of_few
from mobility.outcomes.tables import Table
from mobility.people.models import User
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme
from mobility.reviews import queries
from mobility.reviews.models import PublishedReview
from mobility.reviews.queries import Found
from mobility.reviews.readings import of_rows

COMPLETED = "pipeline.exchanges_completed"
SOMEBODY_PUBLISHED = (
    "Somebody else has just published a snapshot of this programme. Look again at what can be shown beside it, and then publish."
)


def preview(found: Found, earlier: Sequence[PublishedReview]) -> Snapshot:
    """What would be public of a review, after all snapshots of its programme, the withdrawn ones too."""
    return without_what_tells_of_few(found.review, [each.remembered for each in earlier])


def publish(programme: Programme, found: Found, *, by: User, seen: int) -> PublishedReview:
    """`seen`: how many snapshots there were when the owner looked at what can be shown. The programme is locked first, so that
    of two who publish at once the second knows the first's."""
    programmes.lock(programme.id)
    earlier = queries.snapshots(programme.id)
    if len(earlier) != seen:
        raise GuardRefused(SOMEBODY_PUBLISHED)
    snapshot = PublishedReview(
        programme_id=programme.id,
        number=len(earlier) + 1,
        published_by_id=by.id,
        call_id=found.call.id if found.call else None,
        programme_name=programme.name,
        scope_name=found.name,
        currency=programme.currency,
        exchanges=sorted(case.key for case in found.figures[COMPLETED].cases),
        **_stored(preview(found, earlier), found.forms),
    )
    db.session.add(snapshot)
    db.session.flush()
    return snapshot


def _stored(public: Snapshot, forms: Mapping[str, Form]) -> dict[str, Any]:
    return {
        "as_of": public.as_of,
        "readings": [each.as_json() for each in of_rows(public.rows, forms).values()],
        "tables": {key: _shown(each) for key, each in public.tables.items()},
        "trace": public.trace.as_json(),
    }


def _shown(public: PublicTable) -> dict[str, Any]:
    """Of a table that is left out not even its rows."""
    table: Table = public.table
    if public.left_out:
        return {"n": table.n, "rows": [], "columns": [], "shown": []}
    return {
        "n": table.n,
        "rows": list(table.rows),
        "columns": list(table.columns),
        "shown": [[row, column, number] for (row, column), number in public.shown.items()],
    }


def withdraw(snapshot: PublishedReview, *, by: User, reason: str) -> None:
    """From the pages. What it showed is known all the same, so that it still counts when the next one is made."""
    if snapshot.is_withdrawn:
        raise GuardRefused("This snapshot has been withdrawn already.")
    snapshot.withdrawn_by_id, snapshot.withdrawn_at, snapshot.withdrawn_because = by.id, clock.utc_now(), reason
    db.session.flush()
