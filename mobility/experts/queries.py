"""Reading experts and mentorings: who can be asked, who is proposed, and what one has asked."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

from flask import abort
from sqlalchemy import ColumnElement, Select, exists, false, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, lazyload

from mobility.core.database import db
from mobility.core.names import search_words
from mobility.core.paging import Page, paged
from mobility.core.searching import has_phrase
from mobility.core.web import or_404
from mobility.core.wording import format_day
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import CANCELLED
from mobility.experts import rules
from mobility.experts.models import Expert, ExpertAsked, Mentoring
from mobility.experts.rules import Candidate, Region
from mobility.experts.workflow import ASKED, OPEN
from mobility.lists.columns import Column, Kind, Listing, Reached, state_of
from mobility.people.models import Membership, Organisation, User
from mobility.people.sectors import SECTORS
from mobility.people.topics import TOPICS
from mobility.programmes.models import Programme
from mobility.programmes.rules import country_refusal
from mobility.themes.rules import facet
from mobility.workflows.searching import Named
from mobility.workflows.visibility import plays

MOST_EXCHANGES = 50  # to choose from, the newest


# Proposals


class Reviewer(NamedTuple):
    """A proposal: who, listed under which organisation, what they share with the case, and when they were last asked."""

    person: User
    organisation: Organisation
    topics: list[str]
    asked_on: date | None


def reviewers(
    topics: Collection[str], *, not_organisations: Collection[Organisation], today: date, limit: int = 5
) -> list[Reviewer]:
    """Who could review a case about `topics` (keys of topics or sectors), the fairest first: of other regions than these
    organisations, without a role in any of them now or ever, not pausing, not asked in the last three months. One query.

    Whoever asks one of them says so with `operations.note_asked`.
    """
    found = {expert.id: (expert, asked_on) for expert, asked_on in _could_review(topics, not_organisations)}
    candidates = [_candidate(expert, asked_on) for expert, asked_on in found.values()]
    regions = {_region(each) for each in not_organisations}
    chosen = (found[each.id] for each in rules.proposed(candidates, regions, today, limit))
    return [Reviewer(each.person, each.organisation, _shared(each, topics), asked_on) for each, asked_on in chosen]


def _could_review(topics: Collection[str], organisations: Collection[Organisation]) -> Sequence[Any]:
    """(expert, when they were last asked) of those with one of the topics, and no part in it."""
    about = or_(false(), *(_has(kind, key) for key in sorted(topics) for kind in ("topic", "sector")))
    has_part = exists().where(
        Membership.user_id == Expert.person_id, Membership.organisation_id.in_([each.id for each in organisations])
    )
    query = _listed(select(Expert, _last_asked(Expert.person_id))).where(Expert.as_reviewer, about, ~has_part).options(*_who())
    return db.session.execute(query).all()


def who_may_be_asked(people: Select[Any], today: date, limit: int) -> list[int]:
    """Of these people (a query of ids of accounts, in order) the first who neither pause nor were asked in the last three months,
    whether they are in the list or not. One query."""
    query = people.outerjoin(Expert, Expert.person_id == User.id)
    rows = db.session.execute(query.add_columns(Expert.not_before, _last_asked(User.id).label("asked_on")))
    return list(islice((row[0] for row in rows if rules.may_be_asked(row.not_before, row.asked_on, today)), limit))


def _last_asked(person_id: Any) -> Any:
    return select(func.max(ExpertAsked.asked_on)).where(ExpertAsked.person_id == person_id).scalar_subquery()


def _candidate(expert: Expert, asked_on: date | None) -> Candidate:
    return Candidate(expert.id, expert.person.name, _region(expert.organisation), expert.not_before, asked_on)


def _region(organisation: Organisation) -> Region:
    return Region(organisation.country, organisation.region)


def _shared(expert: Expert, topics: Collection[str]) -> list[str]:
    return [each for each in (*expert.topics, *expert.sectors) if each in topics]


def _listed(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Those who still have an account, and a role where they say they work."""
    at_work = select(Membership.organisation_id).where(Membership.user_id == Expert.person_id, Membership.current)
    return query.join(Expert.person).join(Expert.organisation).where(User.active, Expert.organisation_id.in_(at_work))


def _who() -> tuple[Any, ...]:
    """The person and the organisation, which are joined already."""
    return contains_eager(Expert.person).options(lazyload(User.memberships)), contains_eager(Expert.organisation)


def _has(kind: str, key: str) -> ColumnElement[bool]:
    return Expert.facets.contains(facet(kind, key), autoescape=True)


# The list


@dataclass(frozen=True)
class Filters:
    """What the list shows, as it stands in the address. `place` is a country, or a region such as AT-6."""

    topic: str = ""
    sector: str = ""
    language: str = ""
    place: str = ""
    role: str = ""
    text: str = ""


def listed(filters: Filters, page: int) -> Page:
    """Everybody who agrees to be asked, by name."""
    return paged(all_of(filters), page)


def all_of(filters: Filters, named: Named | None = None) -> Select[tuple[Expert]]:
    """`named`: what is called so, where that is known already (workflows/searching.py)."""
    query = _listed(select(Expert)).where(*_wanted(filters, named or {}))
    return query.order_by(func.lower(User.name), Expert.id).options(*_who())


def who_know(topics: Collection[str]) -> Sequence[Expert]:
    """Everybody in the list with one of these topics, by name, with their organisations. One query."""
    about = or_(false(), *(_has("topic", key) for key in sorted(topics)))
    query = _listed(select(Expert)).where(about).order_by(func.lower(User.name), Expert.id)
    return db.session.scalars(query.options(*_who())).all()


def _wanted(filters: Filters, named: Named) -> list[ColumnElement[bool]]:
    kinds = {"topic": filters.topic, "sector": filters.sector, "language": filters.language}
    where = [_has(kind, key) for kind, key in kinds.items() if key]
    where += [or_(*_called(word, named), has_phrase(word, Expert.about)) for word in search_words(filters.text)]
    if filters.place:
        where.append(or_(Organisation.country == filters.place, Organisation.region == filters.place))
    roles: Mapping[str, Any] = {"reviewer": Expert.as_reviewer, "mentor": Expert.as_mentor}
    if filters.role:
        where.append(roles[filters.role])
    return where


def _called(word: str, named: Named) -> Iterator[ColumnElement[bool]]:
    """The two tables are joined already, so that their names are compared here where those with the word are not known."""
    for id, target, names in ((Expert.person_id, User, ("name",)), (Expert.organisation_id, Organisation, ("name", "city"))):
        known = named.get((target, names, word))
        yield has_phrase(word, *(getattr(target, each) for each in names)) if known is None else id.in_(known)


def places() -> list[Region]:
    """Where the experts are, for the filter."""
    query = _listed(select(Organisation.country, Organisation.region).select_from(Expert)).distinct()
    return [Region(*row) for row in db.session.execute(query.order_by(Organisation.country, Organisation.region))]


# One expert


def of_person(person_id: int, *, for_update: bool = False) -> Expert | None:
    """What a person has agreed to; None: they are not asked."""
    query = select(Expert).where(Expert.person_id == person_id).options(joinedload(Expert.organisation))
    if for_update:
        query = query.with_for_update(of=Expert).execution_options(populate_existing=True)
    return db.session.scalar(query)


def find_mentor(id: int, *, for_update: bool = False) -> Expert:
    """Somebody who agrees to be asked as a mentor, or 404; `for_update`: nobody changes that meanwhile."""
    query = _listed(select(Expert)).where(Expert.id == id, Expert.as_mentor).options(*_who())
    if for_update:
        query = query.with_for_update(of=Expert).execution_options(populate_existing=True)
    return or_404(db.session.scalar(query))


def organisations_of(user: User) -> list[Organisation]:
    """Those in which a person has a role, by name."""
    query = select(Organisation).where(Organisation.id.in_(user.organisation_ids()))
    return list(db.session.scalars(query.order_by(Organisation.name)))


# Mentorings


def find(id: int, user: Any, for_update: bool = False) -> Mentoring:
    """A mentoring with all that its page needs, or 404 if the person may not see it."""
    if for_update:
        db.session.execute(select(Mentoring.id).where(Mentoring.id == id).with_for_update())
    query = select(Mentoring).where(Mentoring.id == id).options(*_whole())
    mentoring = db.session.scalar(query.execution_options(populate_existing=True))
    if mentoring is None or not mentoring.workflow.may_see(user, mentoring):
        abort(404)
    return mentoring


def _whole() -> tuple[Any, ...]:
    return (
        joinedload(Mentoring.programme, innerjoin=True),
        joinedload(Mentoring.mentor, innerjoin=True),
        joinedload(Mentoring.mentor_organisation, innerjoin=True),
        joinedload(Mentoring.mentee, innerjoin=True),
        joinedload(Mentoring.organisation, innerjoin=True),
        joinedload(Mentoring.exchange).joinedload(Exchange.theme),
    )


def seen_exchange(mentoring: Mentoring, user: Any) -> Exchange | None:
    """The exchange it is about, if the person may see that, too."""
    exchange = mentoring.exchange
    return exchange if exchange and exchange.workflow.may_see(user, exchange) else None


def mentorings_of(user: User, page: int) -> Page:
    """A person's own, and those of the organisations they coordinate: what is due first, then the newest."""
    query = select(Mentoring).where(plays(Mentoring, user))
    order = (Mentoring.due_on.is_(None), Mentoring.due_on, Mentoring.id.desc())
    places = joinedload(Mentoring.mentor_organisation, innerjoin=True).load_only(Organisation.name)
    return paged(query.order_by(*order), page, *Mentoring.brief(), places)


def mentors_of(mentee_id: int) -> dict[int, int]:
    """Mentor -> the mentoring that is open with them."""
    query = select(Mentoring.mentor_id, Mentoring.id).where(Mentoring.mentee_id == mentee_id, Mentoring.state.in_(OPEN))
    return {row[0]: row[1] for row in db.session.execute(query)}


def between(mentor_id: int, mentee_id: int) -> Mentoring | None:
    """What is open between the two."""
    pair = (Mentoring.mentor_id == mentor_id, Mentoring.mentee_id == mentee_id)
    return db.session.scalar(select(Mentoring).where(*pair, Mentoring.state.in_(OPEN)))


def why_not(expert: Expert, by: User) -> str | None:
    """Why a person cannot ask this expert for a mentoring now."""
    name = expert.person.name
    if expert.person_id == by.id:
        return "This is you. Ask somebody else."
    if not by.organisation_ids():
        return "Mentors are asked by people of organisations, and you have no role in one. Ask to be invited by yours first."
    if expert.organisation_id in by.organisation_ids():
        return f"You and {name} work in the same organisation: you can simply ask."
    if until := expert.pauses_until:
        return f"{name} does not want to be asked before {format_day(until)}."
    if open_one := between(expert.person_id, by.id):
        return f"You have asked {name} already: that mentoring is {open_one.state_label().lower()}."
    if count_unanswered(by.id) >= rules.MOST_UNANSWERED:
        return f"{rules.MOST_UNANSWERED} mentors have yet to answer you. Wait for one of them, or withdraw a question."
    return None


def count_unanswered(mentee_id: int) -> int:
    """How many questions of a person wait for their mentors."""
    query = select(func.count()).where(Mentoring.mentee_id == mentee_id, Mentoring.state == ASKED)
    return db.session.scalar(query) or 0


def exchanges_of(user: User) -> Sequence[Exchange]:
    """Those that a mentoring could be about: of the person's organisations, on either side, the newest first."""
    ids = user.organisation_ids()
    side = or_(Exchange.guest_organisation_id.in_(ids), Exchange.host_id.in_(ids))
    query = select(Exchange).where(side, plays(Exchange, user), Exchange.state != CANCELLED)
    return db.session.scalars(query.order_by(Exchange.id.desc()).limit(MOST_EXCHANGES).options(*Exchange.brief())).all()


def programmes_for(organisations: Collection[Organisation]) -> list[Programme]:
    """Those whose working days could count, by name: open to one of these organisations' countries, or else all."""
    every = list(db.session.scalars(select(Programme).order_by(Programme.name, Programme.id)))
    countries = {each.country for each in organisations}
    return [
        each for each in every if any(not country_refusal(country, "", each.eligible_countries) for country in countries)
    ] or every


def somebody_left() -> tuple[ColumnElement[bool], ...]:
    """Open, and one of the two has closed the account or has no role any more: a mentor anywhere, a mentee where they asked."""
    role = (Membership.current, Membership.organisation_id.is_not(None))
    inactive = exists().where(User.id.in_((Mentoring.mentor_id, Mentoring.mentee_id)), ~User.active)
    mentor = exists().where(Membership.user_id == Mentoring.mentor_id, *role)
    mentee = exists().where(
        Membership.user_id == Mentoring.mentee_id, Membership.organisation_id == Mentoring.organisation_id, Membership.current
    )
    return Mentoring.state.in_(OPEN), or_(inactive, ~mentor, ~mentee)


LIST = Listing(
    "experts",
    "Experts",
    (
        Column("Name", "person.name"),
        Column("Organisation", "organisation.name"),
        Column("City", "organisation.city"),
        Column("Country", "organisation.country"),
        Column("Topics", lambda each: ", ".join(TOPICS.get(key, key) for key in each.topics)),
        Column("Sectors", lambda each: ", ".join(SECTORS.get(key, key) for key in each.sectors)),
        Column("Languages", lambda each: ", ".join(each.languages)),
        Column("Reviewer", "as_reviewer", Kind.YES_NO),
        Column("Mentor", "as_mentor", Kind.YES_NO),
    ),
    reached=Reached("experts", "person_id", of_case=False, any_owner=True, about="Organisation"),
)
MENTORINGS = Listing(
    "mentorings",
    "Mentorings",
    (
        Column("Mentor", "mentor.name"),
        Column("Mentor's organisation", "mentor_organisation.name"),
        Column("Mentee", "mentee.name"),
        Column("Mentee's organisation", "organisation.name"),
        Column("What for", "what_for"),
        Column("State", state_of),
        Column("Due", "due_on", Kind.DAY),
    ),
)
