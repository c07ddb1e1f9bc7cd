"""Reading take-overs."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from flask import abort
from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import joinedload, selectinload

from mobility.core.database import db
from mobility.core.paging import Page, in_batches, paged
from mobility.core.web import or_404
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import TOOK_PLACE
from mobility.lists.columns import Column as Said
from mobility.lists.columns import Kind, Listing, state_of
from mobility.people.models import Organisation
from mobility.programmes.models import Programme
from mobility.takeovers.models import TakeOver, TakeOverEvidence
from mobility.takeovers.rules import Move, collides
from mobility.takeovers.workflow import DROPPED, WORKFLOW
from mobility.themes.models import Theme
from mobility.workflows.table import State
from mobility.workflows.visibility import plays


def find(id: int, user: Any, for_update: bool = False) -> TakeOver:
    """A take-over with all that its pages need, or 404 if the person may not see it."""
    if for_update:
        db.session.execute(select(TakeOver.id).where(TakeOver.id == id).with_for_update())
    query = select(TakeOver).where(TakeOver.id == id).options(*_whole())
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None or not found.workflow.may_see(user, found):
        abort(404)
    return found


def _whole() -> tuple[Any, ...]:
    return (
        joinedload(TakeOver.programme, innerjoin=True),
        joinedload(TakeOver.organisation, innerjoin=True),
        joinedload(TakeOver.exchange, innerjoin=True).joinedload(Exchange.theme),
        selectinload(TakeOver.evidence),
        selectinload(TakeOver.confirmations),
    )


def of_exchange(exchange_id: int) -> Sequence[TakeOver]:
    """All that was taken home from an exchange, in the order of its lines."""
    query = select(TakeOver).where(TakeOver.exchange_id == exchange_id).order_by(TakeOver.id)
    return db.session.scalars(query.options(selectinload(TakeOver.confirmations))).all()


def lock_of_exchange(exchange_id: int) -> Sequence[TakeOver]:
    """The same, to change them: nobody else moves one until this transaction ends."""
    query = select(TakeOver).where(TakeOver.exchange_id == exchange_id).order_by(TakeOver.id).options(*_whole())
    return db.session.scalars(query.with_for_update(of=TakeOver).execution_options(populate_existing=True)).all()


def is_anything_to_confirm(exchange_id: Any = Exchange.id) -> Any:
    """The condition on exchanges for asking the guest's manager: something was taken home, and not all of it dropped."""
    return exists().where(TakeOver.exchange_id == exchange_id, TakeOver.state != DROPPED)


def moved_meanwhile(exchange_id: int, moves: Iterable[Move]) -> list[TakeOver]:
    """Those that were moved on the board since an answer with these moves was begun, to something else."""
    meant = {each.key: each for each in moves}
    found = of_exchange(exchange_id) if meant else ()
    return [each for each in found if each.key in meant and collides(meant[each.key], each.state)]


# The board


SHOWN = 12  # in a column


class Column(NamedTuple):
    """The take-overs in a state: how many, and the newest of them."""

    state: State
    total: int
    newest: Sequence[TakeOver]


def columns(organisation: Organisation, user: Any) -> list[Column]:
    """An organisation's take-overs as far as the reader may see them, by state; one query for each state, and one to count."""
    of = (TakeOver.organisation_id == organisation.id, plays(TakeOver, user))
    counting = select(TakeOver.state, func.count()).where(*of).group_by(TakeOver.state)
    counts = {row[0]: row[1] for row in db.session.execute(counting)}
    query = select(TakeOver).where(*of).order_by(*_NEWEST).options(*_card()).limit(SHOWN)
    return [
        Column(state, counts.get(state.name, 0), db.session.scalars(query.where(TakeOver.state == state.name)).all())
        for state in WORKFLOW.states
    ]


def listed(organisation: Organisation, user: Any, state: str, page: int) -> Page:
    """All in one state, the newest first."""
    return paged(_of(organisation, user).where(TakeOver.state == state), page, *_card())


def for_files(organisation: Organisation, user: Any, total: int) -> Page:
    """All in any state, for the files alone: the board shows the newest of each."""
    return Page((), 1, total, batches=lambda: in_batches(_of(organisation, user).options(*_card()), is_one=True))


def _of(organisation: Organisation, user: Any) -> Select[Any]:
    return select(TakeOver).where(TakeOver.organisation_id == organisation.id, plays(TakeOver, user)).order_by(*_NEWEST)


_NEWEST = (TakeOver.since.desc(), TakeOver.id.desc())


def _card() -> tuple[Any, ...]:
    return (
        joinedload(TakeOver.programme, innerjoin=True).load_only(*Programme.told()),
        joinedload(TakeOver.exchange, innerjoin=True).joinedload(Exchange.theme, innerjoin=True).load_only(Theme.title),
        selectinload(TakeOver.confirmations),
    )


def exchanges_of(organisation: Organisation) -> Sequence[Exchange]:
    """From which something can be taken home: the organisation's stays that have taken place, the newest first."""
    over = (Exchange.guest_organisation_id == organisation.id, Exchange.state.in_(TOOK_PLACE))
    query = select(Exchange).where(*over).order_by(Exchange.last_day.desc(), Exchange.id.desc())
    return db.session.scalars(query.options(joinedload(Exchange.theme), joinedload(Exchange.host))).all()


# Evidence


def find_evidence(take_over_id: int, id: int, user: Any) -> TakeOverEvidence:
    """A piece of evidence that the person may read, or 404."""
    take_over = find(take_over_id, user)
    return or_404(next((each for each in take_over.evidence if each.id == id), None))


def known_keys(keys: Collection[str]) -> set[str]:
    """Those of the store's files that some evidence names."""
    return set(db.session.scalars(select(TakeOverEvidence.key).where(TakeOverEvidence.key.in_(keys))))


LIST = Listing(
    "take-overs",
    "Take-overs",
    (
        Said("What", "what"),
        Said("From the exchange", "exchange.theme.title"),
        Said("Programme", "programme.name"),
        Said("Who sees to it", "who"),
        Said("By when", "by_when", Kind.DAY),
        Said("State", state_of),
        Said("Since", "since", Kind.DAY),
        Said("Dropped because", "reason"),
    ),
)
