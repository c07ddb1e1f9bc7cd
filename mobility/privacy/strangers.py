"""People without an account: what stands against erasing their address, and by which names they are known beside it."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select

from mobility.applications.models import Application, Delegate
from mobility.applications.workflow import WAITING
from mobility.applications.workflow import WORKFLOW as APPLICATION
from mobility.core import clock
from mobility.core.database import db
from mobility.exchanges.models import AgreementVersion, Exchange
from mobility.exchanges.states import RUNNING, TOOK_PLACE
from mobility.followup.models import QuestionnaireRequest
from mobility.programmes.models import Programme
from mobility.themes.models import Theme

MOST_NAMED = 5
ASKED_FOR = timedelta(days=366)  # after the stay: the second round comes after a year
OPEN = {each.name for each in APPLICATION.states if each.kind == "open"} | {WAITING}


def stands_against(address: str) -> list[str]:
    """In words: whoever acts needs the address until then."""
    return [*travels_to({address}), *_is_applied_for(address), *_is_contact_of(address)]


def travels_to(addresses: set[str], *, but_of: set[int] | None = None) -> list[str]:
    """Stays that are not over, to which somebody travels; `but_of`: those of these guests are known otherwise."""
    of_it = (Exchange.application_id == Delegate.application_id, Delegate.email.in_(addresses), Exchange.state.in_(RUNNING))
    query = select(Exchange.id).join(Delegate, of_it[0]).where(*of_it[1:], Exchange.guest_id.not_in(but_of or set()))
    ids = db.session.scalars(query.distinct().order_by(Exchange.id).limit(MOST_NAMED)).all()
    then = "which is not over. Somebody else has to travel, or it has to end."
    return [f"They travel in exchange E-{id:06d}, {then}" for id in ids]


def _is_applied_for(address: str) -> list[str]:
    query = select(func.count(Application.id.distinct())).join(Delegate, Delegate.application_id == Application.id)
    count = db.session.scalar(query.where(Delegate.email == address, Application.state.in_(OPEN)))
    if not count:
        return []
    return [f"{'One open application names' if count == 1 else f'{count} open applications name'} them. Each has to end first."]


def confirms_in(addresses: Collection[str]) -> list[int]:
    """Exchanges that name somebody to confirm later what is in use, and may still ask. That holds up no erasing: somebody else
    can be named, and nobody has to be (decision 0049)."""
    newest, since = (func.lower(each) for each in (AgreementVersion.manager_email, Exchange.manager_email))
    named = or_(since.in_(addresses), and_(since == "", newest.in_(addresses)))
    asks = or_(
        Exchange.state.in_(RUNNING),
        and_(Exchange.state.in_(TOOK_PLACE), Exchange.last_day >= clock.today() - ASKED_FOR),
    )
    query = select(Exchange.id).join(AgreementVersion, Exchange.newest_version_id == AgreementVersion.id).where(named, asks)
    return list(db.session.scalars(query.order_by(Exchange.id)))


def _is_contact_of(address: str) -> list[str]:
    of_themes = select(Theme.title).where(func.lower(Theme.contact_address) == address)
    of_programmes = select(Programme.name).where(func.lower(Programme.contact_address) == address)
    names = [name for query in (of_themes, of_programmes) for name in db.session.scalars(query.limit(MOST_NAMED))]
    return [f"It is the contact address of {name}. Enter another one there first." for name in names]


def names(address: str) -> set[str]:
    """As whoever gave the address has called them."""
    columns: tuple[tuple[Any, Any], ...] = (
        (Delegate.name, Delegate.email),
        (QuestionnaireRequest.name, QuestionnaireRequest.email),
        (Exchange.manager_name, Exchange.manager_email),
        (AgreementVersion.manager_name, AgreementVersion.manager_email),
    )
    found = (db.session.scalars(select(name).where(func.lower(email) == address)) for name, email in columns)
    return {name for each in found for name in each if name}
