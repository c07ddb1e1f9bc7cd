"""The public version: a snapshot of a review in which nothing tells of fewer than 5 cases (review_example.md, P1 to P6). Pure.

What was published first stays; what is published later is hidden where both together would tell of few. So a snapshot is made
with all earlier ones of its programme at hand, of every scope.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from mobility.outcomes.facts import Key
from mobility.outcomes.figures import Figure
from mobility.outcomes.hiding import PublicTable, hide
from mobility.outcomes.review import Reviewed
from mobility.outcomes.sums import FEWEST, gives_away, tells_of_few
from mobility.outcomes.traces import Cases, Trace
from mobility.people.roles import Level

MIXED = "levels.mixed"
_MANAGER, _POLICY_MAKER = str(Level.CLUSTER_MANAGER), str(Level.POLICY_MAKER)
TIED = {"levels": frozenset({(_MANAGER, _POLICY_MAKER), (_POLICY_MAKER, _MANAGER)})}
"""The two numbers of a table whose sum the figure `levels.mixed` tells, but for delegations that were mixed in themselves."""


class Public(StrEnum):
    """What becomes of a figure. Few and complement look the same on the page: which it was would tell something."""

    SHOWN = "shown"
    FEW = "few"
    COMPLEMENT = "complement"


@dataclass(frozen=True)
class Row:
    """A figure as the public reads it, on pages and in exports. Hidden, it has neither value nor n, whatever the reason."""

    key: str
    name: str
    says: str
    shown: str | None
    n: int | None
    few_answered: bool = False


@dataclass(frozen=True)
class Snapshot:
    """A review as it is published; `call` is None for the programme's."""

    call: Key | None
    as_of: date
    figures: Mapping[str, tuple[Figure, Public]]
    tables: Mapping[str, PublicTable]

    @cached_property
    def shown(self) -> dict[str, Figure]:
        return {key: figure for key, (figure, public) in self.figures.items() if public is Public.SHOWN}

    @property
    def rows(self) -> list[Row]:
        """All that is public of the figures. Response rates are figures of their own: beside others they would tell too much."""
        return [_row(figure, public) for figure, public in self.figures.values()]

    @property
    def trace(self) -> Trace:
        money = tuple(each.finding.paid for each in self.shown.values() if each.finding.paid is not None)
        figures = {key: each.cases for key, each in self.shown.items() if not each.definition.bare}
        return Trace(figures, money, self.tables)


def _row(figure: Figure, public: Public) -> Row:
    about = figure.definition
    if public is not Public.SHOWN:
        return Row(about.key, about.name, about.says, None, None)
    return Row(about.key, figure.name, about.says, figure.shown, figure.n, figure.few_answered)


def publish(review: Reviewed, earlier: Sequence[Trace] = ()) -> Snapshot:
    """The snapshot, after all `earlier` ones of the programme in their order."""
    verdicts = {key: _verdict(figure, earlier) for key, figure in review.figures.items()}
    verdicts = _without_remainders(review.figures, verdicts)
    verdicts = _without_sums_of_few(review.figures, verdicts, [each for trace in earlier for each in trace.money])
    tied = TIED if verdicts[MIXED] is Public.SHOWN else {}
    tables = {
        key: hide(table, [trace.tables[key] for trace in earlier if key in trace.tables], tied.get(key, frozenset()))
        for key, table in review.tables.items()
    }
    figures = {key: (figure, verdicts[key]) for key, figure in review.figures.items()}
    return Snapshot(review.call, review.as_of, figures, tables)


# Figures


def verdict(cases: Cases, shown: Sequence[Cases]) -> Public:
    """What becomes of a figure that was `shown` earlier, in other scopes or snapshots, with the cases there (P1, P3)."""
    if len(cases) < FEWEST:
        return Public.FEW
    return Public.COMPLEMENT if gives_away(cases, shown) else Public.SHOWN


def _verdict(figure: Figure, earlier: Sequence[Trace]) -> Public:
    if figure.definition.bare:
        return Public.SHOWN
    found = verdict(figure.cases, [trace.figures[figure.key] for trace in earlier if figure.key in trace.figures])
    few_paid = figure.finding.paid is not None and 0 < len(figure.finding.paid) < FEWEST
    return Public.COMPLEMENT if found is Public.SHOWN and few_paid else found


def _without_remainders(figures: Mapping[str, Figure], verdicts: Mapping[str, Public]) -> dict[str, Public]:
    """Of figures that add up to a total that each of them shows the hidden are at least two and together at least 5."""
    found = dict(verdicts)
    for word in {each.definition.adds_up for each in figures.values()} - {""}:
        group = [each for each in figures.values() if each.definition.adds_up == word]
        while (following := _to_hide(group, found)) is not None:
            found[following.key] = Public.COMPLEMENT
    return found


def _to_hide(group: Sequence[Figure], verdicts: Mapping[str, Public]) -> Figure | None:
    """The smallest that is shown, if what is hidden so far could be worked out."""
    shown = [each for each in group if verdicts[each.key] is Public.SHOWN and each.value]
    hidden = [each.value or 0 for each in group if verdicts[each.key] is not Public.SHOWN]
    if not hidden or not shown or (len(hidden) >= 2 and sum(hidden) >= FEWEST):
        return None
    return min(shown, key=lambda each: each.value or 0)


def _without_sums_of_few(
    figures: Mapping[str, Figure], verdicts: Mapping[str, Public], earlier: Iterable[Cases]
) -> dict[str, Public]:
    """Of sums of money that together tell of 1 to 4 paid vouchers only the first are shown (P4)."""
    found, shown = dict(verdicts), list(dict.fromkeys(earlier))
    for key, figure in figures.items():
        paid = figure.finding.paid
        if paid is None or found[key] is not Public.SHOWN or paid in shown:
            continue
        if tells_of_few([*shown, paid]):
            found[key] = Public.COMPLEMENT
        else:
            shown.append(paid)
    return found
