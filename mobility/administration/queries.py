"""Everybody and every organisation, for the administrator."""

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload, lazyload

from mobility.administration.models import StandingIn
from mobility.core import clock
from mobility.core.database import db
from mobility.core.paging import Page, paged
from mobility.core.searching import has_words
from mobility.lists.columns import Column, Kind, Listing
from mobility.people.models import Organisation, User
from mobility.people.roles import KIND_LABELS, LEVEL_LABELS


def organisation_list(words: str, number: int) -> Page:
    """Organisations whose name or city has every word, by name."""
    query = select(Organisation).where(has_words(words, Organisation.name, Organisation.city))
    return paged(query.order_by(func.lower(Organisation.name), Organisation.id), number)


def people_list(words: str, number: int) -> Page:
    """Accounts whose name or address has every word, by name."""
    query = select(User).where(has_words(words, User.name, User.email))
    return paged(query.order_by(func.lower(User.name), User.id), number, lazyload(User.memberships))


def standing_in(id: int, administrator: User) -> StandingIn | None:
    """The one that lasts, by this administrator; not for one who is an administrator by now, or whose account is closed."""
    now, mine = clock.utc_now(), (StandingIn.id == id, StandingIn.administrator_id == administrator.id)
    lasts = (StandingIn.ended_at.is_(None), StandingIn.ends_at > now, User.active, ~User.is_administrator)
    query = select(StandingIn).join(StandingIn.person).where(*mine, *lasts).options(contains_eager(StandingIn.person))
    return db.session.scalar(query) if administrator.is_administrator else None


def stood_in_for(person: User) -> list[StandingIn]:
    """Who has acted for somebody, newest first."""
    query = select(StandingIn).where(StandingIn.person_id == person.id).options(joinedload(StandingIn.administrator))
    return list(db.session.scalars(query.order_by(StandingIn.id.desc()).limit(20)))


ORGANISATIONS = Listing(
    "organisations",
    "Organisations",
    (
        Column("Name", "name"),
        Column("Kind", lambda each: KIND_LABELS[each.kind]),
        Column("City", "city"),
        Column("Country", "country"),
        Column("Website", "website"),
        Column("Added", "created_at", Kind.INSTANT),
    ),
)
PEOPLE = Listing(
    "people",
    "People",
    (
        Column("Name", "name"),
        Column("E-mail", "email"),
        Column("Level", lambda each: LEVEL_LABELS.get(each.level, "")),
        Column("Open", "active", Kind.YES_NO),
        Column("Administrator", "is_administrator", Kind.YES_NO),
        Column("Added", "created_at", Kind.INSTANT),
    ),
)
