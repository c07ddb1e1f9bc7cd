"""Stories that somebody has to do with, and those that they could begin: for the list of all stories."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import case, exists, select
from sqlalchemy.orm import undefer

from mobility.consents.rules import SERVED
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import TOOK_PLACE
from mobility.stories.models import SuccessStory
from mobility.stories.queries import WRITES
from mobility.stories.workflow import IN_REVIEW, PUBLISHED, WITHDRAWN, WRITABLE
from mobility.vouchers.kinds import keys_of
from mobility.vouchers.models import Voucher
from mobility.workflows.parts import Actor
from mobility.workflows.visibility import plays

SHOWN = 12  # of each, the newest
_ORDER = {**dict.fromkeys(WRITABLE, 0), IN_REVIEW: 1, PUBLISHED: 2, WITHDRAWN: 3}


class Own(NamedTuple):
    """`mine`: told by the person's side, drafts first; `waiting`: in review in programmes they own; `to_begin`: exchanges
    and vouchers."""

    mine: Sequence[SuccessStory] = ()
    waiting: Sequence[SuccessStory] = ()
    to_begin: Sequence[Exchange | Voucher] = ()

    @property
    def shown(self) -> bool:
        return bool(self.mine or self.waiting or self.to_begin)


def of(user: Any) -> Own:
    """In four queries, however many there are."""
    if not user.is_authenticated:
        return Own()
    stories = select(SuccessStory).options(*SuccessStory.brief()).limit(SHOWN)
    mine = stories.where(plays(SuccessStory, user, *WRITES)).order_by(
        case(_ORDER, value=SuccessStory.state, else_=9), SuccessStory.id.desc()
    )
    owned = stories.where(plays(SuccessStory, user, Actor.OWNER), SuccessStory.state == IN_REVIEW)
    return Own(
        db.session.scalars(mine).unique().all(),
        db.session.scalars(owned.order_by(SuccessStory.due_on, SuccessStory.id)).unique().all(),
        [*db.session.scalars(_stays(user)).unique(), *db.session.scalars(_services(user)).unique()],
    )


def _stays(user: Any) -> Any:
    """Of which nothing has been told yet, the latest visit first."""
    told = exists().where(SuccessStory.exchange_id == Exchange.id)
    query = select(Exchange).where(plays(Exchange, user, *WRITES), Exchange.state.in_(TOOK_PLACE), ~told)
    return query.order_by(Exchange.last_day.desc(), Exchange.id.desc()).options(*Exchange.brief()).limit(SHOWN)


def _services(user: Any) -> Any:
    """The same of what knowledge vouchers bought, the latest delivery first."""
    told = exists().where(SuccessStory.voucher_id == Voucher.id)
    bought = Voucher.kind.in_(keys_of(lambda kind: kind.rests_on_price))
    query = select(Voucher).where(plays(Voucher, user, *WRITES), bought, Voucher.state.in_(SERVED), ~told)
    return query.order_by(Voucher.delivered_on.desc(), Voucher.id.desc()).options(*Voucher.brief(), *_told_apart()).limit(SHOWN)


def _told_apart() -> tuple[Any, ...]:
    """A provider has many vouchers of one title: when it was delivered, and what for."""
    return undefer(Voucher.delivered_on), undefer(Voucher.need)
