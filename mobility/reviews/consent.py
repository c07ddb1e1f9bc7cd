"""What both sides of exchanges say today about publishing them, and which are named beside published figures."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select

from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.exchanges.workflow import TOOK_PLACE
from mobility.followup.leave import NO, WITH_NAMES, leave
from mobility.followup.queries import words_on_publishing
from mobility.followup.workflow import SPEAKS_FOR
from mobility.outcomes.facts import EXCHANGE
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
    if exchange.state not in TOOK_PLACE or not parts:
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


def named(snapshot: PublishedReview) -> list[Named]:
    """Those of a snapshot that both sides allow to be named today.

    Names must not tell a number that is hidden, nor its least: only those are named that the tables show in all their places.
    """
    hidden = _hidden(snapshot)
    open_ones = [id for id in snapshot.exchanges if id not in hidden]
    said = words_on_publishing(open_ones)
    return _names([id for id in open_ones if leave(said, id) == WITH_NAMES])


def _hidden(snapshot: PublishedReview) -> set[int]:
    """The exchanges that are counted in some number that is not shown; of a table that is left out that is each of them."""
    found: set[int] = set()
    for key, table in snapshot.trace["tables"].items():
        shown = {(row, column) for row, column, _ in snapshot.tables[key]["shown"]}
        for row, column, cases in table["cells"]:
            if (row, column) not in shown:
                found.update(cases.get(EXCHANGE, ()))
    return found


def _names(ids: Collection[int]) -> list[Named]:
    found = select(Exchange).where(Exchange.id.in_(ids)).options(*Exchange.brief()).order_by(Exchange.first_day, Exchange.id)
    return [
        Named(each.theme.title, each.guest_organisation.name, each.host.name, each.id)
        for each in db.session.scalars(found).unique()
    ]
