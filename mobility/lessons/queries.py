"""Reading lessons."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, joinedload

from mobility.core.database import db
from mobility.lessons.models import Lessons
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.programmes.models import Call, Programme

READERS = (Role.OWNER, Role.FINANCE_OFFICER, Role.AUDITOR)
"""Who works with a programme's figures, and so reads what was learned."""


def newest_lessons(call_id: int) -> Lessons | None:
    return db.session.scalar(_lessons().where(Lessons.call_id == call_id).order_by(Lessons.number.desc()).limit(1))


def history_of_lessons(call_id: int) -> Sequence[Lessons]:
    """Every version, the newest first."""
    return db.session.scalars(_lessons().where(Lessons.call_id == call_id).order_by(Lessons.number.desc())).all()


def lessons_for(programme: Programme, call_id: int | None = None) -> Sequence[Lessons]:
    """What the reviews that are closed say to whoever sets rules now: of the three newest calls, or of those before this one."""
    newest = select(func.max(Lessons.number)).where(Lessons.call_id == Call.id).correlate(Call).scalar_subquery()
    found = (
        _lessons()
        .join(Lessons.call)
        .where(Call.programme_id == programme.id, Lessons.number == newest, Lessons.is_closed.is_(True))
    )
    if call_id is not None:
        this = aliased(Call)
        opens_on = select(this.opens_on).where(this.id == call_id).scalar_subquery()
        found = found.where(Call.opens_on <= opens_on, Call.id != call_id)
    return db.session.scalars(found.order_by(Call.opens_on.desc(), Call.id.desc()).limit(3)).all()


def _lessons() -> Select[Lessons]:
    return select(Lessons).options(joinedload(Lessons.by).options(*User.by_name()), joinedload(Lessons.call, innerjoin=True))
