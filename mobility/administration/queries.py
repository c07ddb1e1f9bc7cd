"""Everybody and every organisation, for the administrator."""

from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import lazyload

from mobility.core.database import db
from mobility.core.paging import PER_PAGE, Page
from mobility.people.models import Organisation, User

SHOWN_ROLES = 200


def organisation_list(words: str, number: int) -> Page:
    """Organisations whose name or city has every word, by name."""
    query = select(Organisation)
    for word in words.split()[:6]:
        query = query.where(
            or_(Organisation.name.icontains(word, autoescape=True), Organisation.city.icontains(word, autoescape=True))
        )
    return _page(query.order_by(func.lower(Organisation.name), Organisation.id), number)


def people_list(words: str, number: int) -> Page:
    """Accounts whose name or address has every word, by name."""
    query = select(User).options(lazyload(User.memberships))
    for word in words.split()[:6]:
        query = query.where(or_(User.name.icontains(word, autoescape=True), User.email.icontains(word, autoescape=True)))
    return _page(query.order_by(func.lower(User.name), User.id), number)


def _page(query: Select[Any], number: int) -> Page:
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    items = db.session.scalars(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return Page(items, number, total)
