"""Reading requests to join, the organisations one could join, and those that resemble what somebody types."""

from typing import Any

from flask import abort, current_app
from sqlalchemy import Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import joinedload, lazyload

from mobility.core.database import db
from mobility.core.paging import Page, paged
from mobility.core.searching import has_words
from mobility.core.web import or_404
from mobility.joining import rules
from mobility.joining.goals import Goal, told_in
from mobility.joining.models import JoinRequest
from mobility.joining.rules import Known, Resembling
from mobility.joining.workflow import ASKED, CHECKING, DECIDERS, OPEN, WORKFLOW
from mobility.people.domains import own_domain, site_domain
from mobility.people.models import Membership, Organisation, User
from mobility.people.queries import user_by_email
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from mobility.workflows.history import HistoryEntry
from mobility.workflows.visibility import plays

MOST_HINTS = 50
MOST_FOUND = 10


# What the installation says


def is_open() -> bool:
    """Whether people may register and ask to join by themselves; otherwise they are invited."""
    return bool(current_app.config.get("REGISTRATION", "open") == "open")


def checking_programmes() -> list[Programme]:
    """Those whose owners check new organisations; none: an administrator does."""
    if current_app.config.get("ORGANISATIONS_CHECKED_BY", "owners") != "owners":
        return []
    owned = exists().where(
        Membership.programme_id == Programme.id,
        Membership.role == Role.OWNER,
        Membership.current,
        Membership.user_id == User.id,
        User.active,
    )
    return list(db.session.scalars(select(Programme).where(owned).order_by(Programme.name, Programme.id)))


def account_of(email: str) -> User | None:
    return user_by_email(email)


# One request


def find(id: int, user: Any, for_update: bool = False) -> JoinRequest:
    """A request with all that its page needs, or 404 if the person may not see it."""
    if for_update:
        db.session.execute(select(JoinRequest.id).where(JoinRequest.id == id).with_for_update())
    whole = (
        joinedload(JoinRequest.person, innerjoin=True),
        joinedload(JoinRequest.organisation),
        joinedload(JoinRequest.programme),
    )
    query = select(JoinRequest).where(JoinRequest.id == id).options(*whole)
    request = db.session.scalar(query.execution_options(populate_existing=True))
    if request is None or not request.workflow.may_see(user, request):
        abort(404)
    return request


def came_for(request: JoinRequest) -> Goal | None:
    """What the person was at when they were led to asking."""
    notes = _first_notes().where(HistoryEntry.subject_id == request.id)
    return told_in(db.session.scalar(notes) or "")


def last_goal(person: User) -> Goal | None:
    """What somebody came for who asked last."""
    notes = _first_notes().where(HistoryEntry.actor_id == person.id).order_by(HistoryEntry.id.desc())
    return told_in(db.session.scalar(notes.limit(1)) or "")


def _first_notes() -> Select[Any]:
    return select(HistoryEntry.note).where(HistoryEntry.subject_type == WORKFLOW.name, HistoryEntry.action == "create")


def open_of(person: User) -> list[JoinRequest]:
    """What a person has asked and nobody has decided, newest first."""
    query = select(JoinRequest).where(JoinRequest.person_id == person.id, JoinRequest.state.in_(OPEN))
    return list(db.session.scalars(query.options(*JoinRequest.brief()).order_by(JoinRequest.id.desc())))


# Lists


def queue(user: User, page: int, *, over: bool) -> Page:
    """What a person decides about: what is open, the most urgent first; or what is `over`, newest first."""
    mine = plays(JoinRequest, user, *DECIDERS)
    if over:
        query = select(JoinRequest).where(mine, JoinRequest.state.not_in(OPEN)).order_by(JoinRequest.id.desc())
    else:
        order = (JoinRequest.due_on.is_(None), JoinRequest.due_on, JoinRequest.id)
        query = select(JoinRequest).where(mine, JoinRequest.state.in_(OPEN)).order_by(*order)
    return paged(query, page, *JoinRequest.brief())


def requests_of(user: User, page: int) -> Page:
    """A person's own, newest first."""
    query = select(JoinRequest).where(JoinRequest.person_id == user.id).order_by(JoinRequest.id.desc())
    return paged(query, page, *JoinRequest.brief(), per_page=10)


def decides_somewhere(user: User) -> bool:
    """Whether the queue could ever hold something for this person."""
    return bool(user.is_administrator or user.organisation_ids(Role.COORDINATOR) or user.programme_ids(Role.OWNER))


# For the system


def others_turn() -> tuple[Any, ...]:
    """Requests whose organisation has lost its last coordinator, or got its first."""
    has_one = _has_coordinator(JoinRequest.organisation_id)
    lost = and_(JoinRequest.state == ASKED, not_(has_one))
    return (or_(lost, and_(JoinRequest.state == CHECKING, JoinRequest.organisation_id.is_not(None), has_one)),)


def closed_accounts() -> tuple[Any, ...]:
    closed = select(User.id).where(~User.active)
    return JoinRequest.state.in_(OPEN), JoinRequest.person_id.in_(closed)


def _has_coordinator(organisation_id: Any) -> Any:
    return exists().where(
        Membership.organisation_id == organisation_id,
        Membership.role == Role.COORDINATOR,
        Membership.current,
        Membership.user_id == User.id,
        User.active,
    )


# Organisations one could join


def organisation(id: int) -> Organisation:
    """One that can be joined: it is not closed, nor another's by now."""
    found = or_404(db.session.get(Organisation, id))
    return or_404(None if found.closed_at else found)


def coordinated(id: int) -> bool:
    return bool(db.session.scalar(select(_has_coordinator(id))))


def found(words: str) -> list[Organisation]:
    """Organisations whose name or city has every word, by name: the first few."""
    if not words.strip():
        return []
    query = select(Organisation).where(has_words(words, Organisation.name, Organisation.city), Organisation.closed_at.is_(None))
    return list(db.session.scalars(query.order_by(func.lower(Organisation.name), Organisation.id).limit(MOST_FOUND + 1)))


def by_name_key(key: str) -> Organisation | None:
    return db.session.scalar(select(Organisation).where(Organisation.name_key == key))


def hinted(person: User) -> list[Organisation]:
    """Those to which the domain of a person's address leads, of which they are none yet: their site has it, or their people."""
    domain = own_domain(person.email)
    if domain is None:
        return []
    ids = rules.hints([*((id, "site") for id in _with_site(domain)), *((id, "people") for id in _with_people(domain))])
    mine = set(person.organisation_ids())
    query = select(Organisation).where(
        Organisation.id.in_([id for id in ids if id not in mine]), Organisation.closed_at.is_(None)
    )
    return list(db.session.scalars(query.order_by(Organisation.name)))


def _with_site(domain: str) -> list[int]:
    query = select(Organisation.id, Organisation.website).where(Organisation.website.contains(domain, autoescape=True))
    return [id for id, site in db.session.execute(query.limit(MOST_HINTS)) if site_domain(site) == domain]


def _with_people(domain: str) -> list[int]:
    ends = or_(User.email.endswith(f"@{domain}", autoescape=True), User.email.endswith(f".{domain}", autoescape=True))
    query = select(Membership.organisation_id).join(Membership.user)
    there = (Membership.current, Membership.organisation_id.is_not(None), User.active, ends)
    return [id for id in db.session.scalars(query.where(*there).distinct().limit(MOST_HINTS)) if id]


def resembling(*, name: str, country: str, city: str, website: str, email: str) -> list[Resembling]:
    """Organisations that could be the one somebody describes. One query."""
    columns = (Organisation.id, Organisation.name, Organisation.country, Organisation.city, Organisation.website)
    known = (Known(*row) for row in db.session.execute(select(*columns).where(Organisation.closed_at.is_(None))))
    return rules.resembling(name, country=country, city=city, website=website, email=email, known=known)


def resembling_request(request: JoinRequest) -> list[Resembling]:
    return resembling(
        name=request.new_name or "",
        country=request.new_country,
        city=request.new_city,
        website=request.new_website,
        email=request.person.email,
    )


def other_requests(request: JoinRequest) -> list[JoinRequest]:
    """Open requests of others for a new organisation that could be the same: their names resemble each other."""
    query = select(JoinRequest).where(
        JoinRequest.organisation_id.is_(None), JoinRequest.state.in_(OPEN), JoinRequest.id != request.id
    )
    every = list(db.session.scalars(query.options(joinedload(JoinRequest.person).options(lazyload(User.memberships))).limit(500)))
    known = [Known(each.id, each.new_name or "", each.new_country, each.new_city, each.new_website) for each in every]
    facts = {"country": request.new_country, "city": request.new_city, "website": request.new_website}
    like = {each.known.id for each in rules.resembling(request.new_name or "", **facts, email="", known=known)}
    return [each for each in every if each.id in like]


def roles_asked(person: User, organisation_id: int) -> Select[Any]:
    return select(Membership).where(
        Membership.user_id == person.id, Membership.organisation_id == organisation_id, Membership.current
    )


def holds(person: User, organisation_id: int, role: str) -> bool:
    """Asked of the database, as somebody may just have given it."""
    return db.session.scalar(roles_asked(person, organisation_id).where(Membership.role == role)) is not None
