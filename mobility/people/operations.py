"""What changes organisations."""

from typing import Any

from sqlalchemy import select

from mobility.core.addresses import deliverable
from mobility.core.database import db, fingerprint
from mobility.core.errors import EditConflict, Refusal
from mobility.core.names import name_key, one_line, person_name_problem
from mobility.people import places
from mobility.people.models import Organisation, User
from mobility.people.regions import regions


def create_organisation(*, country: str, city: str, **facts: Any) -> Organisation:
    """Raises `Refusal` at the field: a city nobody knows, a name that is taken."""
    _refuse_taken_name(facts["name"], None)
    place = find_place(country, city)
    organisation = Organisation(country=country, city=place.name, latitude=place.latitude, longitude=place.longitude, **facts)
    db.session.add(organisation)
    db.session.flush()
    return organisation


def edit_organisation(
    organisation: Organisation, *, city: str, country: str | None = None, seen: str | None = None, **facts: Any
) -> None:
    """Only the facts that are given change; coordinators are not asked for name, kind and country.

    `seen` is the fingerprint of what was on the page: if it is another by now, EditConflict.
    """
    if seen is not None and seen != fingerprint(organisation):
        raise EditConflict(organisation)
    if "name" in facts:
        _refuse_taken_name(facts["name"], organisation.id)
    country = country or organisation.country
    if (country, name_key(city)) != (organisation.country, name_key(organisation.city)):
        place = find_place(country, city)
        organisation.country, organisation.city = place.country, place.name
        organisation.latitude, organisation.longitude = place.latitude, place.longitude
    if organisation.region not in regions(organisation.country):
        organisation.region = ""
    for name, value in facts.items():
        setattr(organisation, name, value)
    db.session.flush()


def create_person(*, email: str, name: str, **facts: Any) -> User:
    """Somebody with an account. Raises `Refusal` at the field: an address that mail cannot reach, a name that is none."""
    try:
        address = deliverable(email)
    except ValueError as problem:
        raise Refusal(str(problem), "email") from None
    if reason := person_name_problem(one_line(name)):
        raise Refusal(reason, "name")
    user = User(email=address, name=one_line(name), **facts)
    db.session.add(user)
    db.session.flush()
    return user


def find_place(country: str, city: str) -> places.Place:
    """The city, or `Refusal` that names similar ones, or those that share this name."""
    if several := places.namesakes(country, city):
        raise Refusal(f"There are {len(several)} cities of this name. Enter one of: {'; '.join(several)}.", "city")
    if place := places.find(country, city):
        return place
    names = places.similar(country, city)
    meant = f" Did you mean {' or '.join(names)}?" if names else " Check the country, or name the nearest larger city."
    raise Refusal(f"We do not know this city.{meant}", "city")


def _refuse_taken_name(name: str, own_id: int | None) -> None:
    if db.session.scalar(
        select(Organisation.id).where(Organisation.name_key == name_key(name), Organisation.id != (own_id or 0))
    ):
        raise Refusal("There is already an organisation with this name.", "name")
