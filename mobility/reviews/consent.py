"""What both sides of exchanges say today about publishing them, and which are named beside published figures."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select

from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.exchanges.workflow import CLOSED, COMPLETED
from mobility.followup.leave import NO, WITH_NAMES, leave
from mobility.followup.queries import words_on_publishing
from mobility.followup.workflow import SPEAKS_FOR
from mobility.outcomes.tables import Cell
from mobility.people.models import User
from mobility.questionnaires.standard import PUBLISH
from mobility.reviews.models import PublishedReview

LABELS = {option.key: option.label for option in PUBLISH}
UNSAID = "Not said yet, so: no"


# On the page of an exchange


class Side(NamedTuple):
    """`word` in words; `mine`: the reader speaks for it."""

    name: str
    word: str
    key: str | None
    mine: bool


@dataclass(frozen=True)
class Consent:
    sides: Sequence[Side]
    told: str
    """What follows from both."""


TOLD = {
    WITH_NAMES: "The programme may tell others about this exchange, with names.",
    "without": "The programme may tell others about this exchange, but name nobody.",
    NO: "The programme tells nobody else about this exchange.",
}


def about(exchange: Exchange, user: User) -> Consent | None:
    """None before it has taken place, and for whoever may not know."""
    parts = exchange.workflow.actors_on(user, exchange)
    if exchange.state not in (COMPLETED, CLOSED) or not parts:
        return None
    said = words_on_publishing([exchange.id])
    sides = []
    for side, speakers in SPEAKS_FOR.items():
        key = said.get((exchange.id, side))
        sides.append(Side(side, LABELS[key] if key else UNSAID, key, bool(parts & set(speakers))))
    return Consent(sides, TOLD[leave(said, exchange.id)])


# Beside published figures


class Named(NamedTuple):
    """An exchange that both sides allow to be named, as they are called now."""

    theme: str
    guest: str
    host: str
    exchange: int


def named(snapshot: PublishedReview, others: Sequence[Mapping[str, Any]]) -> list[Named]:
    """Those of a snapshot that both sides allow to be named today. `others`: the tables of all snapshots of the programme.

    Names must not tell a number that is hidden: of a pair of countries whose number is not shown, one is named at most, and
    that there is one is known there anyway.
    """
    said = words_on_publishing(snapshot.exchanges)
    willing = {id for id in snapshot.exchanges if leave(said, id) == WITH_NAMES}
    shown_here = _shown(snapshot.tables)
    shown_anywhere = {cell for tables in others for cell in _shown(tables)}
    chosen: set[int] = set()
    for cell, ids in _pairs(snapshot.trace).items():
        here = sorted(ids & willing)
        chosen |= set(here if cell in shown_here else [] if cell in shown_anywhere else here[:1])
    return _names(chosen)


def _shown(tables: Mapping[str, Any]) -> set[Cell]:
    return {(row, column) for row, column, _ in tables.get("countries", {}).get("shown", ())}


def _pairs(trace: Mapping[str, Any]) -> dict[Cell, set[int]]:
    """The exchanges of each pair of countries, as they were counted."""
    cells = trace["tables"].get("countries", {}).get("cells", ())
    return {(row, column): set(cases.get("exchange", ())) for row, column, cases in cells}


def _names(ids: Collection[int]) -> list[Named]:
    found = select(Exchange).where(Exchange.id.in_(ids)).options(*Exchange.brief()).order_by(Exchange.first_day, Exchange.id)
    return [
        Named(each.theme.title, each.guest_organisation.name, each.host.name, each.id)
        for each in db.session.scalars(found).unique()
    ]
