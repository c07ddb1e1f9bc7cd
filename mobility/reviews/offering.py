"""What the competence map of a programme is made of, as things are now: two queries, however much there is."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Subquery, and_, case, func, or_, select

from mobility.applications.models import Application
from mobility.applications.workflow import CONFIRMED, DECLINED, LAPSED, WAITING
from mobility.core.database import db
from mobility.experts import queries as experts
from mobility.people.models import Organisation
from mobility.programmes.models import Programme
from mobility.programmes.rules import country_refusal
from mobility.reviews.competences import TOPICS, CompetenceMap, Knower, Offer, drawn
from mobility.themes.models import Theme
from mobility.themes.workflow import CLOSED, PUBLISHED

_ONLY_QUEUED = and_(Application.submitted_on.is_(None), Application.state.in_((WAITING, LAPSED)))
ASKED = or_(Application.submitted_on.is_not(None), _ONLY_QUEUED)
MISSED = or_(
    Application.state == DECLINED,
    _ONLY_QUEUED,
    and_(Application.place_gone_on.is_not(None), Application.state != CONFIRMED),
)


def competences_of(programme: Programme) -> CompetenceMap:
    """Themes that are published or closed, and experts of organisations that could come or host here."""
    rows = db.session.execute(_themes(programme.id)).all()
    hosts = {row.host_id for row in rows}
    return drawn((_offer(row) for row in rows if row.topics), _knowers(programme, hosts))


def _offer(row: Any) -> Offer:
    sectors = row.sectors or row.host_sectors
    return Offer(row.id, row.title, row.host, sectors, row.topics, row.asked or 0, row.missed or 0)


def _themes(programme_id: int) -> Any:
    demand = _demand(programme_id)
    host = (Organisation.name.label("host"), Organisation.sectors.label("host_sectors"))
    return (
        select(Theme.id, Theme.title, Theme.sectors, Theme.topics, Theme.host_id, *host, demand.c.asked, demand.c.missed)
        .join(Organisation, Theme.host_id == Organisation.id)
        .outerjoin(demand, demand.c.theme_id == Theme.id)
        .where(Theme.programme_id == programme_id, Theme.state.in_((PUBLISHED, CLOSED)))
        .order_by(Theme.id.desc())
    )


def _demand(programme_id: int) -> Subquery:
    """theme_id -> asked, missed"""
    counted = func.count().label("asked"), func.count(case((MISSED, 1))).label("missed")
    found = select(Application.theme_id, *counted).join(Theme, Application.theme_id == Theme.id)
    return found.where(Theme.programme_id == programme_id, ASKED).group_by(Application.theme_id).subquery()


def _knowers(programme: Programme, hosts: set[int]) -> Iterator[Knower]:
    for expert in experts.who_know(TOPICS):
        organisation = expert.organisation
        if organisation.id in hosts or not country_refusal(organisation.country, "", programme.eligible_countries):
            sectors = expert.sectors or organisation.sectors
            yield Knower(expert.id, expert.person.name, organisation.name, sectors, expert.topics)
