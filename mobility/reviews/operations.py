"""Closing and opening a review; publishing and withdrawing a snapshot of it."""

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
from mobility.programmes.models import Call, Programme
from mobility.reviews import queries
from mobility.reviews.models import Lessons, PublishedReview
from mobility.reviews.queries import Found
from mobility.reviews.readings import of_rows

COMPLETED = "pipeline.exchanges_completed"
SOMEBODY_PUBLISHED = (
    "Somebody else has just published a snapshot of this programme. Look again at what can be shown beside it, and then publish."
)


# Lessons


def close_review(call: Call, *, by: User, seen: int, keep: str = "", change: str = "", stop: str = "") -> Lessons:
    """With what was learned. `seen`: the number of the newest version when the form was opened, 0 if there was none."""
    _not_meanwhile(call, seen)
    return _added(call, by, seen, is_closed=True, keep=keep, change=change, stop=stop)


def reopen_review(call: Call, *, by: User, seen: int, reason: str) -> Lessons:
    """What was written stays, to be changed."""
    newest = _not_meanwhile(call, seen)
    if newest is None or not newest.is_closed:
        raise GuardRefused("The review of this call is open.")
    texts = {"keep": newest.keep, "change": newest.change, "stop": newest.stop}
    return _added(call, by, seen, is_closed=False, reason=reason, **texts)


def _not_meanwhile(call: Call, seen: int) -> Lessons | None:
    """The newest version, if it is still the one that was seen. Locked by the programme: there may be no version yet."""
    programmes.lock(call.programme_id)
    newest = queries.newest_lessons(call.id)
    if (newest.number if newest else 0) != seen:
        raise GuardRefused("Somebody else has saved lessons of this call meanwhile. What you typed is still here.")
    return newest


def _added(call: Call, by: User, seen: int, **values: Any) -> Lessons:
    added = Lessons(call_id=call.id, number=seen + 1, by_id=by.id, **values)
    db.session.add(added)
    db.session.flush()
    return added


# Publishing


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
