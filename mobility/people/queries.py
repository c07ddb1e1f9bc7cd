"""Reading people: who works where, as what."""

from functools import cache
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload, lazyload, selectinload

from mobility.core.database import db
from mobility.people.models import Membership, Organisation, User
from mobility.people.roles import Role

Kept = TypeVar("Kept", User, Organisation)


def people_in(organisation_id: int, *roles: str) -> list[User]:
    """The active people with one of `roles` in an organisation (any role if none is named), each once, by name."""
    return list(db.session.scalars(_members(Membership.organisation_id, roles), {"id": organisation_id}))


def people_in_programme(programme_id: int, *roles: str) -> list[User]:
    """The same for a programme."""
    return list(db.session.scalars(_members(Membership.programme_id, roles), {"id": programme_id}))


def administrators() -> list[User]:
    """Those who run the installation, by name."""
    query = select(User).where(User.active, User.is_administrator).options(lazyload(User.memberships))
    return list(db.session.scalars(query.order_by(User.name, User.id)))


def organisation(id: int) -> Organisation | None:
    return db.session.get(Organisation, id)


def locked(model: type[Kept], id: int) -> Kept:
    """A person or an organisation, for whoever changes it: of two, the second sees what the first has set."""
    statement = select(model).where(model.id == id).with_for_update(key_share=True)
    return db.session.scalars(statement.execution_options(populate_existing=True)).one()


def locked_to_close(id: int) -> User:
    """A person with all administrators, in one order: two of them who close each other's account wait, not for ever."""
    needed = or_(User.id == id, and_(User.is_administrator, User.active))
    statement = select(User).where(needed).order_by(User.id).with_for_update(key_share=True)
    found = db.session.scalars(statement.execution_options(populate_existing=True)).all()
    return next(each for each in found if each.id == id)


def organisations(*, kind: str | None = None) -> list[Organisation]:
    """All, by name."""
    query = select(Organisation).order_by(Organisation.name)
    return list(db.session.scalars(query.where(Organisation.kind == kind) if kind else query))


def user_by_email(email: str) -> User | None:
    """Whose address it is; of an account that was merged into another, and kept its address, that other."""
    found = db.session.scalar(select(User).where(User.email == email.strip().lower()).options(lazyload(User.memberships)))
    while found is not None and found.merged_into_id:
        found = db.session.get_one(User, found.merged_into_id)
    return found


def members(organisation_id: int) -> list[tuple[User, list[Membership]]]:
    """Everybody in an organisation with their roles there, by name; also those who cannot sign in any more."""
    return _grouped(select(Membership).where(Membership.organisation_id == organisation_id, Membership.current))


def programme_members(programme_id: int) -> list[tuple[User, list[Membership]]]:
    return _grouped(select(Membership).where(Membership.programme_id == programme_id, Membership.current))


def earlier_members(**place: int) -> list[Membership]:
    """The roles that have ended in an organisation or a programme (`organisation_id` or `programme_id`), newest end first."""
    query = (
        select(Membership)
        .filter_by(**place)
        .where(~Membership.current)
        .options(joinedload(Membership.user).options(*User.by_name()))
    )
    return list(db.session.scalars(query.order_by(Membership.until.desc(), Membership.id.desc())))


def memberships_of(user: User) -> list[Membership]:
    """What a person is, with the organisations and programmes at hand."""
    query = (
        select(Membership)
        .where(Membership.user_id == user.id, Membership.current)
        .options(joinedload(Membership.organisation), joinedload(Membership.programme))
        .order_by(Membership.programme_id, Membership.organisation_id, Membership.role)
    )
    return list(db.session.scalars(query))


def demo_people() -> list[User]:
    """Those whom anybody may be in demo mode, with where they work."""
    query = (
        select(User)
        .where(User.demo_note != "", User.active)
        .options(selectinload(User.memberships).options(joinedload(Membership.organisation), joinedload(Membership.programme)))
        .order_by(User.id)
    )
    return list(db.session.scalars(query))


@cache
def _members(place: InstrumentedAttribute[Any], roles: tuple[str, ...]) -> Select[User]:
    """Built once for each kind of place and roles: nearly every message asks for somebody's people. The roles are written into
    the statement: of one that knows them PostgreSQL keeps the plan, as it can tell that those who have them are few.
    """
    ids = select(Membership.user_id).where(place == bindparam("id"), Membership.current)
    wanted: BindParameter[Any] = bindparam("roles", roles, expanding=True, literal_execute=True)
    return _active(ids.where(Membership.role.in_(wanted)) if roles else ids)


def _active(ids: Select[int]) -> Select[User]:
    query = select(User).where(User.active, User.id.in_(ids)).options(lazyload(User.memberships))
    return query.order_by(User.name, User.id)


def _grouped(query: Select[Membership]) -> list[tuple[User, list[Membership]]]:
    found = db.session.scalars(
        query.join(Membership.user).options(joinedload(Membership.user)).order_by(func.lower(User.name), User.id, Membership.role)
    )
    grouped: dict[User, list[Membership]] = {}
    for membership in found:
        grouped.setdefault(membership.user, []).append(membership)
    return list(grouped.items())


def guest_organisations(user: User) -> list[Organisation]:
    """The organisations for which this person could travel."""
    ids = user.organisation_ids(Role.GUEST, Role.COORDINATOR)
    if not ids:
        return []
    return list(db.session.scalars(select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.id)))
