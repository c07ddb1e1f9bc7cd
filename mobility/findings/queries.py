"""Reading what the figures rest on, and the reviews that are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from mobility.core import clock
from mobility.findings.reading import Reading
from mobility.outcomes.facts import Facts
from mobility.outcomes.figures import Figure
from mobility.outcomes.review import Review
from mobility.outcomes.tables import Table
from mobility.programmes.models import Call, Programme


@dataclass(frozen=True)
class KeptReview:
    """A review of a call (its id), or with `call=None` of the programme, and when it was computed; review.Reviewed."""

    call: int | None
    as_of: date
    computed_at: datetime
    figures: Mapping[str, Figure]
    tables: Mapping[str, Table]


def review_of(programme: Programme, call: Call | None = None) -> KeptReview:
    """The review of a call of the programme, or of all of it."""
    review = Review(facts_of(programme), call.id if call else None)
    return KeptReview(call.id if call else None, review.as_of, clock.utc_now(), review.figures, review.tables)


def facts_of(programme: Programme, as_of: date | None = None) -> Facts:
    """All of a programme at the end of a day, today's if none is given, in a constant number of statements."""
    rows = Reading(programme, as_of or programme.today)
    return Facts(
        as_of=rows.as_of,
        calls=tuple(rows.calls()),
        organisations={each.key: each for each in rows.organisations()},
        applications=tuple(rows.applications()),
        exchanges=tuple(rows.exchanges()),
        vouchers=tuple(rows.vouchers()),
        claims=tuple(rows.claims()),
        recoveries=tuple(rows.recoveries()),
        requests=tuple(rows.requests()),
        sendings=tuple(rows.sendings({})),
        promise_records=tuple(rows.promise_records()),
    )
