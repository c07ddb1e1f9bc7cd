"""Everybody and every organisation, for the administrator."""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import lazyload

from mobility.core.paging import Page, paged
from mobility.people.models import Organisation, User


def organisation_list(words: str, number: int) -> Page:
    """Organisations whose name or city has every word, by name."""
    query = select(Organisation)
    for word in words.split()[:6]:
        query = query.where(
            or_(Organisation.name.icontains(word, autoescape=True), Organisation.city.icontains(word, autoescape=True))
        )
    return paged(query.order_by(func.lower(Organisation.name), Organisation.id), number)


def people_list(words: str, number: int) -> Page:
    """Accounts whose name or address has every word, by name."""
    query = select(User)
    for word in words.split()[:6]:
        query = query.where(or_(User.name.icontains(word, autoescape=True), User.email.icontains(word, autoescape=True)))
    return paged(query.order_by(func.lower(User.name), User.id), number, lazyload(User.memberships))
