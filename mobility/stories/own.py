"""Stories that somebody has to do with, and those that they could begin: for the list of all stories."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import case, exists, select

from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import TOOK_PLACE
from mobility.stories.models import SuccessStory
from mobility.stories.queries import WRITES
from mobility.stories.workflow import IN_REVIEW, PUBLISHED, WITHDRAWN, WRITABLE
from mobility.workflows.parts import Actor
from mobility.workflows.visibility import plays

SHOWN = 12  # of each, the newest
_ORDER = {**dict.fromkeys(WRITABLE, 0), IN_REVIEW: 1, PUBLISHED: 2, WITHDRAWN: 3}


class Own(NamedTuple):
    """`mine`: told by the person's side, drafts first; `waiting`: in review in programmes they own; `to_begin`: exchanges."""

    mine: Sequence[SuccessStory] = ()
    waiting: Sequence[SuccessStory] = ()
    to_begin: Sequence[Exchange] = ()

    @property
    def shown(self) -> bool:
        return bool(self.mine or self.waiting or self.to_begin)


def of(user: Any) -> Own:
    """In three queries, however many there are."""
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
        db.session.scalars(_to_begin(user)).unique().all(),
    )


def _to_begin(user: Any) -> Any:
    """Of which nothing has been told yet, the latest visit first."""
    told = exists().where(SuccessStory.exchange_id == Exchange.id)
    query = select(Exchange).where(plays(Exchange, user, *WRITES), Exchange.state.in_(TOOK_PLACE), ~told)
    return query.order_by(Exchange.last_day.desc(), Exchange.id.desc()).options(*Exchange.brief()).limit(SHOWN)
