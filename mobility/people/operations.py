"""What changes organisations."""

from typing import Any

from sqlalchemy import func, select

from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.people import places
from mobility.people.models import Organisation


def create_organisation(*, country: str, city: str, **facts: Any) -> Organisation:
    """Raises `Refusal` at the field: a city nobody knows, a name that is taken."""
    _refuse_taken_name(facts["name"], None)
    place = find_place(country, city)
    organisation = Organisation(country=country, city=place.name, latitude=place.latitude, longitude=place.longitude, **facts)
    db.session.add(organisation)
    db.session.flush()
    return organisation


def edit_organisation(organisation: Organisation, *, city: str, country: str | None = None, **facts: Any) -> None:
    """Only the facts that are given change; coordinators are not asked for name, kind and country."""
    if "name" in facts:
        _refuse_taken_name(facts["name"], organisation.id)
    place = find_place(country or organisation.country, city)
    organisation.country, organisation.city = place.country, place.name
    organisation.latitude, organisation.longitude = place.latitude, place.longitude
    for name, value in facts.items():
        setattr(organisation, name, value)
    db.session.flush()


def find_place(country: str, city: str) -> places.Place:
    """The city, or `Refusal` that names similar ones."""
    if place := places.find(country, city):
        return place
    names = places.similar(country, city)
    meant = f" Did you mean {' or '.join(names)}?" if names else " Check the country, or name the nearest larger city."
    raise Refusal(f"We do not know this city.{meant}", "city")


def _refuse_taken_name(name: str, own_id: int | None) -> None:
    taken = db.session.scalar(select(Organisation.id).where(func.lower(Organisation.name) == name.lower()))
    if taken not in {None, own_id}:
        raise Refusal("There is already an organisation with this name.", "name")
