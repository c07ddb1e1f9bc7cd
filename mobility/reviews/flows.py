"""What flowed from where to where; where themes and wishes meet or miss: for the owner alone (decision 0016)."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from mobility.core.database import db
from mobility.core.wording import country_name
from mobility.exchanges.models import Exchange
from mobility.outcomes import facts
from mobility.outcomes.facts import Facts
from mobility.outcomes.meetings import Flow, knowledge_flow
from mobility.outcomes.scope import Scope
from mobility.people.models import Organisation
from mobility.people.regions import region_name
from mobility.people.roles import OrganisationKind
from mobility.reviews.queries import Found
from mobility.themes.models import Theme

COMPLETED = "pipeline.exchanges_completed"


def flows(found: Found, *, by_region: bool) -> list[Flow]:
    """Of the completed exchanges of a review, the strongest first. One query."""
    known = {case.key for case in found.figures[COMPLETED].cases}
    rows = [row for row in db.session.execute(_stays(found.programme.id)) if row.id in known]
    sides = [(f"{side} {row.id}", row, side) for row in rows for side in ("guest", "host")]
    places: dict[facts.Key, facts.Organisation] = {each[0]: _organisation(*each) for each in sides}
    stays = tuple(_exchange(row) for row in rows)
    return knowledge_flow(Scope(Facts(as_of=found.as_of, organisations=places, exchanges=stays)), by_region=by_region)


def _stays(programme_id: int) -> Any:
    guest, host = aliased(Organisation), aliased(Organisation)
    columns = (
        Exchange.id,
        Exchange.first_day,
        Theme.title,
        guest.country.label("guest_country"),
        guest.region.label("guest_region"),
        host.country.label("host_country"),
        host.region.label("host_region"),
    )
    return (
        select(*columns)
        .join(Theme, Exchange.theme_id == Theme.id)
        .join(guest, Exchange.guest_organisation_id == guest.id)
        .join(host, Exchange.host_id == host.id)
        .where(Exchange.programme_id == programme_id)
        .order_by(Exchange.id)
    )


def _organisation(key: str, row: Any, side: str) -> facts.Organisation:
    country, region = getattr(row, f"{side}_country"), getattr(row, f"{side}_region")
    return facts.Organisation(
        key=key, kind=OrganisationKind.CLUSTER_ORGANISATION, country=country, region=region_name(region) if region else ""
    )


def _exchange(row: Any) -> facts.Exchange:
    return facts.Exchange(
        key=row.id,
        guest=f"guest {row.id}",
        host=f"host {row.id}",
        first_day=row.first_day,
        last_day=row.first_day,
        completed=True,
        theme=row.title,
    )


def place_name(place: str) -> str:
    """Portugal; Styria, Austria"""
    country, _, region = place.partition(" ")
    return f"{region}, {country_name(country)}" if region else country_name(country)
