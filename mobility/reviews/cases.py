"""The cases behind a figure, as far as the reader may see them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from mobility.applications.models import Application
from mobility.core.database import db
from mobility.core.paging import Page, page_of
from mobility.exchanges.models import Exchange
from mobility.outcomes.facts import APPLICATION, EXCHANGE, VOUCHER, Case
from mobility.people.models import User
from mobility.reviews.queries import Found
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher
from mobility.workflows.visibility import plays

MODELS: Mapping[str, type[Any]] = {EXCHANGE: Exchange, VOUCHER: Voucher, APPLICATION: Application}


@dataclass(frozen=True)
class Behind:
    """`page`: those the reader may see, exchanges first, then vouchers, the newest first; `of` are all there are."""

    title: str
    says: str
    page: Page
    of: int

    @property
    def seen(self) -> int:
        return self.page.total


def behind(found: Found, key: str, user: User, number: int) -> Behind | None:
    """What a figure rests on, or a number of a table ("countries.AT.PT", a total "countries.AT.*"); none of that name, none."""
    named = _named(found, key)
    if named is None:
        return None
    title, says, cases = named
    visible = [case for kind in MODELS for case in _visible(cases, kind, user, found.programme.id)]
    page = page_of(visible, number)
    return Behind(title, says, page.with_items(_loaded(page.items)), len(cases))


def _named(found: Found, key: str) -> tuple[str, str, frozenset[Case]] | None:
    figure = found.figures.get(key)
    if figure is not None:
        return (figure.name, figure.definition.says, figure.cases) if not found.readings[key].is_hidden else None
    table, _, cell = key.partition(".")
    row, _, column = cell.partition(".")
    if table not in found.tables or (row, column) not in found.tables[table].cases:
        return None
    return table, "", found.tables[table].cases[row, column]


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


def _loaded(cases: Collection[Case]) -> list[Any]:
    """The objects, in this order."""
    found: dict[Case, Any] = {}
    for kind, model in MODELS.items():
        if ids := [case.key for case in cases if case.kind == kind]:
            rows = db.session.scalars(select(model).where(model.id.in_(ids)).options(*model.brief())).unique()
            found |= {Case(kind, each.id): each for each in rows}
    return [found[case] for case in cases if case in found]
