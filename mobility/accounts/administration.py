"""What the administrator does: organisations, accounts, other administrators."""

from typing import Any

from sqlalchemy import func, select

from mobility.accounts.operations import sign_out_everywhere
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.people import places
from mobility.people.models import Organisation, User


def create_organisation(*, country: str, city: str, **facts: Any) -> Organisation:
    """Raises `Refusal` at the field: a city nobody knows, a name that is taken."""
    _refuse_taken_name(facts["name"], None)
    place = find_place(country, city)
    organisation = Organisation(
        country=country, city=place.name, latitude=place.latitude, longitude=place.longitude, **facts
    )
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


def close_account(user: User) -> None:
    """Signed out everywhere at once. What the person did stays."""
    if user.is_administrator:
        _refuse_last_administrator(user)
    user.active = False
    sign_out_everywhere(user)


def open_account(user: User) -> None:
    user.active = True


def make_administrator(user: User) -> None:
    if not user.active:
        raise Refusal("This account is closed. Open it first.")
    user.is_administrator = True


def take_administration(user: User) -> None:
    """Make an ordinary account of an administrator's."""
    _refuse_last_administrator(user)
    user.is_administrator = False


def _refuse_last_administrator(user: User) -> None:
    administrators = select(User).where(User.is_administrator, User.active).order_by(User.id).with_for_update()
    if not [each for each in db.session.scalars(administrators) if each.id != user.id]:
        raise Refusal(f"{user.name} is the only administrator left. Make somebody else one first.")


def _refuse_taken_name(name: str, own_id: int | None) -> None:
    taken = db.session.scalar(select(Organisation.id).where(func.lower(Organisation.name) == name.lower()))
    if taken not in {None, own_id}:
        raise Refusal("There is an organisation of this name already.", "name")
