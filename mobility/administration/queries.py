"""Everybody and every organisation, for the administrator."""

from sqlalchemy import func, select
from sqlalchemy.orm import lazyload

from mobility.administration.models import StandingIn
from mobility.core import clock
from mobility.core.database import db
from mobility.core.paging import Page, paged
from mobility.core.searching import has_words
from mobility.people.models import Organisation, User


def organisation_list(words: str, number: int) -> Page:
    """Organisations whose name or city has every word, by name."""
    query = select(Organisation).where(has_words(words, Organisation.name, Organisation.city))
    return paged(query.order_by(func.lower(Organisation.name), Organisation.id), number)


def people_list(words: str, number: int) -> Page:
    """Accounts whose name or address has every word, by name."""
    query = select(User).where(has_words(words, User.name, User.email))
    return paged(query.order_by(func.lower(User.name), User.id), number, lazyload(User.memberships))


def standing_in(id: int, administrator: User) -> StandingIn | None:
    """The one that lasts, by this administrator."""
    mine = (StandingIn.id == id, StandingIn.administrator_id == administrator.id)
    return db.session.scalar(select(StandingIn).where(*mine, StandingIn.ended_at.is_(None), StandingIn.ends_at > clock.utc_now()))
