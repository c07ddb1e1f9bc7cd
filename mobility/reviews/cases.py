"""The cases behind a figure, as far as the reader may see them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select

from mobility.applications.models import Application
from mobility.core.database import db
from mobility.core.paging import Page, page_of
from mobility.exchanges.models import Exchange
from mobility.outcomes.facts import APPLICATION, EXCHANGE, VOUCHER, Case
from mobility.outcomes.figures import Share, Shares
from mobility.people.models import User
from mobility.reviews.queries import Found
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher
from mobility.workflows.visibility import plays

MODELS: Mapping[str, type[Any]] = {EXCHANGE: Exchange, VOUCHER: Voucher, APPLICATION: Application}


YES, NO = "yes", "no"
HEADER = ("About", "Number", "Counts", "Of")


class Line(NamedTuple):
    """A case; of a percentage with how much of it counts."""

    subject: Any
    share: Share | None


@dataclass(frozen=True)
class Behind:
    """What a figure rests on: `of` cases, of which the reader may see the `visible`: exchanges first, then vouchers, the newest
    first. `shares`: of a percentage which of them count; none of other figures, of which all do."""

    title: str
    says: str
    of: int
    visible: Sequence[Case]
    shares: Shares | None

    @property
    def seen(self) -> int:
        return len(self.visible)

    @property
    def counting(self) -> Share | None:
        """All shares together: what the percentage is made of."""
        return Share(*map(sum, zip(*self.shares.values(), strict=True))) if self.shares else None

    def chosen(self, which: str) -> Sequence[Case]:
        """Those that count at least in part (YES), those that do not (NO), or all."""
        if self.shares is None or which not in {YES, NO}:
            return self.visible
        return [each for each in self.visible if bool(self.shares[each].counts) == (which == YES)]

    def page(self, which: str, number: int) -> Page:
        page = page_of(self.chosen(which), number)
        return page.made(self._lines)

    def _lines(self, some: Sequence[Case]) -> list[Line]:
        return [Line(each, self.shares[case] if self.shares else None) for case, each in _loaded(some)]

    def listed(self) -> Iterator[tuple[Any, ...]]:
        """As a list, for a spreadsheet: HEADER."""
        for case in self.visible:
            yield *case, *(self.shares[case] if self.shares else (1, 1))


def behind(found: Found, key: str, user: User) -> Behind | None:
    """What a figure rests on, or a number of a table ("countries.AT.PT", a total "countries.AT.*"); none of that name, none."""
    named = _named(found, key)
    if named is None:
        return None
    title, says, cases, shares = named
    visible = [case for kind in MODELS for case in _visible(cases, kind, user, found.programme.id)]
    return Behind(title, says, len(cases), visible, shares)


def _named(found: Found, key: str) -> tuple[str, str, frozenset[Case], Shares | None] | None:
    figure = found.figures.get(key)
    if figure is not None:
        of_figure = figure.name, figure.definition.says, figure.cases, figure.shares
        return of_figure if not found.readings[key].is_hidden else None
    table, _, cell = key.partition(".")
    row, _, column = cell.partition(".")
    if table not in found.tables or (row, column) not in found.tables[table].cases:
        return None
    return table, "", found.tables[table].cases[row, column], None


def _visible(cases: Collection[Case], kind: str, user: User, programme_id: int) -> Iterator[Case]:
    """One query for a kind, however many cases there are."""
    ids = {case.key for case in cases if case.kind == kind}
    if not ids:
        return
    model = MODELS[kind]
    mine = select(model.id).where(_of_programme(model, programme_id), plays(model, user)).order_by(model.id.desc())
    yield from (Case(kind, id) for id in db.session.scalars(mine) if id in ids)


def _of_programme(model: type[Any], programme_id: int) -> Any:
    if model is Application:
        return Application.theme_id.in_(select(Theme.id).where(Theme.programme_id == programme_id))
    return model.programme_id == programme_id


def _loaded(cases: Collection[Case]) -> list[tuple[Case, Any]]:
    """With the objects, in this order."""
    found: dict[Case, Any] = {}
    for kind, model in MODELS.items():
        if ids := [case.key for case in cases if case.kind == kind]:
            rows = db.session.scalars(select(model).where(model.id.in_(ids)).options(*model.brief())).unique()
            found |= {Case(kind, each.id): each for each in rows}
    return [(case, found[case]) for case in cases if case in found]
