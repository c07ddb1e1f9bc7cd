"""What a search finds: of each kind a few, and how many there are. One query for each kind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select, true
from sqlalchemy.orm import load_only

from mobility.core.database import db
from mobility.core.names import search_words
from mobility.core.searching import has_words
from mobility.people.models import Membership, Organisation, User
from mobility.programmes.models import Call, Programme
from mobility.subjects import SUBJECTS
from mobility.themes import queries as themes
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher
from mobility.workflows.parts import Actor, Person
from mobility.workflows.searching import has_searched
from mobility.workflows.visibility import acts, plays

SHOWN = 5  # of each kind
SHORTEST_CODE = 4  # symbols of a voucher's code


@dataclass(frozen=True)
class Hit:
    """One thing found: its page's endpoint and id, what it is called, and what is said beside it."""

    endpoint: str
    id: int
    title: str
    beside: str = ""
    subject: Any = None


@dataclass(frozen=True)
class Group:
    """What was found of one kind: some of it, and how many there are. `list_of`: the endpoint of a list one can search."""

    label: str
    hits: Sequence[Hit]
    total: int
    list_of: str = ""


LABELS = {"keyfigures": "Own key figures", "takeovers": "Take-overs", "stories": "Success stories"}
LISTS = {"applications": "applications.index", "exchanges": "exchanges.index", "vouchers": "vouchers.index"}


def found(search: str, person: User) -> list[Group]:
    """Of each kind of which there is something. Nothing that the person may not open."""
    if not search_words(search):
        return []
    groups = [*(_of_subject(model, search, person) for model in SUBJECTS if model.searched)]
    groups += [_organisations(search), _people(search, person), _programmes(search)]
    return [each for each in groups if each.total]


def _rows(statement: Select[*tuple[Any, ...]]) -> tuple[Sequence[Any], int]:
    """The first of what it finds, and how many there are: in one query."""
    rows = db.session.execute(statement.add_columns(func.count().over()).limit(SHOWN)).all()
    return rows, rows[0][-1] if rows else 0


# Subjects


def _of_subject(model: type[Any], search: str, person: User) -> Group:
    """The reader's own first, then the newest."""
    wanted = select(model).options(*model.named()).where(_seen(model, person), _wanted(model, search, person))
    rows, total = _rows(wanted.order_by(_is_own(model, person), model.id.desc()))
    things = model.workflow.things
    hits = [Hit(f"{things}.show", each.id, each.about, each.between, each) for each, _ in rows]
    return Group(LABELS.get(things, things.capitalize()), hits, total, LISTS.get(things, ""))


def _seen(model: type[Any], person: User) -> ColumnElement[bool]:
    """Themes that are open are everybody's, too."""
    seen = plays(model, person)
    return or_(seen, Theme.id.in_(themes.open_ids())) if model is Theme else seen


def _wanted(model: type[Any], search: str, person: User) -> ColumnElement[bool]:
    wanted = has_searched(model, search, person)
    return or_(wanted, _has_code(search, person)) if model is Voucher else wanted


def _has_code(search: str, person: User) -> ColumnElement[bool]:
    """Part of a code, for those to whom its page shows the code (vouchers/guards.py, may_see_code)."""
    part = "".join(search.split()).replace("-", "").upper()
    if len(part) < SHORTEST_CODE or person.stand_in:
        return Voucher.id.in_(())
    return acts(Voucher, person, Actor.HOLDER, Actor.GUEST_COORDINATOR) & Voucher.code.contains(part, autoescape=True)


def _is_own(model: type[Any], person: User) -> ColumnElement[int]:
    """0 for what has this person as its guest, holder, reviewer; 1 for what they see by a role."""
    actors = [part.actor for part in model.workflow.parts if isinstance(part.who, Person)]
    return case((plays(model, person, *actors), 0), else_=1) if actors else case((true(), 1))


# What has no workflow


def _organisations(search: str) -> Group:
    """Their pages are public."""
    wanted = select(Organisation).options(load_only(Organisation.name, Organisation.city, Organisation.country))
    rows, total = _rows(wanted.where(has_words(search, Organisation.name, Organisation.city)).order_by(Organisation.name))
    return Group("Organisations", [Hit("people.organisation", each.id, each.name, each.city) for each, _ in rows], total)


def _people(search: str, person: User) -> Group:
    """An administrator finds every account; others find those with whom they share an organisation or a programme."""
    columns = (User.id, User.name)
    if person.is_administrator:
        rows, total = _rows(select(*columns, User.email).where(has_words(search, User.name, User.email)).order_by(User.name))
        return Group("People", [Hit("administration.person", id, name, email) for id, name, email, _ in rows], total)
    places = (Membership.organisation_id, Membership.programme_id)
    there = or_(places[0].in_(person.organisation_ids()), places[1].in_(person.programme_ids()))
    beside = select(*columns, *(func.min(each) for each in places)).join(Membership, Membership.user_id == User.id)
    chosen = beside.where(Membership.current, there, User.active, has_words(search, User.name))
    rows, total = _rows(chosen.group_by(*columns).order_by(User.name, User.id))
    return Group("People", list(_in_teams(rows)), total)


def _in_teams(rows: Iterable[Any]) -> Iterable[Hit]:
    """Where one reads what they are: the team's page."""
    for _, name, organisation, programme, _ in rows:
        if organisation:
            yield Hit("teams.organisation_team", organisation, name)
        else:
            yield Hit("teams.programme_team", programme, name)


def _programmes(search: str) -> Group:
    """By their names, and those of their calls; both are public."""
    with_call = select(Call.programme_id).where(has_words(search, Call.name))
    wanted = select(Programme.id, Programme.name).where(or_(has_words(search, Programme.name), Programme.id.in_(with_call)))
    rows, total = _rows(wanted.order_by(Programme.name, Programme.id))
    return Group("Programmes", [Hit("programmes.show", id, name) for id, name, _ in rows], total)
