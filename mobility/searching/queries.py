"""What a search finds: of each kind a few, and how many there are. One query for each kind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, False_, Select, case, func, or_, select, true
from sqlalchemy.orm import joinedload, load_only

from mobility.consents.rules import WITH_NAMES
from mobility.core.database import db
from mobility.core.names import search_words, searchable
from mobility.core.searching import has_words
from mobility.experts import queries as experts
from mobility.experts.models import Expert
from mobility.followup.models import QuestionnaireRequest
from mobility.people.models import Membership, Organisation, User
from mobility.programmes.models import Call, Programme
from mobility.stories import queries as stories
from mobility.stories.models import StoryVersion, SuccessStory
from mobility.stories.rules import called, slug
from mobility.subjects import SUBJECTS
from mobility.themes import queries as themes
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher
from mobility.workflows.parts import Actor, Person
from mobility.workflows.searching import Named, has_searched, named_so
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
    address: Mapping[str, Any] = field(default_factory=dict)

    @property
    def values(self) -> Mapping[str, Any]:
        """What its page's address is made of."""
        return self.address or {"id": self.id}


@dataclass(frozen=True)
class Group:
    """What was found of one kind: some of it, and how many there are. `list_of`: the endpoint of a list one can search."""

    label: str
    hits: Sequence[Hit]
    total: int
    list_of: str = ""


LABELS = {
    "keyfigures": "Own key figures",
    "takeovers": "Take-overs",
    "stories": "Your success stories",
    "followups": "Questionnaires",
    "payments": "Payment batches",
}
LISTS = {name: f"{name}.index" for name in ("applications", "exchanges", "vouchers", "experts")}


def found(search: str, person: User) -> list[Group]:
    """Of each kind of which there is something. Nothing that the person may not open."""
    if not search_words(search):
        return []
    searched = [model for model in SUBJECTS if model.searched]
    named = named_so([*searched, Expert], search)
    groups = [*(_of_subject(model, search, person, named) for model in searched)]
    groups += [_public_stories(search, person), _organisations(search), _people(search, person), _experts(search, named)]
    groups.append(_programmes(search))
    return [each for each in groups if each.total]


def _rows(statement: Select[*tuple[Any, ...]]) -> tuple[Sequence[Any], int]:
    """The first of what it finds, and how many there are: in one query."""
    rows = db.session.execute(statement.add_columns(func.count().over()).limit(SHOWN)).all()
    return rows, rows[0][-1] if rows else 0


def _first(model: type[Any], ids: Select[*tuple[Any, ...]], *options: Any) -> tuple[Sequence[Any], int]:
    """The same of what has many columns and joins: sorted, by `own` first, and counted are ids; those shown are looked up."""
    few = ids.add_columns(func.count().over().label("total")).limit(SHOWN).subquery()
    chosen = select(model, few.c.total).join(few, few.c.id == model.id).options(*options)
    rows = db.session.execute(chosen.order_by(few.c.own, model.id.desc())).all()
    return rows, rows[0][-1] if rows else 0


# Subjects


def _of_subject(model: type[Any], search: str, person: User, named: Named) -> Group:
    """The reader's own first, then the newest."""
    own, things = _is_own(model, person), model.workflow.things
    conditions = _seen(model, person), _wanted(model, search, person, named)
    if any(isinstance(each, False_) for each in conditions):  # the reader sees none, or nothing is called so: no need to ask
        return Group("", (), 0)
    wanted = select(model.id, own.label("own")).where(*conditions)
    rows, total = _first(model, wanted.order_by(own, model.id.desc()), *model.named())
    hits = [Hit(f"{things}.show", each.id, *_called(each), each) for each, _ in rows]
    return Group(LABELS.get(things, things.capitalize()), hits, total, LISTS.get(things, ""))


def _called(each: Any) -> tuple[str, str]:
    """Of questionnaires, too, what distinguishes them comes first."""
    if isinstance(each, QuestionnaireRequest):
        return each.title, f"{each.about}: {each.between}"
    return each.about, each.between


def _seen(model: type[Any], person: User) -> ColumnElement[bool]:
    """Themes that are open are everybody's, too."""
    seen = plays(model, person)
    return or_(seen, Theme.id.in_(themes.open_ids())) if model is Theme else seen


def _wanted(model: type[Any], search: str, person: User, named: Named) -> ColumnElement[bool]:
    wanted = has_searched(model, search, person, named)
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


# What has no workflow, or is everybody's

_TOLD_BY_NAME = tuple(StoryVersion.names[name].as_string() for name in ("theme", "host", "host_city", "guest", "guest_city"))


def _public_stories(search: str, person: User) -> Group:
    """Those in which the reader has no part. What is told without names is found by its title alone."""
    wanted = has_words(search, SuccessStory.title, *_TOLD_BY_NAME)
    words = search_words(search)
    found = [
        each
        for each in stories.public(wanted, ~plays(SuccessStory, person))
        if each.publish == WITH_NAMES or all(word in searchable(each.story.title) for word in words)
    ]
    hits = [Hit("stories.public", each.id, each.story.title, _sides(each), address=_address(each)) for each in found[:SHOWN]]
    return Group("Success stories", hits, len(found))


def _sides(told: stories.Told) -> str:
    guest, host = (called(told.version.names, side, told.publish) for side in ("guest", "host"))
    return f"{guest}; {host}"


def _address(told: stories.Told) -> Mapping[str, str]:
    return {"address": slug(told.story.title, told.id)}


def _experts(search: str, named: Named) -> Group:
    """Everybody who is signed in may see who agrees to be asked: in the list, as they have no page."""
    wanted = experts.all_of(experts.Filters(text=search), named).with_only_columns(Expert.id, func.lower(User.name).label("own"))
    who = joinedload(Expert.person, innerjoin=True).options(*User.by_name()), joinedload(Expert.organisation, innerjoin=True)
    rows, total = _first(Expert, wanted, *who)
    hits = [
        Hit("experts.index", each.id, each.person.name, each.organisation.name, address=_in_the_list(search, each.id))
        for each, _ in rows
    ]
    return Group("Experts", hits, total, LISTS["experts"])


def _in_the_list(search: str, id: int) -> Mapping[str, str]:
    return {"text": search, "_anchor": f"expert-{id}"}


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
