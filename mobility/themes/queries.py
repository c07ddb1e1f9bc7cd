"""Reading themes: for those who manage them, for everybody, and for the catalogue (two queries: rows and count)."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from flask import abort
from sqlalchemy import ColumnElement, Row, Select, and_, exists, false, func, literal, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from mobility.core import clock
from mobility.core.database import db
from mobility.core.names import search_choices, searchable
from mobility.core.paging import PER_PAGE, Page, paged
from mobility.core.searching import has_phrase
from mobility.joining.goals import Goal
from mobility.lists.columns import Column, Kind, Listing
from mobility.people.models import Organisation, User
from mobility.people.places import country_choices
from mobility.people.roles import Role
from mobility.people.sectors import SECTORS
from mobility.people.topics import TOPICS
from mobility.programmes.models import Call, Programme
from mobility.programmes.rules import TIMEZONES
from mobility.themes.models import HostingWindow, Theme
from mobility.themes.rules import facet
from mobility.themes.workflow import ARCHIVED, CLOSED, OPEN_APPLICATION_STATES, PUBLISHED, WORKFLOW
from mobility.workflows.history import HistoryEntry

_PUBLISHED = literal(PUBLISHED, literal_execute=True)  # in the statement: most themes are, which a plan has to know
FACETS = ("level", "sector", "topic", "language")
SORTS = {"deadline": "Soonest deadline", "newest": "Newest first"}

_CARD = (
    Theme.id,
    Theme.title,
    Theme.summary,
    Theme.levels,
    Theme.sectors,
    Theme.languages,
    Theme.apply_by,
    Theme.minimum_days,
    Theme.maximum_days,
    (Theme.places - Theme.places_taken - Theme.places_offered).label("free_places"),
    Theme.programme_id,
    Theme.host_id,
    Organisation.name.label("host_name"),
    Organisation.city.label("host_city"),
    Organisation.country.label("host_country"),
    Programme.name.label("programme_name"),
    Programme.timezone,
)


@dataclass(frozen=True)
class Filters:
    """What a reader looks for in the catalogue; nothing set finds every theme open for applications."""

    words: str = ""
    country: str = ""
    level: str = ""
    sector: str = ""
    topic: str = ""
    language: str = ""
    programme: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    sort: str = "deadline"


# One theme


def find(id: int, user: Any, for_update: bool = False) -> Theme:
    """The theme for those who have a part in it (its host, readers of the programme); 404 for everybody else."""
    # the windows are read when the theme is locked: somebody else may have changed them meanwhile
    statement = _whole(selectinload(Theme.windows)).where(Theme.id == id)
    if for_update:
        statement = statement.with_for_update(of=Theme).execution_options(populate_existing=True)
    theme = db.session.scalar(statement)
    if theme is None or not WORKFLOW.may_see(user, theme):
        abort(404)
    return theme


def public_theme(id: int, user: Any) -> Theme:
    """A theme as its page shows it. A draft is its host's alone; one put away is still there for those who applied."""
    # each window in a row of its own: of so few that costs less than another statement
    statement = _whole(joinedload(Theme.windows)).where(Theme.id == id)
    theme = db.session.scalars(statement).unique().one_or_none()
    if theme is None or not _may_read(user, theme):
        abort(404)
    return theme


def goal_at(path: str) -> Goal | None:
    """The theme that can be applied to, whose page this is, or that of applying to it or of asking its host."""
    if not (found := re.fullmatch(r"/themes/(\d{1,9})(/(apply|ask))?", path)):
        return None
    query = select(Theme.title, Theme.host_id).where(Theme.id == int(found[1]), Theme.state == PUBLISHED)
    theme = db.session.execute(query).one_or_none()
    return Goal(f"/themes/{int(found[1])}", *theme) if theme else None


def _may_read(user: Any, theme: Theme) -> bool:
    if theme.state in (PUBLISHED, CLOSED):
        return True
    if not user.is_authenticated:
        return False
    if WORKFLOW.may_see(user, theme):
        return True
    return theme.state == ARCHIVED and application_of(theme.id, user.id) is not None


def lock(theme_id: int) -> Theme:
    """The theme with its row locked until the end of the transaction: before a place is taken or given back."""
    statement = select(Theme).where(Theme.id == theme_id).with_for_update(of=Theme, key_share=True)
    return db.session.scalars(statement.execution_options(populate_existing=True)).one()


def application_of(theme_id: int, user_id: int) -> Row[Any] | None:
    """(id, state) of the newest application of a person to a theme, withdrawn ones left out."""
    application = _application()
    return db.session.execute(
        select(application.id, application.state)
        .where(application.theme_id == theme_id, application.guest_id == user_id, application.state != "withdrawn")
        .order_by(application.id.desc())
        .limit(1)
    ).first()


def count_waiting(theme: Theme) -> int:
    """How many wait for a place, those included who are offered one now."""
    application = _application()
    waiting = select(func.count()).where(application.theme_id == theme.id, application.state == "waiting")
    return db.session.scalar(waiting) or 0


# The catalogue


def catalogue(filters: Filters, number: int = 1, per_page: int = PER_PAGE) -> Page:
    """One page of the themes open for applications."""
    conditions = _conditions(filters)
    total = db.session.scalar(_from_hosts(select(func.count(Theme.id)), filters).where(*conditions)) or 0
    return paged(_cards().where(*conditions).order_by(*_order(filters.sort)), number, total=total, per_page=per_page)


def open_ids() -> Select[int]:
    """Of the themes open for applications: everybody may read them."""
    return select(Theme.id).where(*_open())


def latest(count: int) -> Sequence[Row[Any]]:
    """The newest themes open for applications, as cards: for the front page."""
    statement = _cards().where(*_open()).order_by(Theme.id.desc()).limit(count)
    return db.session.execute(statement).all()


def feed(count: int = 50) -> list[tuple[Row[Any], datetime, datetime]]:
    """The newest themes open for applications, each with the instants of its first and its last publishing or revision."""
    rows = latest(count)
    statement = (
        select(HistoryEntry.subject_id, func.min(HistoryEntry.at), func.max(HistoryEntry.at))
        .where(
            HistoryEntry.subject_type == WORKFLOW.name,
            HistoryEntry.subject_id.in_([row.id for row in rows]),
            HistoryEntry.action.in_(("publish", "revise", "reopen")),
        )
        .group_by(HistoryEntry.subject_id)
    )
    times = {id: (first, last) for id, first, last in db.session.execute(statement)}
    return [(row, *times[row.id]) for row in rows if row.id in times]


def candidates(sectors: Collection[str], level: str | None, left_out: Collection[int], count: int) -> Sequence[Row[Any]]:
    """Cards to choose suggestions from: themes for a level, in one of some sectors, not of the hosts `left_out`."""
    conditions = [*_open(), Theme.places_taken + Theme.places_offered < Theme.places, Theme.host_id.not_in(left_out)]
    if level:
        conditions.append(_often(_has("level", level)))
    if sectors:
        conditions.append(_often(or_(*(_has("sector", sector) for sector in sectors))))
    chosen = select(Theme.id).where(*conditions).order_by(*_order("deadline")).limit(count)
    statement = _cards(Programme.eligible_countries, Programme.eligible_levels).where(Theme.id.in_(chosen))
    return db.session.execute(statement.order_by(*_order("deadline"))).all()


def host_countries() -> list[str]:
    """Countries from which organisations take part, for the filter."""
    return list(db.session.scalars(select(Organisation.country).distinct().order_by(Organisation.country)))


def programme_names() -> list[Row[Any]]:
    """(id, name) of all programmes, for the filter."""
    return list(db.session.execute(select(Programme.id, Programme.name).order_by(Programme.name)))


# A host's own


def themes_of(organisation_ids: Collection[int], number: int = 1) -> Page:
    """The themes of some organisations in every state, each with how many applications are open, confirmed and waiting."""
    application = _application()
    counted = select(func.count()).where(application.theme_id == Theme.id)
    statement = _cards(
        Theme.state,
        Theme.places,
        Theme.places_taken,
        counted.where(application.state.in_(OPEN_APPLICATION_STATES)).scalar_subquery().label("open_applications"),
        counted.where(application.state == "confirmed").scalar_subquery().label("confirmed_applications"),
        counted.where(application.state == "waiting").scalar_subquery().label("waiting_applications"),
    )
    return paged(statement.where(Theme.host_id.in_(organisation_ids)).order_by(Theme.id.desc()), number)


def hosts_of(user: User) -> list[Organisation]:
    """The organisations for which this person may publish themes."""
    ids = user.organisation_ids(Role.COORDINATOR)
    return list(db.session.scalars(select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.name)))


def programmes_with_open_call() -> list[Programme]:
    """Programmes in which a theme can be published today."""
    calls = db.session.scalars(select(Call).options(joinedload(Call.programme)))
    found = {call.programme for call in calls if call.is_open(call.programme.today)}
    return sorted(found, key=lambda programme: programme.name)


# Parts of statements


def _whole(windows: Any) -> Select[Any]:
    return select(Theme).options(joinedload(Theme.programme, innerjoin=True), joinedload(Theme.host, innerjoin=True), windows)


def _cards(*more: Any) -> Select[Any]:
    """Each with the days of the windows for which one can still apply."""
    first_day, last_day = (
        select(of(day)).where(HostingWindow.theme_id == Theme.id, _today().open_windows).scalar_subquery()
        for of, day in ((func.min, HostingWindow.first_day), (func.max, HostingWindow.last_day))
    )
    return (
        select(*_CARD, first_day.label("first_day"), last_day.label("last_day"), *more)
        .join(Organisation, Theme.host_id == Organisation.id)
        .join(Programme, Theme.programme_id == Programme.id)
    )


def _from_hosts(statement: Select[Any], filters: Filters) -> Select[Any]:
    return statement.join(Organisation, Theme.host_id == Organisation.id) if filters.country else statement


def _open() -> list[ColumnElement[bool]]:
    return [Theme.state == _PUBLISHED, *_today().open_themes]


def _today() -> "_Today":
    now = clock.utc_now()
    return _Today.at(now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0))


@dataclass(frozen=True)
class _Today:
    """What can still be applied for: where it is tomorrow already, today is over."""

    open_themes: tuple[ColumnElement[bool], ...]
    open_windows: ColumnElement[bool]

    @classmethod
    @lru_cache(maxsize=8)
    def at(cls, quarter: datetime) -> "_Today":
        """Built once for a quarter of an hour of UTC, as midnight is at one everywhere."""
        zones = {zone: clock.day_of(quarter, zone) for zone in TIMEZONES}
        first, *later = sorted(set(zones.values()))
        if not later:
            return cls((Theme.apply_by >= first,), HostingWindow.apply_by >= first)
        # only themes of these days are looked at one by one: so the index alone tells how many are open
        last = aliased(Theme)
        closing = and_(last.state == _PUBLISHED, last.apply_by >= first, last.apply_by < later[-1])
        over = select(last.id).where(closing, ~_open_until(last.apply_by, last.programme_id, zones))
        window = _open_until(HostingWindow.apply_by, Theme.programme_id, zones)
        return cls((Theme.apply_by >= first, or_(Theme.apply_by >= later[-1], Theme.id.not_in(over))), window)


def _open_until(day: Any, programme_id: Any, zones: Mapping[str, date]) -> ColumnElement[bool]:
    """The day is not over in the programme, whose zone is among `zones` with the day that it is there."""
    first, *later = sorted(set(zones.values()))
    there = ([zone for zone, today in zones.items() if today >= other] for other in later)
    return and_(day >= first, *(or_(day >= other, ~_in(programme_id, ahead)) for other, ahead in zip(later, there, strict=True)))


def _in(programme_id: Any, zones: Collection[str]) -> ColumnElement[bool]:
    """The programme has one of these zones: in one parameter, as psycopg reads a statement of over 50 anew each time."""
    named = literal(f"|{'|'.join(zones)}|").contains("|" + Programme.timezone + "|")
    return programme_id.in_(select(Programme.id).where(named))


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions = _open()
    if parts := search_choices(filters.words):
        conditions.append(or_(*(and_(*map(_mentions, words)) for words in parts)))
    if filters.country:
        conditions.append(Organisation.country == filters.country)
    conditions += [_has(kind, getattr(filters, kind)) for kind in FACETS if getattr(filters, kind)]
    if filters.programme:
        conditions.append(Theme.programme_id == filters.programme)
    if filters.first_day or filters.last_day:
        conditions.append(_can_receive(filters.first_day, filters.last_day))
    return conditions


def _mentions(word: str) -> ColumnElement[bool]:
    """A word stands in the text of a theme, in its host's name, city or country, or in the name of a sector or topic of it."""
    countries = [code for code, name in country_choices() if word in searchable(name)]
    hosts = select(Organisation.id).where(
        or_(has_phrase(word, Organisation.name, Organisation.city), Organisation.country.in_(countries))
    )
    named = (("sector", SECTORS), ("topic", TOPICS))
    about = [_has(kind, key) for kind, names in named for key, name in names.items() if word in searchable(name)]
    return or_(Theme.search_text.contains(word, autoescape=True), Theme.host_id.in_(hosts), *about)


def _often(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """PostgreSQL takes it for true of every second row: so it follows an index until there are enough of them, while of one in
    a thousand, as it thinks of LIKE, it would read and sort all."""
    return func.coalesce(condition, false())


def _has(kind: str, value: str) -> ColumnElement[bool]:
    return Theme.facets.contains(facet(kind, value), autoescape=True)


def _can_receive(first_day: date | None, last_day: date | None) -> ColumnElement[bool]:
    """A window still open for applications touches the days the reader is free."""
    window = exists().where(HostingWindow.theme_id == Theme.id, _today().open_windows)
    if first_day:
        window = window.where(HostingWindow.last_day >= first_day)
    if last_day:
        window = window.where(HostingWindow.first_day <= last_day)
    return window


def _order(sort: str) -> tuple[Any, ...]:
    return (Theme.id.desc(),) if sort == "newest" else (Theme.apply_by, Theme.id)


def _application() -> Any:
    """The model of applications, which comes later than themes: reached through the relationship, not by importing it."""
    return Theme.applications.property.mapper.class_


CATALOGUE = Listing(
    "themes",
    "Themes",
    (
        Column("Theme", "title"),
        Column("Host", "host_name"),
        Column("City", "host_city"),
        Column("Country", "host_country"),
        Column("Programme", "programme_name"),
        Column("First day", "first_day", Kind.DAY),
        Column("Last day", "last_day", Kind.DAY),
        Column("Apply by", "apply_by", Kind.DAY),
        Column("Free places", "free_places", Kind.NUMBER),
    ),
)
OWN = Listing(
    "your-themes",
    "Your themes",
    (
        Column("Theme", "title"),
        Column("Host", "host_name"),
        Column("Programme", "programme_name"),
        Column("State", lambda each: WORKFLOW.state(each.state).label),
        Column("Open applications", "open_applications", Kind.NUMBER),
        Column("Confirmed applications", "confirmed_applications", Kind.NUMBER),
        Column("Waiting for a place", "waiting_applications", Kind.NUMBER),
        Column("Places taken", "places_taken", Kind.NUMBER),
        Column("Places", "places", Kind.NUMBER),
        Column("Apply by", "apply_by", Kind.DAY),
    ),
)
