"""Reading what is copied of a programme."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from mobility.core.database import db
from mobility.people.models import Membership, User
from mobility.programmes.models import BudgetLine, Call, Programme
from mobility.questionnaires.models import Questionnaire
from mobility.rates.models import RateCard


def cards_in_force(programme_id: int) -> list[RateCard]:
    """The newest of each kind of voucher."""
    cards = db.session.scalars(select(RateCard).where(RateCard.programme_id == programme_id).order_by(RateCard.number))
    return list({each.voucher_kind: each for each in cards}.values())


def questionnaires(programme_id: int) -> dict[str, Questionnaire]:
    query = select(Questionnaire).where(Questionnaire.programme_id == programme_id).options(selectinload(Questionnaire.versions))
    return {each.key: each for each in db.session.scalars(query.order_by(Questionnaire.position))}


def latest_call(programme_id: int) -> Call | None:
    query = select(Call).where(Call.programme_id == programme_id).order_by(Call.opens_on.desc(), Call.id.desc())
    return db.session.scalar(query.limit(1))


def latest_lines(programme_id: int) -> list[BudgetLine]:
    call = latest_call(programme_id)
    if call is None:
        return []
    return list(db.session.scalars(select(BudgetLine).where(BudgetLine.call_id == call.id).order_by(BudgetLine.id)))


def team(programme: Programme) -> list[Membership]:
    """Who plays which role in it now, with an account that is open."""
    query = (
        select(Membership).join(Membership.user).where(Membership.programme_id == programme.id, Membership.current, User.active)
    )
    people = joinedload(Membership.user, innerjoin=True).lazyload(User.memberships)
    return list(db.session.scalars(query.options(people).order_by(Membership.id)))
