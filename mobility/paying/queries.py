"""Reads of the accounts that programmes pay from."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload

from mobility.core import clock
from mobility.core.database import db
from mobility.core.web import or_404
from mobility.paying.models import PROPOSED, PayingAccount
from mobility.paying.rules import MAY
from mobility.people.models import User
from mobility.people.queries import people_in_programme
from mobility.programmes.models import Programme


def in_use(programme_id: int) -> PayingAccount | None:
    """The account that the programme pays from now."""
    usable = (PayingAccount.closed_at.is_(None), PayingAccount.usable_from <= clock.utc_now())
    newest = (PayingAccount.usable_from.desc(), PayingAccount.id.desc())
    return db.session.scalar(_of(programme_id).where(*usable).order_by(*newest).limit(1))


def all_of(programme_id: int) -> Sequence[PayingAccount]:
    """Every account that was ever proposed, the newest first."""
    return db.session.scalars(_of(programme_id).order_by(PayingAccount.id.desc())).all()


def newest_confirmed(programme_id: int) -> PayingAccount | None:
    """In use, or soon to be."""
    confirmed = (PayingAccount.closed_at.is_(None), PayingAccount.confirmed_at.is_not(None))
    return db.session.scalar(_of(programme_id).where(*confirmed).order_by(PayingAccount.id.desc()).limit(1))


def proposed(programme_id: int) -> PayingAccount | None:
    return db.session.scalar(_of(programme_id).where(PROPOSED))


def find(id: int, programme_id: int) -> PayingAccount:
    """An account of this programme, as it is now, or 404."""
    query = _of(programme_id).where(PayingAccount.id == id).execution_options(populate_existing=True)
    return or_404(db.session.scalar(query))


def _of(programme_id: int) -> Select[Any]:
    people = (PayingAccount.proposed_by, PayingAccount.confirmed_by, PayingAccount.closed_by)
    by_name = (joinedload(each).options(*User.by_name()) for each in people)
    return select(PayingAccount).where(PayingAccount.programme_id == programme_id).options(*by_name)


def told(programme: Programme) -> list[User]:
    """All who may change it."""
    return people_in_programme(programme.id, *MAY)


def some_to_confirm(programme_ids: ColumnElement[Any], reader: ColumnElement[int]) -> Select[Any]:
    """The ids of what `to_confirm` reads, for a statement that is kept."""
    others = PayingAccount.proposed_by_id.is_distinct_from(reader)
    return select(PayingAccount.id).where(PayingAccount.programme_id.in_(programme_ids), PROPOSED, others)


def to_confirm(programme_ids: Collection[int], person: User) -> Sequence[PayingAccount]:
    """What waits in these programmes for somebody like this person to confirm it."""
    if not programme_ids:
        return []
    others = PayingAccount.proposed_by_id.is_distinct_from(person.id)
    query = select(PayingAccount).where(PayingAccount.programme_id.in_(programme_ids), PROPOSED, others)
    return db.session.scalars(query.options(joinedload(PayingAccount.programme, innerjoin=True))).all()
