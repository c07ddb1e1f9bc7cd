"""Which exchanges are named beside published figures: those that both sides allow to be named, as they say today."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import select

from mobility.consents.queries import words_on_publishing
from mobility.consents.rules import WITH_NAMES, leave
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.outcomes.facts import EXCHANGE
from mobility.reviews.models import PublishedReview


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
