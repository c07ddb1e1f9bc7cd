"""All figures of a call or a programme, in the order of the page. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from mobility.outcomes.answers import ADDITIONALITY, NOT_DELIVERED_COUNTS, OUTCOMES, RESPONSE, SUMS, TAKE_OVERS
from mobility.outcomes.facts import Facts, Key
from mobility.outcomes.figures import Definition, Figure, find
from mobility.outcomes.meetings import MEETINGS, countries, levels
from mobility.outcomes.process import COST, DAYS, PIPELINE, PROMISES
from mobility.outcomes.scope import Scope
from mobility.outcomes.tables import Table

DEFINITIONS: tuple[Definition, ...] = (
    *PIPELINE,
    *DAYS,
    *COST,
    *RESPONSE,
    *NOT_DELIVERED_COUNTS,
    *OUTCOMES,
    *TAKE_OVERS,
    *ADDITIONALITY,
    *MEETINGS,
    *SUMS,
    *PROMISES,
)
TABLES = (levels, countries)


class Reviewed(Protocol):
    """What pages and snapshots need of a review, be it computed now or kept."""

    @property
    def call(self) -> Key | None: ...
    @property
    def as_of(self) -> date: ...
    @property
    def figures(self) -> Mapping[str, Figure]: ...
    @property
    def tables(self) -> Mapping[str, Table]: ...


class Review:
    """What a call came to, or with `call=None` the programme. `figures` by key, in the order of the page."""

    def __init__(self, facts: Facts, call: Key | None = None) -> None:
        self.scope = Scope(facts, call)
        self.figures: dict[str, Figure] = {each.key: find(each, self.scope) for each in DEFINITIONS}
        self.tables: dict[str, Table] = {table.key: table for table in (make(self.scope) for make in TABLES)}

    @property
    def call(self) -> Key | None:
        return self.scope.call

    @property
    def as_of(self) -> date:
        return self.scope.as_of
