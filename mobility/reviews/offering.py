"""What the competence map of a programme is made of, as things are now: three queries, however much there is."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select

from mobility.applications.models import Application
from mobility.applications.workflow import CONFIRMED, DECLINED, LAPSED, WAITING
from mobility.core import clock
from mobility.core.database import db
from mobility.experts import queries as experts
from mobility.people.models import Organisation
from mobility.people.roles import OrganisationKind
from mobility.programmes.models import Call, Programme
from mobility.programmes.rules import country_refusal
from mobility.reviews.competences import TOPICS, CompetenceMap, Knower, Offer, Seller, drawn
from mobility.themes.models import Theme
from mobility.themes.workflow import CLOSED, PUBLISHED

_ONLY_QUEUED = and_(Application.submitted_on.is_(None), Application.state.in_((WAITING, LAPSED)))
ASKED = or_(Application.submitted_on.is_not(None), _ONLY_QUEUED)
MISSED = or_(
    Application.state == DECLINED,
    _ONLY_QUEUED,
    and_(Application.place_gone_on.is_not(None), Application.state != CONFIRMED),
)


def competences_of(programme: Programme, call: Call | None = None) -> CompetenceMap:
    """Themes that are published or closed, and experts and providers of organisations that could come or host here; with a
    call, asked for is what was asked for while it was open."""
    rows = db.session.execute(_themes(programme, call)).all()
    hosts = {row.host_id for row in rows}
    offers = (_offer(row) for row in rows if row.topics)
    return drawn(offers, _knowers(programme, hosts), _sellers(programme))


def _offer(row: Any) -> Offer:
    sectors = row.sectors or row.host_sectors
    return Offer(row.id, row.title, row.host, sectors, row.topics, row.asked or 0, row.missed or 0)


def _themes(programme: Programme, call: Call | None) -> Any:
    demand = _demand(programme, call)
    host = (Organisation.name.label("host"), Organisation.sectors.label("host_sectors"))
    return (
        select(Theme.id, Theme.title, Theme.sectors, Theme.topics, Theme.host_id, *host, demand.c.asked, demand.c.missed)
        .join(Organisation, Theme.host_id == Organisation.id)
        .outerjoin(demand, demand.c.theme_id == Theme.id)
        .where(Theme.programme_id == programme.id, Theme.state.in_((PUBLISHED, CLOSED)))
        .order_by(Theme.id.desc())
    )


def _demand(programme: Programme, call: Call | None) -> Subquery:
    """theme_id -> asked, missed"""
    counted = func.count().label("asked"), func.count(case((MISSED, 1))).label("missed")
    found = select(Application.theme_id, *counted).join(Theme, Application.theme_id == Theme.id)
    here = (Theme.programme_id == programme.id, ASKED, *(_while_open(call, programme.timezone) if call else ()))
    return found.where(*here).group_by(Application.theme_id).subquery()


def _while_open(call: Call, timezone: str) -> Iterator[ColumnElement[bool]]:
    """Sent, or begun to wait for a place, on one of the call's days."""
    yield or_(
        Application.submitted_on >= call.opens_on, and_(_ONLY_QUEUED, Application.queued_at >= _begins(call.opens_on, timezone))
    )
    if call.closes_on:
        after = _begins(call.closes_on + timedelta(days=1), timezone)
        yield or_(Application.submitted_on <= call.closes_on, and_(_ONLY_QUEUED, Application.queued_at < after))


def _begins(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time(), clock.zone_of(timezone)).astimezone(UTC)


def _sellers(programme: Programme) -> Iterator[Seller]:
    providers = select(Organisation).where(Organisation.kind == OrganisationKind.PROVIDER).order_by(Organisation.name)
    for each in db.session.scalars(providers):
        if each.topics and not country_refusal(each.country, "", programme.eligible_countries):
            yield Seller(each.id, each.name, each.sectors, each.topics)


def _knowers(programme: Programme, hosts: set[int]) -> Iterator[Knower]:
    for expert in experts.who_know(TOPICS):
        organisation = expert.organisation
        if organisation.id in hosts or not country_refusal(organisation.country, "", programme.eligible_countries):
            sectors = expert.sectors or organisation.sectors
            yield Knower(expert.id, expert.person.name, organisation.name, sectors, expert.topics)
